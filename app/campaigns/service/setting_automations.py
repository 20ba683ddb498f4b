"""What a shop does with its automations: changing, trying, turning on, stopping, and choosing how each group is
served. Each public function is one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import delete, select

from app.campaigns.automations.catalogue import READY, STANDARD_LEVELS, STANDARD_WAYS, Ready
from app.campaigns.automations.filling import unknown
from app.campaigns.automations.settings import Settings, read_settings
from app.campaigns.automations.words import texts, titles
from app.campaigns.models import LEVELS, SERVED, AutomationProgress, Campaign, ServiceLevel
from app.campaigns.wording import LOCALES
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.errors import SomebodyWasFasterError
from app.merchants.models import Staff
from app.rewards.configuration import current_configuration

LONGEST_TITLE, LONGEST_TEXT = 80, 500
LONGEST_PAUSE = 365
MOST_CONTROL = 50
_MAY = ("manager", "owner")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An automation as its form has it; the fields are those of :class:`~app.campaigns.models.Campaign` and of
    :class:`~app.campaigns.automations.settings.Settings`. ``is_new_edition``: the tip is another one, and for those who
    had the last one too."""

    days: int | None
    hours: int | None
    hour: int | None
    groups: tuple[str, ...]
    pause_days: int
    ways: tuple[str, ...]
    title: Mapping[str, str]
    text: Mapping[str, str]
    reward_id: str | None = None
    offer_days: int | None = None
    control_percent: int = 0
    is_new_edition: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """At which level a group is served, and by whom."""

    level: str
    staff_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What choosing levels does to one automation: ``kind`` is ``turn_on``, ``stop`` or ``regroup``."""

    trigger: str
    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def change_automation(scope: Scope, trigger: str, wanted: Wanted, *, revision: int) -> None:
    """Keep an automation as it is wanted; whoever waits gets it so. The same again changes nothing but the revision.

    ``revision`` is what the form was filled from, 0 where nothing was kept yet. Raises ``InvalidError`` by field,
    ``SomebodyWasFasterError``, ``ForbiddenError`` unless a manager of all locations asks, ``NotFoundError`` for a
    trigger that there is none of.
    """
    ready = _may_change(scope, trigger)

    def work(tx: Transaction) -> None:
        row = _row(tx, scope, ready)
        if row.revision != max(revision, 1):
            raise SomebodyWasFasterError
        _check(tx, scope, ready, wanted)
        known = read_settings(row.settings, ready.standard)
        settings = replace(
            known,
            days=wanted.days,
            hours=wanted.hours,
            hour=wanted.hour,
            groups=SERVED if ready.is_for_everybody else tuple(one for one in SERVED if one in wanted.groups),
            pause_days=wanted.pause_days,
            edition=known.edition + wanted.is_new_edition,
        )
        before = _told(row)
        row.settings = settings.document()
        row.ways = [way for way in ready.ways if way in wanted.ways]
        row.title, row.text = _whole(wanted.title, titles(trigger)), _whole(wanted.text, texts(trigger))
        row.reward_id, row.offer_days = wanted.reward_id, wanted.offer_days if wanted.reward_id else None
        row.control_percent = wanted.control_percent if ready.control_percent else 0
        _touch(scope, row)
        after = _told(row)
        if settings != known:
            _look_anew(tx, row.id)
        changed = [name for name in after if after[name] != before[name]]
        audit.record(
            tx,
            scope,
            "automation.changed",
            "automation",
            row.id,
            before={"trigger": trigger, **{name: before[name] for name in changed}},
            after={"trigger": trigger, **{name: after[name] for name in changed}},
        )

    scope.run(work)


def start_automation(scope: Scope, trigger: str) -> None:
    """Turn an automation on, with the ready words and settings where nothing was kept yet. What happened before is not
    made up for. A repeat changes nothing. Raises as :func:`change_automation` does."""
    ready = _may_change(scope, trigger)
    scope.run(lambda tx: _start(tx, scope, _row(tx, scope, ready), ready))


def stop_automation(scope: Scope, trigger: str) -> None:
    """Stop an automation at once, also for whoever waits. A repeat, and one that never was on, change nothing. Raises
    as :func:`change_automation` does."""
    ready = _may_change(scope, trigger)
    scope.run(lambda tx: _stop(tx, scope, _row(tx, scope, ready)))


def set_levels(
    scope: Scope, wanted: Mapping[str, Chosen], *, leave: Collection[str] = (), revision: int
) -> list[Change]:
    """Choose at which level each group is served, and turn on, stop and regroup the automations that follow from it,
    but those in ``leave``. Returns what was changed; a repeat changes nothing more.

    ``revision`` is the sum of the levels' revisions that the form was filled from. Raises ``InvalidError`` for a group
    or level that there is none of, or a person who does not work here; else as :func:`change_automation` does.
    """
    _may_change(scope, None)
    if set(wanted) != set(SERVED) or any(one.level not in LEVELS for one in wanted.values()):
        raise InvalidError(errors={"level": ["not_one_of"]})

    def work(tx: Transaction) -> list[Change]:
        known = {
            row.relationship: row
            for row in tx.session.scalars(
                select(ServiceLevel)
                .where(ServiceLevel.merchant_id == scope.merchant_id)
                .order_by(ServiceLevel.relationship)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        }
        if sum(row.revision for row in known.values()) != revision:
            raise SomebodyWasFasterError
        before = {group: row.level for group, row in known.items()}
        for group, chosen in wanted.items():
            _serve(tx, scope, known.get(group), group, chosen)
        after = {group: chosen.level for group, chosen in wanted.items()}
        if after != before:
            audit.record(tx, scope, "service_levels.changed", "merchant", scope.merchant_id, before=before, after=after)
        changes = [one for one in changes_of(_standing(tx, scope), after) if one.trigger not in leave]
        for one in changes:
            _apply(tx, scope, one)
        return changes

    return scope.run(work)


def changes_of(standing: Mapping[str, tuple[str, tuple[str, ...]]], levels: Mapping[str, str]) -> list[Change]:
    """What levels change: ``standing`` has the status and the groups of each automation that was ever kept. Pure."""
    changes = []
    for trigger, ready in READY.items():
        status, groups = standing.get(trigger, ("draft", ()))
        after = tuple(one for one in SERVED if ready.serves(levels.get(one, STANDARD_LEVELS[one])))
        if not after:
            if status == "on":
                changes.append(Change(trigger, "stop", groups, ()))
        elif status != "on":
            changes.append(Change(trigger, "turn_on", (), after))
        elif set(groups) != set(after):
            changes.append(Change(trigger, "regroup", groups, after))
    return changes


def _apply(tx: Transaction, scope: Scope, change: Change) -> None:
    ready = READY[change.trigger]
    row = _row(tx, scope, ready)
    if change.kind == "stop":
        _stop(tx, scope, row)
        return
    settings = read_settings(row.settings, ready.standard)
    row.settings = replace(settings, groups=change.after).document()
    _touch(scope, row)
    _look_anew(tx, row.id)
    if change.kind == "turn_on":
        _start(tx, scope, row, ready)


def _start(tx: Transaction, scope: Scope, row: Campaign, ready: Ready) -> None:
    if row.status == "on":
        return
    row.status = "on"
    row.settings = replace(read_settings(row.settings, ready.standard), since=scope.now).document()
    _touch(scope, row)
    _look_anew(tx, row.id)
    audit.record(tx, scope, "automation.started", "automation", row.id, after={"trigger": row.trigger})


def _stop(tx: Transaction, scope: Scope, row: Campaign) -> None:
    if row.status != "on":
        return
    row.status = "stopped"
    _touch(scope, row)
    _look_anew(tx, row.id)
    audit.record(tx, scope, "automation.stopped", "automation", row.id, after={"trigger": row.trigger})


def _look_anew(tx: Transaction, campaign_id: str) -> None:
    """Have the next round forget who waits and look through today again, as it is set by then. Who waits is not the
    office's to see: that somebody was left out by lot is told to nobody."""
    tx.session.flush()
    tx.session.execute(delete(AutomationProgress).where(AutomationProgress.campaign_id == campaign_id))


