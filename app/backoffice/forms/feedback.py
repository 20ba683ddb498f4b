"""Forms of what members say, and of what a shop says to who bought something."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.campaigns.complaints import LATEST, SOONEST
from app.campaigns.service.recalling import LONGEST_TEXT, LONGEST_TITLE, RecallWords

_LANGUAGES = (("nl", "Nederlands"), ("fr", "Français"), ("en", "English"), ("de", "Deutsch"))


class HoursForm(FlaskForm):
    """Within how many hours complaints are answered."""

    revision = IntegerField(validators=[InputRequired()])
    answer_hours = IntegerField(
        _l("Hours to answer a complaint"),
        [InputRequired(_l("Choose between 4 hours and two weeks.")), NumberRange(SOONEST, LATEST)],
    )


class RecallForm(FlaskForm):
    """A notice to who bought something."""

    revision = IntegerField(validators=[Optional()])
    items = StringField(_l("What they bought"), [Length(max=600)])
    first = DateField(_l("From"), [DataRequired(_l("Choose a day."))])
    last = DateField(_l("Up to and including"), [DataRequired(_l("Choose a day."))])
    location = SelectField(_l("Where?"), validate_choice=True)
    title_nl = StringField(_l("Title in Dutch"), [Length(max=LONGEST_TITLE)])
    text_nl = TextAreaField(_l("Text in Dutch"), [Length(max=LONGEST_TEXT)])
    title_fr = StringField(_l("Title in French"), [Length(max=LONGEST_TITLE)])
    text_fr = TextAreaField(_l("Text in French"), [Length(max=LONGEST_TEXT)])
    title_en = StringField(_l("Title in English"), [Length(max=LONGEST_TITLE)])
    text_en = TextAreaField(_l("Text in English"), [Length(max=LONGEST_TEXT)])
    title_de = StringField(_l("Title in German"), [Length(max=LONGEST_TITLE)])
    text_de = TextAreaField(_l("Text in German"), [Length(max=LONGEST_TEXT)])
    is_urgent = BooleanField(_l("It concerns somebody’s safety"))

    languages = _LANGUAGES

    def words(self) -> RecallWords:
        """What was written; only after it was validated."""
        assert self.first.data is not None
        assert self.last.data is not None
        return RecallWords(
            first=self.first.data,
            last=self.last.data,
            title={key: self[f"title_{key}"].data or "" for key, _ in _LANGUAGES},
            text={key: self[f"text_{key}"].data or "" for key, _ in _LANGUAGES},
            items=tuple((self.items.data or "").split(",")),
            location_id=self.location.data or None,
            is_urgent=bool(self.is_urgent.data),
        )
