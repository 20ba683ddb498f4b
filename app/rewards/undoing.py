"""Undoing bookings: by the rules that earned them, from the lots they made, and never blocked by an empty account.

History stays with the member under whom it happened; after a merge its consequences are booked on the survivor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.common.batch import Batch, Change
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.posting import Booking, Posting, TransferRow
from app.ledger.writing import (
    load_lot,
    load_lots,
    transfers_of,
)
from app.rewards import opening, vouchers
from app.rewards.configuration import MerchantConfig, document
from app.rewards.errors import VoucherReservedError
from app.rewards.evaluator import Item, VisitFacts, check_refund, reverse
from app.rewards.history import History, first_month, gather, month_of
from app.rewards.rules import tier_for
from app.rewards.vouchers import VoucherRow

_ALIAS = Statement("SELECT merged_into FROM member WHERE id = :id AND merged_into IS NOT NULL")
_TRANSACTION = Statement(
    "SELECT member_id, id, kind, merchant_id, location_id, visit_id, voucher_id, occurred_at, reason"
    " FROM ledger_transaction WHERE member_id = :member_id AND id = :id"
)
_REVERSED = Statement(
    "SELECT 1 FROM ledger_transaction WHERE reverses_member_id = :member_id AND reverses_id = :id LIMIT 1"
)
_OWNER = Statement(
    """
    SELECT t.member_id FROM ledger_transaction t
    WHERE t.id = :id AND t.member_id IN
        (SELECT CAST(:member_id AS uuid) UNION ALL SELECT id FROM member WHERE merged_into = :member_id)
    """,
    sqlite="""
    SELECT t.member_id FROM ledger_transaction t
    WHERE t.id = :id AND t.member_id IN
        (SELECT :member_id UNION ALL SELECT id FROM member WHERE merged_into = :member_id)
    """,
)
_VISIT = Statement(
    "SELECT id, location_id, occurred_at, amount_minor, units, items, earned, refunded_minor, reversed_at FROM visit"
    " WHERE member_id = :member_id AND id = :id"
)
_VOUCHERS_OF_VISIT = Statement(
    "SELECT voucher_id FROM ledger_transaction WHERE member_id = :member_id AND visit_id = :visit_id"
    " AND kind = 'redeem' AND voucher_id IS NOT NULL ORDER BY id DESC"
)
# The cards that units given by hand filled: booked in the same transaction, for the same reason.
_FILLED = Statement(
    """
    SELECT r.voucher_id FROM ledger_transaction o
    JOIN ledger_transaction r ON r.member_id = o.member_id AND r.recorded_at = o.recorded_at AND r.id > o.id
    WHERE o.member_id = :member_id AND o.id = :id AND r.reason = o.reason AND r.kind = 'redeem'
        AND r.voucher_id IS NOT NULL
    ORDER BY r.id
    """
)
_LOT_FACTS = Statement("SELECT origin_id, earned_at, expires_at FROM lot WHERE member_id = :member_id AND id = :id")
REFUND = Change(
    "visit",
    50,
    sets="refunded_minor reversed_at",
    where="member_id id refunded_minor",
    also=" AND reversed_at IS NULL",
)


@dataclass(frozen=True, slots=True)
class BookedRow:
    """A ledger transaction as stored."""

    member_id: str
    id: str
    kind: str
    merchant_id: str | None
    location_id: str | None
    visit_id: str | None
    voucher_id: str | None
    occurred_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit as stored, with what it earned."""

    id: str
    location_id: str
    occurred_at: datetime
    amount_minor: int | None
    units: int | None
    items: tuple[Item, ...]
    earned: list[dict[str, Any]]
    refunded_minor: int
    reversed_at: datetime | None

    @property
    def facts(self) -> VisitFacts:
        """The visit as the evaluator saw it."""
        return VisitFacts(self.occurred_at, self.amount_minor, self.units, self.items, self.location_id)


def survivor_of(transaction: Transaction, member_id: str) -> str:
    """Who the member is now: itself, or whom it was merged into."""
    while rows := transaction.rows(_ALIAS, {"id": member_id}):
        member_id = rows[0][0]
    return member_id


