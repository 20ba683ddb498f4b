"""An upgrade in a busy hour: the service is told to stop, and starts again. No visit is lost or booked twice."""

from __future__ import annotations

import os
import random
import signal
import time

from app.common.clock import system_clock
from app.common.scope import Scope
from tests.books import count
from tests.concurrency.load import Load, check
from tests.concurrency.serving import Client, Server
from tests.factories import make_holder, make_shop


def test_told_to_stop_under_load_it_loses_no_visit(environment: dict[str, str], scope: Scope) -> None:
    scope.clock = system_clock
    shop = make_shop(scope, points="1", reward={"cost": 5})
    holders = [make_holder(scope) for _ in range(6)]
    scope.database.close()
    server = Server(environment)
    server.start()
    load = Load(shop, holders, random.Random(1))

    def tell_to_stop() -> None:
        assert server.process is not None
        began = time.monotonic()
        # systemd and containers tell the first process; it passes it on.
        os.kill(server.process.pid, signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert time.monotonic() - began < 10

    try:
        load.run(server, 0.5, tell_to_stop, least=30)
        assert len(load.told) >= 30
        check(scope, load.told)
        scope.database.close()
        unanswered = [key for key in load.sent if key not in load.told]
        server.start()  # the new version
        client = Client(server.port, shop.token)
        for key in unanswered:  # what a tablet keeps in its queue until it has an answer
            path, body = load.sent[key]
            first = client.post(path, body, key)
            assert first[0] in (201, 409)
            assert client.post(path, body, key) == first
            load.told[key] = first
        client.close()
    finally:
        server.stop()
    check(scope, load.told)
    bought = [key for key, (path, _) in load.sent.items() if path == "/visits" and load.told[key][0] == 201]
    assert count(scope, "visit") == len(bought)
