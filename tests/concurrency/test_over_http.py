"""The races again, over HTTP and between the processes of a server as it is run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from app.common.clock import system_clock
from app.common.ids import new_id
from app.common.scope import Scope
from tests.books import assert_books_balance, count, standing
from tests.concurrency.racing import at_once
from tests.concurrency.serving import Client, Server
from tests.factories import Shop, make_holder, make_shop, visit


@pytest.fixture
def server(environment: dict[str, str], scope: Scope) -> Iterator[Server]:
    scope.clock = system_clock
    made = Server(environment)
    made.start()
    yield made
    made.stop()


def posted(
    server: Server, shop: Shop, clients: int, path: str, body: dict[str, str], key: str | None = None
) -> list[tuple[int, bytes] | Exception]:
    """The answers to as many clients, each on a connection of its own, all at once."""
    tills = [Client(server.port, shop.token) for _ in range(clients)]
    try:
        return at_once([lambda t=till: t.post(path, body, key or new_id()) for till in tills])
    finally:
        for till in tills:
            till.close()


def test_what_is_promised_of_races_holds_over_http(server: Server, scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1", reward={"cost": 5}), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=54_00)
    asked = {"code": holder.number, "reward_id": shop.reward_ids[0]}

    answers = posted(server, shop, 64, "/redemptions", asked)
    assert Counter(answer[0] for answer in answers if isinstance(answer, tuple)) == {201: 10, 409: 54}
    assert standing(scope, holder.member_id, shop.programme_id).balance == 4

    bought = {"code": holder.number, "amount": "10.00", "currency": "EUR"}
    before = count(scope, "ledger_transaction")
    same = posted(server, shop, 50, "/visits", bought, "one-key")
    assert len(set(same)) == 1
    assert isinstance(same[0], tuple)
    assert same[0][0] == 201
    assert count(scope, "ledger_transaction") == before + 1

    other = posted(server, shop, 16, "/visits", {**bought, "amount": "10.01"}, "one-key")
    assert {answer[0] for answer in other if isinstance(answer, tuple)} == {422}
    told = [json.loads(answer[1])["type"].rsplit("/", 1)[-1] for answer in other if isinstance(answer, tuple)]
    assert told == ["key_reused"] * 16
    assert count(scope, "ledger_transaction") == before + 1
    assert_books_balance(scope)
