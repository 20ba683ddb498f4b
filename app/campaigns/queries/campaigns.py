"""A shop's campaigns as its office sees them: what they say, how far they are, and totals; never who was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.campaigns.models import Campaign, CampaignMember, Contact
from app.campaigns.queries.audience import unwalled
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.merchants.models import Staff
from app.rewards.segments import MemberFilter, read_filter


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is, in totals over everybody it means, those left out by lot among them.

    ``fit`` and ``with_consent``: who was meant when its time came, and who of them had said yes. ``settled`` of
    ``meant``: with how many it is done; ``waiting`` for the rest. ``messages``: how many heard; ``by_way``: how many by
    each way left, and how many not (failed or withdrawn).
    """

    fit: int = 0
    with_consent: int = 0
    meant: int = 0
    waiting: int = 0
    messages: int = 0
    by_way: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """With how many members it is done."""
        return self.meant - self.waiting


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign. Times in UTC, money in minor units of the shop's currency; ``result`` as it was measured so far."""

    campaign_id: str
    name: str
    status: str
    wanted: MemberFilter
    ways: tuple[str, ...]
    title: Mapping[str, str]
    text: Mapping[str, str]
    reward_id: str | None
    offer_days: int | None
    order_by: str
    most: int | None
    control_percent: int
    measure_days: int
    cost_minor: int
    send_at: datetime | None
    sent_at: datetime | None
    measured_at: datetime | None
    result: Mapping[str, Any] | None
    revision: int
    created_at: datetime
    created_by: str | None
    progress: Progress

    @property
    def can_change(self) -> bool:
        """Whether its words may still be changed."""
        return self.status in ("draft", "scheduled")

    @property
    def can_stop(self) -> bool:
        """Whether there is something to stop."""
        return self.status in ("scheduled", "sending")


def list_campaigns(scope: Scope) -> list[CampaignView]:
    """The campaigns of the scope's merchant, the newest first; its automations are none of them."""
    with unwalled(scope).reading() as tx:
        rows = tx.session.execute(
            select(Campaign, Staff.name)
            .outerjoin(Staff, Staff.id == Campaign.created_by)
            .where(Campaign.merchant_id == scope.merchant_id, Campaign.trigger.is_(None))
            .order_by(Campaign.id.desc())
        ).all()
        progress = _progress(tx, [row for row, _ in rows])
        return [_view(row, name, progress[row.id]) for row, name in rows]


def get_campaign(scope: Scope, campaign_id: str) -> CampaignView:
    """One campaign of the scope's merchant. Raises ``NotFoundError``."""
    with unwalled(scope).reading() as tx:
        row = tx.session.get(Campaign, campaign_id) if is_id(campaign_id) else None
        if row is None or row.merchant_id != scope.merchant_id or row.trigger is not None:
            raise NotFoundError(what="campaign")
        by = None if row.created_by is None else tx.session.get(Staff, row.created_by)
        return _view(row, None if by is None else by.name, _progress(tx, [row])[row.id])


def _progress(tx: Transaction, rows: Sequence[Campaign]) -> dict[str, Progress]:
    ids = [row.id for row in rows]
    members: dict[str, dict[str, int]] = {}
    for campaign_id, status, count in tx.session.execute(
        select(CampaignMember.campaign_id, CampaignMember.status, func.count())
        .where(CampaignMember.campaign_id.in_(ids))
        .group_by(CampaignMember.campaign_id, CampaignMember.status)
    ):
        members.setdefault(campaign_id, {})[status] = count
    ways: dict[str, dict[str, list[int]]] = {}
    for of_campaign, way, status, count in tx.session.execute(
        select(Contact.campaign_id, Contact.way, Contact.status, func.count())
        .where(Contact.campaign_id.in_(ids))
        .group_by(Contact.campaign_id, Contact.way, Contact.status)
    ):
        counted = ways.setdefault(of_campaign or "", {}).setdefault(way, [0, 0])
        counted[0] += count if status == "sent" else 0
        counted[1] += count if status in ("failed", "dropped") else 0
    found = {}
    for row in rows:
        drawn, states = dict(row.settings.get("drawn") or {}), members.get(row.id, {})
        found[row.id] = Progress(
            fit=int(drawn.get("fit", 0)),
            with_consent=int(drawn.get("with_consent", 0)),
            meant=sum(states.values()),
            waiting=states.get("waiting", 0) if row.status in ("scheduled", "sending") else 0,
            messages=states.get("sent", 0),
            by_way={way: (sent, lost) for way, (sent, lost) in ways.get(row.id, {}).items()},
        )
    return found


def _view(row: Campaign, created_by: str | None, progress: Progress) -> CampaignView:
    return CampaignView(
        campaign_id=row.id,
        name=row.name,
        status=row.status,
        wanted=read_filter(row.wanted),
        ways=tuple(row.ways),
        title=dict(row.title),
        text=dict(row.text),
        reward_id=row.reward_id,
        offer_days=row.offer_days,
        order_by=row.order_by,
        most=row.most,
        control_percent=row.control_percent,
        measure_days=row.measure_days,
        cost_minor=row.cost_minor,
        send_at=row.send_at,
        sent_at=row.sent_at,
        measured_at=row.measured_at,
        result=None if row.result is None else dict(row.result),
        revision=row.revision,
        created_at=row.created_at,
        created_by=created_by,
        progress=progress,
    )
