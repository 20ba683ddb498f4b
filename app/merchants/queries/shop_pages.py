"""What the public pages list: towns and trades with how many shops they have, and all pages for search engines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.common.scope import Scope
from app.common.sql import Statement

KEPT = timedelta(minutes=5)
MOST_TOWNS = 60
_MEMORY = "shop_pages"

_TOWNS = Statement(
    """
    WITH most AS (
        SELECT town, count(*) AS shops, min(CAST(location_id AS text)) AS one FROM shop_listing
        WHERE town <> '' GROUP BY town ORDER BY count(*) DESC, town LIMIT :count
    )
    SELECT most.town, l.city, most.shops FROM most JOIN location l ON l.id = CAST(most.one AS uuid)
    """,
    sqlite="""
    WITH most AS (
        SELECT town, count(*) AS shops, min(location_id) AS one FROM shop_listing
        WHERE town <> '' GROUP BY town ORDER BY count(*) DESC, town LIMIT :count
    )
    SELECT most.town, l.city, most.shops FROM most JOIN location l ON l.id = most.one
    """,
)
_TRADES = Statement("SELECT category, count(*) FROM shop_listing GROUP BY category ORDER BY count(*) DESC, category")
_TOWN = Statement(
    "SELECT l.city FROM shop_listing p JOIN location l ON l.id = p.location_id WHERE p.town = :town"
    " ORDER BY p.name, p.location_id LIMIT 1"
)
_COUNT = Statement("SELECT count(*) FROM shop_listing")
_PATHS = Statement(
    """
    SELECT m.slug, coalesce(l.slug, CAST(l.id AS text)) FROM (
        SELECT location_id FROM shop_listing ORDER BY location_id LIMIT :count OFFSET :first
    ) p JOIN location l ON l.id = p.location_id JOIN merchant m ON m.id = l.merchant_id
    WHERE l.is_listed AND l.is_active AND m.is_listed AND m.status = 'active' AND m.approved_at IS NOT NULL
    ORDER BY l.id
    """
)


@dataclass(frozen=True, slots=True)
class Town:
    """A town as it stands in addresses, its name, and how many public shops it has."""

    slug: str
    name: str
    shops: int


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade and how many public shops it has."""

    category: str
    shops: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The towns with the most shops, by name, and the trades, the most frequent first. ``until`` is when it is counted
    anew."""

    towns: tuple[Town, ...]
    trades: tuple[Trade, ...]
    shops: int
    until: datetime


def overview(scope: Scope) -> Overview:
    """Towns and trades with their shops, as of at most five minutes ago."""
    with scope.reading() as tx:
        known: Overview | None = tx.memory.get(_MEMORY)
        if known is not None and scope.now < known.until:
            return known
        towns = sorted((Town(*row) for row in tx.rows(_TOWNS, {"count": MOST_TOWNS})), key=lambda town: town.slug)
        trades = tuple(Trade(*row) for row in tx.rows(_TRADES, {}))
        made = Overview(tuple(towns), trades, sum(trade.shops for trade in trades), scope.now + KEPT)
        tx.memory[_MEMORY] = made
    return made


def town_name(scope: Scope, slug: str) -> str | None:
    """How a town is written, by its name in addresses; None where it has no public shop."""
    with scope.reading() as tx:
        rows = tx.rows(_TOWN, {"town": slug})
    return rows[0][0] if rows else None


def count_shops(scope: Scope) -> int:
    """How many public shops there are."""
    with scope.reading() as tx:
        return int(tx.rows(_COUNT, {})[0][0])


def list_paths(scope: Scope, *, first: int, count: int) -> list[str]:
    """The addresses of shops' public pages, ``count`` from the ``first`` on, in an order that stays."""
    with scope.reading() as tx:
        return [f"/s/{merchant}/{shop}" for merchant, shop in tx.rows(_PATHS, {"first": first, "count": count})]
