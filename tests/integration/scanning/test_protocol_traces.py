"""What a model of the service answered to many tablets, the service answers too (``queue_traces.json``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.common.scope import Scope
from tests.books import assert_books_balance
from tests.clocks import FixedClock
from tests.protocol import Player

TRACES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "vectors/queue_traces.json").read_text())[
    "traces"
]
PARTS = 8
# Each part takes half a minute where commits are synced: a quarter always, the rest with the long proofs.
ALWAYS = 2


def test_there_are_enough() -> None:
    assert len(TRACES) >= 200
    ops = {step["op"] for trace in TRACES for step in trace["steps"]}
    assert {"sync", "visit", "redeem", "take", "reserve", "release", "write_off", "end"} <= ops


@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=[pytest.mark.prove] if part >= ALWAYS else []) for part in range(PARTS)]
)
def test_the_service_answers_as_its_model(scope: Scope, clock: FixedClock, part: int) -> None:
    for trace in TRACES[part::PARTS]:
        player = Player(scope, clock, trace)
        for place, step in enumerate(trace["steps"]):
            answered = player.play(step)
            told = {name: answered.get(name) for name in step["expect"]}
            assert told == step["expect"], f"seed {trace['seed']}, step {place}: {step}"
    assert_books_balance(scope)
