"""Forms of the ledger: an adjustment, undoing a booking, and how much one person may do alone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.admin.service.adjusting import LONGEST_REASON, MOST


class ReasonForm(FlaskForm):
    """Why, and the id under which it is asked for once."""

    adjustment_id = HiddenField()
    reason = StringField(_l("Reason"), [DataRequired(_l("Say why.")), Length(max=LONGEST_REASON)])


class AdjustForm(ReasonForm):
    """Units given or taken."""

    units = IntegerField(
        _l("Units, with a minus to take them"),
        [
            InputRequired(_l("Type a whole number.")),
            NumberRange(-MOST, MOST, _l("At most a million at once.")),
        ],
    )


class LimitForm(FlaskForm):
    """How much one person may adjust alone within 24 hours."""

    most = IntegerField(_l("On one account"), [InputRequired(_l("Type a whole number.")), NumberRange(0, MOST)])
    most_in_all = IntegerField(_l("In all"), [InputRequired(_l("Type a whole number.")), NumberRange(0, MOST)])
