"""What is recommended to members, worked out by night: which shops are near each other because members go to both,
which rewards are taken by the same members, and what is bought in one visit.

Read are the last twelve months of public shops, without members who don't want recommendations, practice members and
those who left; and without shops whose visits tell of somebody's health (:data:`HEALTH`). Every pair stands for ten
members at least. What a shop pays, which plan it has or what it sets is not looked at: a place can't be bought. Of a
town with very many visits a share of the members is read, the same ones each time, and the ten are ten of those.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np

from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights.errors import HistoryTooShortError
from app.insights.next_shop import IN_COMMON, NextShop, Visits, fit, untaught
from app.rewards.configuration import document

BACK = timedelta(days=365)
RENEWED = timedelta(days=7)
GROWN = 1.05
MOST_VISITS = 1_000_000
HEALTH = ("pharmacy", "optician")
"""Trades of which no pair is made: neither a reason to suggest anything, nor ever suggested for a reason."""
MOST_PAIRS = 20
"""So many pairs of products are kept of a shop."""
_MOST_PRODUCTS = 12  # of one visit: a long receipt says little about any two things on it
_AT_ONCE = 50  # merchants written in one transaction
_DIGITS = 4096

Key = tuple[str, ...]

_STANDING = Statement("SELECT visits, fitted_at FROM recommendation_model WHERE id = 1")
_VISITS_KNOWN = Statement("SELECT coalesce(sum(visits_year), 0) FROM member_value")
_OFF = Statement(
    "SELECT coalesce(m.merged_into, c.member_id) FROM recommendation_choice c JOIN member m ON m.id = c.member_id"
    " WHERE NOT c.is_on"
)
_SHOPS = Statement(
    """
    SELECT s.merchant_id, s.location_id, m.timezone, m.category
    FROM shop_listing s JOIN merchant m ON m.id = s.merchant_id
    WHERE m.status = 'active' AND m.sandbox_of IS NULL AND m.approved_at IS NOT NULL
    ORDER BY s.merchant_id, s.location_id
    """
)
# A share of the members by their last digits, which are random: the first ones say when a member came.
_SAMPLED = "substr(CAST(coalesce(m.merged_into, v.member_id) AS text), 34) < :share"
_VISITS = Statement(
    f"""
    SELECT coalesce(m.merged_into, v.member_id), v.occurred_at, v.items
    FROM visit v JOIN member m ON m.id = v.member_id
    WHERE v.location_id = :location_id AND v.occurred_at >= :since AND v.occurred_at <= :now
        AND v.reversed_at IS NULL AND NOT m.is_sandbox AND m.status <> 'erased' AND {_SAMPLED}
    """  # noqa: S608  a text of ours
)
_REDEEMED = Statement(
    f"""
    SELECT DISTINCT coalesce(m.merged_into, v.member_id), v.reward_id
    FROM voucher v JOIN member m ON m.id = v.member_id
    WHERE v.redeemed_location_id = :location_id AND v.redeemed_at >= :since AND v.redeemed_at <= :now
        AND v.status = 'redeemed' AND NOT m.is_sandbox AND m.status <> 'erased' AND {_SAMPLED}
    """  # noqa: S608  a text of ours
)
_PUT = Statement(
    """
    INSERT INTO recommendation_model (id, weights, popularity, visits, fitted_at)
    VALUES (1, :weights, :popularity, :visits, :now)
    ON CONFLICT (id) DO UPDATE SET weights = :weights, popularity = :popularity, visits = :visits, fitted_at = :now
    """
)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of pairs: its rows by merchant, without the merchant."""

    name: str
    columns: str

    @property
    def read(self) -> Statement:
        return Statement(f"SELECT merchant_id, {self.columns} FROM {self.name}")  # noqa: S608  names of ours

    @property
    def drop(self) -> Statement:
        return Statement(f"DELETE FROM {self.name} WHERE merchant_id = :merchant_id")  # noqa: S608  names of ours

    @property
    def put(self) -> Statement:
        named = ", ".join(f":{name}" for name in self.columns.split(", "))
        return Statement(
            f"INSERT INTO {self.name} (merchant_id, {self.columns}) VALUES (:merchant_id, {named})"  # noqa: S608
            " ON CONFLICT DO NOTHING"
        )


