"""Forms of an operator's own sign-in, and of the list of operators."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.merchants.proofs import LONGEST_PASSWORD
from app.merchants.service.people import LONGEST_NAME

RIGHT_WORDS = {
    "support": _l("Support: cards, members, questions, privacy"),
    "finance": _l("Finance: plans, prices, adjustments"),
    "risk": _l("Risk: the queue and its limits"),
    "administrator": _l("Administrator: everything, and who else comes in"),
}


class SignInForm(FlaskForm):
    """The first step."""

    email = StringField(_l("E-mail address"), [DataRequired(_l("Type your address.")), Length(max=254)])
    password = PasswordField(_l("Password"), [DataRequired(_l("Type your password.")), Length(max=LONGEST_PASSWORD)])


class CodeForm(FlaskForm):
    """A code of the second step."""

    code = StringField(_l("Code"), [DataRequired(_l("Type the code.")), Length(max=40)])


class RightsForm(FlaskForm):
    """What a person may do."""

    rights = SelectMultipleField(
        _l("Rights"),
        [DataRequired(_l("Tick at least one."))],
        choices=[SelectChoice(value, word) for value, word in RIGHT_WORDS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class OperatorForm(RightsForm):
    """One more person."""

    email = StringField(_l("E-mail address"), [DataRequired(_l("Type the address.")), Length(max=254)])
    name = StringField(_l("Name"), [DataRequired(_l("Type a name.")), Length(max=LONGEST_NAME)])
