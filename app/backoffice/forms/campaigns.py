"""The form in which a campaign is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
    validators,
)
from wtforms.fields import SelectChoice

from app.backoffice.forms.catalogue.fields import AmountField, TicksField, stripped
from app.web.locale import LANGUAGES

LONGEST_NAME, LONGEST_TITLE, LONGEST_TEXT = 60, 80, 1000
DAYS = (14, 28, 42, 56, 84)
_MISSING = _l("Fill this in.")


def _title(label: Any) -> StringField:
    return StringField(
        label, [validators.Length(max=LONGEST_TITLE, message=_l("Write it shorter."))], filters=[stripped]
    )


def _text(label: Any) -> TextAreaField:
    return TextAreaField(
        label, [validators.Length(max=LONGEST_TEXT, message=_l("Write it shorter."))], filters=[stripped]
    )


def _number(label: Any, least: int, most: int) -> IntegerField:
    told = _l("A whole number from %(least)s to %(most)s.", least=least, most=f"{most:,}")
    return IntegerField(label, [validators.Optional(), validators.NumberRange(least, most, told)])


class CampaignForm(FlaskForm):
    """What a campaign says and gives, by which ways and when, and how it is measured. Whom it means stands beside it:
    a saved list, or the fields of a filter. ``revision``: what the form was filled from."""

    revision = HiddenField()
    name = StringField(
        _l("Name"),
        [validators.InputRequired(_MISSING), validators.Length(max=LONGEST_NAME, message=_l("Write it shorter."))],
        filters=[stripped],
    )
    ways = TicksField(
        _l("By which ways"),
        choices=[
            SelectChoice("inbox", _l("in the app")),
            SelectChoice("push", _l("a push on the phone")),
            SelectChoice("email", _l("by mail")),
            SelectChoice("wallet", _l("on the card in the phone’s wallet")),
        ],
    )
    title_nl, text_nl = _title(_l("Title in Dutch")), _text(_l("Text in Dutch"))
    title_fr, text_fr = _title(_l("Title in French")), _text(_l("Text in French"))
    title_en, text_en = _title(_l("Title in English")), _text(_l("Text in English"))
    title_de, text_de = _title(_l("Title in German")), _text(_l("Text in German"))
    reward_id = SelectField(_l("What comes with it"), validators=[validators.Optional()])
    offer_days = _number(_l("Good for so many days"), 1, 365)
    most = _number(_l("At most so many members"), 1, 1_000_000)
    control_percent = IntegerField(
        _l("Left out by lot"),
        [validators.Optional(), validators.NumberRange(0, 50, _l("A whole number from 0 to 50."))],
        default=20,
    )
    measure_days = SelectField(
        _l("Measured for"),
        coerce=int,
        default=28,
        choices=[SelectChoice(days, _l("%(weeks)s weeks", weeks=days // 7)) for days in DAYS],
    )
    cost = AmountField(_l("What sending costs you"))
    when = RadioField(
        _l("When"),
        choices=[SelectChoice("now", _l("as soon as it is planned")), SelectChoice("later", _l("on a day you choose"))],
        default="now",
    )
    day = DateField(_l("Day"), [validators.Optional()])
    time = TimeField(_l("Time"), [validators.Optional()])

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cost.currency = currency

    def validate_ways(self, field: Field) -> None:
        """At least one way."""
        if not field.data:
            raise ValidationError(_l("Choose at least one way."))

    def wrongs(self) -> Iterator[tuple[Field, LazyString]]:
        """What is wrong between fields."""
        said = {tongue: (self.title(tongue), self.text(tongue)) for tongue in LANGUAGES}
        if not any(title and text for title, text in said.values()):
            first = next((tongue for tongue, (title, text) in said.items() if title or text), LANGUAGES_FIRST)
            yield self[f"title_{first}"], _l("Write a title and a text, both in at least one language.")
        else:
            for tongue, (title, text) in said.items():
                if bool(title) is not bool(text):
                    empty = "text" if title else "title"
                    yield self[f"{empty}_{tongue}"], _l("In this language half of it is missing.")
        if self.when.data == "later" and self.day.data is None:
            yield self.day, _l("Choose a day.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field's own checks, and those between fields."""
        is_fine = bool(super().validate(extra_validators))
        for field, told in self.wrongs():
            field.errors = [*field.errors, told]
            is_fine = False
        return is_fine

    def title(self, tongue: str) -> str:
        """The title in one language."""
        return str(self[f"title_{tongue}"].data or "")

    def text(self, tongue: str) -> str:
        """The text in one language."""
        return str(self[f"text_{tongue}"].data or "")

    @property
    def titles(self) -> dict[str, str]:
        """The titles by language, where there is one."""
        return {tongue: self.title(tongue) for tongue in LANGUAGES if self.title(tongue)}

    @property
    def texts(self) -> dict[str, str]:
        """The texts by language, where there is one."""
        return {tongue: self.text(tongue) for tongue in LANGUAGES if self.text(tongue)}

    def show_words(self, titles: Mapping[str, str], texts: Mapping[str, str]) -> None:
        """Fill the words in."""
        for tongue in LANGUAGES:
            self[f"title_{tongue}"].data = titles.get(tongue, "")
            self[f"text_{tongue}"].data = texts.get(tongue, "")

    @property
    def seen(self) -> int:
        """The revision that the form was filled from; 0 for none."""
        found = str(self.revision.data or "")
        return int(found) if found.isdecimal() else 0


LANGUAGES_FIRST = next(iter(LANGUAGES))


class SureForm(FlaskForm):
    """A step that needs no more than its button."""

    revision = HiddenField()
