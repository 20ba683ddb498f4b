"""The pulse: it changes with whatever the member sees change, and costs the same however long her past is."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.campaigns.moments import id_from
from app.campaigns.queries import pulse, read_pulse
from app.campaigns.queries.pulse import MOST_UNREAD
from app.campaigns.telling import Told, tell
from app.cards import security
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from config import Settings
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import app_of, sign_up, wake
from tests.shops import AppCard, Shop


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


def state(call: Caller) -> str:
    answer = call.get("/me/pulse")
    assert answer.status == 200, answer.text
    return str(answer.body["state"])


def test_it_changes_with_all_she_sees_and_with_nothing_else(
    client: FlaskClient,
    scope: Scope,
    shop: Shop,
    till: Caller,
    tablet: Caller,
    app_card: AppCard,
    clock: FixedClock,
    context: JobContext,
) -> None:
    def call() -> Caller:
        return app_of(client, scope, app_card.member_id)

    other = sign_up(client)
    seen = [state(call())]

    def changed() -> None:
        assert state(call()) not in seen, "nothing was told"
        seen.append(state(call()))
        assert state(call()) == seen[-1], "it changed by itself"

    till.post("/visits", {"code": app_card.number, "amount": "12.00"})
    changed()  # a balance
    till.post("/visits", {"code": other.number, "amount": "12.00"})
    assert state(call()) == seen[-1], "that was somebody else's"
    till.post("/visits", {"code": app_card.number})
    till.post("/visits", {"code": app_card.number})
    changed()  # a voucher
    drain(context)
    changed()  # a message
    message_id = call().get("/me/messages").body["items"][0]["message_id"]
    assert call().get("/me/pulse").body["unread"] == 1
    call().post("/me/messages/read", {"until": message_id}, key=None)
    changed()
    assert call().get("/me/pulse").body["unread"] == 0
    voucher = call().get("/me/vouchers").body["items"][0]
    held = call().post(f"/me/vouchers/{voucher['voucher_id']}/hold", {"location_id": shop.location_id}, key=None)
    assert held.status == 200
    changed()
    assert call().send("DELETE", f"/me/vouchers/{voucher['voucher_id']}/hold").status == 202
    changed()
    clock.advance(minutes=5)
    made = call().post("/me/cards", {}, key=None)
    assert made.status == 201
    changed()  # a card
    assert call().post(f"/me/cards/{app_card.card_id}/block", {}, key=None).status == 200
    changed()


def test_what_was_undone_is_told_too(client: FlaskClient, scope: Scope, till: Caller, app_card: AppCard) -> None:
    call = app_of(client, scope, app_card.member_id)
    for _ in range(3):
        till.post("/visits", {"code": app_card.number})
    code = call.get("/me/vouchers").body["items"][0]["code"]
    states = [state(call)]
    redeemed = till.post("/redemptions", {"voucher_code": code})
    assert redeemed.status == 201, redeemed.text
    states.append(state(call))
    undone = till.post(f"/transactions/{redeemed.body['transaction_id']}/reverse", {"reason": "wrong one"})
    assert undone.status == 201, undone.text
    states.append(state(call))
    assert len(set(states)) == 3


def test_an_answer_that_has_not_changed_is_not_sent_again(
    client: FlaskClient, scope: Scope, till: Caller, app_card: AppCard
) -> None:
    call = app_of(client, scope, app_card.member_id)
    first = call.get("/me/pulse")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "ETag" in first.headers
    known = {"If-None-Match": first.headers["ETag"]}
    again = call.send("GET", "/me/pulse", None, None, known)
    assert (again.status, again.text, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    weak = {"If-None-Match": f"W/{first.headers['ETag']}"}
    assert call.send("GET", "/me/pulse", None, None, weak).status == 304
    till.post("/visits", {"code": app_card.number})
    changed = call.send("GET", "/me/pulse", None, None, known)
    assert changed.status == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_it_counts_to_a_hundred(client: FlaskClient, scope: Scope) -> None:
    app = sign_up(client)
    with scope.transaction() as tx:
        for number in range(MOST_UNREAD + 5):
            tell(tx, scope, app.member_id, Told("card_blocked", f"test:{number}", {}))
    answer = app.call.get("/me/pulse")
    assert answer.body["unread"] == MOST_UNREAD
    with scope.transaction() as tx:
        tell(tx, scope, app.member_id, Told("card_blocked", "test:last", {}))
    assert app.call.get("/me/pulse").body["state"] != answer.body["state"]


def rows_read(scope: Scope, member_id: str) -> int:
    """How many rows and index entries the pulse's one statement visits, as PostgreSQL itself counts them."""
    values = {"member_id": member_id, "now": scope.now, "asked_from": id_from(scope.now)}
    with scope.transaction() as tx:
        cursor = tx.cursor()
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + pulse._PULSE.postgresql, values)
        plan = cursor.fetchone()[0]
    found = plan if isinstance(plan, list) else json.loads(plan)

    def visited(node: dict[str, Any]) -> int:
        own = 0
        # Rows that a bitmap names are counted where they are read.
        if "Scan" in node["Node Type"] and node["Node Type"] not in ("Subquery Scan", "Bitmap Index Scan"):
            assert node["Node Type"] != "Seq Scan", node
            own = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
        return int(own) + sum(visited(inner) for inner in node.get("Plans", ()))

    return visited(found[0]["Plan"])


