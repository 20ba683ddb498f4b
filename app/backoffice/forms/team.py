"""Forms of people and access."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.merchants.queries.team import LocationName
from app.merchants.webhooks import EVENTS

EVERYWHERE = ""


def _places(places: Iterable[LocationName], everywhere: bool = True) -> list[SelectChoice]:
    first = [SelectChoice(EVERYWHERE, _l("Everywhere"))] if everywhere else []
    return first + [SelectChoice(one.location_id, one.name) for one in places]


class ColleagueForm(FlaskForm):
    """A colleague who is there already."""

    revision = IntegerField(validators=[InputRequired()])
    name = StringField(_l("Name"), [DataRequired(_l("Say who it is.")), Length(max=80)])
    role = RadioField(
        _l("What may this person do?"),
        choices=[
            SelectChoice("cashier", _l("Cashier")),
            SelectChoice("manager", _l("Manager")),
            SelectChoice("owner", _l("Owner")),
        ],
        default="cashier",
    )
    location = SelectField(_l("Where?"), validate_choice=True)

    def offer(self, places: Iterable[LocationName]) -> None:
        """Let these places be chosen."""
        self.location.choices = _places(places)

    def chosen(self) -> str | None:
        """The chosen place; an owner works everywhere."""
        return None if self.role.data == "owner" else self.location.data or None


class NewColleagueForm(ColleagueForm):
    """A new colleague."""

    revision = None
    email = StringField(_l("E-mail address"), [Optional(), Length(max=254)])
    pin = StringField(_l("PIN for the tablet"), [Optional(), Length(max=8)])


class PinForm(FlaskForm):
    """Another PIN."""

    pin = PasswordField(_l("New PIN"), [DataRequired(_l("Type four to eight digits.")), Length(max=8)])


class RenameForm(FlaskForm):
    """What a tablet or key is called."""

    was = HiddenField()
    name = StringField(_l("Name"), [DataRequired(_l("Give it a name, so that you know it again.")), Length(max=80)])


class ReasonForm(FlaskForm):
    """Why."""

    reason = StringField(_l("Why?"), [DataRequired(_l("Say why, in a few words.")), Length(max=200)])


class KeyForm(FlaskForm):
    """A key for a till."""

    name = StringField(
        _l("Which till is it for?"), [DataRequired(_l("Give it a name, so that you know it again.")), Length(max=80)]
    )
    location = SelectField(_l("Where?"))
    approves = BooleanField(_l("It may approve rewards with a printed card"))
    is_sandbox = BooleanField(_l("For trying out only"))

    def offer(self, places: Iterable[LocationName]) -> None:
        """Let these places be chosen."""
        self.location.choices = _places(places, everywhere=False)


class WebhookForm(FlaskForm):
    """Where to be told, and of what."""

    url = StringField(_l("Address"), [DataRequired(_l("Type the address that is to be told.")), Length(max=2000)])
    events = SelectMultipleField(
        _l("Of what?"),
        choices=[SelectChoice(event) for event in EVENTS],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[DataRequired(_l("Choose at least one."))],
    )


class AnswerForm(FlaskForm):
    """What the shop says to a member."""

    words = TextAreaField(_l("Your answer"), [DataRequired(_l("Write an answer.")), Length(max=2000)])


class HandOverForm(FlaskForm):
    """To whom the business goes."""

    email = StringField(
        _l("E-mail address of the new owner"), [DataRequired(_l("Type the new owner’s address.")), Length(max=254)]
    )
    stays = BooleanField(_l("I stay as a manager"))
    is_sure = BooleanField(
        _l("I understand that the business is not mine any more then"), [DataRequired(_l("Tick this to go on."))]
    )


class AcceptForm(FlaskForm):
    """Who takes a business over."""

    name = StringField(_l("What do colleagues call you?"), [DataRequired(_l("Say who you are.")), Length(max=80)])


class TrailForm(FlaskForm):
    """Which events to show."""

    class Meta:
        csrf = False  # it only reads

    who = SelectField(_l("Who"), validate_choice=False)
    what = SelectField(_l("What"), validate_choice=False)
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("Until"), [Optional()])
