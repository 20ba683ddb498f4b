"""Forms of a shop's own pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from app.backoffice.forms.setting_up.signing_up import PlaceFields, stripped
from app.merchants.opening_hours import WEEKDAYS
from app.web.locale import LANGUAGES

OWN_LOGO = "own"
_CLOCK = r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$"


class AboutForm(FlaskForm):
    """What members see of a shop."""

    name = StringField(
        _l("Name of the shop"), [DataRequired(_l("What is your shop called?")), Length(max=80)], filters=[stripped]
    )
    category = SelectField(_l("What kind of shop is it?"), [InputRequired()])
    story_nl = TextAreaField("Nederlands", [Length(max=2000)], filters=[stripped])
    story_fr = TextAreaField("Français", [Length(max=2000)], filters=[stripped])
    story_en = TextAreaField("English", [Length(max=2000)], filters=[stripped])
    story_de = TextAreaField("Deutsch", [Length(max=2000)], filters=[stripped])
    hue = IntegerField(
        _l("Your colour"), [InputRequired(_l("Pick a colour.")), NumberRange(0, 359, _l("From 0 to 359."))]
    )
    sign = SelectField(_l("Your sign"), [InputRequired()])
    drawing = FileField(_l("A drawing of your own"))
    revision = HiddenField()

    def stories(self) -> list[Any]:
        """The fields of the story, one for each language."""
        return [self[f"story_{language}"] for language in LANGUAGES]

    def story(self) -> dict[str, str]:
        """The story by language, where there is one."""
        return {code: self[f"story_{code}"].data for code in LANGUAGES if self[f"story_{code}"].data}


class CounterForm(FlaskForm):
    """How a shop's counters work."""

    sign_in = BooleanField(_l("Nobody books on a tablet before signing in with a PIN"))
    lock_after = IntegerField(
        _l("A tablet that nobody touches locks after"), [InputRequired(), NumberRange(15, 86400, _l("15 to 86,400."))]
    )
    rotating_code = BooleanField(_l("The changing code in the member's app"))
    member_pin = BooleanField(_l("A printed card with the member's PIN"))
    staff_approval = BooleanField(_l("Somebody of the shop who approves it with a PIN"))
    cashier_approves = BooleanField(_l("A cashier's word is enough; else a manager's or owner's is needed"))
    kiosk_wait = IntegerField(
        _l("At a tablet that stands alone, a card counts again after"),
        [InputRequired(), NumberRange(1, 44640, _l("1 to 44,640."))],
    )
    opening_units_most = IntegerField(
        _l("From an old paper card, at most so many are entered"), [Optional(), NumberRange(0, 100000)]
    )
    hints = BooleanField(_l("After a scan, show staff one line to say"))
    revision = HiddenField()

    def validate_staff_approval(self, field: BooleanField) -> None:
        """At least one way must be left."""
        if not (field.data or self.rotating_code.data or self.member_pin.data):
            raise ValidationError(_l("Leave at least one way, or nobody can redeem anything."))

    def approves(self) -> list[str]:
        """The ways that were chosen."""
        return [name for name in ("rotating_code", "member_pin", "staff_approval") if self[name].data]


class GiftsForm(FlaskForm):
    """What is given when somebody comes by invitation."""

    inviter = IntegerField(_l("For whoever invited"), [InputRequired(), NumberRange(0, 10000)])
    invited = IntegerField(_l("For whoever came"), [InputRequired(), NumberRange(0, 10000)])
    most = IntegerField(_l("At most so many gifts a year for one who invites"), [InputRequired(), NumberRange(0, 1000)])
    revision = HiddenField()


class ListingForm(FlaskForm):
    """Whether a shop stands in the lists."""

    is_listed = BooleanField(_l("Show the shop in the list, on the map and by a page of its own"))
    revision = HiddenField()


class LocationForm(PlaceFields):
    """One place of a business: its name, address and hours. Two spans a day; what is empty is closed."""

    name = StringField(
        _l("Name of this place"), [DataRequired(_l("What is it called?")), Length(max=80)], filters=[stripped]
    )
    closed_on_holidays = BooleanField(_l("Closed on public holidays"))
    revision = HiddenField()

    def days(self) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """Per weekday the fields of its two spans."""
        for day in WEEKDAYS:
            yield day, [(self[f"{day}_{n}_from"], self[f"{day}_{n}_to"]) for n in (1, 2)]

    def hours(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The opening hours as a document; the special days of ``kept`` stay."""
        told: dict[str, Any] = {}
        for day, spans in self.days():
            typed = [(start.data, end.data) for start, end in spans if start.data and end.data]
            if typed:
                told[day] = [[start, "24:00" if end == "00:00" else end] for start, end in sorted(typed)]
        if self.closed_on_holidays.data:
            told["closed_on_holidays"] = True
        if kept.get("dates"):
            told["dates"] = kept["dates"]
        return told

    def show_hours(self, hours: Mapping[str, Any]) -> None:
        """Put the hours that are stored into the fields."""
        self.closed_on_holidays.data = bool(hours.get("closed_on_holidays"))
        for day, spans in self.days():
            for (start, end), told in zip(spans, hours.get(day, ()), strict=False):
                start.data, end.data = told[0], "00:00" if told[1] == "24:00" else told[1]

    def more_than_shown(self, hours: Mapping[str, Any]) -> bool:
        """Whether a day has more spans than the form shows."""
        return any(len(hours.get(day, ())) > 2 for day in WEEKDAYS)

    def validate(self, extra_validators: Any = None) -> bool:
        """A span has both of its ends."""
        is_good = bool(super().validate(extra_validators))
        for _, spans in self.days():
            for start, end in spans:
                if bool(start.data) != bool(end.data):
                    end.errors = [*end.errors, _l("Give both times, or neither.")]
                    is_good = False
        return is_good


for _day in WEEKDAYS:
    for _n in (1, 2):
        for _end in ("from", "to"):
            setattr(
                LocationForm,
                f"{_day}_{_n}_{_end}",
                StringField("", [Optional(), Regexp(_CLOCK, message=_l("Write it like 08:30."))], filters=[stripped]),
            )
