"""That the benchmarks measure what they say, not how fast: a timed test would fail on a busy machine."""

from __future__ import annotations

import pytest

from benchmarks.counter import Effort
from benchmarks.databases import KINDS
from benchmarks.suite import MEASURES, goals, measure

TINY = Effort(seconds=0.4, rounds=1, cards=20, shops=3, imported=300)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["visits", "import"])
def test_a_measure_gives_its_figures(name: str, kind: str) -> None:
    """Floors answer what the service answers, and make as many rows, or they would raise."""
    told = measure(kind, [name], TINY)[name]
    assert told["ratio"] > 0
    assert told["floor_per_second"] > 0


def test_goals_are_those_of_the_project() -> None:
    reached = {
        "visits": {"ratio": 0.5, "p99_to_floor_p50": 5},
        "merchants": {"ratio": 0.9},
        "import": {"ratio": 0.3},
        "reads": {"accounts": {"ratio": 1.2}, "scan": {"ratio": 1.2}},
    }
    assert set(reached) == set(MEASURES)
    assert [goal.is_reached for goal in goals(reached)] == [True] * 6
    missed = {
        "visits": {"ratio": 0.49, "p99_to_floor_p50": 5.1},
        "merchants": {"ratio": 0.89},
        "import": {"ratio": 0.29},
        "reads": {"accounts": {"ratio": 1.21}, "scan": {"ratio": 1.21}},
    }
    assert [goal.is_reached for goal in goals(missed)] == [False] * 6
