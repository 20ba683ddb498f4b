"""Forms of a new shop's first steps."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.backoffice.forms.setting_up.signing_up import stripped
from app.backoffice.service.first_steps import MOST_CARDS
from app.common.money import InvalidAmountError, parse_amount
from app.web.locale import LANGUAGES


class MoneyField(StringField):
    """An amount as people type it, with a comma or a point; ``minor`` is what it is in minor units, None for nothing.
    The form names its ``currency``."""

    minor: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Read it."""
        text = (self.data or "").strip().replace(",", ".").replace(" ", "").replace("\u00a0", "")
        if not text:
            self.minor = None
            return
        try:
            self.minor = parse_amount(text, form.currency)
        except InvalidAmountError:
            raise ValidationError(_l("Write an amount like 4.20.")) from None


class ProgrammeForm(FlaskForm):
    """The sentence of the first programme."""

    cost = IntegerField(
        _l("How many"), [InputRequired(_l("How many?")), NumberRange(1, 1000, _l("A number from 1 to 1,000."))]
    )
    reward = StringField(
        _l("What it gives"), [DataRequired(_l("What do they get?")), Length(max=80)], filters=[stripped]
    )
    worth = MoneyField(_l("What it is worth"))
    minimum = MoneyField(_l("From which purchase on"))
    revision = HiddenField()

    def __init__(self, currency: str, **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(**kwargs)


class PairForm(FlaskForm):
    """Where a tablet is to stand."""

    location_id = SelectField(_l("Shop"), [InputRequired()])


class PosterForm(FlaskForm):
    """A poster for the counter."""

    size = SelectField(
        _l("Size"),
        [InputRequired()],
        choices=[
            SelectChoice("a4", _l("A4, for the window")),
            SelectChoice("a5", _l("A5, for the counter")),
            SelectChoice("a3", _l("A3, for the door")),
        ],
    )
    language = SelectField(_l("Language"), [InputRequired()], choices=[SelectChoice(*one) for one in LANGUAGES.items()])


class CardsForm(FlaskForm):
    """A sheet of cards."""

    count = IntegerField(
        _l("How many cards"),
        [
            InputRequired(_l("How many?")),
            NumberRange(1, MOST_CARDS, _l("1 to %(most)s cards at a time.", most=MOST_CARDS)),
        ],
        default=20,
    )
    language = SelectField(_l("Language"), [InputRequired()], choices=[SelectChoice(*one) for one in LANGUAGES.items()])
