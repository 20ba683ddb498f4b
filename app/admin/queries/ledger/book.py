"""From a balance to the rows that make it: one member's account in one programme, with what was merged into it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from app.cards.queries import aliases, member_in
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.models import Account, Transfer
from app.ledger.seals import Sealer
from app.ledger.verifying import verify_account
from app.merchants.models import Merchant
from app.rewards.models import Programme

STEPS = ("earn", "adjust", "reverse", "redeem", "expire", "move")
PAGE = 50
_OWN = ("balance", "owed")
_ROWS = Statement(
    """
    SELECT t.seq, t.debit, t.credit, t.amount, t.lot_id, b.id, b.kind, b.merchant_id, b.location_id, b.device_id,
        b.staff_id, b.visit_id, b.voucher_id, b.reverses_member_id, b.reverses_id, b.reason, b.occurred_at,
        b.recorded_at
    FROM transfer t JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    WHERE t.member_id = :member_id AND t.account_id = :account_id ORDER BY t.seq
    """
)
_LOTS = Statement(
    "SELECT id, remaining, expires_at FROM lot WHERE member_id = :member_id AND account_id = :account_id"
    " AND remaining > 0"
)


@dataclass(slots=True)
class Lot:
    """What is left of one earn; ``number`` counts from the oldest."""

    lot_id: str
    remaining: int
    expires_at: datetime | None
    number: int = 0


@dataclass(slots=True)
class BookRow:
    """One booking on an account. ``units`` is what it changed, ``balance`` and ``owed`` what there was after it;
    ``number`` is its place, from the oldest on. ``transfers`` are its debits and credits as (seq, debit, credit,
    amount, lot id)."""

    member_id: str
    account_id: str
    transaction_id: str
    kind: str
    merchant_id: str | None
    location_id: str | None
    device_id: str | None
    staff_id: str | None
    visit_id: str | None
    voucher_id: str | None
    reverses_member_id: str | None
    reverses_id: str | None
    reason: str | None
    occurred_at: datetime
    recorded_at: datetime
    transfers: list[tuple[int, str, str, int, str | None]] = field(default_factory=list)
    number: int = 0
    balance: int = 0
    owed: int = 0
    lot: Lot | None = None
    undone_by: str | None = None

    def change(self, *accounts: str) -> int:
        """What the row changed on the member's own accounts of these names."""
        return sum(
            amount * ((credit in accounts) - (debit in accounts)) for _, debit, credit, amount, _ in self.transfers
        )

    @property
    def units(self) -> int:
        """What the row changed, for the member."""
        return self.change(*_OWN)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to the balance: so many rows of a kind, and what they come to."""

    kind: str
    units: int
    rows: int


@dataclass(frozen=True, slots=True)
class Book:
    """An account with all its rows, the oldest first. ``faults`` are the differences that recomputing it found; none
    where rows add up and seals are unbroken."""

    member_id: str
    programme_id: str
    programme: str
    kind: str
    merchant_id: str
    merchant: str
    currency: str
    timezone: str
    balance: int
    owed: int
    account_ids: tuple[str, ...]
    merged: tuple[str, ...]
    rows: Sequence[BookRow]
    lots: Sequence[Lot]
    faults: Sequence[Mapping[str, object]]

    @property
    def steps(self) -> list[Step]:
        """The way from nothing to the balance, kind by kind."""
        found = []
        for kind in STEPS:
            mine = [row for row in self.rows if row.kind == kind]
            found.append(Step(kind, sum(row.units for row in mine), len(mine)))
        return found

    @property
    def first_to_expire(self) -> datetime | None:
        """When the first of what is left ends."""
        return min((lot.expires_at for lot in self.lots if lot.expires_at is not None), default=None)

    def find(self, transaction_id: str | None) -> BookRow | None:
        """The row of a booking."""
        return next((row for row in self.rows if row.transaction_id == transaction_id), None)


@dataclass(frozen=True, slots=True)
class BookPage:
    """Some rows of a book, the newest first. ``older`` rows come before them, with the balance that they made
    (``forward``); ``next`` is where the next page begins. ``units`` is what all rows that were asked for come to."""

    rows: Sequence[BookRow]
    older: int
    forward: int
    next: str | None
    units: int
    count: int


def programme_of(scope: Scope, member_id: str, transaction_id: str) -> str | None:
    """The programme that a booking of a member moved units in: the first of several; None where there is none."""
    with scope.reading() as tx:
        return tx.session.scalars(
            select(Transfer.programme_id)
            .where(Transfer.member_id == member_id, Transfer.transaction_id == transaction_id)
            .order_by(Transfer.account_id)
            .limit(1)
        ).first()


def read_book(scope: Scope, member_id: str, programme_id: str) -> Book:
    """The account of a member in a programme, recomputed from its rows. After a merge the survivor's, with the rows of
    all that were merged into it. Raises NotFoundError where there is no such account."""
    with scope.reading() as tx:
        standing = member_in(tx.session, member_id) if is_id(member_id) and is_id(programme_id) else None
        if standing is None:
            raise NotFoundError(what="account")
        known = tx.session.execute(
            select(Programme, Merchant)
            .join(Merchant, Merchant.id == Programme.merchant_id)
            .where(Programme.id == programme_id)
        ).first()
        members = aliases(tx.session, standing.member_id)
        accounts = tx.session.scalars(
            select(Account).where(Account.programme_id == programme_id, Account.member_id.in_(members))
        ).all()
        if known is None or not accounts:
            raise NotFoundError(what="account")
        sealer = Sealer(scope.keys.ledger)
        faults: list[Mapping[str, object]] = []
        for account in accounts:
            faults += verify_account(tx, sealer, account.member_id, account.id).mismatches
        rows = list(
            heapq.merge(
                *(list(_rows_of(tx, account)) for account in accounts),
                key=lambda row: (row.recorded_at, row.transaction_id),
            )
        )
        lots = [
            Lot(*row)
            for account in accounts
            for row in tx.rows(_LOTS, {"member_id": account.member_id, "account_id": account.id})
        ]
    programme, merchant = known
    _run_through(rows, lots)
    return Book(
        member_id=standing.member_id,
        programme_id=programme_id,
        programme=programme.name,
        kind=programme.kind,
        merchant_id=merchant.id,
        merchant=merchant.name,
        currency=merchant.currency,
        timezone=programme.timezone,
        balance=sum(account.balance for account in accounts),
        owed=sum(account.owed for account in accounts),
        account_ids=tuple(account.id for account in accounts),
        merged=tuple(one for one in members if one != standing.member_id),
        rows=rows,
        lots=sorted(lots, key=lambda lot: lot.number),
        faults=faults,
    )


def page_of(book: Book, *, kind: str | None = None, only_lots: bool = False, before: str | None = None) -> BookPage:
    """A page of a book: of one kind, or only the rows whose lots have something left; older than the booking
    ``before``."""
    wanted = [row for row in book.rows if (kind is None or row.kind == kind) and (not only_lots or row.lot is not None)]
    end = next((place for place, row in enumerate(wanted) if row.transaction_id == before), len(wanted))
    start = max(0, end - PAGE)
    shown = wanted[start:end]
    is_whole = kind is None and not only_lots
    forward = wanted[start - 1].balance if start and is_whole else 0
    return BookPage(
        rows=shown[::-1],
        older=start,
        forward=forward,
        next=shown[0].transaction_id if start and shown else None,
        units=sum(row.units for row in wanted),
        count=len(wanted),
    )


def page_with(book: Book, transaction_id: str) -> str | None:
    """The ``before`` of the page on which a booking stands; None for the first one."""
    place = next((at for at, row in enumerate(book.rows) if row.transaction_id == transaction_id), None)
    if place is None:
        return None
    end = len(book.rows) - (len(book.rows) - 1 - place) // PAGE * PAGE
    return book.rows[end].transaction_id if end < len(book.rows) else None


def _rows_of(tx: Transaction, account: Account) -> Iterator[BookRow]:
    row: BookRow | None = None
    for seq, debit, credit, amount, lot_id, *told in tx.rows(
        _ROWS, {"member_id": account.member_id, "account_id": account.id}
    ):
        if row is None or row.transaction_id != told[0]:
            if row is not None:
                yield row
            row = BookRow(account.member_id, account.id, *told)
        row.transfers.append((seq, debit, credit, amount, lot_id))
    if row is not None:
        yield row


def _run_through(rows: Sequence[BookRow], lots: Sequence[Lot]) -> None:
    """Number the rows and the lots, and say what there was after each row."""
    left = {lot.lot_id: lot for lot in lots}
    numbered = balance = owed = 0
    undone: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        row.number = number
        balance += row.change("balance")
        owed -= row.change("owed")
        row.balance, row.owed = balance, owed
        for _, _, credit, _, lot_id in row.transfers:
            lot = left.get(lot_id or "")
            if credit == "balance" and lot is not None and not lot.number:
                numbered += 1
                lot.number = numbered
                row.lot = lot
        if row.reverses_id is not None:
            undone.setdefault(row.reverses_id, row.transaction_id)
    for row in rows:
        row.undone_by = undone.get(row.transaction_id)
