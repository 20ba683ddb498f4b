"""Who is left out by lot: as many as were said, alike in both halves, and the same whenever it is drawn."""

from __future__ import annotations

import random
from datetime import date

import pytest

from app.campaigns.lots import left_out, shares, stratum

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("members", "percent", "out"), [(100, 20, 20), (1_003, 10, 100), (7, 20, 1), (2, 20, 0), (9, 0, 0)]
)
def test_so_many_as_were_said(members: int, percent: int, out: int) -> None:
    chance = random.Random(1)
    strata = {f"m{number}": chance.randrange(5) for number in range(members)}
    chosen = left_out(strata, percent=percent, seed=7)
    assert len(chosen) == out
    for layer_out, size in shares(chosen, strata).values():
        assert abs(layer_out - size * percent / 100) <= 1


def test_the_seed_and_the_members_alone_decide() -> None:
    strata = {f"m{number}": number % 3 for number in range(300)}
    once = left_out(strata, percent=20, seed=7)
    assert left_out(dict(reversed(strata.items())), percent=20, seed=7) == once
    assert left_out(strata, percent=20, seed=8) != once


def test_what_was_drawn_stays_and_the_rest_makes_up_for_it() -> None:
    strata = {f"m{number}": number % 3 for number in range(300)}
    once = left_out(strata, percent=20, seed=7)
    half = {member: member in once for member in list(strata)[:150]}
    assert left_out(strata, percent=20, seed=7, drawn=half) == once
    # Others have joined and some have gone: nobody who was drawn changes sides.
    other = {member: layer for member, layer in strata.items() if member != "m5"} | {"new": 1, "newer": 2}
    again = left_out(other, percent=20, seed=7, drawn=half)
    assert {member for member in half if member in again} == {member for member, is_out in half.items() if is_out}
    assert abs(len(again & other.keys()) - 60) <= 1


def test_layers_are_visit_days_of_ninety_and_groups() -> None:
    today = (TODAY - date(1970, 1, 1)).days
    assert stratum([], None, TODAY) == 0
    assert stratum([today - 90, today - 200], "friend", TODAY) == 3
    assert stratum([today - 89], None, TODAY) == 10
    assert stratum([today - day for day in range(9)], "barnacle", TODAY) == 44
