"""A shop's automations as its office sees them: what is set, what they did, whom they would write to; and how each
group is served. Who was left out by lot is told to nobody: totals come from behind the wall, names of all that are due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from app.campaigns.automations.automation import Automation, automation_of
from app.campaigns.automations.catalogue import READY, STANDARD_LEVELS, STANDARD_WAYS, Ready
from app.campaigns.automations.finding import Look
from app.campaigns.automations.settings import Settings, read_settings
from app.campaigns.automations.words import texts, titles
from app.campaigns.models import SERVED, AutomationProgress, Campaign, CampaignMember, MemberMessage, ServiceLevel
from app.campaigns.queries.audience import unwalled
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.insights.models import RelationshipMonth
from app.merchants.models import Merchant, Staff
from app.rewards.models import ShopMember

LOOKS_BACK = timedelta(days=30)
MOST_PEOPLE = 60


@dataclass(frozen=True, slots=True)
class Did:
    """What an automation did in the last thirty days: messages, how many of those in the inbox were read, and how many
    of the members came since they were written to."""

    sent: int = 0
    in_inbox: int = 0
    read: int = 0
    came: int = 0


@dataclass(frozen=True, slots=True)
class AutomationView:
    """An automation; ``status`` draft, on or stopped. ``revision`` 0: nothing was kept yet, all is as it comes.
    ``result`` is what was measured against those left out by lot. ``tomorrow``: to how many it would write then, as of
    this morning; None where it was not looked for since it was changed, or depends on who comes in."""

    ready: Ready
    status: str
    settings: Settings
    ways: tuple[str, ...]
    title: Mapping[str, str]
    text: Mapping[str, str]
    reward_id: str | None
    offer_days: int | None
    control_percent: int
    revision: int
    result: Mapping[str, Any] | None
    did: Did
    tomorrow: int | None = None

    @property
    def trigger(self) -> str:
        return self.ready.trigger

    @property
    def is_on(self) -> bool:
        return self.status == "on"


@dataclass(frozen=True, slots=True)
class DryRun:
    """Whom an automation would write to: of one that looks by the day on that day; else what it would have written in
    the last day, had it been on. Those who would be left out by lot are among them."""

    members: tuple[str, ...]
    is_by_day: bool


@dataclass(frozen=True, slots=True)
class Served:
    """How one group is served; ``person`` is the name of whoever looks after it."""

    level: str
    staff_id: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Levels:
    """How the groups are served: a proposal until the shop has chosen."""

    groups: Mapping[str, Served]
    revision: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a group that somebody looks after: quiet for longer than usual, or with a birthday this month."""

    member_id: str
    group: str
    staff_id: str | None
    seen_at: datetime
    gap_days: int | None
    is_quiet: bool
    has_birthday: bool


def list_automations(scope: Scope) -> list[AutomationView]:
    """All ready automations of the scope's merchant, those that were never kept too."""
    with unwalled(scope).reading() as tx:
        rows = _rows(tx, scope)
        did = _did(tx, scope, list(rows.values()))
        planned = {
            one.campaign_id: one.tomorrow
            for one in tx.session.scalars(
                select(AutomationProgress).where(AutomationProgress.merchant_id == scope.merchant_id)
            )
        }
        return [
            replace(_view(ready, row, did), tomorrow=None if row is None else planned.get(row.id))
            for ready, row in ((ready, rows.get(trigger)) for trigger, ready in READY.items())
        ]


def get_automation(scope: Scope, trigger: str) -> AutomationView:
    """One of them. Raises ``NotFoundError`` for a trigger that there is none of."""
    ready = READY.get(trigger)
    if ready is None:
        raise NotFoundError(what="automation")
    with unwalled(scope).reading() as tx:
        row = _rows(tx, scope).get(trigger)
        return _view(ready, row, _did(tx, scope, [] if row is None else [row]))


def dry_run(scope: Scope, trigger: str, *, days_ahead: int = 0) -> DryRun:
    """Whom an automation of the scope's merchant would write to, as it is set: today, or so many days from now as far
    as can be told now. Writes nothing. Raises as :func:`get_automation` does."""
    ready = READY.get(trigger)
    if ready is None:
        raise NotFoundError(what="automation")
    with unwalled(scope).reading() as tx:
        merchant = tx.session.get_one(Merchant, scope.merchant_id)
        row = _rows(tx, scope).get(trigger)
        automation = _as_it_comes(merchant, ready) if row is None else automation_of(row, merchant.timezone)
        if not ready.by_day:
            # The visits of the last day, whether or not it was on then.
            since = scope.now - timedelta(days=1, hours=automation.settings.hours or 0)
            automation = replace(automation, settings=replace(automation.settings, since=since))
        now = scope.now + timedelta(days=days_ahead)
        today = now.astimezone(zone(merchant.timezone)).date()
        due = Look(tx, unwalled(scope), automation, today, now).due()
    return DryRun(tuple(one.member_id for one in due), ready.by_day)


