"""One row of a book from all sides: device, person, what the member saw, and whether its seal fits and is anchored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.admin.queries.cards.masking import mask_profile
from app.admin.queries.ledger.book import Book, BookRow
from app.admin.queries.ledger.naming import Told, tell_rows
from app.campaigns.inbox import worded
from app.campaigns.models import MemberMessage
from app.cards.models import Card
from app.cards.profiles import read_profile
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger import anchors
from app.merchants.models import Device
from app.rewards.models import ProgrammeVersion

_BACK = timedelta(days=90)
_ANCHORED_WITHIN = 8  # days whose anchors are looked through
_REVERSALS = Statement(
    """
    SELECT t.recorded_at, t.id FROM ledger_transaction t
    WHERE t.merchant_id = :merchant_id AND t.kind = 'reverse' AND t.staff_id = :staff_id AND t.recorded_at >= :since
        AND t.recorded_at <= :now
    ORDER BY t.recorded_at LIMIT 200
    """
)
_SEALS = Statement(
    "SELECT seq, seal FROM transfer WHERE member_id = :member_id AND account_id = :account_id AND seq >= :first"
    " ORDER BY seq"
)


@dataclass(frozen=True, slots=True)
class Detail:
    """A row, what it is about, the row that it undoes and the one that undoes it. ``from_lots``: from which lots it
    took how much, and whether the row that it undoes made them. ``is_sealed``: recomputed, it fits the row before and
    the one after; ``anchored_at``: when its account's head was written outside the database with this row in it; None
    where not yet."""

    row: BookRow
    told: Told
    undoes: BookRow | None
    undone_by: BookRow | None
    from_lots: Sequence[tuple[str, int, bool]]
    debt_made: int
    debt_paid: int
    app_version: str | None
    was_queued: bool
    rule_until: datetime | None
    member_saw: str | None
    is_sealed: bool
    anchored_at: datetime | None
    reversals: Sequence[tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class CardLine:
    """By which card a member is recognised, and her address, masked."""

    card_id: str | None
    tail: str | None
    email: str | None


def card_of(scope: Scope, book: Book) -> CardLine:
    """The newest usable card of a book's member, else the newest one."""
    with scope.reading() as tx:
        cards = tx.session.execute(
            select(Card.id, Card.number, Card.status)
            .where(Card.member_id == book.member_id)
            .order_by((Card.status == "active").desc(), Card.id.desc())
            .limit(1)
        ).first()
        contact = mask_profile(read_profile(tx, scope, book.member_id))
    return CardLine(None if cards is None else cards.id, None if cards is None else cards.number[-4:], contact.email)


def read_row(scope: Scope, book: Book, transaction_id: str, *, anchor_folder: Path) -> Detail:
    """A row of a book. Raises NotFoundError where the booking is none of its."""
    row = book.find(transaction_id)
    if row is None:
        raise NotFoundError(what="transaction")
    told = tell_rows(scope, book, [row])[transaction_id]
    undoes = book.find(row.reverses_id)
    rule_until, app_version = None, None
    reversals: Sequence[tuple[datetime, str]] = ()
    with scope.reading() as tx:
        if told.rule is not None:
            rule_until = tx.session.scalar(
                select(ProgrammeVersion.valid_from)
                .where(
                    ProgrammeVersion.programme_id == book.programme_id,
                    ProgrammeVersion.version > told.rule.version,
                )
                .order_by(ProgrammeVersion.version)
                .limit(1)
            )
        if row.device_id is not None:
            device = tx.session.get(Device, row.device_id)
            app_version = getattr(device, "app_version", None)
        if row.kind == "reverse" and row.staff_id is not None:
            asked = {
                "merchant_id": row.merchant_id,
                "staff_id": row.staff_id,
                "since": scope.now - _BACK,
                "now": scope.now,
            }
            reversals = tuple((at, booked) for at, booked in tx.rows(_REVERSALS, asked))
        saw = _seen(tx, scope, book, row)
        heads = tx.rows(
            _SEALS, {"member_id": row.member_id, "account_id": row.account_id, "first": row.transfers[-1][0]}
        )
    drawn = [
        (str(lot_id), amount, bool(undoes is not None and any(one[4] == lot_id for one in undoes.transfers)))
        for _, debit, credit, amount, lot_id in row.transfers
        if debit == "balance" and credit != "owed"
    ]
    broken = {fault.get("transaction_id") for fault in book.faults} | {fault.get("account_id") for fault in book.faults}
    return Detail(
        row=row,
        told=told,
        undoes=undoes,
        undone_by=book.find(row.undone_by),
        from_lots=drawn,
        debt_made=sum(one[3] for one in row.transfers if one[1] == "owed"),
        debt_paid=sum(one[3] for one in row.transfers if one[2] == "owed"),
        app_version=app_version,
        was_queued=bool(
            told.visit is not None and told.visit.recorded_at - told.visit.occurred_at > timedelta(minutes=1)
        ),
        rule_until=rule_until,
        member_saw=saw,
        is_sealed=row.transaction_id not in broken and row.account_id not in broken,
        anchored_at=_anchored(anchor_folder, scope, row, {seq: bytes(seal).hex() for seq, seal in heads}),
        reversals=reversals,
    )


def _seen(tx: Any, scope: Scope, book: Book, row: BookRow) -> str | None:
    """The message that told the member of a row, in the operator's language."""
    sources = [f"adjustment:{row.transaction_id}", f"voucher:{row.voucher_id}", f"transaction:{row.transaction_id}"]
    message = tx.session.scalars(
        select(MemberMessage).where(
            MemberMessage.member_id.in_([book.member_id, *book.merged]), MemberMessage.source.in_(sources)
        )
    ).first()
    if message is None:
        return None
    (view,) = worded(tx, scope, [message], scope.locale)
    return f"{view.title}. {view.text}"


def _anchored(folder: Path, scope: Scope, row: BookRow, seals: Mapping[int, str]) -> datetime | None:
    """When the first anchor was written that holds this row: the file of its day or of one soon after."""
    last = row.transfers[-1][0]
    for days in range(_ANCHORED_WITHIN):
        found = anchors.head_on(
            folder, scope.keys.ledger, (row.recorded_at + timedelta(days=days)).date(), row.account_id
        )
        if found is not None:
            at, seq, chain = found
            if seq >= last and seals.get(seq) == chain:
                return at
    return None
