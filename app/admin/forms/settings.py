"""Forms of the town's settings. What is written to shops or members is written in all four languages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.merchants.service.announcing import DELAYS, LONGEST_TITLE
from app.merchants.service.announcing import LONGEST_TEXT as LONGEST_NEWS
from app.merchants.service.branding import LONGEST_NAME
from app.merchants.service.terms import LONGEST_TEXT
from app.rewards.service.content import LONGEST_DECISION
from app.web.locale import LANGUAGES

_WANTED = _l("Write this in every language.")
KIND_WORDS = {"terms": _l("Terms"), "dpa": _l("Data-processing agreement"), "privacy": _l("Privacy")}
DELAY_WORDS = {10: _l("In ten minutes"), 60: _l("In an hour"), 24 * 60: _l("In a day")}


def in_languages(form: FlaskForm, name: str) -> dict[str, str]:
    """What was written in a field of each language."""
    return {code: str(form[f"{name}_{code}"].data or "") for code in LANGUAGES}


class TermsForm(FlaskForm):
    """The next version of one kind."""

    effective_on = DateField(_l("In force from"), [DataRequired(_l("Choose a day."))])


class NewsForm(FlaskForm):
    """An announcement."""

    category = SelectField(_l("Trade"), validators=[Optional()], default="")
    city = SelectField(_l("Town"), validators=[Optional()], default="")
    delay = SelectField(
        _l("Goes out"),
        coerce=int,
        choices=[SelectChoice(minutes, DELAY_WORDS[minutes]) for minutes in DELAYS],
        default=DELAYS[0],
    )


# A field for each language, in the order in which pages offer the languages.
for _code, _tongue in LANGUAGES.items():
    setattr(TermsForm, f"text_{_code}", TextAreaField(_tongue, [DataRequired(_WANTED), Length(max=LONGEST_TEXT)]))
    setattr(NewsForm, f"title_{_code}", StringField(_tongue, [DataRequired(_WANTED), Length(max=LONGEST_TITLE)]))
    setattr(NewsForm, f"text_{_code}", TextAreaField(_tongue, [DataRequired(_WANTED), Length(max=LONGEST_NEWS)]))


class BrandForm(FlaskForm):
    """The town's own brand; ``version`` is the one that was looked at."""

    version = HiddenField()
    name = StringField(_l("Name of the card"), [DataRequired(_l("Give it a name.")), Length(max=LONGEST_NAME)])
    hue = IntegerField(_l("Colour, in degrees"), [InputRequired(_l("A number from 0 to 359.")), NumberRange(0, 359)])
    logo_now = RadioField(
        _l("Logo"),
        choices=[SelectChoice("keep", _l("As it is")), SelectChoice("seal", _l("The seal in the town's colour"))],
        default="keep",
    )
    logo = FileField(_l("Another logo"))
    sender_name = StringField(_l("Name of the sender of mails"), [Optional(), Length(max=80)])
    reply_to = StringField(_l("Answers to mails go to"), [Optional(), Length(max=254)])
    support_address = StringField(_l("Address for help"), [Optional(), Length(max=254)])
    former_hosts = TextAreaField(_l("Former hosts, one a line"), [Optional(), Length(max=4000)])


class TakeDownForm(FlaskForm):
    """Why something is taken down: its shop reads it."""

    reason = TextAreaField(
        _l("Why, for the shop to read"), [DataRequired(_l("Say why.")), Length(max=LONGEST_DECISION)]
    )


def put_errors(form: FlaskForm, errors: dict[str, Any], told: Any) -> None:
    """Tell a service's refusal at the fields that it names; ``told`` makes the sentence of a code."""
    for name, codes in errors.items():
        if name in form:
            form[name].errors = [told(code) for code in codes]