def live(till: Caller, app_card: AppCard, call: Caller, context: JobContext, times: int) -> None:
    """A past: full cards, each voucher spent, every message read."""
    for _ in range(times):
        for _ in range(3):
            assert till.post("/visits", {"code": app_card.number, "amount": "1.00"}).status == 201
        for voucher in call.get("/me/vouchers", status="issued").body["items"]:
            assert till.post("/redemptions", {"voucher_code": voucher["code"]}).status == 201
        drain(context)
        newest = call.get("/me/messages", limit=1).body["items"][0]["message_id"]
        assert call.post("/me/messages/read", {"until": newest}, key=None).status == 204


def test_it_does_not_grow_with_her_past(
    client: FlaskClient, scope: Scope, till: Caller, app_card: AppCard, context: JobContext
) -> None:
    call = app_of(client, scope, app_card.member_id)
    live(till, app_card, call, context, 1)
    mine = replace(scope, member_id=app_card.member_id)
    costs: list[Any] = []
    for _ in range(2):
        if scope.database.dialect == "postgresql":
            with scope.database.engine.connect() as connection:
                # As the tables' owner, as PostgreSQL does by itself now and then: a plan without figures is a guess.
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("RESET ROLE"))
                connection.execute(text("ANALYZE"))
                connection.invalidate()
            costs.append(rows_read(scope, app_card.member_id))
        else:
            costs.append(steps(mine))
        live(till, app_card, call, context, 8)
    assert costs[0] == costs[1], "more past, more work"
    found = read_pulse(mine)
    assert (found.unread, found.spending_requests) == (0, 0)


def steps(mine: Scope) -> int:
    """How many steps of its virtual machine SQLite takes for the pulse."""
    counted = itertools.count()
    with mine.reading() as tx:
        connection = tx.cursor().connection
        connection.set_progress_handler(lambda: next(counted) and 0, 1)
        try:
            held = replace(mine, _open=tx)
            read_pulse(held)
        finally:
            connection.set_progress_handler(None, 0)
    return next(counted)


def test_every_part_of_it_goes_by_an_index(client: FlaskClient, scope: Scope) -> None:
    if scope.database.dialect == "postgresql":
        assert rows_read(scope, sign_up(client).member_id) <= 2  # the card, and nothing else yet
        return
    values = {"member_id": sign_up(client).member_id, "now": scope.now, "asked_from": id_from(scope.now)}
    with scope.transaction() as tx:
        cursor = tx.cursor()
        cursor.execute("EXPLAIN QUERY PLAN " + pulse._PULSE.sqlite, values)
        plan = [row[3] for row in cursor.fetchall()]
    reads = [line for line in plan if "SEARCH" in line or line.startswith("SCAN ")]
    tables = [line for line in reads if not line.startswith(("SCAN latest", "SCAN unread", "SCAN booked"))]
    assert len([line for line in tables if "member_id=?" in line]) == 7, plan
    assert not [line for line in tables if line.startswith("SCAN ") and "CONSTANT" not in line], plan


def test_what_a_counter_asks_is_told(client: FlaskClient, scope: Scope, clock: FixedClock, context: JobContext) -> None:
    app = sign_up(client)
    before = state(app.call)
    scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "spending_asked"))
    drain(context)
    assert state(app.call) != before
    clock.advance(minutes=20)
    assert wake(client, scope, app).call.get("/me/pulse").body["spending_requests"] == 0