def find_booked(transaction: Transaction, member_id: str, transaction_id: str) -> BookedRow | None:
    """A ledger transaction of a member."""
    rows = transaction.rows(_TRANSACTION, {"member_id": member_id, "id": transaction_id})
    return BookedRow(*rows[0]) if rows else None


def is_reversed(transaction: Transaction, booked: BookedRow) -> bool:
    """Whether some reversal names it already."""
    return bool(transaction.rows(_REVERSED, {"member_id": booked.member_id, "id": booked.id}))


def get_visit(transaction: Transaction, member_id: str, visit_id: str) -> VisitRow:
    """A visit that is known to be there."""
    row = transaction.rows(_VISIT, {"member_id": member_id, "id": visit_id})[0]
    items = tuple(Item(**item) for item in document(row[5]) or ())
    values: list[Any] = [*row]
    values[5], values[6] = items, document(row[6])
    return VisitRow(*values)


def undo_visit(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    booking: Booking,
    config: MerchantConfig,
    accounts: dict[str, AccountState],
    booked: BookedRow,
    visit: VisitRow,
    history: History,
    *,
    scope: Scope,
    refund_minor: int | None,
) -> None:
    """Take back what a visit earned, or the part that a refund leaves unearned, by the rules that earned it.

    A voucher that the visit's full card issued is cancelled, and its stamps return, when it is unused and the visit is
    undone whole or the balance alone doesn't suffice. Raises the evaluator's refund errors.
    """
    refund = refund_minor
    check_refund(visit.facts, visit.refunded_minor, refund)  # also where it earned nothing that the rules could judge
    left = (visit.amount_minor or 0) - visit.refunded_minor
    is_whole = refund is None or refund == left
    for entry in visit.earned:
        programme = config.any_programme(entry["programme_id"])
        rules = programme.rules_of(entry["version"])
        account = accounts.get(programme.id)
        if account is None:
            continue
        taken = reverse(
            rules,
            visit.facts,
            entry,
            refunded_before_minor=visit.refunded_minor,
            refund_minor=refund,
            remainder_now=account.remainder,
        )
        load_lots(transaction, account)
        for voucher in _unused(transaction, booked, programme.id, posting.now):
            if is_whole or account.balance < taken.units:
                cancel_voucher(transaction, posting, batch, voucher, account, scope=scope, reason="visit_reversed")
        booking.take_back(account, taken.units, origin_ids=(booked.id,), counter="issued")
        account.remainder = taken.remainder
        account.units_earned = max(account.units_earned - taken.units, 0)
        if is_whole:
            account.visits = max(account.visits - 1, 0)
        if rules.tiers is not None:
            since, visited = first_month(rules, posting.now), month_of(rules, visit.occurred_at)
            months = history.months(account, min(since, visited))
            gather(batch, account, months, visited, -taken.qualifying)
            reached = tier_for(rules, sum(units for month, units in months.items() if month >= since))
            account.tier = reached.key if reached else None
        posting.touch(account)
    reversed_at = posting.now if is_whole else None
    refunded = visit.refunded_minor + (left if refund is None else refund)
    batch.change(REFUND, (refunded, reversed_at, booked.member_id, visit.id, visit.refunded_minor))


def undo_adjustment(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    booking: Booking,
    accounts: Mapping[str, AccountState],
    booked: BookedRow,
    *,
    scope: Scope,
) -> None:
    """Undo units that were given or taken by hand. As for a visit: what filled a card takes its voucher back, as long
    as nobody has used it."""
    reason = "opening_balance_reversed" if booked.reason == opening.REASON else "correction_reversed"
    for voucher_id in vouchers_filled_by(transaction, booked.member_id, booked.id):
        voucher = vouchers.find_by_id(transaction, voucher_id)
        is_unused = voucher is not None and voucher.status == "issued" and not voucher.is_reserved
        if voucher is not None and is_unused and not voucher.is_over(posting.now):
            account = accounts[voucher.programme_id]
            cancel_voucher(transaction, posting, batch, voucher, account, scope=scope, reason=reason)
    transfers = transfers_of(transaction, booked.member_id, booked.id)
    for programme_id in {row.programme_id for row in transfers}:
        account = accounts[programme_id]
        mine = [row for row in transfers if row.programme_id == programme_id]
        give_back(transaction, booking, account, booked.member_id, mine)
        given = sum(row.amount for row in mine if row.debit == "adjusted")
        if given:
            booking.take_back(account, given, origin_ids=(booked.id,), counter="adjusted")


