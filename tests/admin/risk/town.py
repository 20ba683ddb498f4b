"""A year of the demo town, with the rules run every night, and eight people in it who cheat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.cards import attempts
from app.cards.service import issue_printed_cards
from app.cli.demo import building
from app.cli.demo.building import OpenShop
from app.cli.demo.living import TownClock, live
from app.cli.demo.people import draw_people
from app.cli.demo.street import read_town
from app.cli.demo.year import draw_year
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants import service as merchants
from app.risk.service.finding import find_cases, find_guesses
from app.scanning.counter import Counter
from app.scanning.requests import Identification, QueuedEvent, VisitRequest
from mobile_api import misses
from tests.factories import Answer, redeem, reverse, send_queue, visit

SEED = 1950
HOST = "card.example"
Fraud = Callable[["Town", datetime], str]


@dataclass
class Town:
    """What a fraud needs to know. ``crooks`` are the members who cheat, ``done`` when each fraud was done."""

    scope: Scope
    clock: TownClock
    shops: list[OpenShop]
    crooks: set[str] = field(default_factory=set)
    done: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # by rule: when, who

    def shop(self, trade: str) -> OpenShop:
        return next(shop for shop in self.shops if shop.plan.trade == trade)

    def card(self) -> tuple[str, str]:
        """Number and id of a card of somebody who cheats."""
        [made] = issue_printed_cards(self.scope, 1)
        self.crooks.add(made.member_id)
        return made.number, made.card_id

    def at(self, shop: OpenShop, *, staff: int = 1) -> Counter:
        """The shop's tablet with one of its people at it."""
        scope = replace(
            self.scope,
            actor_kind="device",
            actor_id=shop.device_id,
            merchant_id=shop.merchant_id,
            location_id=shop.location_id,
            device_id=shop.device_id,
            device_kind="tablet",
            staff_id=shop.staff_ids[staff],
            scopes=frozenset({"approve"}),
        )
        return Counter(scope, (HOST,))

    def visit(self, shop: OpenShop, card: str, when: datetime, *, staff: int = 1, **fields: Any) -> Answer:
        self.clock.now = when
        told = {"units": 1} if shop.plan.units else {"amount_minor": 2500}
        answer = visit(self.at(shop, staff=staff), card, **(told | fields))
        assert answer.ok, answer.body
        return answer


def own_card(town: Town, day: datetime) -> str:
    """A cashier stamps her own card whenever a customer has none."""
    shop = town.shop("bookshop")
    number, _ = town.card()
    for hour in range(9, 19):
        town.visit(shop, number, day.replace(hour=hour, minute=11))
    return shop.staff_ids[1]


def shared_card(town: Town, day: datetime) -> str:
    """A picture of one card goes round among friends at one counter."""
    number, card_id = town.card()
    for minute in range(0, 60, 10):
        town.visit(town.shop("cafe"), number, day.replace(hour=14, minute=minute))
    return card_id


def two_towns(town: Town, day: datetime) -> str:
    """A copied card earns here and in a shop sixty kilometres away seven minutes later."""
    number, card_id = town.card()
    near, far = town.shop("bakery"), _far_shop(town)
    town.visit(near, number, day.replace(hour=9, minute=2))
    town.visit(far, number, day.replace(hour=9, minute=9))
    return card_id


def given_back(town: Town, day: datetime) -> str:
    """A cashier books, gives the reward to a friend, and undoes it again."""
    shop = town.shop("bookshop")
    number, _ = town.card()
    [reward] = [one for rewards in shop.rewards.values() for one in rewards][-1:]
    for minute in (0, 12, 24, 36):
        town.visit(shop, number, day.replace(hour=15, minute=minute), amount_minor=30000)
        town.clock.now = day.replace(hour=15, minute=minute + 2)
        given = redeem(town.at(shop), number, reward[0])
        assert given.ok, given.body
        undone = reverse(town.at(shop), given.transaction_id)
        assert undone.ok, undone.body
    return shop.staff_ids[1]


