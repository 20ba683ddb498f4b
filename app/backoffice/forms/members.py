"""The forms about a shop's members."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

_MISSING = _l("Fill this in.")
_TOO_LONG = _l("Write it shorter.")


class CorrectForm(FlaskForm):
    """Units given or taken by hand."""

    booking_id = HiddenField()
    programme_id = SelectField(_l("Programme"), validators=[InputRequired(_MISSING)])
    way = RadioField(
        _l("What do you do?"),
        choices=[SelectChoice("give", _l("Give")), SelectChoice("take", _l("Take"))],
        validators=[InputRequired(_MISSING)],
    )
    units = IntegerField(
        _l("How many"),
        validators=[
            InputRequired(_l("Type a whole number.")),
            NumberRange(1, 1_000_000, _l("Type a number from 1 up.")),
        ],
    )
    reason = StringField(_l("Why"), validators=[InputRequired(_MISSING), Length(max=200, message=_TOO_LONG)])


class UndoForm(FlaskForm):
    """Why a booking is undone."""

    reason = StringField(_l("Why"), validators=[InputRequired(_MISSING), Length(max=200, message=_TOO_LONG)])


class NoteForm(FlaskForm):
    """A note about a member."""

    note_id = HiddenField()
    words = TextAreaField(_l("Note"), validators=[InputRequired(_MISSING), Length(max=1000, message=_TOO_LONG)])


class NameForm(FlaskForm):
    """How the shop calls a member."""

    name = StringField(_l("How you call her or him"), validators=[Optional(), Length(max=80, message=_TOO_LONG)])


class SegmentForm(FlaskForm):
    """A filter saved under a name."""

    revision = IntegerField(validators=[Optional()])
    name = StringField(_l("Name of the list"), validators=[InputRequired(_MISSING), Length(max=60, message=_TOO_LONG)])


class UploadForm(FlaskForm):
    """A list from elsewhere."""

    file = FileField(_l("The file (CSV)"), validators=[InputRequired(_l("Choose a file."))])
    kind = RadioField(
        _l("What is in it?"),
        choices=[
            SelectChoice("members", _l("Customers: one line for each of them, with card number, balance or name")),
            SelectChoice("visits", _l("Visits: one line for each visit, with card number and date")),
        ],
        default="members",
    )


class MappingForm(FlaskForm):
    """Which column is what. The columns' own fields are added for each file."""

    revision = IntegerField(validators=[InputRequired()])
    location_id = SelectField(_l("Shop where it is booked"))
    programme_id = SelectField(_l("Programme that the balance counts in"), validators=[Optional()])
    counts = SelectField(
        _l("What the visits do"),
        choices=[
            SelectChoice("history", _l("They are history only, and earn nothing")),
            SelectChoice("earn", _l("They earn by the rules of their day")),
        ],
        validators=[Optional()],
    )


class SureForm(FlaskForm):
    """A step that needs no more than its button."""

    revision = IntegerField(validators=[Optional()])
