"""Answers made anew from the rows that a booking wrote, once the stored ones were pruned after 90 days.

Balances are those right after the booking: the transfers up to its own last transaction, whose ids are in time's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.common.database import Transaction
from app.common.sql import Statement
from app.rewards import undoing, vouchers
from app.rewards.configuration import document
from app.rewards.outcomes import Balance, Earned, Unlocked, VisitResult
from app.scanning.identifying import StoredReply
from app.scanning.results import ClaimableVisit, OpeningResult, RedemptionResult, ReversalResult

_VISIT = Statement("SELECT id, transaction_id, earned FROM visit WHERE member_id = :member_id AND id = :visit_id")
_BOOKED_WITH = Statement(
    "SELECT id, voucher_id FROM ledger_transaction WHERE member_id = :member_id AND visit_id = :visit_id"
    " AND kind IN ('earn', 'redeem') ORDER BY id"
)
_BALANCES = Statement(
    """
    SELECT a.programme_id,
        sum(CASE WHEN t.credit = 'balance' THEN t.amount WHEN t.debit = 'balance' THEN -t.amount ELSE 0 END),
        sum(CASE WHEN t.debit = 'owed' THEN t.amount WHEN t.credit = 'owed' THEN -t.amount ELSE 0 END)
    FROM account a
    JOIN programme p ON p.id = a.programme_id
    JOIN transfer t ON t.member_id = a.member_id AND t.account_id = a.id
    WHERE a.member_id = :member_id AND t.transaction_id <= :last AND p.merchant_id = :merchant_id
    GROUP BY a.programme_id, p.position, p.id ORDER BY p.position, p.id
    """
)
_CLAIM = Statement(
    "SELECT c.number, c.expires_at FROM visit v JOIN visit_claim c ON c.number = v.number"
    " WHERE v.member_id = :member_id AND v.id = :visit_id"
)
_REWARD = Statement("SELECT name, kind FROM reward WHERE id = :id")
_BOOKED = Statement(
    "SELECT id, merchant_id, reverses_id, voucher_id FROM ledger_transaction WHERE member_id = :member_id AND id = :id"
)


def visit(transaction: Transaction, stored: StoredReply, merchant_id: str) -> VisitResult:
    """What the booking of a visit came to."""
    who = {"member_id": stored.member_id, "visit_id": stored.answer_to}
    visit_id, transaction_id, earned = transaction.rows(_VISIT, who)[0]
    booked = transaction.rows(_BOOKED_WITH, who)
    issued = [vouchers.find_by_id(transaction, row[1], lock=False) for row in booked if row[1] is not None]
    entries = document(earned)
    after = {
        balance.programme_id: balance
        for balance in _balances(transaction, stored.member_id or "", merchant_id, booked[-1][0])
    }
    return VisitResult(
        visit_id,
        transaction_id,
        tuple(_earned(entry) for entry in entries),
        tuple(after.get(entry["programme_id"], Balance(entry["programme_id"], 0, 0)) for entry in entries),
        tuple(
            Unlocked(voucher.id, voucher.code, voucher.reward_id, _reward(transaction, voucher.reward_id)[0])
            for voucher in issued
            if voucher is not None
        ),
    )


def claimable_visit(transaction: Transaction, stored: StoredReply, merchant_id: str) -> ClaimableVisit:
    """What the booking of a visit to be claimed came to."""
    booked = visit(transaction, stored, merchant_id)
    number, claim_until = transaction.rows(_CLAIM, {"member_id": stored.member_id, "visit_id": stored.answer_to})[0]
    return ClaimableVisit(
        booked.visit_id or "", booked.transaction_id or "", booked.earned, booked.accounts, number, claim_until
    )


def opening_balance(transaction: Transaction, stored: StoredReply, merchant_id: str) -> OpeningResult:
    """What entering an old card's units came to."""
    member_id, transaction_id = stored.member_id or "", stored.answer_to or ""
    issued = [
        vouchers.find_by_id(transaction, voucher_id, lock=False)
        for voucher_id in undoing.vouchers_filled_by(transaction, member_id, transaction_id)
    ]
    filled = [voucher for voucher in issued if voucher is not None]
    last = max([transaction_id, *(voucher.issue_transaction_id or "" for voucher in filled)])
    return OpeningResult(
        transaction_id,
        _balances(transaction, member_id, merchant_id, last),
        tuple(
            Unlocked(voucher.id, voucher.code, voucher.reward_id, _reward(transaction, voucher.reward_id)[0])
            for voucher in filled
        ),
    )


def redemption(transaction: Transaction, stored: StoredReply, merchant_id: str) -> RedemptionResult:
    """What giving a reward came to, or holding one."""
    booked = transaction.rows(_BOOKED, {"member_id": stored.member_id, "id": stored.answer_to})[0]
    voucher = vouchers.find_by_id(transaction, booked[3], lock=False)
    if voucher is None:
        raise LookupError("the voucher of a stored redemption is gone")
    name, kind = _reward(transaction, voucher.reward_id)
    return RedemptionResult(
        redemption_id=voucher.id,
        transaction_id=booked[0],
        reward_id=voucher.reward_id,
        name=name,
        kind=kind,
        value=voucher.value,
        accounts=_balances(transaction, stored.member_id or "", merchant_id, booked[0]),
    )


def reversal(transaction: Transaction, stored: StoredReply) -> ReversalResult:
    """What undoing a transaction came to."""
    row = transaction.rows(_BOOKED, {"member_id": stored.member_id, "id": stored.answer_to})[0]
    return ReversalResult(row[0], row[2], _balances(transaction, stored.member_id or "", row[1], row[0]))


def _balances(transaction: Transaction, member_id: str, merchant_id: str, last: str) -> tuple[Balance, ...]:
    rows = transaction.rows(_BALANCES, {"member_id": member_id, "merchant_id": merchant_id, "last": last})
    return tuple(Balance(row[0], int(row[1]), int(row[2])) for row in rows)


def _reward(transaction: Transaction, reward_id: str) -> Sequence[Any]:
    return transaction.rows(_REWARD, {"id": reward_id})[0]


def _earned(entry: dict[str, Any]) -> Earned:
    parts = tuple({"rule": part[0], "units": part[1], **_extra(part, 2)} for part in entry.get("parts", ()))
    limited = tuple({"code": limit[0], **_extra(limit, 1)} for limit in entry.get("limited", ()))
    if entry["units"]:
        reason = parts[0]["rule"]
    elif limited:
        reason = limited[0]["code"]
    else:
        reason = "carried" if "exact" in entry else "too_little"
    return Earned(entry["programme_id"], entry["units"], reason, parts, limited)


def _extra(entry: Sequence[Any], place: int) -> dict[str, Any]:
    return dict(entry[place]) if len(entry) > place else {}