_NEIGHBOURS = _Table("shop_neighbour", "other_id, nearness")
_REWARDS = _Table("reward_neighbour", "reward_id, other_id, nearness")
_PRODUCTS = _Table("product_pair", "place, one, other")

Rows = dict[str, set[tuple[Any, ...]]]


@dataclass(slots=True)
class _Town:
    """What was read. Members and merchants are numbers."""

    off: frozenset[str]
    members: dict[str, int] = field(default_factory=dict)
    merchants: dict[str, int] = field(default_factory=dict)
    member: list[int] = field(default_factory=list)
    merchant: list[int] = field(default_factory=list)
    day: list[int] = field(default_factory=list)
    rewards: Rows = field(default_factory=dict)
    products: Rows = field(default_factory=dict)

    def number(self, member_id: str) -> int:
        return self.members.setdefault(member_id, len(self.members))

    def visits(self) -> Visits:
        member, merchant, day = (np.array(one, np.int64) for one in (self.member, self.merchant, self.day))
        return Visits(member, merchant, day, len(self.merchants))


def fit_recommendations(scope: Scope, *, is_anew: bool = False, go_on: Callable[[], object] = lambda: None) -> int:
    """Work out what is recommended where a week went by since the last time, or visits grew by a twentieth; with
    ``is_anew`` in any case. The scope is the system's. ``go_on`` is called between two short transactions, and may
    raise to end the work. Returns how many rows were written; a repeat: none."""
    with scope.reading() as tx:
        known = int(tx.rows(_VISITS_KNOWN, {})[0][0])
        if not is_anew and not _is_due(tx, scope.now, known):
            return 0
        shops: dict[tuple[str, str], list[str]] = defaultdict(list)
        for merchant_id, location_id, timezone, trade in tx.rows(_SHOPS, {}):
            if trade not in HEALTH:
                shops[merchant_id, timezone].append(location_id)
        town = _Town(frozenset(row[0] for row in tx.rows(_OFF, {})))
    share = "zzz" if known <= MOST_VISITS else f"{max(1, _DIGITS * MOST_VISITS // known):03x}"
    asked = {"since": scope.now - BACK, "now": scope.now, "share": share}
    for (merchant_id, timezone), locations in sorted(shops.items()):
        go_on()
        with scope.reading() as tx:
            _read(tx, town, merchant_id, timezone, locations, asked)
    visits = town.visits()
    model = _learn(visits)
    ids = list(town.merchants)
    near: Rows = defaultdict(set)
    for one, other, nearness in model.table():
        near[ids[one]].add((ids[other], round(nearness, 4)))
    written = sum(
        _write(scope, table, rows, go_on)
        for table, rows in ((_NEIGHBOURS, near), (_REWARDS, town.rewards), (_PRODUCTS, town.products))
    )
    share_of = {ids[at]: round(float(share), 6) for at, share in enumerate(model.popularity) if share > 0}
    weights = [[round(float(one), 6) for one in row] for row in model.weights]
    put = {
        "weights": json.dumps(weights),
        "popularity": json.dumps(share_of),
        "visits": known,
        "now": scope.now,
    }
    scope.run(lambda tx: tx.run(_PUT, put))
    return written


def _is_due(tx: Transaction, now: datetime, known: int) -> bool:
    rows = tx.rows(_STANDING, {})
    return not rows or known > GROWN * int(rows[0][0]) or now - rows[0][1] >= RENEWED


def _learn(visits: Visits) -> NextShop:
    try:
        return fit(visits)
    except HistoryTooShortError:
        return untaught(visits)


