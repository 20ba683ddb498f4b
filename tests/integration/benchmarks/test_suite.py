"""That the benchmarks measure what they say, not how fast: a timed test would fail on a busy machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from benchmarks.counter import Effort
from benchmarks.databases import KINDS
from benchmarks.suite import MEASURES, ONCE, goals, measure

TINY = Effort(
    seconds=0.4,
    rounds=1,
    cards=20,
    shops=3,
    imported=300,
    frames=1,
    scans=5,
    locations=300,
    audits=1,
    office_visits=400,
    insight_shops=2,
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["visits", "import"])
def test_a_measure_gives_its_figures(name: str, kind: str) -> None:
    """Floors answer what the service answers, and make as many rows, or they would raise."""
    told = measure(kind, [name], TINY)[name]
    assert told["ratio"] > 0
    assert told["floor_per_second"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_shops_are_found_among_all_and_the_floor_finds_as_many(kind: str) -> None:
    told = measure(kind, ["shops"], TINY)["shops"]
    assert told["locations"] == TINY.locations
    assert all(value > 0 for name, value in told.items() if name.endswith(("ms", "ratio")))


def test_a_tablet_answers_and_its_memory_is_weighed() -> None:
    # In a thread of its own: the browser of other tests may have a loop in this one.
    with ThreadPoolExecutor(1) as other:
        told = other.submit(measure, "sqlite", ["answer"], TINY).result()["answer"]
    assert told["scans"] == TINY.scans
    assert 0 < told["ms"] <= told["p95_ms"]
    assert told["heap_mb_before"] < told["process_mb_before"]


def decoding(*, ms: float, percent: float, other: float, wrong: int) -> dict[str, Any]:
    """Figures of reading codes. What is read in a second look at the same picture counts for nobody."""
    codes = {
        "ours": {"ms": ms, "percent": percent},
        "ours, held": {"ms": 1, "percent": 100},
        "jsqr": {"percent": other},
    }
    return {"our_codes": codes, "wrong": {"ours": wrong}}


def audit(score: int, *missing: str) -> dict[str, Any]:
    """Lighthouse's scores, and what keeps the app from being installed."""
    app = dict.fromkeys(("performance", "accessibility", "best_practices"), score)
    return {"card": app, "balances": app, "shops": app, "public": {"seo": score}, "not_installable": missing}


def office(*, ratio: float, seconds: float, unanswered: list[str]) -> dict[str, Any]:
    """What the measure of the back office tells of one page and the simulator."""
    return {
        "pages": {"members.list_members": {"ratio": ratio}},
        "simulator_seconds": seconds,
        "without_an_answer": unanswered,
    }


def models(*, off: float, ratio: float, ours: float, others: float) -> dict[str, Any]:
    """Figures of the models of customer value: errors are ``off`` from what they may be at most."""
    fitted = {"estimates": {"r": {"off_percent": off}}}
    shops = {f"{name}_{many}": ours * 100 for name in ("ours", "new_ours") for many in (1, 3)}
    shops |= {f"{name}_{many}": others * 100 for name in ("favourite", "new_popular") for many in (1, 3)}
    return {
        "cdnow": {
            "bgnbd": fitted,
            "gamma_gamma": fitted,
            "log_likelihood": -9582.4 - off / 10,
            "ratio": {"bgnbd": ratio, "gamma_gamma": ratio},
        },
        "cards": {"ours": {"mae": 4.477 + off - 1.001, "auc": ours}},
        "cards_and_shops": {"ours": {"mae": 1.851 + off - 1.001, "auc": ours}},
        "next_shop_ahead": shops,
        "next_shop_daily": shops,
        "campaigns": {"ours": ours, "rfm": others, "listed": others},
    }


def test_goals_are_those_of_the_project() -> None:
    reached = {
        "visits": {"ratio": 0.5, "p99_to_floor_p50": 5},
        "merchants": {"ratio": 0.9},
        "import": {"ratio": 0.3},
        "reads": {"accounts": {"ratio": 1.2}, "scan": {"ratio": 1.2}},
        "shops": {"ratio": 2, "search_ratio": 2},
        "answer": {"ms": 150, "heap_mb_growth": 0.1, "process_mb_growth": 0.1},
        "start": {"first_load_kb": 250, "offline_start_ms": 1000},
        "decoding": decoding(ms=25, percent=95, other=94.9, wrong=0),
        "audit": audit(95),
        "office": office(ratio=3, seconds=20, unanswered=[]),
        "insights": {"minutes_for_1000_shops": 10, "share_of_one_percent": 0.1, "p99_ratio": 1.5},
        "models": models(off=1, ratio=3, ours=0.9, others=0.89),
    }
    assert set(reached) == set(MEASURES) | set(ONCE)
    assert [goal.is_reached for goal in goals(reached)] == [True] * 53
    missed = {
        "visits": {"ratio": 0.49, "p99_to_floor_p50": 5.1},
        "merchants": {"ratio": 0.89},
        "import": {"ratio": 0.29},
        "reads": {"accounts": {"ratio": 1.21}, "scan": {"ratio": 1.21}},
        "shops": {"ratio": 2.01, "search_ratio": 2.01},
        "answer": {"ms": 151, "heap_mb_growth": 0.11, "process_mb_growth": 0.11},
        "start": {"first_load_kb": 251, "offline_start_ms": 1001},
        "decoding": decoding(ms=25.1, percent=94.9, other=94.9, wrong=1),
        "audit": audit(94, "no-manifest"),
        "office": office(ratio=3.01, seconds=20.1, unanswered=["team.show_key"]),
        "insights": {"minutes_for_1000_shops": 10.1, "share_of_one_percent": 0.11, "p99_ratio": 1.51},
        "models": models(off=1.1, ratio=3.01, ours=0.5, others=0.5),
    }
    assert [goal.is_reached for goal in goals(missed)] == [False] * 53
