"""What a merchant's latest purchases were worth: a sample that costs the same however long the past is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.common.scope import Scope
from app.common.sql import Statement

SAMPLE = 1_500
BARS = 25

_LOCATIONS = Statement("SELECT id FROM location WHERE merchant_id = :merchant_id ORDER BY is_active DESC, id LIMIT 10")
_AMOUNTS = Statement(
    """
    SELECT v.amount_minor - v.refunded_minor FROM (
        SELECT member_id, transaction_id FROM location_transaction
        WHERE location_id = :location_id AND kind = 'earn' ORDER BY transaction_id DESC LIMIT :count
    ) t
    JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    JOIN visit v ON v.member_id = b.member_id AND v.id = b.visit_id
    WHERE v.reversed_at IS NULL AND v.merchant_id = :merchant_id
    """
)


@dataclass(frozen=True, slots=True)
class Amounts:
    """The latest visits: how many were looked at, and the amounts of those that had one, in minor units, rising."""

    visits: int
    amounts: Sequence[int]

    @property
    def middle(self) -> int | None:
        """The amount in the middle; None without any."""
        return self.amounts[len(self.amounts) // 2] if self.amounts else None

    def between(self, least: int, most: int) -> int:
        """How many lie from ``least`` on and below ``most``."""
        return sum(1 for amount in self.amounts if least <= amount < most)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of equal ``width`` in minor units from 0 on; the few that are much dearer than the rest are left out."""

    width: int
    counts: tuple[int, ...]


def recent_amounts(scope: Scope, merchant_id: str) -> Amounts:
    """The amounts of the merchant's latest visits."""
    with scope.reading() as tx:
        locations = [row[0] for row in tx.rows(_LOCATIONS, {"merchant_id": merchant_id})]
        if not locations:
            return Amounts(0, ())
        each = max(SAMPLE // len(locations), 1)
        found = [
            row[0]
            for location_id in locations
            for row in tx.rows(_AMOUNTS, {"merchant_id": merchant_id, "location_id": location_id, "count": each})
        ]
    return Amounts(len(found), sorted(int(amount) for amount in found if amount is not None))


def histogram(amounts: Sequence[int], unit: int) -> Histogram | None:
    """The amounts (rising) as bars; ``unit`` is one major unit of money. None where too few to see a shape."""
    if len(amounts) < 10:
        return None
    # To the value below which nearly all are: one dear purchase must not press the others together.
    top = max(amounts[int(len(amounts) * 0.97)], 1)
    steps = [unit * step // 4 for step in (1, 2, 4, 8, 20, 40, 80, 200, 400, 1_000, 4_000, 40_000)]
    width = max(next((step for step in steps if step * BARS >= top), top // BARS + 1), 1)
    counts = [0] * (min(top // width, BARS - 1) + 1)
    for amount in amounts:
        if amount // width < len(counts):
            counts[amount // width] += 1
    return Histogram(width, tuple(counts))
