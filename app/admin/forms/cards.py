"""Forms of acts on cards, members and batches. Whatever is done to somebody's card takes a reason."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.cards.print_sheet import LOCALES
from app.cards.service.batches import MOST_CARDS

LONGEST_REASON = 300
_TOO_MANY = _l("A batch has 1 to %(most)s cards. Order a second one for more.", most=MOST_CARDS)
_LANGUAGES = {"nl": _l("Dutch"), "fr": _l("French"), "de": _l("German"), "en": _l("English")}


class FindForm(FlaskForm):
    """What somebody reads out at the telephone."""

    q = StringField(_l("Card, e-mail address, voucher, visit or receipt"), [Length(max=256)])
    shop = StringField(_l("Shop"), [Optional(), Length(max=120)])
    day = DateField(_l("Day"), [Optional()])


class ReasonForm(FlaskForm):
    """Why it is done: it stands in the audit trail for ever."""

    reason = StringField(
        _l("Reason"),
        [DataRequired(_l("Say why. It stands in the audit list.")), Length(min=3, max=LONGEST_REASON)],
    )


class ReplaceForm(ReasonForm):
    """Another card in a lost one's place."""

    number = StringField(_l("Number of the new printed card"), [Optional(), Length(max=40)])


class MergeForm(ReasonForm):
    """Two members become one, as they were shown."""

    seen = HiddenField(validators=[DataRequired()])
    survivor = HiddenField(validators=[DataRequired()])
    merged = HiddenField(validators=[DataRequired()])


class BatchForm(FlaskForm):
    """An order of printed cards."""

    batch_id = HiddenField(validators=[DataRequired(), Length(min=36, max=36)])
    count = IntegerField(
        _l("How many cards"),
        [
            InputRequired(_l("Say how many.")),
            NumberRange(
                1, MOST_CARDS, _l("A batch has 1 to %(most)s cards. Order a second one for more.", most=MOST_CARDS)
            ),
        ],
    )
    name = StringField(_l("Name"), [DataRequired(_l("Give it a name by which you find it again.")), Length(max=80)])
    note = TextAreaField(_l("Note"), [Optional(), Length(max=500)])
    locale = SelectField(_l("Language on the card"), choices=[SelectChoice(code, _LANGUAGES[code]) for code in LOCALES])


class PrintForm(FlaskForm):
    """Which file, and of a PDF which of its parts."""

    part = IntegerField(_l("Sheets"), [Optional(), NumberRange(min=1)])
