"""Living through the year: every planned visit is booked as the tablet would have booked it, at its own moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

from app.cli.demo.building import OpenShop, at_counter, fresh_key, join
from app.cli.demo.people import Person
from app.cli.demo.year import PlannedCall
from app.common.errors import DomainError
from app.common.scope import Scope
from app.rewards.evaluator import Item
from app.rewards.outcomes import VisitResult
from app.scanning.counter import Counter
from app.scanning.requests import Identification, RedemptionRequest, ReversalRequest, VisitRequest
from app.scanning.service import record_visit, redeem, reverse

TAKES_VOUCHER = 0.72  # at a visit, when there is one
TAKES_REWARD = 0.3  # at a visit, when the points pay for one
MISTAKES = 0.004
REFUNDS = 0.003


class TownClock:
    """The moment that the town is living through."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Lived:
    """What happened."""

    visits: int = 0
    redemptions: int = 0
    reversals: int = 0
    numbers: dict[int, str] = field(default_factory=dict)  # of the people who joined


@dataclass(slots=True)
class _Habits:
    """What the members hold, as far as they would know it themselves."""

    vouchers: dict[tuple[int, int], list[str]] = field(default_factory=dict)


def live(
    scope: Scope,
    clock: TownClock,
    host: str,
    shops: list[OpenShop],
    people: list[Person],
    calls: Iterable[PlannedCall],
    printed: list[str],
    chance: Random,
    advance: Callable[[], None],
    after_day: Callable[[], None] = lambda: None,
) -> Lived:
    """Book the year, one database transaction a day: shops don't see each other's day half done, and it is quick.
    ``after_day`` is called between two of them."""
    lived, habits = Lived(), _Habits()
    waiting = sorted(people, key=lambda person: (person.joins, person.number), reverse=True)
    for day, today in groupby(calls, key=lambda call: call.at.date()):
        with scope.transaction():
            # Joined in the morning: whoever comes today has a card.
            clock.now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
            while waiting and waiting[-1].joins <= day:
                person = waiting.pop()
                lived.numbers[person.number] = join(scope, person, printed)
            for call in today:
                clock.now = call.at
                shop = shops[call.shop]
                counter = Counter(at_counter(scope, shop, chance), (host,))
                _visit(counter, clock, shop, call, lived, habits, chance)
                advance()
        after_day()
    return lived


def _visit(
    counter: Counter,
    clock: TownClock,
    shop: OpenShop,
    call: PlannedCall,
    lived: Lived,
    habits: _Habits,
    chance: Random,
) -> None:
    who = Identification(lived.numbers[call.person])
    basket = shop.plan.basket
    items = tuple(
        Item(
            basket[product].sku,
            basket[product].name,
            basket[product].category,
            count,
            basket[product].price_minor * count,
        )
        for product, count in call.products
    )
    request = VisitRequest(who, amount_minor=call.amount_minor, units=call.units, items=items)
    results: list[VisitResult] = []
    reply = record_visit(counter, request, key=fresh_key(), render=_keeping(results), render_refusal=_refused)
    if reply.status >= 300 or not results:
        return
    result = results[-1]
    lived.visits += 1
    held = habits.vouchers.setdefault((call.person, call.shop), [])
    luck = chance.random()
    clock.now += timedelta(minutes=2)
    if luck < MISTAKES:
        _undo(counter, result, None, "Verkeerd bedrag ingetikt", lived)
        return
    if luck < MISTAKES + REFUNDS and shop.plan.basket:
        _undo(counter, result, call.amount_minor // 3, "Teruggebracht", lived)
    if held and chance.random() < TAKES_VOUCHER:
        lived.redemptions += _redeem(counter, RedemptionRequest(voucher_code=held.pop(0)))
    held.extend(voucher.voucher_code for voucher in result.unlocked)
    for balance in result.accounts:
        for reward_id, cost in shop.rewards.get(balance.programme_id, ()):
            if balance.balance >= cost and chance.random() < TAKES_REWARD:
                lived.redemptions += _redeem(counter, RedemptionRequest(who=who, reward_id=reward_id))
                break


def _redeem(counter: Counter, request: RedemptionRequest) -> bool:
    try:
        reply = redeem(counter, request, key=fresh_key(), render=_keeping([]), render_refusal=_refused)
    except DomainError:  # the last tasting was taken by somebody else, the savings period is over
        return False
    return reply.status < 300


def _undo(counter: Counter, result: VisitResult, amount_minor: int | None, reason: str, lived: Lived) -> None:
    request = ReversalRequest(result.transaction_id or "", reason, amount_minor)
    try:
        reply = reverse(counter, request, key=fresh_key(), render=_keeping([]), render_refusal=_refused)
    except DomainError:  # a refund of a visit that earned by products needs its lines
        return
    lived.reversals += reply.status < 300


def _keeping(results: list[Any]) -> Callable[[Any], str]:
    """Nobody will ever ask for these answers again; only what they say is kept, here."""

    def render(result: Any) -> str:
        results.append(result)
        return "{}"

    return render


def _refused(_: DomainError) -> tuple[int, str]:
    return 409, "{}"
