"""What is typed on the page of relationships."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FloatField, IntegerField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.common.money import exponent
from app.insights.service.settings import LONGEST_NAME, MOST_VISITS

_LONG = _l("At most %(most)s characters.", most=LONGEST_NAME)


class LinesForm(FlaskForm):  # flask-wtf publishes no types
    """Where the map's lines stand. ``profit`` is typed in the shop's currency and may lie below nothing."""

    revision = IntegerField(validators=[InputRequired()])
    visits = FloatField(
        _l("Often is from so many expected visits a year"),
        validators=[
            InputRequired(_l("Type a number.")),
            NumberRange(0.1, MOST_VISITS, _l("Type a number from 0.1 to 1,000.")),
        ],
    )
    profit = StringField(_l("Worth it is from so much profit a year"), validators=[InputRequired(), Length(max=12)])

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def validate_profit(self, field: StringField) -> None:
        if self.profit_minor is None:
            raise ValidationError(gettext("Type an amount like 45 or 12.50."))

    @property
    def profit_minor(self) -> int | None:
        """The amount in minor units, with a point or a comma; None where it can't be read."""
        text = (self.profit.data or "").strip().replace("−", "-").replace(",", ".")
        try:
            value = Decimal(text)
        except ArithmeticError:
            return None
        return round(value.scaleb(exponent(self.currency))) if value.is_finite() and abs(value) < 10**6 else None


class NamesForm(FlaskForm):
    """The owner's own words for the groups."""

    revision = IntegerField(validators=[InputRequired()])
    friend = StringField(
        _l("Come often, and it pays"), validators=[Optional(), Length(max=LONGEST_NAME, message=_LONG)]
    )
    butterfly = StringField(
        _l("Come seldom, and it pays"), validators=[Optional(), Length(max=LONGEST_NAME, message=_LONG)]
    )
    barnacle = StringField(
        _l("Come often, and it hardly pays"), validators=[Optional(), Length(max=LONGEST_NAME, message=_LONG)]
    )
    stranger = StringField(
        _l("Come seldom, and it hardly pays"), validators=[Optional(), Length(max=LONGEST_NAME, message=_LONG)]
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be kept: no two groups may be called the same."""
        if not super().validate(extra_validators):
            return False
        fields = [self.friend, self.butterfly, self.barnacle, self.stranger]
        given = [(field.data or "").strip().casefold() for field in fields]
        twice = [field for field, name in zip(fields, given, strict=True) if name and given.count(name) > 1]
        for field in twice:
            field.errors = [*field.errors, gettext("Two groups can’t have the same name.")]
        return not twice


class MarginForm(FlaskForm):
    """What is left of a hundred that is sold."""

    revision = IntegerField(validators=[InputRequired()])
    margin = IntegerField(
        _l("Your margin"),
        validators=[Optional(), NumberRange(1, 100, _l("Type a number from 1 to 100."))],
    )