def _serve(tx: Transaction, scope: Scope, row: ServiceLevel | None, group: str, chosen: Chosen) -> None:
    staff_id = chosen.staff_id if chosen.level == "partnership" else None
    if staff_id is not None:
        person = tx.session.get(Staff, staff_id)
        if person is None or person.merchant_id != scope.merchant_id or not person.is_active:
            raise InvalidError(errors={"person": ["not_one_of"]})
    if row is None:
        tx.session.add(
            ServiceLevel(
                merchant_id=scope.merchant_id,
                relationship=group,
                level=chosen.level,
                staff_id=staff_id,
                revision=1,
                changed_at=scope.now,
                changed_by=scope.staff_id,
            )
        )
    elif (row.level, row.staff_id) != (chosen.level, staff_id):
        row.level, row.staff_id = chosen.level, staff_id
        row.revision += 1
        row.changed_at, row.changed_by = scope.now, scope.staff_id


def _standing(tx: Transaction, scope: Scope) -> dict[str, tuple[str, tuple[str, ...]]]:
    rows = tx.session.scalars(
        select(Campaign).where(Campaign.merchant_id == scope.merchant_id, Campaign.trigger.is_not(None))
    )
    return {
        row.trigger: (row.status, read_settings(row.settings, READY[row.trigger].standard).groups)
        for row in rows
        if row.trigger is not None
    }


