"""Where things stand on the relationship map: the server's picture and the browser's lines go by the same numbers
(`frontend/tests/relations.test.ts` has these, too)."""

from __future__ import annotations

import itertools

import pytest

from app.backoffice.views.relations.scales import Scales, profit_marks, scales_for, visit_marks

SCALES = Scales(40.0, -1000.0, 20_000.0)


@pytest.mark.parametrize(("visits", "share"), [(0, 0.02), (10, 0.5), (40, 0.98), (90, 0.98), (-1, 0.02)])
def test_visits_lie_on_a_square_root(visits: float, share: float) -> None:
    assert SCALES.across(visits) == pytest.approx(share)


@pytest.mark.parametrize(
    ("profit", "share"), [(20_000, 0.1), (-1000, 0.9), (0, 0.753805), (5000, 0.426902), (99_999, 0.1)]
)
def test_profit_lies_on_a_square_root_to_either_side(profit: float, share: float) -> None:
    assert SCALES.down(profit) == pytest.approx(share, abs=1e-5)


def test_everybody_and_both_lines_find_a_place() -> None:
    scales = scales_for([0.2, 61.0], [-2500, 33_000], 80.0, -4000)
    assert (scales.most, scales.low, scales.high) == (100.0, -4000.0, 33_000.0)
    assert scales_for([], [], 6.0, 4500).most == 12.0


def test_marks_are_round_and_apart() -> None:
    assert visit_marks(SCALES) == [0, 1, 3, 6, 12, 20, 30, 40]
    marks = profit_marks(SCALES, 100)
    assert marks == [-1000, 0, 1000, 2500, 5000, 10_000, 15_000, 20_000]
    places = [SCALES.down(mark) for mark in marks]
    assert all(above - below >= 0.05 for above, below in itertools.pairwise(places))
