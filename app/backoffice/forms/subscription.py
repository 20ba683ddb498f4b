"""Forms of the subscription, and of leaving."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from app.billing.service.details import LONGEST
from app.billing.vat import read_vat_number

LONGEST_WORD = 400


class PlanForm(FlaskForm):
    """Which plan; ``form_key`` names this form, so that sending it twice does it once."""

    plan_id = HiddenField(validators=[DataRequired(), Regexp(r"[0-9a-f-]{36}\Z")])
    form_key = HiddenField(validators=[DataRequired(), Length(max=64)])


class DetailsForm(FlaskForm):
    """Whom invoices are made out to."""

    revision = IntegerField(validators=[InputRequired()])
    legal_name = StringField(_l("Name of the business"), [DataRequired(_l("Type the name.")), Length(max=LONGEST)])
    street = StringField(_l("Street and number"), [DataRequired(_l("Type the street.")), Length(max=LONGEST)])
    postcode = StringField(_l("Postcode"), [DataRequired(_l("Type the postcode.")), Length(max=LONGEST)])
    city = StringField(_l("Town"), [DataRequired(_l("Type the town.")), Length(max=LONGEST)])
    country = StringField(
        _l("Country"),
        [
            DataRequired(_l("A country is two capital letters, such as BE.")),
            Regexp(r"[A-Z]{2}\Z", message=_l("A country is two capital letters, such as BE.")),
        ],
        filters=[lambda text: text and text.strip().upper()],
    )
    vat_number = StringField(_l("VAT number"), [Length(max=30)])

    def validate_vat_number(self, field: StringField) -> None:
        """One that can't be one is told beside the field."""
        if field.data and read_vat_number(field.data) is None:
            raise ValidationError(_l("That is no VAT number. Write it with its country, like BE0123456749."))


class LeavingForm(FlaskForm):
    """When a shop stops, and its own word to its members."""

    last_earning = DateField(_l("Last day on which customers collect"), [InputRequired(_l("Choose a day."))])
    last_redeeming = DateField(_l("Last day on which they redeem"), [InputRequired(_l("Choose a day."))])
    word_nl = TextAreaField(_l("In Dutch"), [Length(max=LONGEST_WORD)])
    word_fr = TextAreaField(_l("In French"), [Length(max=LONGEST_WORD)])
    word_en = TextAreaField(_l("In English"), [Length(max=LONGEST_WORD)])
    word_de = TextAreaField(_l("In German"), [Length(max=LONGEST_WORD)])
    is_sure = BooleanField(
        _l("I want to stop. My members are told so now."), [InputRequired(_l("Tick this, if you are sure."))]
    )

    def word(self) -> dict[str, str]:
        """The owner's own word, by locale."""
        told = {name: (self[f"word_{name}"].data or "").strip() for name in ("nl", "fr", "en", "de")}
        return {name: text for name, text in told.items() if text}

    def days(self) -> tuple[date, date]:
        """The two days."""
        assert self.last_earning.data is not None
        assert self.last_redeeming.data is not None
        return self.last_earning.data, self.last_redeeming.data
