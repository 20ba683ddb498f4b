"""Who bought what: visits of a shop by their items, a stretch of members at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select

from app.campaigns.models import Recall
from app.common.database import Transaction
from app.merchants.models import Location
from app.rewards.models import Visit

LOOKED_AT = timedelta(days=120)
_NEWEST = 2_000
_FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Meant:
    """Visits of a merchant from ``since`` until before ``until``, at one location or all. ``items``: codes and
    categories, whole, and names, in part, each in any case; none of them means every visit."""

    merchant_id: str
    since: datetime
    until: datetime
    location_id: str | None = None
    items: tuple[str, ...] = ()


def meant_of(row: Recall) -> Meant:
    """Whom a notice means."""
    return Meant(row.merchant_id, row.since, row.until, row.location_id, tuple(row.items))


def holds(items: Sequence[Any] | None, wanted: Iterable[str]) -> bool:
    """Whether a visit's items hold one of what is wanted."""
    needles = [one.casefold() for one in wanted]
    for item in items or ():
        code, category, name = (str(item.get(key) or "").casefold() for key in ("sku", "category", "name"))
        if any(needle in (code, category) or needle in name for needle in needles):
            return True
    return False


def next_buyers(tx: Transaction, meant: Meant, after: str | None, *, rows: int) -> tuple[list[str], str | None]:
    """The buyers among the next ``rows`` visits in the order of their members, and after whom it goes on: None at the
    end. A member's visits are never parted, so each is named once."""
    wanted = (
        select(Visit.member_id, Visit.items)
        .where(
            Visit.location_id.in_(_places(tx, meant)),
            Visit.occurred_at >= meant.since,
            Visit.occurred_at < meant.until,
            Visit.reversed_at.is_(None),
            Visit.member_id > (after or _FIRST),
        )
        .order_by(Visit.member_id)
    )
    found: list[tuple[str, Any]] = [(row[0], row[1]) for row in tx.session.execute(wanted.limit(rows))]
    last = None
    if len(found) == rows:
        last = found[-1][0]
        # Her other visits may lie beyond: they are all read, and it goes on after her.
        found = [one for one in found if one[0] != last]
        hers = wanted.where(Visit.member_id == last)
        found += [(row[0], row[1]) for row in tx.session.execute(hers)]
    buyers = [
        member_id
        for member_id, visits in groupby(found, key=lambda one: one[0])
        if any(not meant.items or holds(items, meant.items) for _, items in visits)
    ]
    return buyers, last


def all_buyers(tx: Transaction, meant: Meant) -> Iterator[list[str]]:
    """All of them, a few thousand visits at a time."""
    after: str | None = None
    while True:
        buyers, after = next_buyers(tx, meant, after, rows=5_000)
        if buyers:
            yield buyers
        if after is None:
            return


def known_items(tx: Transaction, merchant_id: str, now: datetime) -> Mapping[str, int]:
    """What stood on the latest visits of a shop: codes, categories and names with how often, the most frequent first.
    Empty where its visits come without items."""
    latest = (
        select(Visit.items)
        .where(
            Visit.location_id.in_(_places(tx, Meant(merchant_id, now, now))),
            Visit.occurred_at >= now - LOOKED_AT,
            Visit.items.is_not(None),
        )
        .order_by(Visit.occurred_at.desc())
        .limit(_NEWEST)
    )
    counted: Counter[str] = Counter()
    for (items,) in tx.session.execute(latest):
        known = json.loads(items) if isinstance(items, str) else items
        told = (str(item[key]) for item in known or () for key in ("name", "category", "sku") if item.get(key))
        counted.update(dict.fromkeys(told, 1))
    return dict(counted.most_common(60))


def _places(tx: Transaction, meant: Meant) -> list[str]:
    wanted = select(Location.id).where(Location.merchant_id == meant.merchant_id)
    if meant.location_id is not None:
        wanted = wanted.where(Location.id == meant.location_id)
    return list(tx.session.scalars(wanted))