def levels_of(scope: Scope) -> Levels:
    """How the groups of the scope's merchant are served."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(ServiceLevel, Staff.name)
            .outerjoin(Staff, and_(Staff.id == ServiceLevel.staff_id, Staff.is_active))
            .where(ServiceLevel.merchant_id == scope.merchant_id)
        ).all()
        known = {row.relationship: Served(row.level, row.staff_id, name) for row, name in rows}
        groups = {one: known.get(one) or Served(STANDARD_LEVELS[one]) for one in SERVED}
        return Levels(groups, sum(row.revision for row, _ in rows), bool(rows))


def standing_of(scope: Scope) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Status and groups of each automation that was ever kept, as
    :func:`app.campaigns.service.setting_automations.changes_of` asks."""
    with unwalled(scope).reading() as tx:
        return {
            trigger: (row.status, read_settings(row.settings, READY[trigger].standard).groups)
            for trigger, row in _rows(tx, scope).items()
        }


def members_by_group(scope: Scope) -> dict[str, int]:
    """How many members of the scope's merchant are in each group, as last computed; who has none yet is not among
    them."""
    month = select(func.max(RelationshipMonth.month)).where(RelationshipMonth.merchant_id == scope.merchant_id)
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(RelationshipMonth.relationship, func.sum(RelationshipMonth.members))
            .where(
                RelationshipMonth.merchant_id == scope.merchant_id,
                RelationshipMonth.month == month.scalar_subquery(),
            )
            .group_by(RelationshipMonth.relationship)
        )
        found = {group: int(count) for group, count in rows}
        return {group: found.get(group, 0) for group in SERVED}


def list_people(scope: Scope) -> list[Person]:
    """The members of the groups that are served in partnership who have been quiet or have a birthday this month, the
    longest quiet first; at most sixty."""
    served = levels_of(scope).groups
    mine = {group: one for group, one in served.items() if one.level == "partnership"}
    if not mine:
        return []
    with scope.reading() as tx:
        timezone = tx.session.get_one(Merchant, scope.merchant_id).timezone
        month = scope.now.astimezone(zone(timezone)).month
        rows = tx.session.scalars(
            select(ShopMember)
            .where(
                ShopMember.place_id == scope.merchant_id,
                ShopMember.relationship.in_(mine),
                or_(ShopMember.overdue_at <= scope.now, ShopMember.birth_month == month),
            )
            .order_by(ShopMember.overdue_at.is_(None), ShopMember.overdue_at, ShopMember.member_id)
            .limit(MOST_PEOPLE)
        )
        return [
            Person(
                row.member_id,
                row.relationship or "",
                mine[row.relationship or ""].staff_id,
                row.seen_at,
                row.gap_days,
                row.overdue_at is not None and row.overdue_at <= scope.now,
                row.birth_month == month,
            )
            for row in rows
        ]


def _rows(tx: Transaction, scope: Scope) -> dict[str, Campaign]:
    rows = tx.session.scalars(
        select(Campaign).where(Campaign.merchant_id == scope.merchant_id, Campaign.trigger.is_not(None))
    )
    return {row.trigger: row for row in rows if row.trigger is not None}


def _did(tx: Transaction, scope: Scope, rows: list[Campaign]) -> dict[str, Did]:
    if not rows:
        return {}
    since = scope.now - LOOKS_BACK
    found = tx.session.execute(
        select(
            CampaignMember.campaign_id,
            func.count(),
            func.count(MemberMessage.id),
            func.count(MemberMessage.read_at),
            func.sum(case((ShopMember.seen_at > CampaignMember.sent_at, 1), else_=0)),
        )
        .outerjoin(
            MemberMessage,
            and_(
                MemberMessage.member_id == CampaignMember.member_id,
                MemberMessage.id == CampaignMember.message_id,
            ),
        )
        .outerjoin(
            ShopMember,
            and_(ShopMember.member_id == CampaignMember.member_id, ShopMember.place_id == CampaignMember.merchant_id),
        )
        .where(
            CampaignMember.campaign_id.in_([row.id for row in rows]),
            CampaignMember.arm == "treated",
            CampaignMember.status == "sent",
            CampaignMember.sent_at >= since,
        )
        .group_by(CampaignMember.campaign_id)
    )
    return {campaign_id: Did(sent, in_inbox, read, int(came or 0)) for campaign_id, sent, in_inbox, read, came in found}


def _view(ready: Ready, row: Campaign | None, did: Mapping[str, Did]) -> AutomationView:
    if row is None:
        return AutomationView(
            ready=ready,
            status="draft",
            settings=ready.standard,
            ways=tuple(way for way in STANDARD_WAYS if way in ready.ways),
            title=titles(ready.trigger),
            text=texts(ready.trigger),
            reward_id=None,
            offer_days=None,
            control_percent=ready.control_percent,
            revision=0,
            result=None,
            did=Did(),
        )
    return AutomationView(
        ready=ready,
        status=row.status,
        settings=read_settings(row.settings, ready.standard),
        ways=tuple(way for way in row.ways if way in ready.ways),
        title=row.title,
        text=row.text,
        reward_id=row.reward_id,
        offer_days=row.offer_days,
        control_percent=row.control_percent,
        revision=row.revision,
        result=row.result,
        did=did.get(row.id, Did()),
    )


def _as_it_comes(merchant: Merchant, ready: Ready) -> Automation:
    ways = tuple(way for way in STANDARD_WAYS if way in ready.ways)
    return Automation(
        None,
        merchant.id,
        ready.trigger,
        ready.standard,
        0,
        ready.control_percent,
        merchant.timezone,
        ways,
        False,
    )
