"""Members with figures on the map, as a night would leave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from app.common.scope import Scope
from app.insights.models import MemberValue, MerchantModel, RelationshipMonth, RungMonth
from app.insights.queries.value import lines_of
from app.rewards.models import ShopMember

VISITS, PROFIT = 6.0, 4500  # the lines of the data

Dot = tuple[str, float, int]
"""A member, her expected visits, and her profit in cents."""


def fill_map(scope: Scope, merchant_id: str, dots: Sequence[Dot], *, basis: str = "own", **more: Any) -> None:
    """Put members on a merchant's map; without figures (``basis`` none) they have a rung alone."""
    months = [("2026-10", "", "stranger", 3), ("2026-11", "stranger", "friend", 2), ("2026-11", "friend", "friend", 1)]
    with scope.transaction() as tx:
        tx.session.add(_model(scope, merchant_id, basis, len(dots)))
        tx.session.flush()
        assert lines_of(tx, merchant_id) is not None
        for member_id, visits, profit in dots:
            row = _value(scope, merchant_id, member_id, visits, profit, basis)
            for name, value in more.items():
                setattr(row, name, value)
            tx.session.add(row)
            tx.session.execute(
                update(ShopMember)
                .where(ShopMember.member_id == member_id, ShopMember.place_id == merchant_id)
                .values(relationship=row.relationship, rung=row.rung)
            )
        if basis != "none":
            tx.session.add_all(
                RelationshipMonth(
                    merchant_id=merchant_id, month=month, was=was, relationship=now, members=many, profit_minor=0
                )
                for month, was, now, many in months
            )
        tx.session.add(RungMonth(merchant_id=merchant_id, month="2026-11", was="customer", rung="client", members=2))


def _model(scope: Scope, merchant_id: str, basis: str, many: int) -> MerchantModel:
    return MerchantModel(
        merchant_id=merchant_id,
        basis=basis,
        customers=many,
        repeaters=many // 2,
        visits=many * 3,
        equity_minor=None if basis == "none" else 3_841_234,
        basket_minor=1400,
        margin_percent=40,
        visit_cost_minor=20.0,
        year_cost_minor=5.0,
        visits_line=VISITS,
        profit_line_minor=PROFIT,
        month="2026-11",
        prospects_opened=12,
        prospects_invited=5,
        is_estimated=True,
        fitted_at=scope.now,
        refreshed_at=scope.now,
    )


def _value(scope: Scope, merchant_id: str, member_id: str, visits: float, profit: int, basis: str) -> MemberValue:
    often, pays = visits >= VISITS, profit >= PROFIT
    group = ("friend" if often else "butterfly") if pays else ("barnacle" if often else "stranger")
    is_known = basis != "none"
    return MemberValue(
        member_id=member_id,
        merchant_id=merchant_id,
        x=3,
        first_day="2026-01-05",
        last_day="2026-11-20",
        mean_minor=1400,
        visits_year=14,
        spend_year_minor=profit * 2,
        unpriced_year=0,
        cost_year_minor=0,
        profit_year_minor=profit,
        alive=0.9 if is_known else None,
        expected_visits=visits if is_known else None,
        expected_basket_minor=1400 if is_known else None,
        to_come=visits * 2 if is_known else None,
        value_minor=profit * 2 if is_known else None,
        relationship=group if is_known else None,
        since_day="2026-10-02" if is_known else None,
        was=group if is_known else None,
        rung="client",
        rung_since_day="2026-11-02",
        rung_was="customer",
        computed_at=scope.now,
    )
