"""Forms of signing up."""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FloatField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.backoffice.countries import COUNTRIES
from app.backoffice.service.signing_up import NewShop
from app.backoffice.trades import TRADES
from app.merchants.proofs import LONGEST_PASSWORD, SHORTEST_PASSWORD
from app.web import locale


def stripped(value: str | None) -> str | None:
    """What was typed without blanks at its ends; None for nothing."""
    return (value or "").strip() or None


class PlaceFields(FlaskForm):
    """Where a shop is: address fields, and a point where somebody put one on the map."""

    street = StringField(_l("Street and number"), [Length(max=120)], filters=[stripped])
    postcode = StringField(_l("Postcode"), [Length(max=16)], filters=[stripped])
    city = StringField(_l("Town"), [Length(max=80)], filters=[stripped])
    lat = FloatField(_l("Latitude"), [Optional(), NumberRange(-90, 90, _l("Degrees lie between -90 and 90."))])
    lon = FloatField(_l("Longitude"), [Optional(), NumberRange(-180, 180, _l("Degrees lie between -180 and 180."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """Latitude and longitude are both there, or neither."""
        is_good = bool(super().validate(extra_validators))
        if (self.lon.data is None) != (self.lat.data is None):
            self.lon.errors = [*self.lon.errors, _l("Give latitude and longitude together, or neither.")]
            is_good = False
        return is_good


class NewShopForm(PlaceFields):
    """One more shop of somebody who is signed in."""

    name = StringField(
        _l("Name of the shop"), [DataRequired(_l("What is your shop called?")), Length(max=80)], filters=[stripped]
    )
    trade = RadioField(_l("What kind of shop is it?"), [DataRequired(_l("Choose the one that is nearest."))])
    country = SelectField(_l("Country"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trade.choices = [SelectChoice(key, key) for key in TRADES]
        names = Locale(locale.language()).territories
        self.country.choices = [SelectChoice(code, names.get(code, code)) for code in COUNTRIES]

    def shop(self) -> NewShop:
        """What was said of the shop."""
        return NewShop(
            name=self.name.data or "",
            trade=self.trade.data,
            country=self.country.data,
            street=self.street.data,
            postcode=self.postcode.data,
            city=self.city.data,
            lat=self.lat.data,
            lon=self.lon.data,
            locale=locale.language(),
        )


class SignUpForm(NewShopForm):
    """A first shop, with the sign-in of its owner."""

    email = StringField(
        _l("Your e-mail address"), [DataRequired(_l("Type your address.")), Length(max=254)], filters=[stripped]
    )
    password = PasswordField(
        _l("A password"),
        [
            DataRequired(_l("Choose a password.")),
            Length(
                min=SHORTEST_PASSWORD,
                max=LONGEST_PASSWORD,
                message=_l("At least 12 characters. A few words that belong together for you alone are easy to keep."),
            ),
        ],
    )


class CodeForm(FlaskForm):
    """The code that was mailed."""

    code = StringField(_l("The six digits"), [DataRequired(_l("Type the code from the mail.")), Length(max=20)])


class ActForm(FlaskForm):
    """A button alone: its token, and nothing else."""

    revision = HiddenField()
