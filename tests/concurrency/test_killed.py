"""SIGKILL under load: whatever was acknowledged is there, everything else is there whole or not at all.

Power loss can't be shown by killing a process, and is not claimed."""

from __future__ import annotations

import os
import random

import pytest

from app.common.clock import system_clock
from app.common.scope import Scope
from tests.books import assert_books_balance
from tests.concurrency.load import Load, check
from tests.concurrency.serving import Client, Server
from tests.factories import make_holder, make_shop


def kill_and_look(environment: dict[str, str], scope: Scope, seed: int, rounds: int) -> tuple[int, int]:
    """Kill the server ``rounds`` times under load; how many requests were acknowledged, and how many were not."""
    chance = random.Random(seed)
    scope.clock = system_clock
    shop = make_shop(scope, points="1", reward={"cost": 5})
    holders = [make_holder(scope) for _ in range(6)]
    server, acknowledged, unknown = Server(environment), 0, 0
    try:
        for _ in range(rounds):
            server.start()
            load = Load(shop, holders, chance)
            load.run(server, chance.uniform(0.5, 1.5), server.kill, least=12)
            check(scope, load.told)
            acknowledged += len(load.told)
            unknown += len(load.sent) - len(load.told)
            scope.database.close()
        server.start()
        client = Client(server.port, shop.token)
        for key in [key for key in load.sent if key not in load.told]:
            path, body = load.sent[key]
            first = client.post(path, body, key)
            assert client.post(path, body, key) == first  # once, whether the first try had been booked or not
            assert first[0] in (201, 409)
        client.close()
    finally:
        server.stop()
    assert_books_balance(scope)
    return acknowledged, unknown


def test_what_was_acknowledged_survives_a_kill(environment: dict[str, str], scope: Scope) -> None:
    acknowledged, _ = kill_and_look(environment, scope, seed=1, rounds=2)
    assert acknowledged > 20


@pytest.mark.prove
def test_what_was_acknowledged_survives_many_kills(environment: dict[str, str], scope: Scope) -> None:
    seed = int(os.environ.get("PROVE_SEED") or int.from_bytes(os.urandom(4), "big"))
    rounds = int(os.environ.get("PROVE_KILLS", "200"))
    print(f"PROVE_SEED={seed} PROVE_KILLS={rounds}")
    acknowledged, unknown = kill_and_look(environment, scope, seed, rounds)
    print(
        f"{rounds} kills, {acknowledged} acknowledged, none lost; {unknown} without an answer, each whole or not there"
    )
