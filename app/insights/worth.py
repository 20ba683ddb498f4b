"""What units come to in money: from the rewards they are for, exactly where the shop said it, estimated where not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from app.common.database import Transaction
from app.common.sql import Statement
from app.rewards.configuration import document

KEY = "average_basket_minor"
"""Under which a merchant's settings hold the basket that its owner typed."""
LOOKED_AT = timedelta(days=90)
ENOUGH = 10  # visits with an amount, before their mean is a basket
SHARE = 5  # and one in so many of all visits

_REWARDS = Statement(
    """
    SELECT w.programme_id, w.id, w.kind, w.cost, w.amount_minor, w.percent, p.full_card_reward_id
    FROM reward w JOIN programme p ON p.id = w.programme_id
    WHERE w.merchant_id = :merchant_id AND w.is_active = :yes
    """
)
_AMOUNTS = Statement(
    "SELECT sum(amount_minor), sum(amount_visits), sum(visits) FROM visit_hour"
    " WHERE merchant_id = :merchant_id AND day >= :since"
)
_SETTINGS = Statement("SELECT settings FROM merchant WHERE id = :merchant_id")


@dataclass(frozen=True, slots=True)
class Basket:
    """What a visit comes to on average, in minor units. ``is_typed``: the owner said so, since nothing could be
    measured; then every figure made with it is an estimate. None: not known at all."""

    minor: int | None
    is_typed: bool


@dataclass(frozen=True, slots=True)
class Worth:
    """What one unit comes to in minor units; None where no reward says it."""

    per_unit: Fraction | None
    is_estimated: bool

    def of(self, units: int) -> int | None:
        """What so many units come to, rounded."""
        return None if self.per_unit is None else round(self.per_unit * units)


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward, reduced to what tells the worth of a unit."""

    reward_id: str
    kind: str
    cost: int
    amount_minor: int | None
    percent: int | None


def basket_of(tx: Transaction, merchant_id: str, today: date) -> Basket:
    """The average basket of a merchant: measured over ninety days where amounts are entered, else as typed."""
    asked = {"merchant_id": merchant_id, "since": (today - LOOKED_AT).isoformat()}
    amount, known, visits = (int(value or 0) for value in tx.rows(_AMOUNTS, asked)[0])
    if known >= ENOUGH and known * SHARE >= visits:
        return Basket(round(Fraction(amount, known)), is_typed=False)
    return Basket(typed_basket(document(tx.rows(_SETTINGS, {"merchant_id": merchant_id})[0][0])), is_typed=True)


def typed_basket(settings: Mapping[str, Any] | None) -> int | None:
    """The basket in a merchant's settings."""
    kept = (settings or {}).get(KEY)
    return kept if isinstance(kept, int) and kept > 0 else None


def worth_of_units(tx: Transaction, merchant_id: str, basket: Basket) -> dict[str, Worth]:
    """What a unit of each of a merchant's programmes is worth."""
    offers: dict[str, list[Offer]] = {}
    full_cards: dict[str, str | None] = {}
    for programme_id, *offer, full_card in tx.rows(_REWARDS, {"merchant_id": merchant_id, "yes": True}):
        offers.setdefault(programme_id, []).append(Offer(*offer))
        full_cards[programme_id] = full_card
    return {key: unit_worth(found, full_cards[key], basket) for key, found in offers.items()}


def unit_worth(offers: Iterable[Offer], full_card: str | None, basket: Basket) -> Worth:
    """From a programme's rewards: the one for a full card where that says it, else the middle one of all that do."""
    known = sorted(
        ((offer.reward_id != full_card, _per_unit(offer, basket), offer.kind == "percent_off") for offer in offers),
        key=lambda one: (one[0], one[1] or 0),
    )
    told = [(is_other, per_unit, is_guess) for is_other, per_unit, is_guess in known if per_unit is not None]
    if not told:
        return Worth(None, is_estimated=False)
    if not told[0][0]:
        return Worth(told[0][1], is_estimated=told[0][2])
    middle = told[len(told) // 2]
    return Worth(middle[1], is_estimated=middle[2])


def _per_unit(offer: Offer, basket: Basket) -> Fraction | None:
    if offer.amount_minor is not None:
        return Fraction(offer.amount_minor, offer.cost)
    if offer.percent is not None and basket.minor is not None:
        return Fraction(basket.minor * offer.percent, 100 * offer.cost)
    return None
