"""What rules look like to others: a member's card, what the tablet says to a purchase, and which purchases count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext

from app.backoffice import sentences
from app.common.money import exponent
from app.rewards.evaluator import Earning, Item, Limit, MemberFacts, VisitFacts, evaluate
from app.rewards.queries import ProgrammeView
from app.rewards.queries.amounts import Amounts, histogram
from app.rewards.rules import ProgrammeRules, parse_promotion

SHOWN_SLOTS = 24
_HEIGHT = 72
_BAR, _GAP = 16, 2


@dataclass(frozen=True, slots=True)
class Card:
    """A member's card after the example. ``slots`` is 0 where none are drawn; ``share`` of 100 to the next reward."""

    slots: int
    filled: int
    balance: str
    headline: str
    share: int


@dataclass(frozen=True, slots=True)
class Tablet:
    """What the counter says."""

    is_good: bool
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the picture's own measures. ``part``: counts, lost (counts no more), won (counts only now), out."""

    x: int
    y: int
    height: int
    part: str
    told: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The amounts of the latest purchases, and which of them count. ``mark`` is where the smallest purchase stands."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    mark: int | None
    ticks: tuple[tuple[int, str], ...]
    sentence: str
    is_loss: bool


def examples(
    view: ProgrammeView, rules: ProgrammeRules, now: datetime, amount_minor: int | None, reward: str | None
) -> tuple[Card, Tablet]:
    """A regular's card and the tablet's answer when she buys for ``amount_minor`` now."""
    items: tuple[Item, ...] = ()
    if rules.needs_items:
        share = None if amount_minor is None else amount_minor // len(rules.earn)
        items = tuple(
            Item(sku=rule.sku, category=rule.category, amount_minor=share) for rule in rules.earn if rule.of_items
        )
    promotions = [
        parse_promotion(one.rule, promotion_id=one.promotion_id, currency=rules.currency)
        for one in view.promotions
        if one.is_active
        and (one.starts_at is None or one.starts_at <= now)
        and (one.ends_at is None or now < one.ends_at)
    ]
    member = MemberFacts(visits=6, last_visit_at=now - timedelta(days=7))
    earning = evaluate(rules, promotions, VisitFacts(now, amount_minor, None, items), member)
    costs = sorted(one.cost for one in view.rewards if one.is_active)
    goal = rules.goal or (costs[0] if costs else 0)
    before = max(goal * 6 // 10, 0)
    after = before + earning.units
    card = _card(view, rules, goal, after, reward)
    return card, _tablet(rules, earning, card.headline)


def _card(view: ProgrammeView, rules: ProgrammeRules, goal: int, after: int, reward: str | None) -> Card:
    name = reward
    if rules.goal is None:
        name = next((one.name for one in sorted(view.rewards, key=lambda one: one.cost) if one.is_active), None)
    what = name or gettext("your reward")
    left = goal - after
    if goal == 0:
        headline = gettext("There is no reward yet.")
    elif left <= 0:
        headline = gettext("Yours now: %(reward)s", reward=what)
    else:
        headline = gettext("%(units)s to go: %(reward)s", units=sentences.units(rules, left), reward=what)
    slots = rules.goal if rules.goal is not None and rules.goal <= SHOWN_SLOTS else 0
    share = 0 if goal == 0 else min(100, after * 100 // goal)
    return Card(slots, min(after, slots), sentences.units(rules, after), str(headline), share)


def _tablet(rules: ProgrammeRules, earning: Earning, headline: str) -> Tablet:
    if earning.units:
        return Tablet(True, str(gettext("%(units)s added", units=sentences.units(rules, earning.units))), headline)
    if earning.limited:
        return Tablet(False, str(gettext("Nothing this time")), why(rules, earning.limited[0]))
    if rules.carries:
        return Tablet(False, str(gettext("Nothing this time")), str(gettext("It is kept for the next visit.")))
    return Tablet(False, str(gettext("Nothing this time")), str(gettext("This is too little for a whole one.")))


def why(rules: ProgrammeRules, limit: Limit) -> str:
    """Why a visit earned less, or nothing."""
    if limit.code == "minimum" and rules.minimum_minor is not None:
        return sentences.minimum(rules, rules.minimum_minor)
    told: dict[str, str] = {
        "no_amount": gettext("It takes the amount of the purchase."),
        "zero_amount": gettext("It takes an amount above zero."),
        "no_items": gettext("Nothing that counts was bought."),
        "excluded": gettext("Nothing that counts was bought."),
        "excluded_amount": gettext("Nothing that counts was bought."),
        "not_collecting": gettext("No collecting period is on."),
        "cap:day_visits": gettext("The day's visits are used up."),
        "cap:day": gettext("The day's most is reached."),
        "cap:visit": gettext("The most for one visit is reached."),
        "cap:card": gettext("The most for one member is reached."),
    }
    return told.get(limit.code) or str(gettext("A limit is reached."))


def picture(amounts: Amounts, before: int | None, after: int | None, currency: str) -> Picture | None:
    """The latest purchases by amount, and what another smallest purchase (in minor units) would change. None where too
    few are known."""
    unit = 10 ** exponent(currency)
    found = histogram(amounts.amounts, unit)
    if found is None:
        return None
    most = max(found.counts)
    old, new = before or 0, after or 0
    bars = []
    for index, count in enumerate(found.counts):
        low = index * found.width
        height = 0 if count == 0 else max(2, round(count * _HEIGHT / most))
        told = gettext(
            "%(count)s purchases from %(low)s to %(high)s",
            count=sentences.whole(count),
            low=sentences.money(low, currency),
            high=sentences.money(low + found.width, currency),
        )
        bars.append(Bar(index * (_BAR + _GAP), _HEIGHT - height, height, _part(low, found.width, old, new), str(told)))
    width = len(bars) * (_BAR + _GAP)
    every = max(1, len(bars) // 5)
    ticks = tuple(
        (index * (_BAR + _GAP), sentences.money(index * found.width, currency)) for index in range(0, len(bars), every)
    )
    place = min(new * (_BAR + _GAP) // found.width, width)
    return Picture(
        tuple(bars), width, _HEIGHT, place if new else None, ticks, _said(amounts, old, new, currency), new > old
    )


def _part(low: int, width: int, old: int, new: int) -> str:
    middle = low + width // 2
    if middle >= old and middle >= new:
        return "counts"
    if middle < old and middle < new:
        return "out"
    return "lost" if middle < new else "won"


def _said(amounts: Amounts, old: int, new: int, currency: str) -> str:
    total = sentences.whole(len(amounts.amounts))
    low, high = sorted((old, new))
    between = sentences.whole(amounts.between(low, high))
    spans: Sequence[str] = (sentences.money(low, currency), sentences.money(high, currency))
    if new > old:
        return str(
            gettext(
                "%(count)s of your last %(total)s purchases, from %(low)s to %(high)s, would count no more.",
                count=between,
                total=total,
                low=spans[0],
                high=spans[1],
            )
        )
    if new < old:
        return str(
            gettext(
                "%(count)s of your last %(total)s purchases, from %(low)s to %(high)s, would count as well.",
                count=between,
                total=total,
                low=spans[0],
                high=spans[1],
            )
        )
    counted = sum(1 for amount in amounts.amounts if amount >= new)
    return str(
        gettext("%(count)s of your last %(total)s purchases count.", count=sentences.whole(counted), total=total)
    )
