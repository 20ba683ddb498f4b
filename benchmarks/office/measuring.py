"""The back office's pages at a very large shop against the same pages at a small one, in one run."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import config
import mobile_api
from app.common.scope import Scope
from app.factory import create_app
from app.rewards.service import simulations
from benchmarks.counter import Effort
from benchmarks.databases import Ground
from benchmarks.office.building import BigShop, build
from benchmarks.office.furnishing import SELLER, furnish, settle
from benchmarks.office.multiplying import multiply
from benchmarks.office.pages import addresses, sit_down

SMALL = 1_000
MEMBERS = 20  # visits for each member: 50,000 members with a million
BOOKED = 20_000  # of the large shop's visits one by one; the others are copies


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two shops, its owner's browser, and its pages."""

    shop: BigShop
    client: FlaskClient
    pages: dict[str, str]
    bare: list[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """The small shop and the large one in the same database."""

    small: Side
    large: Side
    scope: Scope
    seconds_simulating: float


def make_pair(flask_app: Flask, scope: Scope, folder: Path, *, few: int, many: int, booked: int = BOOKED) -> Pair:
    """Build and fill both shops, do what the jobs would have done, and run the simulator at each. Of the large one's
    visits ``booked`` are booked, and the others are copies of them."""
    times = max(many // booked, 1)
    shops = [
        build(scope, folder, name="Small", visits=few, members=max(few // MEMBERS, 1), seed=2),
        build(scope, folder, name="Large", visits=many // times, members=many // times // MEMBERS),
    ]
    multiply(scope, shops[1], times)
    shops[1] = replace(shops[1], visits=many, members=many // MEMBERS)
    seconds = 0.0
    for shop in shops:
        furnish(scope, shop)
        begun = time.perf_counter()
        simulations.run_waiting(scope)
        seconds = time.perf_counter() - begun
    settle(scope)
    small, large = (Side(shop, sit_down(flask_app, scope, shop), *addresses(scope, shop)) for shop in shops)
    return Pair(small, large, scope, seconds)


def large_against_small(ground: Ground, effort: Effort) -> dict[str, Any]:
    """The time of each page inside the service, at both shops in turn, and of the simulator at the large one."""
    place = ground.migrated()
    flask_app = create_app(config.load(place.environment | SELLER | {"LOG_FORMAT": "text"}), mobile_api.init_app)
    platform = flask_app.extensions["zegel"]
    try:
        pair = make_pair(flask_app, platform.scope(), ground.folder, few=SMALL, many=effort.office_visits)
        found: dict[str, dict[str, float]] = {}
        skipped = list(pair.small.bare)
        for endpoint in pair.small.pages:
            if any(side.client.get(side.pages[endpoint]).status_code != 200 for side in (pair.small, pair.large)):
                skipped.append(endpoint)
                continue
            found[endpoint] = _compare(pair, endpoint, effort.rounds * 4)
        return {
            "visits": effort.office_visits,
            "simulator_seconds": round(pair.seconds_simulating, 2),
            "worst_ratio": max(one["ratio"] for one in found.values()),
            "pages": found,
            "without_an_answer": sorted(skipped),
        }
    finally:
        platform.database.close()


def _compare(pair: Pair, endpoint: str, rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {"small": [], "large": []}
    for _ in range(rounds):
        for name, side in (("small", pair.small), ("large", pair.large)):
            begun = time.perf_counter()
            side.client.get(side.pages[endpoint])
            times[name].append((time.perf_counter() - begun) * 1000)
    small, large = median(times["small"]), median(times["large"])
    return {"ms_small": round(small, 2), "ms_large": round(large, 2), "ratio": round(large / small, 2)}