def _read(
    tx: Transaction, town: _Town, merchant_id: str, timezone: str, locations: Iterable[str], asked: Mapping[str, Any]
) -> None:
    """One merchant's visits, and the pairs of its rewards and products."""
    local = zone(timezone)
    merchant = town.merchants.setdefault(merchant_id, len(town.merchants))
    redeemed: set[tuple[int, str]] = set()
    bought: dict[Key, set[int]] = defaultdict(set)
    for location_id in locations:
        here = {**asked, "location_id": location_id}
        for member_id, at, items in tx.rows(_VISITS, here):
            if member_id in town.off:
                continue
            member = town.number(member_id)
            town.member.append(member)
            town.merchant.append(merchant)
            town.day.append(at.astimezone(local).date().toordinal())
            if items is not None:
                names = sorted(names_of(items))
                for kind in [(name,) for name in names] + list(combinations(names, 2)):
                    bought[kind].add(member)
        redeemed |= {
            (town.number(member_id), reward_id)
            for member_id, reward_id in tx.rows(_REDEEMED, here)
            if member_id not in town.off
        }
    town.rewards[merchant_id] = _reward_pairs(sorted(redeemed))
    town.products[merchant_id] = _product_pairs(bought)


def names_of(items: Any) -> set[str]:
    """The products of a visit by name, as the till told them; none of a very long receipt."""
    names = {str(item["name"]).strip() for item in document(items) or () if item.get("name")} - {""}
    return names if len(names) <= _MOST_PRODUCTS else set()


def _reward_pairs(redeemed: Sequence[tuple[int, str]]) -> set[tuple[Any, ...]]:
    ids = sorted({reward_id for _, reward_id in redeemed})
    if len(ids) < 2:
        return set()
    number = {reward_id: at for at, reward_id in enumerate(ids)}
    members = np.array([member for member, _ in redeemed], np.int64)
    rewards = np.array([number[reward_id] for _, reward_id in redeemed], np.int64)
    # Rewards are to members as shops are: whoever had both brings them nearer.
    found = untaught(Visits(members, rewards, np.zeros(len(redeemed), np.int64), len(ids)))
    return {(ids[one], ids[other], round(nearness, 4)) for one, other, nearness in found.table()}


def _product_pairs(bought: Mapping[Key, set[int]]) -> set[tuple[Any, ...]]:
    pairs = [pair for pair, members in bought.items() if len(pair) == 2 and len(members) >= IN_COMMON]

    def nearness(pair: Key) -> float:
        each = [len(bought[name,]) for name in pair]
        return len(bought[pair]) / float(np.sqrt(each[0] * each[1]))

    best = sorted(pairs, key=lambda pair: (-nearness(pair), pair))[:MOST_PAIRS]
    return {(place, *pair) for place, pair in enumerate(best)}


def _write(scope: Scope, table: _Table, wanted: Rows, go_on: Callable[[], object]) -> int:
    """Bring a table to what is wanted, merchant by merchant, and only where it differs. Returns the rows written."""
    known: Rows = defaultdict(set)
    with scope.reading() as tx:
        for merchant_id, *rest in tx.rows(table.read, {}):
            known[merchant_id].add(tuple(rest))
    names = table.columns.split(", ")
    differing = sorted(one for one in known.keys() | wanted.keys() if known.get(one, set()) != wanted.get(one, set()))
    written = 0
    for begin in range(0, len(differing), _AT_ONCE):
        go_on()
        some = differing[begin : begin + _AT_ONCE]
        rows = [
            {"merchant_id": merchant_id, **dict(zip(names, row, strict=True))}
            for merchant_id in some
            for row in sorted(wanted.get(merchant_id, ()))
        ]

        def work(tx: Transaction, some: Sequence[str] = some, rows: Sequence[Mapping[str, Any]] = rows) -> None:
            tx.run_many(table.drop, [{"merchant_id": merchant_id} for merchant_id in some])
            tx.run_many(table.put, rows)

        scope.run(work)
        written += len(rows) + len(some)
    return written
