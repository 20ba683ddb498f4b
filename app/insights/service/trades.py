"""What shops of one trade have in common, for those that know too little themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights import bgnbd, gamma_gamma
from app.insights.bgnbd import BgNbd
from app.insights.errors import HistoryTooShortError
from app.insights.gamma_gamma import GammaGamma
from app.insights.histories import UNKNOWN
from app.insights.local_time import day_number
from app.insights.purchases import WEEK, Summary
from app.insights.shrinking import FEWEST_SHOPS

MOST = 300  # customers of one shop
ALTOGETHER = 20_000
GROWN = 1.05

_TRADES = Statement(
    """
    SELECT m.category, m.id, m.currency, m.timezone, k.customers, t.merchants, t.customers
    FROM merchant_model k JOIN merchant m ON m.id = k.merchant_id
    LEFT JOIN trade_model t ON t.trade = m.category
    WHERE m.sandbox_of IS NULL AND k.customers >= 10 ORDER BY m.category, m.id
    """
)
# By their last digits, which are random: the first ones say when a member came.
_CUSTOMERS = Statement(
    """
    SELECT x, first_day, last_day, mean_minor FROM member_value WHERE merchant_id = :merchant_id
    ORDER BY substr(CAST(member_id AS text), 25), member_id LIMIT :most
    """
)
_READ = Statement("SELECT trade, currency, r, alpha, a, b, p, q, v FROM trade_model")
_PUT = Statement(
    """
    INSERT INTO trade_model (trade, merchants, customers, currency, r, alpha, a, b, p, q, v, fitted_at)
    VALUES (:trade, :merchants, :customers, :currency, :r, :alpha, :a, :b, :p, :q, :v, :now)
    ON CONFLICT (trade) DO UPDATE SET merchants = :merchants, customers = :customers, currency = :currency, r = :r,
        alpha = :alpha, a = :a, b = :b, p = :p, q = :q, v = :v, fitted_at = :now
    """
)
_DROP = Statement("DELETE FROM trade_model WHERE trade = :trade")


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade's model; its spending is in minor units of ``currency``."""

    coming: BgNbd
    spending: GammaGamma | None
    currency: str | None

    def spending_in(self, currency: str) -> GammaGamma | None:
        """Its spending, for a shop with that currency."""
        return self.spending if currency == self.currency else None


def read_trades(tx: Transaction) -> dict[str, Trade]:
    """All of them, by trade."""
    found = {}
    for trade, currency, r, alpha, a, b, p, q, v in tx.rows(_READ, {}):
        spending = None if p is None else GammaGamma(p, q, v, 0)
        found[trade] = Trade(BgNbd(r, alpha, a, b, float("nan")), spending, currency)
    return found


def fit_trades(scope: Scope, *, is_anew: bool = False, go_on: Callable[[], object] = lambda: None) -> set[str]:
    """Fit the trades that have five shops or more and have none yet or grew by a twentieth, from the histories that
    their shops' members have now; those with fewer shops lose theirs. Returns which changed. A repeat changes none."""
    with scope.reading() as tx:
        shops: dict[str, list[tuple[str, str, str, int]]] = {}
        known: dict[str, int | None] = {}
        for trade, merchant_id, currency, timezone, customers, _, fitted in tx.rows(_TRADES, {}):
            shops.setdefault(trade, []).append((merchant_id, currency, timezone, int(customers)))
            known[trade] = None if fitted is None else int(fitted)
        had = {row[0] for row in tx.rows(_READ, {})}
    changed: set[str] = set()
    for trade in sorted(had - {name for name, own in shops.items() if len(own) >= FEWEST_SHOPS}):
        scope.run(lambda tx, trade=trade: tx.run(_DROP, {"trade": trade}))  # type: ignore[misc]
        changed.add(trade)
    for trade, own in sorted(shops.items()):
        customers = sum(one[3] for one in own)
        fitted = known[trade]
        if len(own) < FEWEST_SHOPS or (not is_anew and fitted is not None and customers < fitted * GROWN):
            continue
        values = _fit(scope, own)
        go_on()
        if values is not None:
            common = {"trade": trade, "merchants": len(own), "customers": customers, "now": scope.now}
            scope.run(lambda tx, values=values, common=common: tx.run(_PUT, {**common, **values}))  # type: ignore[misc]
            changed.add(trade)
    return changed


def _fit(scope: Scope, shops: Sequence[tuple[str, str, str, int]]) -> Mapping[str, object] | None:
    most = min(MOST, max(ALTOGETHER // len(shops), 10))
    currency = Counter(one[1] for one in shops).most_common(1)[0][0]
    rows: list[tuple[int, float, float, int]] = []
    amounts: list[tuple[int, float, float, int]] = []
    paying = 0
    for merchant_id, paid_in, timezone, _ in shops:
        today = _today(scope.now, timezone)
        with scope.reading() as tx:
            found = [
                (
                    x,
                    (day_number(last) - day_number(first)) / WEEK,
                    (max(today, day_number(last)) - day_number(first)) / WEEK,
                    UNKNOWN if mean is None else mean,
                )
                for x, first, last, mean in tx.rows(_CUSTOMERS, {"merchant_id": merchant_id, "most": most})
            ]
        rows += found
        if paid_in == currency:
            amounts += found
            paying += any(mean > 0 for *_, mean in found)
    try:
        coming = bgnbd.fit(_summary(rows))
    except HistoryTooShortError:
        return None
    spending = None
    if paying >= FEWEST_SHOPS:
        try:
            spending = gamma_gamma.fit(_summary(amounts))
        except HistoryTooShortError:
            spending = None
    values: dict[str, object] = {name: getattr(coming, name) for name in ("r", "alpha", "a", "b")}
    values |= {name: None if spending is None else getattr(spending, name) for name in ("p", "q", "v")}
    return values | {"currency": None if spending is None else currency}


def _summary(rows: Sequence[tuple[int, float, float, int]]) -> Summary:
    x, t_x, age, mean = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    return Summary(np.arange(len(x)), x, t_x, age, np.maximum(mean, 0))


def _today(now: datetime, timezone: str) -> int:
    return day_number(now.astimezone(zone(timezone)).date().isoformat())
