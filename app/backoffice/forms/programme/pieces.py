"""The smaller forms of the programme's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.rewards.service.programmes import LONGEST_NAME

LANGUAGES = ("nl", "fr", "en", "de")
LONGEST_TITLE, LONGEST_TEXT = 80, 600


class RevisionForm(FlaskForm):
    """A button that acts on what the person saw."""

    revision = HiddenField()

    @property
    def seen(self) -> int:
        """The revision that the person saw; 0 for none."""
        text = str(self.revision.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


class NewProgrammeForm(FlaskForm):
    """A new programme: what it is called, and how one collects."""

    name = StringField(_l("What it is called"), [DataRequired(_l("Give it a name.")), Length(max=LONGEST_NAME)])
    kind = RadioField(
        _l("How one collects"),
        choices=[
            SelectChoice("stamps", _l("A stamp card: so many stamps, then something is on you")),
            SelectChoice("points", _l("Points: so many for every euro, to choose rewards for")),
        ],
        default="stamps",
        validators=[InputRequired(_l("Choose one."))],
    )
    goal = StringField(_l("Stamps that fill a card"), [Length(max=6)], default="10")
    rate = StringField(_l("Points for every unit of money"), [Length(max=8)], default="1")


class DetailsForm(FlaskForm):
    """What a programme is called, and what a full card gives. ``seen`` holds what the person saw."""

    name = StringField(_l("What it is called"), [DataRequired(_l("Give it a name.")), Length(max=LONGEST_NAME)])
    reward = SelectField(_l("What a full card gives"), validate_choice=True)
    seen = HiddenField()


class PublishForm(RevisionForm):
    """When the rules of the draft begin, and what members are told."""

    when = RadioField(
        _l("From when"),
        choices=[SelectChoice("now", _l("From now on")), SelectChoice("later", _l("From a day on"))],
        default="now",
        validators=[InputRequired(_l("Choose one."))],
    )
    day = DateField(_l("Day"), [Optional()])
    hour = TimeField(_l("Time"), [Optional()])
    tells = BooleanField(_l("Tell the members"))
    title_nl = StringField("Nederlands", [Length(max=LONGEST_TITLE)])
    title_fr = StringField("Français", [Length(max=LONGEST_TITLE)])
    title_en = StringField("English", [Length(max=LONGEST_TITLE)])
    title_de = StringField("Deutsch", [Length(max=LONGEST_TITLE)])
    text_nl = TextAreaField("Nederlands", [Length(max=LONGEST_TEXT)])
    text_fr = TextAreaField("Français", [Length(max=LONGEST_TEXT)])
    text_en = TextAreaField("English", [Length(max=LONGEST_TEXT)])
    text_de = TextAreaField("Deutsch", [Length(max=LONGEST_TEXT)])
