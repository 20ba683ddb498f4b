"""Finding the nearest of many shops: ``GET /shops?near=`` against one indexed query for the same fifty rows."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import insert

from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.listing import list_missing
from app.merchants.logos import draw_logo
from app.merchants.models import Location, Merchant
from app.merchants.queries import ShopPage, ShopSearch, list_shops
from app.rewards.rules import stamps_document
from app.rewards.service import create_programme, create_reward
from app.wallet.service.sessions import open_session
from benchmarks import serving
from benchmarks.counter import Effort
from benchmarks.databases import Ground, Place
from benchmarks.load import burst
from benchmarks.nearest_floor import Nearest, prepare

PAGE = 50
CATEGORIES = (
    "bakery",
    "bookshop",
    "butcher",
    "cafe",
    "florist",
    "greengrocer",
    "hairdresser",
    "ironmonger",
    "pharmacy",
)
TOWNS = 300
ASKED = 400  # places that are asked about, and as many others to warm up
METRES = 111_195.0  # of one degree of latitude
_INSERTED = 5_000


@dataclass(frozen=True, slots=True)
class World:
    """A database full of shops, where they stand, and a member who collects in twenty of them."""

    place: Place
    spots: list[tuple[float, float]]
    token: str


def nearest_against_floor(ground: Ground, effort: Effort) -> dict[str, Any]:
    """Over HTTP, one request at a time, each round in turn; and the search alone beside the floor's query alone. A
    member's is told beside it: it also reads her session, her balances and her vouchers, of which the floor knows
    nothing."""
    chance = random.Random(1950)
    world = settle(ground, effort.locations, chance)
    asked = [_around(world, chance) for _ in range(ASKED)]
    others = [_around(world, chance) for _ in range(ASKED)]
    with world.place.scope() as scope:
        prepare(scope.database)
        # The floor is told how far it must look: the box in which it finds the fifty, and hardly more.
        boxes = [_box(scope, spot) for spot in asked]
        alone = _alone(scope, asked, boxes, others)
        filtered = _filtered(scope, asked[: max(10, ASKED // 10)])
    return {"locations": effort.locations, **_over_http(ground, world, asked, boxes, effort), **alone, **filtered}


def settle(ground: Ground, count: int, chance: random.Random) -> World:
    """``count`` locations as they lie in a country: towns of very different size, villages, and some between them."""
    place = ground.migrated()
    towns = [(chance.uniform(49.6, 51.4), chance.uniform(2.6, 6.2)) for _ in range(TOWNS)]
    weights = [1 / (rank + 1) for rank in range(TOWNS)]
    hours = [_hours(chance) for _ in range(300)]
    spots = [_spot(chance, towns, weights) for _ in range(count)]
    logos = [draw_logo(category, 25) for category in CATEGORIES]
    with place.scope() as scope:
        plain = {"created_at": scope.now, "timezone": "Europe/Brussels"}
        merchants: list[dict[str, Any]] = []
        locations: list[dict[str, Any]] = []
        for number, (lat, lon) in enumerate(spots):
            kind = number % len(CATEGORIES)
            # Every sixth shop is one more of a chain's five.
            if number % 6 or not merchants:
                merchants.append(
                    {
                        "id": new_id(),
                        "name": f"Shop {number}",
                        "slug": f"shop-{number}",
                        "category": CATEGORIES[kind],
                        "hue": number % 360,
                        "approved_at": scope.now,
                        "story": {"nl": "Een winkel met een verhaal. " * 8},
                        "logo_svg": logos[kind],
                        **plain,
                    }
                )
            owner = merchants[-1] if number % 6 else merchants[len(merchants) // 5 * 4]
            locations.append(
                {
                    "id": new_id(),
                    "merchant_id": owner["id"],
                    "name": f"Shop {number}",
                    "street": f"Kerkstraat {number % 200}",
                    "postcode": str(1000 + number % 9000),
                    "city": f"Town {number % TOWNS}",
                    "lat": lat,
                    "lon": lon,
                    "opening_hours": chance.choice(hours),
                    "slug": f"shop-{number}",
                    **plain,
                }
            )
        _insert(scope, Merchant, merchants)
        _insert(scope, Location, locations)
        if list_missing(scope) != count:
            raise RuntimeError("not every shop was listed")
        token = _member(scope, [merchant["id"] for merchant in chance.sample(merchants, min(20, len(merchants)))])
    return World(place, spots, token)


def _over_http(
    ground: Ground,
    world: World,
    asked: list[tuple[float, float]],
    boxes: list[tuple[float, float]],
    effort: Effort,
) -> dict[str, Any]:
    near = [f"/api/v1/shops?near={lat:.6f},{lon:.6f}&limit={PAGE}" for lat, lon in asked]
    anybody = [{"method": "GET", "path": path} for path in near]
    member = [{"method": "GET", "path": path, "token": world.token} for path in near]
    bare = [
        {"method": "GET", "path": f"{path}&north={north}&east={east}"}
        for path, (north, east) in zip(near, boxes, strict=True)
    ]
    times: dict[str, list[float]] = {"floor": [], "ours": [], "member": []}
    with (
        serving.service(world.place, workers=1) as ours,
        serving.floor(world.place, {"shops": []}, ground.folder, workers=1) as floor,
    ):
        rounds = (("floor", floor, bare), ("ours", ours, anybody), ("member", ours, member))
        for _, port, calls in rounds:
            burst(port, effort.seconds / 2, calls, status=200, connections=1)
        for _ in range(effort.rounds):
            for name, port, calls in rounds:
                seen = burst(port, effort.seconds / 2, calls, status=200, connections=1)
                times[name].append(seen.percentile(0.5))
    ratios = {
        name: [above / below for below, above in zip(times["floor"], times[name], strict=True)]
        for name in ("ours", "member")
    }
    return {
        "ms": round(median(times["ours"]), 2),
        "floor_ms": round(median(times["floor"]), 2),
        "ratio": round(median(ratios["ours"]), 3),
        "ratios": [round(one, 3) for one in ratios["ours"]],
        "member_ms": round(median(times["member"]), 2),
        "member_ratio": round(median(ratios["member"]), 3),
    }


def _alone(
    scope: Scope,
    asked: list[tuple[float, float]],
    boxes: list[tuple[float, float]],
    others: list[tuple[float, float]],
) -> dict[str, Any]:
    """The search without HTTP beside the floor's query: the first time at each place, when the process knows nothing of
    that neighbourhood, and again."""
    floor = Nearest(scope.database)
    first, again, bare = [], [], []
    for spot in others:
        list_shops(scope, ShopSearch(near=spot))
        floor.rows(spot, boxes[0], PAGE)
    scope.database.memory.clear()
    for spot, box in zip(asked, boxes, strict=True):
        search = partial(list_shops, scope, ShopSearch(near=spot, limit=PAGE))
        first.append(_timed(search))
        bare.append(_timed(partial(floor.rows, spot, box, PAGE)))
        again.append(_timed(search))
    return {
        "search_ms": round(median(again), 3),
        "search_first_ms": round(median(first), 3),
        "floor_query_ms": round(median(bare), 3),
        "search_ratio": round(median(again) / median(bare), 3),
    }


def _filtered(scope: Scope, asked: list[tuple[float, float]]) -> dict[str, Any]:
    """The median time of other questions, in milliseconds."""

    def page(number: int) -> Callable[[tuple[float, float]], ShopPage]:
        def ask(spot: tuple[float, float]) -> ShopPage:
            found = list_shops(scope, ShopSearch(near=spot, limit=PAGE))
            for _ in range(number - 2):
                found = list_shops(scope, ShopSearch(near=spot, limit=PAGE, cursor=found.next))
            cursors[spot] = found.next
            return found

        return ask

    cursors: dict[tuple[float, float], str | None] = {}
    for spot in asked:
        page(10)(spot)
    questions: dict[str, Callable[[tuple[float, float]], ShopSearch]] = {
        "tenth_page": lambda spot: ShopSearch(near=spot, limit=PAGE, cursor=cursors[spot]),
        "category": lambda spot: ShopSearch(near=spot, limit=PAGE, category=CATEGORIES[3]),
        "open_now": lambda spot: ShopSearch(near=spot, limit=PAGE, open_now=True),
        "words": lambda spot: ShopSearch(near=spot, limit=PAGE, words="kerkstraat 17"),
        "by_name": lambda spot: ShopSearch(limit=PAGE),
    }
    return {
        f"{name}_ms": round(median(_timed(partial(list_shops, scope, ask(spot))) for spot in asked), 2)
        for name, ask in questions.items()
    }


def _timed(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _box(scope: Scope, spot: tuple[float, float]) -> tuple[float, float]:
    """How many degrees north and east the fiftieth shop lies at most."""
    found = list_shops(scope, ShopSearch(near=spot, limit=PAGE)).items
    north = ((found[-1].distance_m or 0) + 1) / METRES
    return round(north, 7), round(north / math.cos(math.radians(spot[0])), 7)


def _around(world: World, chance: random.Random) -> tuple[float, float]:
    """Where somebody asks: mostly near a shop, now and then anywhere."""
    if chance.random() < 0.2:
        return round(chance.uniform(49.6, 51.4), 6), round(chance.uniform(2.6, 6.2), 6)
    lat, lon = chance.choice(world.spots)
    return round(lat + chance.gauss(0, 0.01), 6), round(lon + chance.gauss(0, 0.015), 6)


def _spot(chance: random.Random, towns: list[tuple[float, float]], weights: list[float]) -> tuple[float, float]:
    if chance.random() < 0.1:
        return chance.uniform(49.6, 51.4), chance.uniform(2.6, 6.2)
    [number] = chance.choices(range(len(towns)), weights)
    lat, lon = towns[number]
    spread = 0.005 + 0.05 * weights[number]
    return lat + chance.gauss(0, spread), lon + chance.gauss(0, 1.6 * spread)


def _hours(chance: random.Random) -> dict[str, Any]:
    days = chance.sample(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), chance.randint(4, 7))
    opens, closes = chance.choice((6, 7, 8, 9, 10)), chance.choice((12, 17, 18, 19, 22))
    return {day: [[f"{opens:02}:{chance.choice((0, 30)):02}", f"{closes:02}:00"]] for day in days}


def _member(scope: Scope, merchants: list[str]) -> str:
    """A member with an account in a programme of each merchant. Returns her token."""
    from app.cards.service import issue_anonymous_member

    member = issue_anonymous_member(scope)
    accounts = []
    for merchant_id in merchants:
        programme_id = create_programme(scope, merchant_id, name="Card", kind="stamps", rules=stamps_document(10))
        create_reward(scope, programme_id, name="Coffee", cost=5)
        accounts.append(
            {
                "member_id": member.member_id,
                "id": new_id(),
                "programme_id": programme_id,
                "balance": 4,
                "chain": b"",
                "seal": b"",
                "seal_key": "k1",
                "opened_at": scope.now,
                "updated_at": scope.now,
            }
        )
    with scope.transaction() as tx:
        tx.session.execute(insert(Account), accounts)
    return open_session(scope, member_id=member.member_id).access_token


def _insert(scope: Scope, model: type[Any], rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), _INSERTED):
        with scope.transaction() as tx:
            tx.session.execute(insert(model), rows[first : first + _INSERTED])