def _may_change(scope: Scope, trigger: str | None) -> Ready:
    if scope.staff_role not in _MAY or scope.location_id is not None or scope.merchant_id is None:
        raise ForbiddenError
    if trigger is None:
        return next(iter(READY.values()))
    if trigger not in READY:
        raise NotFoundError(what="automation")
    return READY[trigger]


def _row(tx: Transaction, scope: Scope, ready: Ready) -> Campaign:
    """The automation's row, locked; made from what is ready where there is none yet."""
    row = tx.session.scalar(
        select(Campaign)
        .where(Campaign.merchant_id == scope.merchant_id, Campaign.trigger == ready.trigger)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        title = titles(ready.trigger)
        row = Campaign(
            id=new_id(),
            merchant_id=scope.merchant_id,
            name=title.get(scope.locale, title["en"]).replace("{shop}", "").strip(),
            trigger=ready.trigger,
            status="draft",
            wanted={},
            settings=ready.standard.document(),
            ways=[way for way in STANDARD_WAYS if way in ready.ways],
            title=title,
            text=texts(ready.trigger),
            control_percent=ready.control_percent,
            measure_days=28,
            seed=secrets.randbits(62),
            revision=1,
            created_at=scope.now,
            created_by=scope.staff_id,
            changed_at=scope.now,
        )
        tx.session.add(row)
        tx.session.flush()
    return row


def _touch(scope: Scope, row: Campaign) -> None:
    row.revision += 1
    row.changed_at = scope.now


def _check(tx: Transaction, scope: Scope, ready: Ready, wanted: Wanted) -> None:
    errors: dict[str, list[str]] = {}
    span = "days" if ready.standard.days is not None else "hours"
    value = wanted.days if span == "days" else wanted.hours
    if value is None or not ready.least <= value <= ready.most:
        errors[span] = ["out_of_range"]
    if wanted.hour is not None and not 0 <= wanted.hour <= 23:
        errors["hour"] = ["not_one_of"]
    if not ready.is_for_everybody and not set(wanted.groups) & set(SERVED):
        errors["groups"] = ["group_expected"]
    if not set(wanted.ways) & set(ready.ways):
        errors["ways"] = ["way_expected"]
    if not 0 <= wanted.pause_days <= LONGEST_PAUSE:
        errors["pause_days"] = ["out_of_range"]
    if not 0 <= wanted.control_percent <= MOST_CONTROL:
        errors["control_percent"] = ["out_of_range"]
    for part, longest in (("title", LONGEST_TITLE), ("text", LONGEST_TEXT)):
        for tongue, said in getattr(wanted, part).items():
            if len(said) > longest:
                errors[f"{part}_{tongue}"] = ["too_long"]
            elif unknown(said, ready.facts):
                errors[f"{part}_{tongue}"] = ["unknown_braces"]
    if wanted.reward_id is not None:
        reward = current_configuration(tx, scope.merchant_id or "").rewards.get(wanted.reward_id)
        if reward is None or not reward.is_offered(scope.now):
            errors["reward_id"] = ["not_one_of"]
        if wanted.offer_days is not None and not 1 <= wanted.offer_days <= 365:
            errors["offer_days"] = ["out_of_range"]
    if errors:
        raise InvalidError(errors=errors)


def _whole(said: Mapping[str, str], ready: Mapping[str, str]) -> dict[str, str]:
    """The shop's words, and the ready ones in a language that it left empty."""
    return {tongue: said.get(tongue, "").strip() or ready[tongue] for tongue in LOCALES}


def _told(row: Campaign) -> dict[str, object]:
    return {
        "settings": {name: value for name, value in row.settings.items() if name != "since"},
        "ways": list(row.ways),
        "title": dict(row.title),
        "text": dict(row.text),
        "reward_id": row.reward_id,
        "control_percent": row.control_percent,
    }


__all__ = [
    "Change",
    "Chosen",
    "Settings",
    "Wanted",
    "change_automation",
    "changes_of",
    "set_levels",
    "start_automation",
    "stop_automation",
]
