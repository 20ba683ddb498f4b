"""A reward, its picture, its codes, and giving it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms import ValidationError as Wrong
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.backoffice.forms.catalogue.fields import (
    MOST,
    AmountField,
    TextsForm,
    TicksField,
    day,
    number,
    offered,
    stripped,
)

KINDS = (
    ("item", _l("Something from the shop")),
    ("amount_off", _l("An amount off the bill")),
    ("percent_off", _l("A percentage off the bill")),
)
WAYS = (
    ("counter", _l("At the counter")),
    ("webshop", _l("By a code of my webshop")),
)


class RewardForm(TextsForm):
    """What is had for how many units. The kind, the way and the programme are chosen once."""

    programme = SelectField(_l("Programme"), validate_choice=True)
    kind = RadioField(_l("What is it?"), choices=offered(KINDS), default="item")
    way = RadioField(_l("How is it given?"), choices=offered(WAYS), default="counter")
    cost = IntegerField(_l("What it costs"), [InputRequired(_l("Type a number.")), NumberRange(1, MOST)])
    amount = AmountField(_l("Amount"))
    worth = AmountField(_l("What it is worth"))
    percent = number(_l("Percentage"), most=100)
    is_flexible = BooleanField(_l("A member may take it several times at once"))
    stock = number(_l("How many there are"), least=0)
    stock_seen = HiddenField()
    per_member_limit = number(_l("How often each member can have it"), most=1_000_000)
    tier = SelectField(_l("Only for a tier"), choices=[], default="")
    segment = SelectField(_l("Only for a saved segment"), choices=[], default="")
    places = TicksField(_l("Where"), choices=[])
    valid_from = day(_l("From"))
    valid_until = day(_l("Until and with"))
    voucher_days = number(_l("How many days a voucher is good"), most=3_650)

    def __init__(self, *args: Any, currency: str, is_new: bool, is_online: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.amount.currency = self.worth.currency = currency
        self.is_new = is_new
        # Told as needed, and checked once it is known what the reward is.
        self.amount.flags.required = self.percent.flags.required = True
        self.is_online = is_online
        if not is_new:
            del self.programme
            del self.way

    def wrongs(self) -> Iterator[tuple[Field, LazyString]]:
        """What the kind needs, and dates in their order."""
        if self.kind.data == "amount_off" and not self.amount.minor and not self.amount.errors:
            yield self.amount, _l("Type what comes off the bill.")
        if self.kind.data == "percent_off" and self.percent.data is None and not self.percent.errors:
            yield self.percent, _l("Type a percentage from 1 to 100.")
        if self.valid_until.data and self.valid_from.data and self.valid_until.data < self.valid_from.data:
            yield self.valid_until, _l("It would end before it begins.")

    @property
    def amount_minor(self) -> int | None:
        """What comes off, or what an item is worth."""
        if self.kind.data == "percent_off":
            return None
        return self.amount.minor if self.kind.data == "amount_off" else (self.worth.minor or None)

    @property
    def stock_by(self) -> int | None:
        """How many more or fewer there are than stood in the form: what was sold meanwhile is not given back. None
        where the stock begins or ends to be counted."""
        seen = str(self.stock_seen.data or "")
        if not seen.isdecimal() or self.stock.data is None:
            return None
        return int(self.stock.data) - int(seen)


class PictureForm(FlaskForm):
    """A picture to be uploaded."""

    picture = FileField(_l("Picture"))

    def validate_picture(self, field: FileField) -> None:
        """One was chosen."""
        if not field.data:
            raise Wrong(_l("Choose a picture first."))


class CodesForm(FlaskForm):
    """Codes of the webshop: a file, or pasted."""

    file = FileField(_l("A file with one code a line, or a CSV"))
    pasted = TextAreaField(_l("Or paste them here, one a line"))

    def validate_pasted(self, field: TextAreaField) -> None:
        """Either is there."""
        if not stripped(field.data) and not self.file.data:
            raise Wrong(_l("Choose a file, or paste some codes."))


class GiveForm(FlaskForm):
    """A reward for one member, and why. ``gift`` is made with the page: sent twice, it gives once."""

    gift = HiddenField()
    reward = RadioField(_l("What do you give?"), choices=[], validators=[InputRequired(_l("Choose what you give."))])
    reason = StringField(
        _l("Why?"),
        [
            DataRequired(_l("Say why. The member sees it, and so do your colleagues.")),
            Length(max=200, message=_l("Use at most 200 letters.")),
        ],
        filters=[stripped],
    )
    days = number(_l("Good for how many days"), most=3_650)


class SureForm(FlaskForm):
    """Nothing but a button, and the revision of what it is for."""

    revision = HiddenField(validators=[Optional()])
