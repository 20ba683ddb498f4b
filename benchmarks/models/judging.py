"""All models of customer value on real histories, each beside what it has to beat."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from app.insights import forecasting
from app.insights.purchases import History, gather
from benchmarks.counter import Effort
from benchmarks.models import fitting, following, journey, redeeming

HELD_OUT = 92
_FLOOR_ROUNDS = 5


def on_real_histories(effort: Effort) -> dict[str, Any]:
    """Estimates and times on CDNOW; forecasts, next shops and campaigns on the Complete Journey."""
    return {
        "cdnow": fitting.against_floor(effort.rounds * _FLOOR_ROUNDS),
        "cards": forecast(purchases()),
        "cards_and_shops": forecast(purchases(by_store=True)),
        "next_shop_ahead": following.held_out(HELD_OUT),
        "next_shop_daily": following.held_out(1),
        "campaigns": redeeming.held_out(),
    }


def purchases(*, by_store: bool = False) -> History:
    """The real baskets; the customer is the household, or the household at one store."""
    found = journey.baskets()
    customer = found.household
    if by_store:
        customer = np.unique(found.household * (int(found.store.max()) + 1) + found.store, return_inverse=True)[1]
    return gather(customer, found.day, found.amount)


def forecast(history: History) -> dict[str, Any]:
    """Error and AUC over the last 92 days, of our forecast and of the two simple ones."""
    found = forecasting.evaluate(history, HELD_OUT)
    scores = {name: asdict(getattr(found, name)) for name in ("ours", "repeat", "bgnbd")}
    return {"customers": found.customers} | {
        name: {fact: round(value, 4) for fact, value in score.items()} for name, score in scores.items()
    }
