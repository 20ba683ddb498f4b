"""A refresh of everything, of nothing, and of the one visit in a hundred that is new; and what a counter notices."""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime
from typing import Any

from app.common.sql import Statement
from app.insights import service as insights
from benchmarks import serving
from benchmarks.counter import Effort, calls
from benchmarks.databases import Ground
from benchmarks.insights.beside import alone_and_beside, quiet_jobs
from benchmarks.insights.building import add, fill
from benchmarks.town import make_cards, make_shop, visit

SHOPS = 1_000
MEMBERS_EACH = 100
NEW = 100  # one in so many
WORKERS = 2
CARDS = 1_000
_FORGET = [
    Statement(f"DELETE FROM {table}")
    for table in ("member_value", "merchant_model", "trade_model", "relationship_month", "rung_month", "persona")
]


def refresh_in_times(ground: Ground, effort: Effort) -> dict[str, Any]:
    """How long a first refresh takes, one where nothing happened, and one where 1 % of the visits are new."""
    count = effort.insight_shops
    place = ground.migrated()
    now = datetime.now(UTC)
    with place.scope() as scope:
        shops = [make_shop(scope, f"Shop {number}") for number in range(count)]
    begun = time.perf_counter()
    town = fill(place, shops, members=count * MEMBERS_EACH, now=now)
    told: dict[str, Any] = {
        "shops": count,
        "members": len(town.members),
        "visits": town.visits,
        "seconds_filling": round(time.perf_counter() - begun, 1),
    }
    with place.scope() as scope:
        for name in ("all", "nothing", "one_percent"):
            if name == "one_percent":
                add(place, town, visits=town.visits // NEW, now=datetime.now(UTC))
            begun, worked = time.perf_counter(), _worked()
            done = insights.refresh(scope, workers=WORKERS)
            told[f"seconds_{name}"] = round(time.perf_counter() - begun, 2)
            told[f"cpu_seconds_{name}"] = round(_worked() - worked, 2)
            told[f"written_{name}"] = done.written
            told[f"fitted_{name}"] = done.fitted
    told["share_of_one_percent"] = round(told["seconds_one_percent"] / told["seconds_all"], 3)
    told["minutes_for_1000_shops"] = round(told["seconds_all"] / count * SHOPS / 60, 1)
    # The counter's part on the same town, everything forgotten: a whole refresh beside it.
    with place.scope() as scope:
        cards = make_cards(scope, CARDS)
        visit(scope, ground.folder, [(number, shops[at % count]) for at, number in enumerate(cards)], name="cards")
        scope.run(lambda tx: [tx.run(statement, {}) for statement in _FORGET])
    quiet_jobs(place)
    wanted = calls(cards, shops)
    with serving.service(place) as port:
        told |= alone_and_beside(place, port, wanted, seconds=max(effort.seconds * effort.rounds, 4))
    return told


def _worked() -> float:
    """Seconds of a processor that this process and the children it has seen the end of have used."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )
