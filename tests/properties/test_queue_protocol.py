"""Queues, reservations, decisions and lost tablets in any order: the service answers as a model of its promises does,
no voucher is given twice, and the books balance."""

from __future__ import annotations

import os

import pytest

from app.common.scope import Scope
from tests.books import assert_books_balance
from tests.clocks import FixedClock
from tests.protocol import Player
from tests.protocol_model import Maker

EXAMPLES = 12


def play(scope: Scope, clock: FixedClock, seed: int, steps: int) -> None:
    """One random history; says at which seed and step the service answers otherwise."""
    maker = Maker(seed)
    player = Player(scope, clock, maker.head)
    trace = maker.trace(steps)
    for place, step in enumerate(trace["steps"]):
        assert player.play(step) == step["expect"], f"seed {seed}, step {place}: {step}"


@pytest.mark.parametrize("first", range(2))
def test_the_service_keeps_its_promises(scope: Scope, clock: FixedClock, first: int) -> None:
    for seed in range(first, EXAMPLES, 2):
        play(scope, clock, seed, steps=25)
    assert_books_balance(scope)


@pytest.mark.prove
def test_the_service_keeps_its_promises_for_long(scope: Scope, clock: FixedClock) -> None:
    seed = int(os.environ.get("PROVE_SEED") or int.from_bytes(os.urandom(4), "big"))
    print(f"PROVE_SEED={seed}")
    for one in range(seed, seed + int(os.environ.get("PROVE_EXAMPLES", "400"))):
        play(scope, clock, one, steps=40)
    assert_books_balance(scope)
