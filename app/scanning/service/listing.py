"""A location's latest transactions, for the list from which staff undo one."""

from __future__ import annotations

from app.cards.numbers import mask_number
from app.common.sql import Statement
from app.scanning.counter import Counter
from app.scanning.results import TransactionView

_LATEST = Statement(
    """
    SELECT l.transaction_id, l.member_id, t.kind, v.number, v.amount_minor, v.currency, t.occurred_at, t.recorded_at,
        t.staff_id, t.device_id, t.reverses_id, r.name, t.reason
    FROM location_transaction l
    JOIN ledger_transaction t ON t.member_id = l.member_id AND t.id = l.transaction_id
    LEFT JOIN visit v ON v.member_id = t.member_id AND v.id = t.visit_id
    LEFT JOIN voucher o ON o.member_id = t.member_id AND o.id = t.voucher_id
    LEFT JOIN reward r ON r.id = o.reward_id
    WHERE l.location_id = :location_id AND l.transaction_id < :before
    ORDER BY l.transaction_id DESC LIMIT :limit
    """
)
_UNITS = Statement(
    """
    SELECT programme_id,
        sum(CASE WHEN credit IN ('balance', 'owed') THEN amount ELSE 0 END)
        - sum(CASE WHEN debit IN ('balance', 'owed') THEN amount ELSE 0 END)
    FROM transfer WHERE member_id = :member_id AND transaction_id = :transaction_id GROUP BY programme_id
    """
)
_REVERSED_BY = Statement(
    "SELECT id FROM ledger_transaction WHERE reverses_member_id = :member_id AND reverses_id = :transaction_id"
    " ORDER BY id"
)
_LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def list_transactions(counter: Counter, *, limit: int, before: str | None = None) -> list[TransactionView]:
    """At most ``limit`` (1–100) transactions of this location, the latest first; ``before`` is the last id of the page
    before."""
    with counter.scope.reading() as transaction:
        rows = transaction.rows(
            _LATEST, {"location_id": counter.location_id, "before": before or _LAST_ID, "limit": limit}
        )
        views = []
        for row in rows:
            which = {"member_id": row[1], "transaction_id": row[0]}
            units = {programme: int(moved) for programme, moved in transaction.rows(_UNITS, which)}
            undone = tuple(found[0] for found in transaction.rows(_REVERSED_BY, which))
            views.append(
                TransactionView(
                    transaction_id=row[0],
                    kind=row[2],
                    number_masked=mask_number(row[3]) if row[3] else None,
                    units=units,
                    amount_minor=row[4],
                    currency=row[5],
                    occurred_at=row[6],
                    recorded_at=row[7],
                    staff_id=row[8],
                    device_id=row[9],
                    reverses=row[10],
                    reversed_by=undone,
                    reward_name=row[11],
                    reason=row[12],
                )
            )
        return views
