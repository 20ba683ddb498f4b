"""What a year looks like at a shop of each trade, for shops that have none of their own yet: always the same one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from app.common.money import exponent
from app.rewards.evaluator import Item, VisitFacts
from app.rewards.rules import ProgrammeRules
from app.rewards.simulator.replay import Event

MEMBERS = 200
DAYS = 365


@dataclass(frozen=True, slots=True)
class Trade:
    """``gap``: days between two visits of a regular. ``basket`` and ``spread``: what a visit costs, in the middle, and
    how far that strays. ``weekdays``: how busy they are beside each other, Monday first. ``hours``: open from, to."""

    gap: float
    basket: float
    spread: float
    weekdays: tuple[float, ...]
    hours: tuple[int, int]


_SHOP = (0.6, 0.9, 1.0, 0.9, 1.1, 1.8, 0.0)
TRADES = {
    "bakery": Trade(5, 9.0, 0.5, (0.0, 0.9, 0.9, 1.0, 1.1, 1.7, 1.5), (7, 18)),
    "cafe": Trade(6, 7.5, 0.55, (0.7, 0.8, 0.9, 1.0, 1.4, 1.6, 1.3), (8, 22)),
    "hairdresser": Trade(42, 38.0, 0.45, (0.0, 0.9, 1.0, 1.1, 1.4, 1.6, 0.0), (9, 18)),
    "bookshop": Trade(30, 24.0, 0.6, _SHOP, (9, 18)),
    "butcher": Trade(8, 21.0, 0.5, (0.7, 0.9, 1.0, 1.0, 1.4, 1.7, 0.6), (8, 18)),
    "restaurant": Trade(35, 62.0, 0.45, (0.0, 0.6, 0.8, 1.0, 1.6, 1.8, 1.2), (12, 22)),
    "bike-repair": Trade(75, 34.0, 0.9, _SHOP, (9, 18)),
    "pharmacy": Trade(24, 17.0, 0.7, (1.2, 1.0, 1.0, 1.0, 1.1, 0.8, 0.0), (9, 19)),
    "florist": Trade(28, 22.0, 0.5, (0.4, 0.8, 0.9, 1.0, 1.4, 1.7, 0.9), (9, 18)),
    "general": Trade(14, 18.0, 0.7, _SHOP, (9, 18)),
}
_ALIASES = {"bicycle": "bike-repair", "lunch": "cafe", "ice": "cafe", "chips": "cafe", "cheese": "butcher"}


def trade_of(category: str) -> str:
    """Which of the trades a shop's own word comes nearest to."""
    return category if category in TRADES else _ALIASES.get(category, "general")


def typical_year(category: str, rules: ProgrammeRules, until: datetime) -> Iterator[tuple[str, list[Event]]]:
    """The visits of some two hundred members of a typical shop in the year before ``until``: each a made-up id with her
    events. The same trade, rules' products and moment give the same year."""
    name = trade_of(category)
    trade = TRADES[name]
    chance = Random(f"typical year of a {name}")  # noqa: S311  to be the same each time, not to be secret
    scale = 10 ** exponent(rules.currency)
    goods = sorted({rule.category for rule in rules.earn if rule.category is not None})
    codes = sorted({rule.sku for rule in rules.earn if rule.sku is not None})
    end = until.astimezone(rules.zone).date()
    for number in range(MEMBERS):
        # Few come often, and many seldom, as everywhere.
        gap = trade.gap * math.exp(chance.gauss(0.35, 0.8))
        own = math.exp(chance.gauss(0, 0.3))
        events = []
        day = chance.uniform(0, DAYS) if chance.random() < 0.3 else chance.uniform(0, gap)
        while day < DAYS:
            date = end - timedelta(days=DAYS - int(day))
            if chance.random() * max(trade.weekdays) < trade.weekdays[date.weekday()]:
                at = datetime(
                    date.year,
                    date.month,
                    date.day,
                    chance.randrange(*trade.hours),
                    chance.randrange(60),
                    tzinfo=rules.zone,
                )
                events.append(Event(at.astimezone(UTC), _visit(chance, trade, own, scale, goods, codes, at)))
            day += max(0.4, chance.expovariate(1 / gap))
        if events:
            yield f"typical-{number}", events


def _visit(
    chance: Random, trade: Trade, own: float, scale: int, goods: list[str], codes: list[str], at: datetime
) -> VisitFacts:
    amount = round(trade.basket * own * math.exp(chance.gauss(0, trade.spread)) * scale)
    if not goods and not codes:
        return VisitFacts(at.astimezone(UTC), amount)
    items = [Item(category=name, amount_minor=amount // 3) for name in goods if chance.random() < 0.6]
    items += [Item(sku=code, amount_minor=amount // 3) for code in codes if chance.random() < 0.3]
    rest = max(amount - sum(item.amount_minor or 0 for item in items), 0)
    return VisitFacts(at.astimezone(UTC), None, None, (*items, Item(name="other", amount_minor=rest)))
