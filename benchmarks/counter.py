"""Recording visits over HTTP: against the floor, and one busy merchant against a thousand."""

from __future__ import annotations

import random
from array import array
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from sqlalchemy import text

from app.common.database.engines import open_engine
from benchmarks import serving
from benchmarks.databases import Ground, Place
from benchmarks.floor import SQLITE_OBJECTS
from benchmarks.load import CONNECTIONS, Round, burst
from benchmarks.town import Shop, make_cards, make_shop, visit


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how much: the whole suite, or ``--quick``."""

    seconds: float
    rounds: int
    cards: int
    shops: int
    imported: int
    frames: int  # of each kind of code under each condition, for the camera
    scans: int
    locations: int  # among which the nearest are looked for
    audits: int  # of each page, by Lighthouse
    office_visits: int  # of the shop whose back office is opened
    insight_shops: int  # whose members' values are refreshed, each with a hundred members and 5,000 visits


FULL = Effort(
    seconds=4,
    rounds=6,
    cards=10_000,
    shops=1_000,
    imported=100_000,
    frames=20,
    scans=100,
    locations=100_000,
    audits=5,
    office_visits=1_000_000,
    insight_shops=1_000,
)
QUICK = Effort(
    seconds=1.5,
    rounds=3,
    cards=1_000,
    shops=50,
    imported=10_000,
    frames=3,
    scans=100,
    locations=20_000,
    audits=3,
    office_visits=20_000,
    insight_shops=20,
)


def calls(cards: list[str], shops: list[Shop]) -> list[dict[str, Any]]:
    """A visit of each card at its shop, in no order that a cache would like."""
    made = [
        {
            "method": "POST",
            "path": "/api/v1/pos/visits",
            "token": shops[index % len(shops)].token,
            "body": {"code": number, "amount": f"{random.randint(2, 60)}.{random.randint(0, 99):02}"},
            "keyed": True,
        }
        for index, number in enumerate(cards)
    ]
    random.shuffle(made)
    return made


def against_floor(ground: Ground, effort: Effort, *, connections: int = CONNECTIONS) -> dict[str, Any]:
    """``POST /pos/visits`` against the bare view, burst by burst in turn so that drift of the machine cancels."""
    place, shops, cards = _town(ground, effort, 1)
    bare = ground.copy(place)
    _prepare_floor(bare)
    wanted = calls(cards, shops)
    facts = {"shops": [asdict(shop) for shop in shops]}
    with serving.service(place) as ours, serving.floor(bare, facts, ground.folder) as floor:
        seen = _in_turn({"floor": floor, "ours": ours}, wanted, effort, connections)
    below, above = seen["floor"], seen["ours"]
    times = {name: _times(rounds) for name, rounds in seen.items()}
    ratios = [ours.rate / floor.rate for floor, ours in zip(below, above, strict=True)]
    return {
        "requests_per_second": round(median(one.rate for one in above)),
        "floor_per_second": round(median(one.rate for one in below)),
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "ours_ms": times["ours"],
        "floor_ms": times["floor"],
        "p99_to_floor_p50": round(times["ours"]["p99"] / times["floor"]["p50"], 2),
    }


def one_against_many(ground: Ground, effort: Effort) -> dict[str, Any]:
    """The same load at one merchant and spread over many, on one server: no row may be hot."""
    place, shops, cards = _town(ground, effort, effort.shops)
    one, many = calls(cards, shops[:1]), calls(cards, shops)
    rates: dict[str, list[float]] = {"one": [], "many": []}
    with serving.service(place) as port:
        for wanted in (one, many):
            burst(port, effort.seconds / 2, wanted, status=201)
        for _ in range(effort.rounds):
            for name, wanted in (("one", one), ("many", many)):
                rates[name].append(burst(port, effort.seconds, wanted, status=201).rate)
    ratios = [alone / spread for alone, spread in zip(rates["one"], rates["many"], strict=True)]
    return {
        "one_per_second": round(median(rates["one"])),
        f"of_{len(shops)}_per_second": round(median(rates["many"])),
        "ratio": round(median(ratios), 3),
    }


def _town(ground: Ground, effort: Effort, count: int) -> tuple[Place, list[Shop], list[str]]:
    """Shops, and cards that have been at their shop and at the first one once."""
    place = ground.migrated()
    with place.scope() as scope:
        shops = [make_shop(scope, f"Shop {number}") for number in range(count)]
        cards = make_cards(scope, effort.cards)
        visit(scope, ground.folder, [(number, shops[0]) for number in cards], name="first")
        if count > 1:
            spread = [(number, shops[index % count]) for index, number in enumerate(cards) if index % count]
            visit(scope, ground.folder, spread, name="second")
    return place, shops, cards


def _prepare_floor(place: Place) -> None:
    if place.kind != "sqlite":
        return
    engine = open_engine(place.url)
    with engine.begin() as connection:
        for statement in SQLITE_OBJECTS:
            connection.execute(text(statement.replace(":", "\\:")))
    engine.dispose()


def _in_turn(
    ports: dict[str, int], wanted: list[dict[str, Any]], effort: Effort, connections: int
) -> dict[str, list[Round]]:
    for port in ports.values():  # warm: prepared statements, compiled rules, caches
        burst(port, effort.seconds / 2, wanted, status=201, connections=connections)
    seen: dict[str, list[Round]] = {name: [] for name in ports}
    for _ in range(effort.rounds):
        for name, port in ports.items():
            seen[name].append(burst(port, effort.seconds, wanted, status=201, connections=connections))
    return seen


def _times(rounds: list[Round]) -> dict[str, float]:
    together = Round(0, array("d", [micros for one in rounds for micros in one.micros]), {})
    return {
        "p50": round(together.percentile(0.50), 2),
        "p99": round(together.percentile(0.99), 2),
        "max": round(max(together.micros) / 1000, 2),
    }
