"""Forms of a club and its events."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.campaigns.service.clubs import LONGEST_ABOUT, LONGEST_NAME
from app.campaigns.service.events import (
    LONGEST_ADDRESS,
    LONGEST_PRICE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_PLACES,
    EventWords,
)
from app.common.clock import zone

_LANGUAGES = (("nl", "Nederlands"), ("fr", "Français"), ("en", "English"), ("de", "Deutsch"))


class ClubForm(FlaskForm):
    """The club: whether there is one, its name, and what members can be interested in."""

    revision = IntegerField(validators=[InputRequired()])
    is_on = BooleanField(_l("We have a club"))
    name = StringField(_l("What is it called?"), [Length(max=LONGEST_NAME)])
    about = TextAreaField(_l("What do members get from it?"), [Length(max=LONGEST_ABOUT)])
    interests = TextAreaField(_l("Interests to choose from"), [Length(max=800)])

    def chosen(self) -> list[str]:
        """The interests, one for each line."""
        return (self.interests.data or "").splitlines()


class EventForm(FlaskForm):
    """An event: what, when, where, for whom, and how many. Days and times are the shop's own."""

    revision = IntegerField(validators=[Optional()])
    title_nl = StringField(_l("Title in Dutch"), [Length(max=LONGEST_TITLE)])
    text_nl = TextAreaField(_l("Text in Dutch"), [Length(max=LONGEST_TEXT)])
    title_fr = StringField(_l("Title in French"), [Length(max=LONGEST_TITLE)])
    text_fr = TextAreaField(_l("Text in French"), [Length(max=LONGEST_TEXT)])
    title_en = StringField(_l("Title in English"), [Length(max=LONGEST_TITLE)])
    text_en = TextAreaField(_l("Text in English"), [Length(max=LONGEST_TEXT)])
    title_de = StringField(_l("Title in German"), [Length(max=LONGEST_TITLE)])
    text_de = TextAreaField(_l("Text in German"), [Length(max=LONGEST_TEXT)])
    day = DateField(_l("Day"), [DataRequired(_l("Choose a day."))])
    begins = TimeField(_l("Begins at"), [InputRequired(_l("Choose a time."))])
    ends = TimeField(_l("Ends at"), [InputRequired(_l("Choose a time."))])
    location = SelectField(_l("Where?"), validate_choice=True)
    address = StringField(_l("Address, if it is elsewhere"), [Length(max=LONGEST_ADDRESS)])
    places = IntegerField(_l("Places"), [InputRequired(_l("How many can come?")), NumberRange(1, MOST_PLACES)])
    price = StringField(_l("Price"), [Length(max=LONGEST_PRICE)])
    audience = SelectField(_l("For whom?"), validate_choice=True)
    opens = DateField(_l("Booking opens on"), [Optional()])
    closes = DateField(_l("Last day to book"), [Optional()])

    languages = _LANGUAGES

    def words(self, timezone: str) -> EventWords:
        """What was written, in moments of ``timezone``; only after it was validated. What ends before it begins ends
        the next day."""
        assert self.day.data is not None
        assert self.begins.data is not None
        assert self.ends.data is not None
        begins = _moment(self.day.data, self.begins.data, timezone)
        is_over_night = self.ends.data <= self.begins.data
        last = date.fromordinal(self.day.data.toordinal() + is_over_night)
        ends = _moment(last, self.ends.data, timezone)
        closes = None
        if self.closes.data is not None:
            closes = min(_moment(date.fromordinal(self.closes.data.toordinal() + 1), time(), timezone), begins)
        kind, _, wanted = (self.audience.data or "").partition(":")
        return EventWords(
            title={key: self[f"title_{key}"].data or "" for key, _name in _LANGUAGES},
            text={key: self[f"text_{key}"].data or "" for key, _name in _LANGUAGES},
            starts_at=begins,
            ends_at=ends,
            places=self.places.data or 0,
            location_id=self.location.data or None,
            address=None if self.location.data else self.address.data,
            price=self.price.data,
            audience=kind,
            wanted=wanted or None,
            opens_at=None if self.opens.data is None else _moment(self.opens.data, time(), timezone),
            closes_at=closes,
        )


def _moment(day: date, at: time, timezone: str) -> datetime:
    return datetime.combine(day, at, zone(timezone)).astimezone(UTC)
