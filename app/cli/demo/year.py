"""A year of visits: who comes when, to which shop, for how much.

Each person takes to some of the shops, for each with a rhythm of her own that is more regular for bread than for
lamps; some drift away, some come back in the season, and everybody keeps to opening hours. Pure: a seeded generator in,
visits out, in order of time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from random import Random

from app.cli.demo.people import Person
from app.cli.demo.street import Product, ShopPlan
from app.common.clock import zone
from app.merchants import opening_hours
from app.merchants.opening_hours import OpeningHours

ONE_DAY = timedelta(days=1)
STAYS = 0.62  # of those who take to a shop, how many keep coming
ONCE_ONLY = 0.16
ZONE = "Europe/Brussels"


@dataclass(frozen=True, slots=True, order=True)
class PlannedCall:
    """Somebody comes to a shop. ``products`` are (index in the basket, how many); else ``amount_minor`` is spent."""

    at: datetime
    person: int
    shop: int
    amount_minor: int
    units: int | None
    products: tuple[tuple[int, int], ...]


def draw_year(
    chance: Random, people: list[Person], shops: tuple[ShopPlan, ...], first_day: date, until: datetime
) -> Iterator[PlannedCall]:
    """All visits of everybody from ``first_day`` until the aware moment ``until``, in order of time."""
    hours = [opening_hours.parse(shop.hours) for shop in shops]
    habits = []
    for person in people:
        taken_to = [shop for shop in range(len(shops)) if _takes_to(chance, person, shops[shop])]
        for shop in taken_to or [chance.randrange(len(shops))]:
            # Each habit draws from a generator of its own: one more shop changes nobody's visits to the others.
            own = Random(chance.getrandbits(64))  # noqa: S311  invents customers, guards nothing
            habits.append(_habit(own, person, shop, shops[shop], hours[shop], first_day, until))
    return merge(*habits)


def _takes_to(chance: Random, person: Person, shop: ShopPlan) -> bool:
    if person.is_first:
        return shop.trade in ("bakery", "cafe", "bookshop", "greengrocer", "ice", "bicycle", "florist", "lunch")
    return chance.random() < shop.drawn * 0.62


def _habit(
    chance: Random,
    person: Person,
    number: int,
    shop: ShopPlan,
    hours: OpeningHours,
    first_day: date,
    until: datetime,
) -> Iterator[PlannedCall]:
    begins = max(first_day, person.joins) + timedelta(days=int(chance.expovariate(1 / 25)))
    every = shop.every * chance.lognormvariate(0.25, 0.55) / person.zest
    regularity = chance.uniform(1.2, 3.5)
    last = until.date()
    ends = last + ONE_DAY
    if not person.is_first and chance.random() > STAYS:
        ends = begins + timedelta(days=int(chance.expovariate(1 / 110)))
    if not person.is_first and chance.random() < ONCE_ONLY:
        ends = begins
    spends = chance.lognormvariate(0, 0.25)
    day = float(begins.toordinal())
    while True:
        when = date.fromordinal(int(day))
        if when > ends or when > last:
            return
        call = _call(chance, person, number, shop, hours, when, spends)
        if call is not None and call.at < until:
            yield call
        # In a busy month the same person comes sooner, in a quiet one later.
        season = max(0.08, shop.months[when.month - 1])
        day = max(day, call.at.date().toordinal() if call else day) + max(
            1.0, chance.gammavariate(regularity, every / regularity) / season
        )


def _call(
    chance: Random, person: Person, number: int, shop: ShopPlan, hours: OpeningHours, when: date, spends: float
) -> PlannedCall | None:
    """A visit on the day or one of the next six, busier days more likely; none when the shop is shut all week."""
    there = zone(ZONE)
    days = []
    for after in range(7):
        day = when + after * ONE_DAY
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=there)
        spans = opening_hours.today(hours, noon, timezone=ZONE, country="BE")
        weight = shop.weekdays[day.weekday()] * (1.0 if after == 0 else 0.68**after)
        if spans and weight > 0:
            days.append((day, spans, weight))
    if not days or chance.random() > shop.months[when.month - 1] * 1.6:
        return None
    day, spans, _ = chance.choices(days, [weight for _, _, weight in days])[0]
    opens, closes = chance.choice(spans)
    first, last = _minutes(opens), _minutes(closes)
    if last <= first:
        last += 24 * 60
    minute = first + int((last - first - 2) * chance.betavariate(2.0, 2.2))
    midnight = datetime(day.year, day.month, day.day, tzinfo=there)
    at = (midnight + timedelta(minutes=minute, seconds=chance.randrange(60))).astimezone(UTC)
    products = _basket(chance, shop.basket)
    if products:
        amount = sum(shop.basket[product].price_minor * count for product, count in products)
    else:
        usual, spread = shop.spend or (1000.0, 0.4)
        amount = max(100, round(usual * spends * chance.lognormvariate(0, spread) / 5) * 5)
    units = None
    if shop.units is not None:
        units = chance.randint(*shop.units)
    return PlannedCall(at, person.number, number, amount, units, products)


def _basket(chance: Random, basket: tuple[Product, ...]) -> tuple[tuple[int, int], ...]:
    if not basket:
        return ()
    chosen = [
        (product, 2 if chance.random() < 0.15 else 1)
        for product, one in enumerate(basket)
        if chance.random() < one.chance
    ]
    return tuple(chosen) or ((0, 1),)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
