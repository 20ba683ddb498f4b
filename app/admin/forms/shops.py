"""Forms about a shop: every act says why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.billing.discounts import LONGEST_MONTHS
from app.billing.service.plans import LONGEST_NAME
from app.merchants.service.approving import LONGEST_REASON
from app.merchants.service.looking import MODES
from app.web.locale import LANGUAGES


class ReasonForm(FlaskForm):
    """Why."""

    reason = TextAreaField(
        _l("Why"), [DataRequired(_l("Say why: it stands in the shop’s audit list.")), Length(max=LONGEST_REASON)]
    )


class CloseForm(ReasonForm):
    """The last days."""

    last_earning = DateField(_l("Last day of collecting"), [DataRequired(_l("Choose a day."))])
    last_redeeming = DateField(_l("Last day of redeeming"), [DataRequired(_l("Choose a day."))])


class PlanForm(ReasonForm):
    """Another plan. ``key`` names the form, so that sending it twice changes once."""

    plan_id = StringField(_l("Plan"), [DataRequired(_l("Choose a plan."))])
    key = StringField(validators=[DataRequired(), Length(max=40)])


class PriceForm(ReasonForm):
    """What a shop pays less than its plan costs. ``key`` as in :class:`PlanForm`."""

    kind = SelectField(
        _l("Off the price"),
        choices=[
            SelectChoice("percent", _l("a share, in per cent")),
            SelectChoice("amount", _l("an amount a month")),
            SelectChoice("none", _l("nothing: the plan’s price")),
        ],
    )
    value = StringField(_l("How much"), [Optional(), Length(max=12)])
    months = IntegerField(
        _l("For how many months"),
        [Optional(), NumberRange(1, LONGEST_MONTHS, _l("Give 1 to 36 months, or none for always."))],
    )
    key = StringField(validators=[DataRequired(), Length(max=40)])


class SponsorForm(ReasonForm):
    """Who pays in the shop's stead."""

    payer = StringField(_l("Who pays"), [Optional(), Length(max=LONGEST_NAME)])
    until = DateField(_l("Last day"), [Optional()])


class LookForm(ReasonForm):
    """Through the shop's eyes."""

    mode = SelectField(_l("How"), choices=[SelectChoice(mode, mode) for mode in MODES], default="read")


class InviteForm(FlaskForm):
    """A list of shops to ask, and the language of mails to those whose line names none."""

    file = FileField(_l("The file (CSV)"), [InputRequired(_l("Choose a file."))])
    locale = SelectField(_l("Language of the mail"), choices=[SelectChoice(*one) for one in LANGUAGES.items()])


class SendForm(FlaskForm):
    """The lines that were looked at, as the page had them."""

    shops = TextAreaField(validators=[DataRequired()])
