"""What is personal in recommendations: what one member does herself, and which shops, rewards and products lie near
that, by the tables of :mod:`app.insights.service.recommendations`. Nobody else is ever told of: each pair stands for
ten members at least, and the only shop, reward or product named as the reason is one of her own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from app.common.clock import zone
from app.common.database import Transaction
from app.common.sql import Statement, many
from app.insights.next_shop import OWN, NextShop, table_of
from app.rewards.configuration import document

BACK = timedelta(days=365)
_LATEST = 500  # visits of hers that are looked at
RHYTHM = timedelta(days=91)
RHYTHM_VISITS = 4
RHYTHM_SHARE = 0.6
"""A day of the week is hers at a shop where she came four times in a quarter of a year, and so many of them on it."""

_CHOICE = Statement(
    "SELECT 1 FROM recommendation_choice WHERE member_id = ANY(CAST(:ids AS uuid[])) AND NOT is_on",
    sqlite="SELECT 1 FROM recommendation_choice WHERE member_id IN (SELECT value FROM json_each(:ids)) AND NOT is_on",
)
_VISITS = Statement(
    """
    SELECT v.merchant_id, m.name, m.timezone, v.occurred_at, v.items
    FROM visit v JOIN merchant m ON m.id = v.merchant_id
    WHERE v.member_id = ANY(CAST(:ids AS uuid[])) AND v.occurred_at >= :since AND v.reversed_at IS NULL
    ORDER BY v.occurred_at DESC, v.id DESC LIMIT :most
    """,
    sqlite="""
    SELECT v.merchant_id, m.name, m.timezone, v.occurred_at, v.items
    FROM visit v JOIN merchant m ON m.id = v.merchant_id
    WHERE v.member_id IN (SELECT value FROM json_each(:ids)) AND v.occurred_at >= :since AND v.reversed_at IS NULL
    ORDER BY v.occurred_at DESC, v.id DESC LIMIT :most
    """,
)
_MODEL = Statement("SELECT weights, popularity FROM recommendation_model WHERE id = 1")
_NEIGHBOURS = Statement(
    """
    SELECT merchant_id, other_id, nearness FROM shop_neighbour WHERE merchant_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY merchant_id, other_id
    """,
    sqlite="""
    SELECT merchant_id, other_id, nearness FROM shop_neighbour
    WHERE merchant_id IN (SELECT value FROM json_each(:ids)) ORDER BY merchant_id, other_id
    """,
)
_HAD = Statement(
    """
    SELECT reward_id, count(*) FROM voucher
    WHERE member_id = ANY(CAST(:ids AS uuid[])) AND status = 'redeemed' GROUP BY reward_id
    """,
    sqlite="""
    SELECT reward_id, count(*) FROM voucher
    WHERE member_id IN (SELECT value FROM json_each(:ids)) AND status = 'redeemed' GROUP BY reward_id
    """,
)
_NEAR_REWARDS = Statement(
    """
    SELECT other_id, reward_id, nearness FROM reward_neighbour WHERE merchant_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY other_id, nearness DESC, reward_id
    """,
    sqlite="""
    SELECT other_id, reward_id, nearness FROM reward_neighbour
    WHERE merchant_id IN (SELECT value FROM json_each(:ids)) ORDER BY other_id, nearness DESC, reward_id
    """,
)
_PAIRS_OF = Statement("SELECT one, other FROM product_pair WHERE merchant_id = :merchant_id ORDER BY place LIMIT :most")
_PAIRS = Statement(
    """
    SELECT merchant_id, one, other FROM product_pair WHERE merchant_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY merchant_id, place
    """,
    sqlite="""
    SELECT merchant_id, one, other FROM product_pair
    WHERE merchant_id IN (SELECT value FROM json_each(:ids)) ORDER BY merchant_id, place
    """,
)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a reward fits a member: she had it ``times`` times herself, or it is near (0 to 1) to the reward
    ``because`` that she had."""

    times: int = 0
    nearness: float = 0.0
    because: str | None = None


NO_FIT = Fit()


@dataclass(frozen=True, slots=True)
class Personal:
    """What can be said to one member, by merchant's id: the day of the week on which she usually comes (0 is Monday,
    today or tomorrow, and she has not been today), the product that goes with one she buys (what, with what), and
    shops new to her, the nearest first, each with the name of the shop of hers that is the reason."""

    days: Mapping[str, int] = field(default_factory=dict)
    products: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    similar: Mapping[str, str] = field(default_factory=dict)
    rewards: Mapping[str, Fit] = field(default_factory=dict)


NOTHING = Personal()


def pairs_of(tx: Transaction, merchant_id: str, *, most: int = 3) -> tuple[tuple[str, str], ...]:
    """What is often bought in one visit of this merchant's, the closest pair first: names of products."""
    rows = tx.rows(_PAIRS_OF, {"merchant_id": merchant_id, "most": most})
    return tuple((one, other) for one, other in rows)


def is_wanted(tx: Transaction, member_ids: Sequence[str]) -> bool:
    """Whether a member (with whoever was merged into her) has not switched recommendations off."""
    return not tx.rows(_CHOICE, {"ids": many(tx, member_ids)})