def vouchers_filled_by(transaction: Transaction, member_id: str, transaction_id: str) -> list[str]:
    """The ids of the vouchers for cards that units given by hand filled, the first first; of another booking none."""
    return [row[0] for row in transaction.rows(_FILLED, {"member_id": member_id, "id": transaction_id})]


def cancel_voucher(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    voucher: VoucherRow,
    account: AccountState,
    *,
    scope: Scope,
    reason: str,
    booking: Booking | None = None,
) -> Booking:
    """Cancel a voucher and give its units back, each with its old expiry, in a reversal of the transaction that issued
    it. Its row is guarded by the status it was read with.

    Raises :class:`VoucherReservedError` while one tablet may have redeemed it without telling anybody yet.
    """
    if voucher.is_reserved:
        raise VoucherReservedError
    owner = transaction.rows(_OWNER, {"id": voucher.issue_transaction_id, "member_id": voucher.member_id})[0][0]
    if booking is None:
        booking = posting.book(
            "reverse",
            voucher.member_id,
            occurred_at=posting.now,
            merchant_id=voucher.merchant_id,
            location_id=scope.location_id,
            device_id=scope.device_id,
            staff_id=scope.staff_id,
            voucher_id=voucher.id,
            reverses_member_id=owner,
            reverses_id=voucher.issue_transaction_id,
            reason=reason,
        )
    give_back(
        transaction, booking, account, owner, transfers_of(transaction, owner, voucher.issue_transaction_id or "")
    )
    posting.touch(account)
    batch.change(
        vouchers.END,
        (
            *("cancelled", posting.now, None, None, None, None, None, None, None, None),
            *(voucher.member_id, voucher.id, voucher.status),
        ),
    )
    vouchers.put_into_stock(transaction, batch, voucher.reward_id, voucher.quantity)
    return booking


def give_back(
    transaction: Transaction,
    booking: Booking,
    account: AccountState,
    owner: str,
    transfers: Iterable[TransferRow],
) -> None:
    """Undo debits. Lots of the account itself get their units back; those of a member merged since then come as new
    lots with the old ones' origin and expiry. Transfers of other accounts (``owner``'s other programmes) are skipped
    by their counter-side: only debits of a balance are undone."""
    load_lots(transaction, account)
    own: list[TransferRow] = []
    for row in transfers:
        if row.debit != "balance" or row.lot_id is None:
            continue
        if load_lot(transaction, account, row.lot_id) is not None:
            own.append(row)
            continue
        origin_id, earned_at, expires_at = transaction.rows(_LOT_FACTS, {"member_id": owner, "id": row.lot_id})[0]
        booking.earn(
            account,
            row.amount,
            earned_at=earned_at,
            expires_at=expires_at,
            counter=row.credit,
            origin_id=origin_id,
        )
    booking.give_back(account, own)


def _unused(transaction: Transaction, booked: BookedRow, programme_id: str, now: datetime) -> list[VoucherRow]:
    rows = transaction.rows(_VOUCHERS_OF_VISIT, {"member_id": booked.member_id, "visit_id": booked.visit_id})
    found = [vouchers.find_by_id(transaction, voucher_id) for (voucher_id,) in rows]
    return [
        voucher
        for voucher in found
        if voucher is not None
        and voucher.status == "issued"
        and voucher.programme_id == programme_id
        and not voucher.is_over(now)
        # Its tablet may have redeemed it without a network: as good as used.
        and not voucher.is_reserved
    ]
