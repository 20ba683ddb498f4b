"""What is typed on the pages of the reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from app.common.money import exponent
from app.merchants.service.average_basket import MOST


class BasketForm(FlaskForm):  # flask-wtf publishes no types
    """The average basket. ``was`` comes back as it was served, so that nobody overwrites another's in silence."""

    amount = StringField(_l("Average basket"), validators=[Optional(), Length(max=12)])
    was = HiddenField()

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    @classmethod
    def filled(cls, currency: str, minor: int | None) -> BasketForm:
        """The form with what is noted now."""
        form = cls(formdata=None, currency=currency)
        form.was.data = "" if minor is None else str(minor)
        digits = exponent(currency)
        form.amount.data = "" if minor is None else f"{Decimal(minor).scaleb(-digits):.{digits}f}"
        return form

    def validate_amount(self, field: StringField) -> None:
        minor = self.minor
        if field.data and field.data.strip() and (minor is None or not 0 < minor <= MOST):
            raise ValidationError(gettext("Type an amount like 12.50."))

    @property
    def minor(self) -> int | None:
        """The amount in minor units, with a point or a comma; None where nothing was typed."""
        text = (self.amount.data or "").strip().replace(",", ".")
        try:
            value = Decimal(text)
        except ArithmeticError:
            return None
        return int(value.scaleb(exponent(self.currency))) if value.is_finite() and abs(value) < 10**9 else None

    @property
    def was_minor(self) -> int | None:
        """What was noted when the form was served."""
        text = self.was.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


class ClosingForm(FlaskForm):  # flask-wtf publishes no types
    """Closing days: from one to another, both included, of one shop or of all."""

    first_day = DateField(_l("First day closed"), validators=[InputRequired()])
    last_day = DateField(_l("Last day closed"), validators=[InputRequired()])
    location_id = SelectField(_l("Where"), choices=[], validate_choice=False, default="")
    reason = StringField(_l("Why"), validators=[Optional(), Length(max=80)])
    revision = IntegerField(validators=[Optional()], default=0)

    def validate_last_day(self, field: DateField) -> None:
        first: date | None = self.first_day.data
        if first is not None and field.data is not None and field.data < first:
            raise ValidationError(gettext("The last day lies before the first."))