def personal(tx: Transaction, member_ids: Sequence[str], now: datetime) -> Personal:
    """All that is personal for a member who wants it; nothing of it otherwise."""
    if not is_wanted(tx, member_ids):
        return NOTHING
    asked = {"ids": many(tx, member_ids), "since": now - BACK, "most": _LATEST}
    visits = [(row[0], row[1], row[2], row[3], row[4]) for row in tx.rows(_VISITS, asked)]
    if not visits:
        return NOTHING
    merchants = {merchant_id: name for merchant_id, name, *_ in visits}
    days: dict[str, list[int]] = defaultdict(list)
    bought: dict[str, set[str]] = defaultdict(set)
    today: dict[str, int] = {}
    for merchant_id, _, timezone, at, items in visits:
        local = zone(timezone)
        days[merchant_id].append(at.astimezone(local).date().toordinal())
        today[merchant_id] = now.astimezone(local).date().toordinal()
        bought[merchant_id] |= {str(item["name"]).strip() for item in document(items) or () if item.get("name")}
    near = many(tx, sorted(merchants))
    order, similar = _shops(tx, merchants, days, max(today.values()))
    usual = {one: weekday for one in order if (weekday := _usual(days[one], today[one])) is not None}
    return Personal(usual, _goes_with(tx, near, bought), similar, _rewards(tx, asked["ids"], near))


def _usual(days: Sequence[int], today: int) -> int | None:
    """Her weekday at a shop, where it is today or tomorrow and she has not come today yet."""
    recent = {day for day in days if today - day <= RHYTHM.days}
    if len(recent) < RHYTHM_VISITS or today in recent:
        return None
    # Day 1 of the calendar was a Monday.
    counts = Counter((day - 1) % 7 for day in recent)
    weekday = min(counts, key=lambda one: (-counts[one], one))
    if counts[weekday] < RHYTHM_SHARE * len(recent) or (weekday - (today - 1)) % 7 > 1:
        return None
    return weekday


def _shops(
    tx: Transaction, merchants: Mapping[str, str], days: Mapping[str, Sequence[int]], today: int
) -> tuple[list[str], dict[str, str]]:
    """Her own shops, where she goes next first, and new ones with the reason."""
    rows = tx.rows(_MODEL, {})
    if not rows:
        return sorted(merchants), {}
    weights, popularity = document(rows[0][0]), document(rows[0][1])
    pairs = tx.rows(_NEIGHBOURS, {"ids": many(tx, sorted(merchants))})
    ids = sorted(merchants.keys() | {other for _, other, _ in pairs})
    number = {merchant_id: at for at, merchant_id in enumerate(ids)}
    known = [float(popularity.get(merchant_id, 0.0)) for merchant_id in ids]
    # All other shops stand for one, so that what is popular weighs as it did when the weights were learnt.
    shares = [*known, max(0.0, 1.0 - sum(known))]
    table = table_of((number[one], number[other], float(near)) for one, other, near in pairs)
    model = NextShop(np.array(weights, np.float64), *table, np.array(shares, np.float64))
    shops = np.array([number[one] for one, hers in days.items() for _ in hers], np.int64)
    when = np.array([day for hers in days.values() for day in hers], np.int64)
    ranked = model.scores(shops, when, today + 1)
    own = [ids[shop] for shop, reason in zip(ranked.shop, ranked.reason, strict=True) if reason == OWN]
    own += sorted(merchants.keys() - set(own))
    new = model.scores(shops, when, today + 1, is_new=True)
    # Every pair is a true reason, also where most members go anyway: the order alone is by all that was learnt.
    nearest: dict[str, tuple[float, str]] = {}
    for one, other, near in pairs:
        if other not in merchants:
            nearest[other] = max(nearest.get(other, (0.0, "")), (float(near), one))
    ranking = [ids[shop] for shop in new.shop if shop < len(ids)]
    similar = {other: merchants[nearest[other][1]] for other in ranking if other in nearest}
    return own, similar


def _goes_with(tx: Transaction, near: Any, bought: Mapping[str, set[str]]) -> dict[str, tuple[str, str]]:
    """By merchant the closest pair of which she bought one and never the other."""
    found: dict[str, tuple[str, str]] = {}
    if not any(bought.values()):
        return found
    for merchant_id, one, other in tx.rows(_PAIRS, {"ids": near}):
        hers = bought[merchant_id]
        if merchant_id not in found and (one in hers) is not (other in hers):
            found[merchant_id] = (other, one) if one in hers else (one, other)
    return found


def _rewards(tx: Transaction, member_ids: Any, near: Any) -> dict[str, Fit]:
    had = {reward_id: int(times) for reward_id, times in tx.rows(_HAD, {"ids": member_ids})}
    if not had:
        return {}
    found = {reward_id: Fit(times) for reward_id, times in had.items()}
    for reward_id, because, nearness in tx.rows(_NEAR_REWARDS, {"ids": near}):
        if because in had and reward_id not in found:
            found[reward_id] = Fit(0, float(nearness), because)
    return found
