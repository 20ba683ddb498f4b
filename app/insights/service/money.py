"""What a shop's visits come to, and what its members cost: the amounts that nobody entered are filled in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from app.common.database import Transaction
from app.common.money import exponent
from app.insights.histories import YEAR, Histories
from app.insights.purchases import Ints
from app.insights.service.reading import Rewards, Surroundings, beginning_of, mails_since, rewards_since
from app.insights.service.shops import Shop
from app.insights.valuing import Costs, usual_margin
from app.insights.worth import basket_of, worth_of_units
from app.rewards.simulator.typical import TRADES, trade_of

_LITTLE = 0.01
_ENOUGH, _SHARE = 10, 5  # visits with an amount, and one in so many, before their mean is a basket


@dataclass(frozen=True, slots=True)
class Basket:
    """What a visit comes to whose amount nobody knows, and whether that was never measured."""

    minor: int
    is_guess: bool


@dataclass(frozen=True, slots=True)
class Spent:
    """What was given to members: rewards by day, and mails of the year with what one of them costs."""

    rewards: Rewards
    mails: Mapping[str, int]
    mail_minor: int


def basket_for(tx: Transaction, shop: Shop, known: Histories, today: date) -> Basket:
    """Measured over ninety days or over the year, else as the owner typed it, else as is usual in the trade."""
    found = basket_of(tx, shop.merchant_id, today)
    if found.minor is not None and not found.is_typed:
        return Basket(found.minor, is_guess=False)
    visits, priced = int(known.visits.sum()), int((known.visits - known.unpriced).sum())
    if priced >= _ENOUGH and priced * _SHARE >= visits:
        return Basket(round(int(known.spend.sum()) / priced), is_guess=False)
    if found.minor is not None:
        return Basket(found.minor, is_guess=True)
    return Basket(round(TRADES[trade_of(shop.trade)].basket * 10 ** exponent(shop.currency)), is_guess=True)


def spent_on(
    tx: Transaction, shop: Shop, around: Surroundings, basket: Basket, *, today: date, since: int, now: datetime
) -> Spent:
    """What members had since a local day (of 1970), the mails within the year."""
    rewards = rewards_since(
        tx,
        shop.merchant_id,
        shop.timezone,
        around,
        since=beginning_of(since, shop.timezone),
        currency=shop.currency,
        basket_minor=basket.minor,
        worth=worth_of_units(tx, shop.merchant_id, basket_of(tx, shop.merchant_id, today)),
    )
    mails, price = mails_since(tx, shop.merchant_id, around, now - timedelta(days=YEAR))
    return Spent(rewards, mails, price)


def cost_of(known: Histories, spent: Spent, today: int, *, with_mails: bool = True) -> Ints:
    """What each member cost in the year that ends with a local day."""
    total: Counter[str] = Counter()
    rewards = spent.rewards
    inside = (rewards.day > today - YEAR) & (rewards.day <= today)
    for place in np.flatnonzero(inside).tolist():
        total[rewards.members[place]] += int(rewards.minor[place])
    if with_mails:
        for member, count in spent.mails.items():
            total[member] += count * spent.mail_minor
    return np.array([total[member] for member in known.members], np.int64)


def rates(shop: Shop, known: Histories, spent: Spent, today: int) -> Costs:
    """What stays of a sale, what a visit costs in rewards, and a member who was there in the year in messages."""
    visits, seen = int(known.visits.sum()), int(np.count_nonzero(known.visits))
    given = int(spent.rewards.minor[spent.rewards.day > today - YEAR].sum())
    mails = sum(spent.mails.values()) * spent.mail_minor
    margin = shop.margin_percent or usual_margin(shop.trade)
    return Costs(margin, given / max(visits, 1), mails / max(seen, 1))


def hardly_differ(costs: Costs, before: Costs, basket: Basket) -> bool:
    """Whether values that were reckoned with the one are good enough with the other: to a hundredth of what stays of a
    visit."""
    stays = max(basket.minor * costs.margin_percent / 100, 1.0)
    return (
        costs.margin_percent == before.margin_percent
        and abs(costs.visit_minor - before.visit_minor) <= _LITTLE * stays
        and abs(costs.year_minor - before.year_minor) <= _LITTLE * stays
    )


def taken_in_year(spent: Spent, today: int) -> dict[str, int]:
    """How many rewards each member redeemed in the year."""
    rewards = spent.rewards
    inside = np.flatnonzero(rewards.day > today - YEAR).tolist()
    return Counter(rewards.members[place] for place in inside)
