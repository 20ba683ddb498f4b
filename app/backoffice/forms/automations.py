"""The forms of automations and of service levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from app.backoffice.forms.catalogue.fields import TicksField, offered, stripped
from app.campaigns.automations.catalogue import Ready
from app.campaigns.automations.settings import Settings
from app.campaigns.models import LEVELS, SERVED
from app.campaigns.queries.automations import AutomationView, Levels
from app.campaigns.service.setting_automations import (
    LONGEST_PAUSE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_CONTROL,
    Chosen,
    Wanted,
)
from app.web.locale import LANGUAGES

OWN_HOUR = "own"
WAY_WORDS: Mapping[str, LazyString] = {
    "inbox": _l("Inbox of the app"),
    "push": _l("Push"),
    "email": _l("Mail"),
    "wallet": _l("Wallet card"),
}


def _number(label: Any, least: int, most: int) -> IntegerField:
    told = _l("A whole number from %(least)s to %(most)s.", least=least, most=most)
    return IntegerField(label, [Optional(), NumberRange(least, most, told)])


class AutomationForm(FlaskForm):
    """One automation; which fields it has depends on what it is."""

    revision = HiddenField()
    days = IntegerField(_l("Days"), [Optional()])
    hours = IntegerField(_l("Hours after the visit"), [Optional()])
    hour = SelectField(_l("At what time"), validators=[Optional()])
    groups = TicksField(_l("For whom"))
    pause_days = _number(_l("Days between two of these to one member"), 0, LONGEST_PAUSE)
    ways = TicksField(_l("By which way"))
    reward_id = SelectField(_l("Something to go with it"), validators=[Optional()])
    offer_days = _number(_l("The voucher is good for"), 1, 365)
    control_percent = _number(_l("So many of a hundred get nothing, by lot"), 0, MOST_CONTROL)
    is_new_edition = BooleanField(_l("This is a new tip: also for those who had the last one"))
    title_nl = StringField(_l("Title in Dutch"), [Length(max=LONGEST_TITLE)], filters=[stripped])
    title_fr = StringField(_l("Title in French"), [Length(max=LONGEST_TITLE)], filters=[stripped])
    title_en = StringField(_l("Title in English"), [Length(max=LONGEST_TITLE)], filters=[stripped])
    title_de = StringField(_l("Title in German"), [Length(max=LONGEST_TITLE)], filters=[stripped])
    text_nl = TextAreaField(_l("Text in Dutch"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    text_fr = TextAreaField(_l("Text in French"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    text_en = TextAreaField(_l("Text in English"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    text_de = TextAreaField(_l("Text in German"), [Length(max=LONGEST_TEXT)], filters=[stripped])

    def __init__(
        self,
        *args: Any,
        ready: Ready,
        groups: Mapping[str, str],
        rewards: list[tuple[str, str]],
        days_label: str | None,
        hours: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.ready = ready
        self.groups.choices = offered((one, groups[one]) for one in SERVED)
        self.ways.choices = offered((way, WAY_WORDS[way]) for way in ready.ways)
        self.reward_id.choices = offered([("", _l("Nothing")), *rewards])
        self.hour.choices = offered(hours)
        span = self.days if ready.standard.days is not None else self.hours
        if days_label is not None:
            span.label.text = days_label
        told = _l("A whole number from %(least)s to %(most)s.", least=ready.least, most=ready.most)
        span.validators = [NumberRange(ready.least, ready.most, told)]
        span.flags.required = True
        for field, is_there in (
            ("days", ready.standard.days is not None),
            ("hours", ready.standard.hours is not None),
            ("hour", ready.standard.days is not None),
            ("groups", not ready.is_for_everybody),
            ("control_percent", ready.control_percent > 0),
            ("is_new_edition", ready.trigger == "tip"),
            ("pause_days", ready.standard.pause_days > 0),
            ("reward_id", not ready.is_for_everybody),
            ("offer_days", not ready.is_for_everybody),
        ):
            if not is_there:
                del self[field]

    @property
    def seen(self) -> int:
        """The revision that the form was filled from."""
        text = str(self.revision.data or "")
        return int(text) if text.isdecimal() else -1

    def fill(self, view: AutomationView) -> None:
        """Fill the fields in from an automation."""
        self.revision.data = str(view.revision)
        settings = view.settings
        told: dict[str, Any] = {
            "days": settings.days,
            "hours": settings.hours,
            "hour": OWN_HOUR if settings.hour is None else str(settings.hour),
            "groups": list(settings.groups),
            "pause_days": settings.pause_days,
            "ways": list(view.ways),
            "reward_id": view.reward_id or "",
            "offer_days": view.offer_days,
            "control_percent": view.control_percent,
        }
        for tongue in LANGUAGES:
            told[f"title_{tongue}"] = view.title.get(tongue, "")
            told[f"text_{tongue}"] = view.text.get(tongue, "")
        for name, value in told.items():
            if name in self:
                self[name].data = value

    def wanted(self, settings: Settings) -> Wanted:
        """What the form asks for; what it has no field for stays as in ``settings``."""
        return Wanted(
            days=self._of("days", settings.days),
            hours=self._of("hours", settings.hours),
            hour=self._hour(settings.hour),
            groups=tuple(self._of("groups", settings.groups) or ()),
            pause_days=self._of("pause_days", settings.pause_days) or 0,
            ways=tuple(self.ways.data or ()),
            title={tongue: self[f"title_{tongue}"].data or "" for tongue in LANGUAGES},
            text={tongue: self[f"text_{tongue}"].data or "" for tongue in LANGUAGES},
            reward_id=self._of("reward_id", None) or None,
            offer_days=self._of("offer_days", None),
            control_percent=self._of("control_percent", 0) or 0,
            is_new_edition=bool(self._of("is_new_edition", False)),
        )

    def _of(self, name: str, standard: Any) -> Any:
        return self[name].data if name in self else standard

    def _hour(self, standard: int | None) -> int | None:
        if "hour" not in self:
            return standard
        told = self.hour.data
        return int(told) if isinstance(told, str) and told.isdecimal() else None


class LevelsForm(FlaskForm):
    """At which level each group is served, and who looks after those in partnership."""

    revision = HiddenField()
    level_stranger = SelectField()
    level_butterfly = SelectField()
    level_barnacle = SelectField()
    level_friend = SelectField()
    person_stranger = SelectField(validators=[Optional()])
    person_butterfly = SelectField(validators=[Optional()])
    person_barnacle = SelectField(validators=[Optional()])
    person_friend = SelectField(validators=[Optional()])

    def __init__(
        self,
        *args: Any,
        groups: Mapping[str, str],
        levels: Mapping[str, Any],
        staff: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for group in SERVED:
            level, person = self[f"level_{group}"], self[f"person_{group}"]
            level.label.text = groups[group]
            level.choices = offered((one, levels[one]) for one in LEVELS)
            person.label.text = _l("Who looks after %(group)s", group=groups[group])
            person.choices = offered([("", _l("Nobody by name")), *staff])

    @property
    def seen(self) -> int:
        """The sum of the revisions that the form was filled from."""
        text = str(self.revision.data or "")
        return int(text) if text.isdecimal() else -1

    def fill(self, levels: Levels) -> None:
        """Fill the fields in."""
        self.revision.data = str(levels.revision)
        for group, served in levels.groups.items():
            self[f"level_{group}"].data = served.level
            self[f"person_{group}"].data = served.staff_id or ""

    @property
    def chosen(self) -> dict[str, Chosen]:
        """What was chosen."""
        return {group: Chosen(self[f"level_{group}"].data, self[f"person_{group}"].data or None) for group in SERVED}
