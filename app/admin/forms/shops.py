"""Forms about a shop: every act says why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from app.billing.service.plans import LONGEST_NAME
from app.merchants.service.approving import LONGEST_REASON
from app.merchants.service.looking import MODES


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


class SponsorForm(ReasonForm):
    """Who pays in the shop's stead."""

    payer = StringField(_l("Who pays"), [Optional(), Length(max=LONGEST_NAME)])
    until = DateField(_l("Last day"), [Optional()])


class LookForm(ReasonForm):
    """Through the shop's eyes."""

    mode = SelectField(_l("How"), choices=[SelectChoice(mode, mode) for mode in MODES], default="read")
