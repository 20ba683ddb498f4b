"""What all members together are worth to a business, and on what that rests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.common.scope import Scope
from app.insights.models import MemberValue, MerchantModel


@dataclass(frozen=True, slots=True)
class Equity:
    """``minor``: the sum of the members' values; None where there is too little to say. ``is_estimated``: it rests on a
    margin or a basket that nobody typed or measured. ``cost_year_minor``: what rewards and messages cost in a year."""

    basis: str
    minor: int | None
    is_estimated: bool
    margin_percent: int | None
    customers: int
    repeaters: int
    visits: int
    members: int
    cost_year_minor: int
    profit_year_minor: int
    refreshed_at: datetime


def equity_of(scope: Scope) -> Equity | None:
    """Of the scope's merchant; None before it was reckoned for the first time."""
    with scope.reading() as tx:
        model = tx.session.get(MerchantModel, scope.merchant_id)
        if model is None:
            return None
        drawn = model.drawn or {}
        members, cost, profit = (
            (drawn["members"], drawn["cost_minor"], drawn["profit_minor"])
            if drawn
            else tx.session.execute(
                select(
                    func.count(), func.sum(MemberValue.cost_year_minor), func.sum(MemberValue.profit_year_minor)
                ).where(MemberValue.merchant_id == scope.merchant_id)
            ).one()
        )
        return Equity(
            model.basis,
            model.equity_minor,
            model.is_estimated,
            model.margin_percent,
            model.customers,
            model.repeaters,
            model.visits,
            int(members),
            int(cost or 0),
            int(profit or 0),
            model.refreshed_at,
        )
