"""Tills under load, which remember what they were told, and whether a database holds just that."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from tests.books import assert_books_balance
from tests.concurrency.serving import Client, Server
from tests.factories import Holder, Shop

CLIENTS = 8
Told = Mapping[str, tuple[int, bytes]]
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

    def run(self, server: Server, seconds: float, end: Callable[[], None], *, least: int = 0) -> None:
        """Run the tills for so many seconds, and on a slow machine until so many answers have come; then ``end``."""
        seeds = [self.random.getrandbits(32) for _ in range(CLIENTS)]
        tills = [threading.Thread(target=self.till, args=(server.port, seed)) for seed in seeds]
        for till in tills:
            till.start()
        until = time.monotonic() + 60
        time.sleep(seconds)  # how long the load runs
        while len(self.told) < least and time.monotonic() < until:
            time.sleep(0.01)
        end()
        self.stopped.set()
        for till in tills:
            till.join()


def check(scope: Scope, told: Told) -> None:
    """Every answer that was given is kept there as it was given, every visit is whole, and the books balance."""
    with scope.reading() as tx:
        kept = {row[0]: row[1:] for row in tx.rows(_KEPT, {})}
        assert len(set(tx.rows(_WHOLE, {})[0])) == 1
    for key, (status, body) in told.items():
        assert status in (201, 409)
        assert kept[key][0] == status
        assert json.loads(kept[key][1]) == json.loads(body)
    assert_books_balance(scope)
