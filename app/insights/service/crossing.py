"""Cross-shopping: a shop agrees to anonymous totals or withdraws, and the totals of a quarter are made, once.

A quarter's totals are made from the shops that have agreed on that day, and fixed: late visits, merges and whoever
agrees later change nothing in them, so no two counts of one thing can be held against each other. Whoever withdraws
takes back its totals from both sides; they are not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta

from app.common import audit
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights.crossing import bounds, quarter_before, tell_all
from app.insights.models import CrossingConsent

MADE_AFTER = timedelta(days=9)
"""So long after a quarter's end its totals are made: what tablets kept has come through by then."""
_TIMEZONE = "Europe/Brussels"  # of the platform: in which it tells when a quarter's totals are due

_DONE = Statement("SELECT 1 FROM crossing_quarter WHERE quarter = :quarter")
_AGREED = Statement(
    """
    SELECT m.id, m.name, m.timezone FROM crossing_consent c JOIN merchant m ON m.id = c.merchant_id
    WHERE m.status = 'active' AND m.sandbox_of IS NULL ORDER BY m.id
    """
)
_LOCATIONS = Statement("SELECT id FROM location WHERE merchant_id = :merchant_id")
_VISITS = Statement(
    """
    SELECT coalesce(m.merged_into, v.member_id), v.occurred_at FROM visit v JOIN member m ON m.id = v.member_id
    WHERE v.location_id = :location_id AND v.occurred_at >= :start AND v.occurred_at < :end AND v.reversed_at IS NULL
    """
)
_CLAIM = Statement(
    "INSERT INTO crossing_quarter (quarter, shops, totals, made_at) VALUES (:quarter, :shops, :totals, :now)"
    " ON CONFLICT DO NOTHING"
)
_STILL = Statement("SELECT merchant_id FROM crossing_consent")
_TOTAL = Statement(
    """
    INSERT INTO crossing_total (merchant_id, quarter, other_id, other_name, members, weekday)
    VALUES (:merchant_id, :quarter, :other_id, :other_name, :members, :weekday)
    """
)
_TAKE_BACK = Statement("DELETE FROM crossing_total WHERE merchant_id = :merchant_id OR other_id = :merchant_id")

Progress = Callable[[int], None]


def agree(scope: Scope) -> None:
    """Let anonymous totals be made of what the scope's shop has in common with others that agree. Noted for the audit
    list; a repeat changes nothing."""

    def work(tx: Transaction) -> None:
        if tx.session.get(CrossingConsent, scope.merchant_id, with_for_update=True) is None:
            tx.session.add(
                CrossingConsent(merchant_id=scope.merchant_id, agreed_at=scope.now, agreed_by=scope.staff_id)
            )
            audit.record(tx, scope, "crossing.agreed", "merchant", scope.merchant_id)

    scope.run(work)


def withdraw(scope: Scope) -> None:
    """Take part no longer: no more totals are made, and those that were are gone, also from what the other shops see.
    Noted for the audit list; a repeat changes nothing."""

    def work(tx: Transaction) -> None:
        consent = tx.session.get(CrossingConsent, scope.merchant_id, with_for_update=True)
        if consent is not None:
            tx.session.delete(consent)
            tx.run(_TAKE_BACK, {"merchant_id": scope.merchant_id})
            audit.record(tx, scope, "crossing.withdrawn", "merchant", scope.merchant_id)

    scope.run(work)


def make_totals(scope: Scope, *, on_progress: Progress | None = None) -> int:
    """Make the totals of the quarter that ended, when they are due and nobody has made them. Returns how many pairs of
    shops are told something; a repeat makes nothing. ``on_progress`` is told the shops read so far."""
    today = (scope.now.astimezone(zone(_TIMEZONE)) - MADE_AFTER).date()
    quarter = quarter_before(today)
    with scope.reading() as tx:
        if tx.rows(_DONE, {"quarter": quarter}):
            return 0
        shops = [(row[0], row[1], row[2]) for row in tx.rows(_AGREED, {})]
        members: dict[str, dict[int, int]] = {}
        for number, shop in enumerate(shops):
            _read(tx, members, number, shop, quarter)
            if on_progress is not None:
                on_progress(number + 1)
    told = tell_all(members.values())
    rows = [
        {
            "merchant_id": shops[own][0],
            "quarter": quarter,
            "other_id": shops[other][0],
            "other_name": shops[other][1],
            "members": one.members,
            "weekday": one.weekday,
        }
        for pair, one in sorted(told.items())
        for own, other in (pair, pair[::-1])
    ]

    def write(tx: Transaction) -> int:
        still = {row[0] for row in tx.rows(_STILL, {})}  # who withdrew meanwhile is left out
        kept = [row for row in rows if row["merchant_id"] in still and row["other_id"] in still]
        claim = {"quarter": quarter, "shops": len(shops), "totals": len(kept) // 2, "now": scope.now}
        if tx.run(_CLAIM, claim) != 1:
            return 0
        tx.run_many(_TOTAL, kept)
        return len(kept) // 2

    return scope.run(write)


def _read(tx: Transaction, members: dict[str, dict[int, int]], number: int, shop: Sequence[str], quarter: str) -> None:
    """Note on which days of the quarter, in the shop's zone, each member came to it: one bit a day, from the Monday on
    or before the quarter's first day."""
    merchant_id, _, timezone = shop
    local = zone(timezone)
    first, after = bounds(quarter)
    monday = first.toordinal() - first.weekday()
    start, end = (datetime.combine(day, time(), local).astimezone(UTC) for day in (first, after))
    for (location_id,) in tx.rows(_LOCATIONS, {"merchant_id": merchant_id}):
        for member_id, at in tx.rows(_VISITS, {"location_id": location_id, "start": start, "end": end}):
            days = members.setdefault(member_id, {})
            days[number] = days.get(number, 0) | 1 << at.astimezone(local).date().toordinal() - monday
