"""The nearest shops, page by page, against measuring the distance to every shop: all over the globe, at the poles,
across the date line, where shops stand at one address and where the next one is an ocean away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import asin, cos, degrees, radians, sin, sqrt
from random import Random

import pytest
from sqlalchemy import insert

from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.listing import list_missing
from app.merchants.models import Location, Merchant
from app.merchants.queries import ShopSearch, list_shops

RADIUS = 6_371_008.8
CATEGORIES = ("bakery", "bookshop", "cafe", "ironmonger")
Place = tuple[float, float]


@dataclass(frozen=True)
class Known:
    """A shop as the test knows it."""

    location_id: str
    place: Place
    category: str


def anywhere(chance: Random) -> Place:
    return degrees(asin(chance.uniform(-1, 1))), chance.uniform(-180, 180)


def at_a_pole(chance: Random) -> Place:
    pole = chance.choice((90, -90))
    return pole - chance.choice((0, chance.uniform(0, 0.01), chance.uniform(0, 5))) * (pole // 90), chance.choice(
        (180.0, -180.0, 0.0, chance.uniform(-180, 180))
    )


def at_the_date_line(chance: Random) -> Place:
    lon = chance.choice((180.0, chance.uniform(179.8, 180)))
    return chance.uniform(-70, 70), chance.choice((lon, -lon))


def in_a_town(chance: Random) -> Place:
    """Streets of shops, with malls where many have one address."""
    if chance.random() < 0.3:
        return chance.choice(((51.05, 3.72), (51.0501, 3.7201)))
    return chance.gauss(51.05, 0.01), chance.gauss(3.72, 0.02)


def in_two_towns(chance: Random) -> Place:
    """A village beside a city, at the edge of a coarse cell: what lies next in the index is far on the ground."""
    return (chance.gauss(0.02, 0.004), chance.gauss(0.02, 0.004)) if chance.random() < 0.1 else (
        chance.gauss(-0.05, 0.02),
        chance.gauss(-0.05, 0.02),
    )  # fmt: skip


LAYOUTS: dict[str, tuple[Callable[[Random], Place], int]] = {
    "sparse": (anywhere, 15),
    "everywhere": (anywhere, 500),
    "poles": (at_a_pole, 150),
    "date line": (at_the_date_line, 150),
    "town": (in_a_town, 600),
    "two towns": (in_two_towns, 500),
}


def settle(scope: Scope, chance: Random, draw: Callable[[Random], Place], count: int) -> list[Known]:
    """Shops at drawn places, with a few that have no place."""
    merchants = {category: new_id() for category in CATEGORIES}
    shops = [Known(new_id(), draw(chance), chance.choices(CATEGORIES, weights=(60, 30, 9, 1))[0]) for _ in range(count)]
    plain = {"timezone": "Europe/Brussels", "created_at": scope.now}
    with scope.transaction() as tx:
        tx.session.execute(
            insert(Merchant),
            [
                {
                    "id": made,
                    "name": category,
                    "slug": category,
                    "category": category,
                    "approved_at": scope.now,
                    **plain,
                }
                for category, made in merchants.items()
            ],
        )
        tx.session.execute(
            insert(Location),
            [
                {
                    "id": shop.location_id,
                    "merchant_id": merchants[shop.category],
                    "name": "Shop",
                    "slug": f"shop-{number}",
                    "lat": shop.place[0],
                    "lon": shop.place[1],
                    **plain,
                }
                for number, shop in enumerate(shops)
            ],
        )
    assert list_missing(scope) == count
    return shops


def distance(one: Place, other: Place) -> float:
    half = sin(radians(other[0] - one[0]) / 2) ** 2
    half += cos(radians(one[0])) * cos(radians(other[0])) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * RADIUS * asin(min(1.0, sqrt(half)))


def pages(scope: Scope, search: ShopSearch) -> list[str]:
    """All pages of a search after each other."""
    found: list[str] = []
    while True:
        page = list_shops(scope, search)
        found += [shop.location_id for shop in page.items]
        if page.next is None:
            return found
        search = replace(search, cursor=page.next)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", [1, 2])
def test_pages_are_all_shops_in_the_order_of_distance(scope: Scope, layout: str, seed: int) -> None:
    chance = Random(f"{layout} {seed}")
    draw, count = LAYOUTS[layout]
    shops = settle(scope, chance, draw, count)
    by_id = {shop.location_id: shop for shop in shops}
    for number in range(12):
        near = chance.choice((draw, anywhere, at_a_pole, at_the_date_line))(chance)
        if number == 0:
            near = shops[0].place
        category = chance.choice((None, *CATEGORIES))
        radius = chance.choice((None, round(10 ** chance.uniform(1, 7))))
        limit = chance.choice((3, 17, 50, 100))
        found = pages(scope, ShopSearch(near=near, category=category, radius=radius, limit=limit))
        told = (layout, seed, near, category, radius, limit)
        apart = [distance(near, shop.place) for shop in shops if category in (None, shop.category)]
        meant = sorted(one for one in apart if radius is None or one <= radius)
        assert len(set(found)) == len(found), told
        # To half a millimetre; on the other side of the globe, where a metre is lost in rounding, to a metre.
        measured = [distance(near, by_id[location_id].place) for location_id in found]
        assert measured == pytest.approx(meant, rel=1e-7, abs=5e-4), told
