"""Fields that the catalogue's forms share: names and texts in four languages, money as it is typed, ticks in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.common.money import InvalidAmountError, format_amount, parse_amount
from app.web.locale import LANGUAGES

LONGEST_NAME, LONGEST_TEXT = 80, 500
MOST = 1_000_000_000


def stripped(value: str | None) -> str:
    """What was typed without blanks at its ends."""
    return (value or "").strip()


class AmountField(StringField):
    """Money as people type it, with a comma or a point. ``minor`` is what it comes to in minor units of the form's
    ``currency``; None where nothing was typed."""

    @property
    def minor(self) -> int | None:
        """What was typed, in minor units; None for nothing, and for what is no amount."""
        return self.read()

    def read(self) -> int | None:
        """As ``minor``."""
        text = stripped(self.data).replace("\u00a0", "").replace("\u202f", "").replace(" ", "").strip("€$£")
        if not text:
            return None
        try:
            return parse_amount(text.replace(",", "."), self.currency)
        except InvalidAmountError:
            return None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = "EUR"

    def show(self, minor: int | None) -> None:
        """Put an amount into the field."""
        self.data = "" if minor is None else format_amount(minor, self.currency)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no amount."""
        if stripped(self.data) and self.read() is None:
            raise ValidationError(_l("Write an amount like 4.20."))


class TicksField(SelectMultipleField):
    """Several of a few, each with its own tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class LanguagesForm(FlaskForm):
    """A name, and the same in each language where it is another one. ``revision`` is what the form was filled from."""

    revision = HiddenField()
    name = StringField(
        _l("Name"),
        [DataRequired(_l("Give it a name.")), Length(max=LONGEST_NAME, message=_l("Use at most 80 letters."))],
        filters=[stripped],
    )
    name_nl = StringField(_l("Name in Dutch"), [Length(max=LONGEST_NAME)], filters=[stripped])
    name_fr = StringField(_l("Name in French"), [Length(max=LONGEST_NAME)], filters=[stripped])
    name_en = StringField(_l("Name in English"), [Length(max=LONGEST_NAME)], filters=[stripped])
    name_de = StringField(_l("Name in German"), [Length(max=LONGEST_NAME)], filters=[stripped])

    def wrongs(self) -> Iterator[tuple[Field, LazyString]]:
        """What is wrong between fields: also a field that was left out may be, so no field's own check finds it."""
        yield from ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field's own checks, and those between fields."""
        is_fine = bool(super().validate(extra_validators))
        for field, told in self.wrongs():
            field.errors = [*field.errors, told]
            is_fine = False
        return is_fine

    @property
    def names(self) -> dict[str, str]:
        """The names by language, without those that say the same as the first one."""
        told = {tongue: self[f"name_{tongue}"].data for tongue in LANGUAGES}
        return {tongue: name for tongue, name in told.items() if name and name != self.name.data}

    def show_names(self, names: dict[str, Any]) -> None:
        """Fill the names in."""
        for tongue in LANGUAGES:
            self[f"name_{tongue}"].data = names.get(tongue, "")

    @property
    def seen(self) -> int | None:
        """The revision that the form was filled from."""
        text = str(self.revision.data or "")
        return int(text) if text.isdecimal() else None


class TextsForm(LanguagesForm):
    """Names with descriptions."""

    text_nl = TextAreaField(_l("Description in Dutch"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    text_fr = TextAreaField(_l("Description in French"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    text_en = TextAreaField(_l("Description in English"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    text_de = TextAreaField(_l("Description in German"), [Length(max=LONGEST_TEXT)], filters=[stripped])

    @property
    def texts(self) -> dict[str, str]:
        """The descriptions by language."""
        told = {tongue: self[f"text_{tongue}"].data for tongue in LANGUAGES}
        return {tongue: text for tongue, text in told.items() if text}

    def show_texts(self, texts: dict[str, Any]) -> None:
        """Fill the descriptions in."""
        for tongue in LANGUAGES:
            self[f"text_{tongue}"].data = texts.get(tongue, "")


def offered(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """What can be chosen, from values with their words."""
    return [SelectChoice(value, word) for value, word in pairs]


def number(label: Any, most: int = MOST, least: int = 1) -> IntegerField:
    """A whole number that may be left out."""
    told = _l("A whole number from %(least)s to %(most)s.", least=least, most=f"{most:,}")
    return IntegerField(label, [Optional(), NumberRange(least, most, told)])


def day(label: Any) -> DateField:
    """A date that may be left out."""
    return DateField(label, [Optional()])
