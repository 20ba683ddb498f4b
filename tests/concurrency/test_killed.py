"""SIGKILL under load: whatever was acknowledged is there, everything else is there whole or not at all.

Power loss can't be shown by killing a process, and is not claimed."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from app.common.clock import system_clock
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from tests.books import assert_books_balance
from tests.concurrency.serving import Client, Server
from tests.factories import Holder, Shop, make_holder, make_shop

CLIENTS = 8
_KEPT = Statement("SELECT key, status, body, member_id, answer_to FROM idempotency_key WHERE body IS NOT NULL")
_WHOLE = Statement(
    """
    SELECT count(*),
        (SELECT count(*) FROM ledger_transaction WHERE kind = 'earn'),
        (SELECT count(*) FROM location_transaction WHERE kind = 'earn'),
        (SELECT count(*) FROM visit v
            JOIN ledger_transaction t ON t.member_id = v.member_id AND t.id = v.transaction_id)
    FROM visit
    """
)


@dataclass
class Load:
    """Tills that buy and redeem as fast as they are answered, and remember what they were told."""

    shop: Shop
    holders: list[Holder]
    random: random.Random
    told: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    sent: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def till(self, port: int, seed: int) -> None:
        chance, client = random.Random(seed), Client(port, self.shop.token)
        while not self.stopped.is_set():
            key, number = new_id(), chance.choice(self.holders).number
            path, body = "/visits", {"code": number, "amount": f"{chance.randint(0, 30)}.50", "currency": "EUR"}
            if chance.random() < 0.3:
                path, body = "/redemptions", {"code": number, "reward_id": self.shop.reward_ids[0]}
            self.sent[key] = (path, body)
            try:
                self.told[key] = client.post(path, body, key)
            except (OSError, http.client.HTTPException):
                break
        client.close()

    def run(self, server: Server, seconds: float, end: Callable[[], None]) -> None:
        seeds = [self.random.getrandbits(32) for _ in range(CLIENTS)]
        tills = [threading.Thread(target=self.till, args=(server.port, seed)) for seed in seeds]
        for till in tills:
            till.start()
        time.sleep(seconds)  # how long the load runs; nothing is waited for
        end()
        self.stopped.set()
        for till in tills:
            till.join()


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
            load.run(server, chance.uniform(0.5, 1.5), server.kill)
            check(scope, load)
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


def check(scope: Scope, load: Load) -> None:
    with scope.reading() as tx:
        kept = {row[0]: row[1:] for row in tx.rows(_KEPT, {})}
        assert len(set(tx.rows(_WHOLE, {})[0])) == 1
    for key, (status, body) in load.told.items():
        assert status in (201, 409)
        assert kept[key][0] == status
        assert json.loads(kept[key][1]) == json.loads(body)
    assert_books_balance(scope)


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
