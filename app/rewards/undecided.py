"""Vouchers whose redemption in a tablet's queue waits for somebody's decision: handed out already, perhaps rightly."""

from __future__ import annotations

from app.common.database import Transaction
from app.common.sql import Statement

_UNDECIDED = Statement(
    "SELECT voucher_code FROM offline_event WHERE location_id = :location_id AND status = 'review'"
    " AND voucher_code IS NOT NULL"
)


def undecided_vouchers(transaction: Transaction, location_id: str) -> list[str]:
    """The codes of vouchers whose redemption at a location waits for a decision: until then they are nobody else's."""
    return [code for (code,) in transaction.rows(_UNDECIDED, {"location_id": location_id})]
