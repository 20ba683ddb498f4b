"""Notices to buyers as a shop sees them, and how many they would reach: totals, never who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, or_, select

from app.campaigns.buyers import all_buyers, known_items, meant_of
from app.campaigns.models import Recall
from app.campaigns.queries.audience import unwalled
from app.cards.models import Installation, Member
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope


@dataclass(frozen=True, slots=True)
class RecallView:
    """A notice and how far it is: ``passed`` of ``meant`` members were looked at, ``told`` of them have a message."""

    recall_id: str
    location_id: str | None
    items: tuple[str, ...]
    first: date
    last: date
    title: Mapping[str, str]
    text: Mapping[str, str]
    is_urgent: bool
    status: str
    revision: int
    meant: int
    told: int
    passed: int
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reach:
    """``bought``: how many members did. ``reached``: how many of them have the app, or signed in once: the others carry
    a printed card that nobody has claimed, and can be told at the counter alone."""

    bought: int = 0
    reached: int = 0

    @property
    def unreached(self) -> int:
        """Those whom no message finds."""
        return self.bought - self.reached


def list_recalls(scope: Scope) -> list[RecallView]:
    """The shop's notices, the newest first (at most a hundred)."""
    with scope.reading() as tx:
        wanted = select(Recall).where(Recall.merchant_id == scope.merchant_id).order_by(Recall.id.desc()).limit(100)
        return [_view(row) for row in tx.session.scalars(wanted)]


def get_recall(scope: Scope, recall_id: str) -> RecallView:
    """One of the shop's notices. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        row = tx.session.get(Recall, recall_id) if is_id(recall_id) else None
        if row is None or row.merchant_id != scope.merchant_id:
            raise NotFoundError(what="recall")
        return _view(row)


def reach_of(scope: Scope, recall_id: str) -> Reach:
    """How many bought what a notice means, and how many of them a message finds, as of now."""
    get_recall(scope, recall_id)
    with unwalled(scope).reading() as tx:
        row = tx.session.get_one(Recall, recall_id)
        standing: set[str] = set()
        reached = 0
        for buyers in all_buyers(tx, meant_of(row)):
            fresh = _standing(tx, buyers) - standing
            standing |= fresh
            reached += _reached(tx, list(fresh))
        return Reach(len(standing), reached)


def items_of(scope: Scope) -> Mapping[str, int]:
    """What stood on the shop's latest visits: empty where they come without items."""
    with scope.reading() as tx:
        return known_items(tx, scope.merchant_id or "", scope.now)


def _standing(tx: Transaction, member_ids: Sequence[str]) -> set[str]:
    """Under which members these stand now, without those who have left."""
    rows = tx.session.execute(select(Member.id, Member.merged_into, Member.status).where(Member.id.in_(member_ids)))
    found = set()
    for member_id, into, status in rows:
        if status != "erased":
            found.add(into or member_id)
    return found


def _reached(tx: Transaction, member_ids: Sequence[str]) -> int:
    """How many of these an inbox belongs to."""
    has_app = exists().where(Installation.member_id == Member.id)
    wanted = select(func.count()).where(
        Member.id.in_(member_ids),
        Member.status.in_(("claimed", "anonymous")),
        or_(Member.status == "claimed", has_app),
    )
    return tx.session.scalar(wanted) or 0


def _view(row: Recall) -> RecallView:
    return RecallView(
        row.id,
        row.location_id,
        tuple(row.items),
        date.fromisoformat(row.first_day),
        date.fromisoformat(row.last_day),
        dict(row.title),
        dict(row.text),
        row.is_urgent,
        row.status,
        row.revision,
        row.meant,
        row.told,
        row.passed,
        row.created_at,
        row.sent_at,
    )
