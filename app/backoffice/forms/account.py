"""Forms of a person's own sign-in."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, ValidationError

from app.merchants.proofs import LONGEST_PASSWORD, SHORTEST_PASSWORD
from app.web.locale import LANGUAGES


def _long_enough(_: Any, field: Any) -> None:
    if len(field.data or "") < SHORTEST_PASSWORD:
        raise ValidationError(gettext("A password has at least %(shortest)s characters.", shortest=SHORTEST_PASSWORD))


class SignInForm(FlaskForm):
    """The first step."""

    email = StringField(_l("E-mail address"), [DataRequired(_l("Type your address.")), Length(max=254)])
    password = PasswordField(_l("Password"), [DataRequired(_l("Type your password.")), Length(max=LONGEST_PASSWORD)])


class CodeForm(FlaskForm):
    """A code of the second step."""

    code = StringField(_l("Code"), [DataRequired(_l("Type the code.")), Length(max=40)])


class ConfirmForm(FlaskForm):
    """The password once more."""

    password = PasswordField(_l("Password"), [DataRequired(_l("Type your password.")), Length(max=LONGEST_PASSWORD)])


class ForgottenForm(FlaskForm):
    """Where the link for a new password goes."""

    email = StringField(_l("E-mail address"), [DataRequired(_l("Type your address.")), Length(max=254)])


class NewPasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(
        _l("New password"), [DataRequired(_l("Type a new password.")), _long_enough, Length(max=LONGEST_PASSWORD)]
    )
    again = PasswordField(
        _l("The same once more"),
        [DataRequired(_l("Type it once more.")), EqualTo("password", _l("The two passwords are not the same."))],
    )


class ChangePasswordForm(NewPasswordForm):
    """The present password, and a new one."""

    old = PasswordField(
        _l("Your password now"), [DataRequired(_l("Type your password.")), Length(max=LONGEST_PASSWORD)]
    )


class AddressForm(FlaskForm):
    """Another address."""

    email = StringField(_l("New e-mail address"), [DataRequired(_l("Type the new address.")), Length(max=254)])


class PasskeyForm(FlaskForm):
    """What the browser's passkey signed; filled in by a script."""

    challenge_id = HiddenField(validators=[DataRequired(), Length(max=64)])
    credential = HiddenField(validators=[DataRequired(), Length(max=20_000)])


class NewPasskeyForm(PasskeyForm):
    """A new passkey, and what its person calls it."""

    name = StringField(
        _l("What do you call it?"),
        [DataRequired(_l("Give it a name, so that you know it again.")), Length(max=80)],
    )


class LanguageForm(FlaskForm):
    """The language of pages and mails."""

    language = SelectField(_l("Language"), choices=[SelectChoice(*one) for one in LANGUAGES.items()])