def by_night(town: Town, day: datetime) -> str:
    """Somebody with a key earns while the shop is shut."""
    shop = town.shop("bookshop")
    for minute in (3, 9, 15, 28):
        number, _ = town.card()
        town.visit(shop, number, day.replace(hour=1, minute=minute))
    return shop.device_id


def guesser(town: Town, day: datetime) -> str:
    """A tablet that was taken away walks through numbers."""
    shop = town.shop("hairdresser")
    town.clock.now = day.replace(hour=3)
    for _ in range(30):
        for limit in misses.LIMITS:
            attempts.count(town.scope, limit, shop.device_id)
    return shop.device_id


def made_up_queue(town: Town, day: datetime) -> str:
    """A queue of visits that somebody typed up: one a minute, to the second."""
    shop = town.shop("butcher")
    start = day.replace(hour=12)
    cards = [town.card()[0] for _ in range(6)]
    town.clock.now = start + timedelta(hours=2)
    fields: dict[str, Any] = {"units": 1} if shop.plan.units else {"amount_minor": 1500}
    events = [
        QueuedEvent(
            new_id(),
            number + 1,
            visit=VisitRequest(
                Identification(cards[number % 6]),
                occurred_at=start + timedelta(seconds=60 * number),
                staff_id=shop.staff_ids[1],
                **fields,
            ),
        )
        for number in range(18)
    ]
    results = send_queue(town.at(shop), events).results
    assert {result.status for result in results} == {"applied"}, results
    return shop.device_id


def welcomed(town: Town, day: datetime) -> str:
    """One phone makes seven accounts, each takes the welcome and never comes again."""
    shop = town.shop("florist")
    for number in range(7):
        town.visit(shop, town.card()[0], day.replace(hour=11, minute=4 + 4 * number), amount_minor=2500)
    return shop.device_id


FRAUDS: dict[str, Fraud] = {
    "card_device": shared_card,
    "staff_card": own_card,
    "far_apart": two_towns,
    "reversed": given_back,
    "night": by_night,
    "guessing": guesser,
    "offline_clock": made_up_queue,
    "welcome": welcomed,
}


def live_through(scope: Scope, days: int, until: datetime) -> tuple[Town, set[str]]:
    """Live through so many days that end at ``until``, each fraud in its turn within the last half of them, the rules
    run every evening. Returns the town and the honest members who came."""
    first = until - timedelta(days=days)
    plan = read_town(until.date())
    chance = Random(SEED)
    people = draw_people(chance, first.date(), until.date())
    calls = list(draw_year(chance, people, plan.shops, first.date(), until))
    clock = TownClock(first - timedelta(days=14))
    then = Scope(scope.database, scope.keys, clock=clock)
    shops: list[OpenShop] = []
    for shop in plan.shops:
        with then.transaction():
            shops.append(building.build_shop(then, plan, shop, chance, is_first=False))
    printed = building.print_cards(then, sum(not person.has_app for person in people))
    town = Town(then, clock, shops)
    begin = days // 2
    turns = {begin + 2 * number: rule for number, rule in enumerate(FRAUDS)}
    lived_days = 0

    def after_day() -> None:
        nonlocal lived_days
        day = clock.now.replace(hour=0, minute=0, second=0, microsecond=0)
        rule = turns.get(lived_days)
        if rule is not None:
            town.done[rule] = (day, FRAUDS[rule](town, day))
        clock.now = day + timedelta(hours=23)
        find_cases(then)
        find_guesses(then)
        lived_days += 1

    lived = live(then, clock, HOST, shops, people, calls, printed, chance, lambda: None, after_day)
    return town, set(lived.numbers.values())


def _far_shop(town: Town) -> OpenShop:
    """One more shop of the baker's, in another town."""
    near = town.shop("bakery")
    location_id = merchants.add_location(town.scope, near.merchant_id, name="Elders", city="Gent", lat=51.6, lon=4.6)
    device = merchants.create_key(town.scope, location_id, name="Till", scopes=["approve"])
    return replace(near, location_id=location_id, device_id=device.device_id)
