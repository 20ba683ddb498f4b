"""Foreign identifiers (another system's card or customer numbers) that stand for our cards, per source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.cards import numbers
from app.common.batch import Batch, Table
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.sql import Statement, many

_MEMBER = Table("member", 0, "id status locale is_sandbox is_spending_locked created_at")
_CARD = Table("card", 1, "number id member_id kind status issued_at")
_REFERENCE = Table("card_reference", 2, "source reference number member_id")

_COLUMNS = "c.number, c.member_id, c.status, c.blocked_at, m.is_sandbox"
_BY_NUMBER = Statement(
    f"SELECT c.number, {_COLUMNS} FROM card c JOIN member m ON m.id = c.member_id"  # noqa: S608  constants
    " WHERE c.number = ANY(CAST(:numbers AS text[]))",
    sqlite=f"SELECT c.number, {_COLUMNS} FROM card c JOIN member m ON m.id = c.member_id"  # noqa: S608
    " WHERE c.number IN (SELECT value FROM json_each(:numbers))",
)
_REFERRED = (
    f"SELECT r.reference, {_COLUMNS} FROM card_reference r JOIN card c ON c.number = r.number"  # noqa: S608  constants
    " JOIN member m ON m.id = c.member_id WHERE r.source = :source AND r.reference "
)
_BY_REFERENCE = Statement(
    _REFERRED + "= ANY(CAST(:references AS text[]))",
    sqlite=_REFERRED + "IN (SELECT value FROM json_each(:references))",  # noqa: S608  constants
)


@dataclass(frozen=True, slots=True)
class ReferencedCard:
    """A card and whose it is now, merges followed."""

    number: str
    member_id: str
    status: str = "active"
    blocked_at: datetime | None = None
    is_sandbox: bool = False


def cards_by_number(tx: Transaction, wanted: Iterable[str]) -> dict[str, ReferencedCard]:
    """The issued cards among canonical numbers."""
    rows = tx.rows(_BY_NUMBER, {"numbers": many(tx, wanted)})
    return {row[0]: ReferencedCard(row[1], row[2], row[3], row[4], bool(row[5])) for row in rows}


def cards_by_reference(tx: Transaction, source: str, references: Iterable[str]) -> dict[str, ReferencedCard]:
    """The cards that stand for a source's references, as far as they were seen before."""
    rows = tx.rows(_BY_REFERENCE, {"source": source, "references": many(tx, references)})
    return {row[0]: ReferencedCard(row[1], row[2], row[3], row[4], bool(row[5])) for row in rows}


def add_referenced_member(
    batch: Batch, *, source: str, reference: str, locale: str, now: datetime, is_sandbox: bool = False
) -> ReferencedCard:
    """Put an anonymous member with a digital card for a reference seen first into the batch."""
    card = ReferencedCard(numbers.new_number(), new_id(), is_sandbox=is_sandbox)
    batch.insert(_MEMBER, (card.member_id, "anonymous", locale, is_sandbox, False, now))
    batch.insert(_CARD, (card.number, new_id(), card.member_id, "digital", "active", now))
    batch.insert(_REFERENCE, (source, reference, card.number, card.member_id))
    return card
