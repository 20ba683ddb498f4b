"""Batches of printed cards, and how many of them are in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.cards.models import Card, CardBatch, CardBatchCodes, Member
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.models import Operator

PAGE = 25


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch. ``in_use``: cards that were claimed or have ever earned; ``active``: those that can be scanned.
    ``codes_until``: until when it can be printed, None where it can't any more."""

    batch_id: str
    name: str
    note: str | None
    count: int
    ordered: int
    locale: str
    status: str
    reason: str | None
    error: str | None
    ordered_by: str | None
    created_at: datetime
    made_at: datetime | None
    disabled_at: datetime | None
    codes_until: datetime | None
    active: int
    in_use: int

    @property
    def is_going(self) -> bool:
        """Whether the jobs are at it."""
        return self.status in ("making", "disabling")

    @property
    def done(self) -> int:
        """How far the jobs have come, in cards."""
        return self.count if self.status == "making" else self.count - self.active


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Some batches, the newest first, and the ``before`` with which the list goes on."""

    batches: tuple[BatchLine, ...]
    next: str | None


def list_batches(scope: Scope, *, before: str | None = None) -> BatchPage:
    """The batches of real cards: what sandboxes and training made is left out."""
    card, member = aliased(Card), aliased(Member)
    practice = exists(
        select(card.id)
        .join(member, member.id == card.member_id)
        .where(card.batch_id == CardBatch.id, member.is_sandbox)
    )
    wanted = _batches().where(~practice).order_by(CardBatch.id.desc()).limit(PAGE + 1)
    if before:
        wanted = wanted.where(CardBatch.id < before)
    with scope.reading() as tx:
        found = _read(tx, scope, wanted)
    return BatchPage(tuple(found[:PAGE]), found[PAGE - 1].batch_id if len(found) > PAGE else None)


def show_batch(scope: Scope, batch_id: str) -> BatchLine:
    """One of them. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        found = _read(tx, scope, _batches().where(CardBatch.id == batch_id))
    if not found:
        raise NotFoundError(what="batch")
    return found[0]


def failed_batches(scope: Scope, *, limit: int) -> list[tuple[str, str, datetime]]:
    """Id, name and day of the batches that do not go on by themselves, the oldest first."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(CardBatch.id, CardBatch.name, CardBatch.created_at)
            .where(CardBatch.status == "failed")
            .order_by(CardBatch.id)
            .limit(limit)
        ).all()
    return [(row[0], row[1], row[2]) for row in rows]


def _batches() -> Select[*tuple[Any, ...]]:
    has_codes = exists().where(CardBatchCodes.batch_id == CardBatch.id)
    return select(CardBatch, Operator.name, has_codes).outerjoin(Operator, Operator.id == CardBatch.ordered_by)


def _read(tx: Transaction, scope: Scope, wanted: Select[*tuple[Any, ...]]) -> list[BatchLine]:
    rows = tx.session.execute(wanted).all()
    used = or_(Card.claimed_at.is_not(None), exists().where(Account.member_id == Card.member_id))
    counts = {
        row[0]: (int(row[1] or 0), int(row[2] or 0))
        for row in tx.session.execute(
            select(
                Card.batch_id,
                func.sum(case((Card.status == "active", 1), else_=0)),
                func.sum(case((used, 1), else_=0)),
            )
            .where(Card.batch_id.in_([batch.id for batch, *_ in rows]))
            .group_by(Card.batch_id)
        )
    }
    lines = []
    for batch, name, has_codes in rows:
        active, in_use = counts.get(batch.id, (0, 0))
        is_printable = has_codes and batch.codes_until is not None and batch.codes_until > scope.now
        lines.append(
            BatchLine(
                batch_id=batch.id,
                name=batch.name,
                note=batch.note,
                count=batch.count,
                ordered=batch.ordered or batch.count,
                locale=batch.locale,
                status=batch.status,
                reason=batch.reason,
                error=batch.error,
                ordered_by=name,
                created_at=batch.created_at,
                made_at=batch.made_at,
                disabled_at=batch.disabled_at,
                codes_until=batch.codes_until if is_printable else None,
                active=active,
                in_use=in_use,
            )
        )
    return lines
