"""A location's latest transactions, for the list from which staff undo one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.cards.numbers import mask_number
from app.common.sql import Statement
from app.scanning.counter import Counter
from app.scanning.results import TransactionView

# The page itself; three queries read all that is told of it, however long it is.
_PAGE = """
    WITH page AS (
        SELECT transaction_id, member_id FROM location_transaction
        WHERE location_id = :location_id AND transaction_id < :before ORDER BY transaction_id DESC LIMIT :limit
    )
"""
# A voucher may have moved to another member since, with a merge.
_LATEST = Statement(
    f"""{_PAGE}
    SELECT page.transaction_id, t.kind, v.number, v.amount_minor, v.refunded_minor, v.currency, v.reversed_at,
        t.occurred_at, t.recorded_at, t.staff_id, s.name, t.device_id, t.reverses_id, r.name, t.reason,
        o.status, o.issue_transaction_id, o.redeem_transaction_id, o.expires_at, o.hold_id
    FROM page
    JOIN ledger_transaction t ON t.member_id = page.member_id AND t.id = page.transaction_id
    LEFT JOIN visit v ON v.member_id = t.member_id AND v.id = t.visit_id
    LEFT JOIN staff s ON s.id = t.staff_id
    LEFT JOIN voucher_code c ON c.voucher_id = t.voucher_id
    LEFT JOIN voucher o ON o.member_id = c.member_id AND o.id = c.voucher_id
    LEFT JOIN reward r ON r.id = o.reward_id
    ORDER BY page.transaction_id DESC
    """  # noqa: S608  constants
)
_UNITS = Statement(
    f"""{_PAGE}
    SELECT page.transaction_id, x.programme_id,
        sum(CASE WHEN x.credit IN ('balance', 'owed') THEN x.amount ELSE 0 END)
        - sum(CASE WHEN x.debit IN ('balance', 'owed') THEN x.amount ELSE 0 END)
    FROM page JOIN transfer x ON x.member_id = page.member_id AND x.transaction_id = page.transaction_id
    GROUP BY page.transaction_id, x.programme_id
    """  # noqa: S608  constants
)
_REVERSED_BY = Statement(
    f"""{_PAGE}
    SELECT page.transaction_id, t.id FROM page
    JOIN ledger_transaction t ON t.reverses_member_id = page.member_id AND t.reverses_id = page.transaction_id
    ORDER BY t.id
    """  # noqa: S608  constants
)
_LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def list_transactions(counter: Counter, *, limit: int, before: str | None = None) -> list[TransactionView]:
    """At most ``limit`` (1–100) transactions of this location, the latest first; ``before`` is the last id of the page
    before."""
    page = {"location_id": counter.location_id, "before": before or _LAST_ID, "limit": limit}
    units: dict[str, dict[str, int]] = {}
    undone: dict[str, list[str]] = {}
    with counter.scope.reading() as transaction:
        rows = transaction.rows(_LATEST, page)
        for transaction_id, programme_id, moved in transaction.rows(_UNITS, page):
            units.setdefault(transaction_id, {})[programme_id] = int(moved)
        for transaction_id, reversal_id in transaction.rows(_REVERSED_BY, page):
            undone.setdefault(transaction_id, []).append(reversal_id)
    now = counter.scope.now
    return [_view(row, units.get(row[0], {}), tuple(undone.get(row[0], ())), now) for row in rows]


def _view(row: tuple[Any, ...], units: dict[str, int], undone: tuple[str, ...], now: datetime) -> TransactionView:
    kind, number, amount, refunded, currency, reversed_at = row[1:7]
    if kind == "earn":
        is_reversible = reversed_at is None and currency is not None  # of a visit
    else:
        is_reversible = not undone and (kind == "adjust" or (kind == "redeem" and _is_undoable(row[0], row[15:], now)))
    return TransactionView(
        transaction_id=row[0],
        kind=kind,
        number_masked=mask_number(number) if number else None,
        units=units,
        amount_minor=amount,
        currency=currency,
        refundable_minor=amount - refunded if kind == "earn" and amount is not None else None,
        occurred_at=row[7],
        recorded_at=row[8],
        staff_id=row[9],
        staff_name=row[10],
        device_id=row[11],
        reverses=row[12],
        reversed_by=undone,
        is_reversible=is_reversible,
        reward_name=row[13],
        reason=row[14],
    )


def _is_undoable(transaction_id: str, voucher: tuple[Any, ...], now: datetime) -> bool:
    """Whether a redemption's voucher still stands as that left it: as :func:`reverse` will find it."""
    status, issued_by, redeemed_by, expires_at, hold_id = voucher
    if status == "redeemed":
        return bool(redeemed_by == transaction_id)
    return bool(status == "issued" and issued_by == transaction_id and hold_id is None) and (
        expires_at is None or expires_at > now
    )
