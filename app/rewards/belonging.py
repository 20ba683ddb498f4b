"""To which of the shops' saved segments a member belongs, as it was worked out last: a reward may be for one alone."""

from __future__ import annotations

from app.common.database import Transaction
from app.common.sql import Statement

_OF_MEMBER = Statement("SELECT segment_id FROM member_segment WHERE member_id = :member_id")


def segments_of(transaction: Transaction, member_id: str) -> frozenset[str]:
    """The segments, of whatever shop, that a member belongs to."""
    return frozenset(row[0] for row in transaction.rows(_OF_MEMBER, {"member_id": member_id}))
