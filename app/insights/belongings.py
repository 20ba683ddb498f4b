"""What was worked out of a member, when she merges, leaves, or takes her record with her."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from app.common.database import Transaction
from app.common.money import format_amount
from app.insights.models import MemberValue, RecommendationChoice
from app.merchants.models import Merchant


def hand_over(tx: Transaction, *, giver: str, taker: str) -> None:
    """At each shop one row stays, the taker's where both have one; in the caller's transaction. It tells of both after
    the shop's next refresh, and of the one alone again when the merge is undone. A word against recommendations stays
    with whoever gave it, where it is read through the alias (:func:`app.insights.neighbours.is_wanted`)."""
    table: Any = MemberValue.__table__
    rows = [dict(row) for row in tx.session.execute(select(table).where(table.c.member_id == giver)).mappings()]
    if not rows:
        return
    known = set(tx.session.scalars(select(table.c.merchant_id).where(table.c.member_id == taker)))
    tx.session.execute(delete(table).where(table.c.member_id == giver))
    fresh = [{**row, "member_id": taker} for row in rows if row["merchant_id"] not in known]
    if fresh:
        tx.session.execute(insert(table), fresh)


def erase(tx: Transaction, member_ids: Sequence[str]) -> None:
    """Destroy what was worked out of a member who leaves, and her word on recommendations; in the caller's
    transaction."""
    for table in (MemberValue, RecommendationChoice):
        tx.session.execute(delete(table).where(table.member_id.in_(member_ids)))


def choices_of(tx: Transaction, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Her word on recommendations, for taking away; empty where she has said nothing, and they are on."""
    rows = tx.session.execute(
        select(RecommendationChoice.is_on, RecommendationChoice.changed_at)
        .where(RecommendationChoice.member_id.in_(member_ids))
        .order_by(RecommendationChoice.member_id)
    ).all()
    return [{"is_on": is_on, "changed_at": at.isoformat().replace("+00:00", "Z")} for is_on, at in rows]


def record_of(tx: Transaction, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """What each shop has worked out of a member, for taking away: the figures by plain names. What she is worth to it,
    which would tell what it keeps of a sale, and into which of its groups it puts her are the shop's own affair."""
    rows = tx.session.execute(
        select(MemberValue, Merchant.name, Merchant.currency)
        .join(Merchant, Merchant.id == MemberValue.merchant_id)
        .where(MemberValue.member_id.in_(member_ids))
        .order_by(MemberValue.merchant_id)
    ).all()
    return [
        {
            "merchant_id": one.merchant_id,
            "merchant_name": name,
            "currency": currency,
            "visits_last_year": one.visits_year,
            "spent_last_year": format_amount(one.spend_year_minor, currency),
            "given_last_year": format_amount(one.cost_year_minor, currency),
            "chance_of_another_visit": None if one.alive is None else round(one.alive, 3),
            "expected_visits_next_year": None if one.expected_visits is None else round(one.expected_visits, 1),
            "expected_amount_per_visit": _amount(one.expected_basket_minor, currency),
            "computed_at": one.computed_at.isoformat().replace("+00:00", "Z"),
        }
        for one, name, currency in rows
    ]


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else format_amount(minor, currency)
