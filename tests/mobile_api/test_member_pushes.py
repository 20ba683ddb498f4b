"""Pushes to a browser that is really there: read by it alone, signed, asked again or given up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.campaigns.models import PushEndpoint, PushSubscription
from app.campaigns.vapid import from_base64url
from app.cards import security
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.jobs.pushing import push_due
from app.wallet.service import erase_me
from config import Settings
from tests.browsers import browser
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.hearing import fill_a_card, inbox, pushing_here, put
from tests.mobile_api.members import app_of, nobody, sign_up
from tests.receivers import receiver
from tests.shops import AppCard


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Where pushes may go to this machine itself."""
    return environment | pushing_here()


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


def test_a_push_reaches_the_browser_and_nobody_on_the_way_reads_it(
    client: FlaskClient, scope: Scope, till: Caller, app_card: AppCard, context: JobContext, settings: Settings
) -> None:
    call = app_of(client, scope, app_card.member_id)
    with receiver() as service:
        service.answer = 201
        mine = browser(service.url)
        assert put(call, "/me/push-subscription", mine.body).status == 204
        fill_a_card(till, app_card)
        drain(context)
        assert service.requests == [], "mail never waits for a push service"
        assert push_due(context) == 1
        [request] = service.requests
    told = mine.read(request.body)
    [message] = inbox(call, "de")
    assert told["title"] == message["title"] == "Ihre Prämie ist da"
    assert told["body"] == message["text"]
    assert told["link"] == message["link"]
    assert (told["kind"], told["message_id"]) == ("reward_unlocked", message["message_id"])
    assert b"Bakery" not in request.body
    # The signature is of the key that the app was told, and for this service alone.
    scheme, _, rest = request.headers["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    offered = nobody(client).get("/app").body["push_public_key"]
    assert (scheme, parts["k"]) == ("vapid", offered)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(offered))
    origin = service.url.removesuffix("/hook")
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=origin, options={"verify_exp": False})
    assert claims["sub"] == "mailto:shop@example.org"
    assert datetime.fromtimestamp(claims["exp"], UTC) <= scope.now + timedelta(hours=24)
    assert (request.headers["Content-Encoding"], request.headers["TTL"]) == ("aes128gcm", "86400")


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    client: FlaskClient, scope: Scope, context: JobContext, status: int
) -> None:
    app = sign_up(client)
    with receiver() as service:
        service.answer = status
        put(app.call, "/me/push-subscription", browser(service.url).body)
        scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "card_blocked"))
        drain(context)
        assert push_due(context) == 1
        assert subscriptions(scope) == (0, 0)
        scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "card_blocked"))
        drain(context)
        assert push_due(context) == 0
    assert len(inbox(app.call)) == 2


def test_a_push_service_that_is_ill_is_asked_again_and_one_that_refuses_is_not(
    client: FlaskClient, scope: Scope, context: JobContext, clock: FixedClock
) -> None:
    app = sign_up(client)
    with receiver() as service:
        service.answer = 503
        mine = browser(service.url)
        put(app.call, "/me/push-subscription", mine.body)
        scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "card_blocked"))
        drain(context)
        assert push_due(context) == 1
        assert push_due(context) == 0, "not at once"
        clock.advance(minutes=1)
        service.answer = 201
        assert push_due(context) == 1
        assert mine.read(service.requests[-1].body)["kind"] == "card_blocked"
        assert int(service.requests[-1].headers["TTL"]) == 86400 - 60
        service.answer = 403
        scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "card_blocked"))
        drain(context)
        assert push_due(context) == 1
        clock.advance(days=1)
        assert push_due(context) == 0
        assert subscriptions(scope) == (1, 1)
    with scope.reading() as tx:
        told = tx.session.scalars(select(OutboxMessage.last_error).where(OutboxMessage.topic == "push")).all()
    assert "PushRefusedError: the push service answered 403" in told
    assert not any(service.url in (error or "") for error in told)


def test_a_push_that_was_late_is_left(
    client: FlaskClient, scope: Scope, context: JobContext, clock: FixedClock
) -> None:
    app = sign_up(client)
    with receiver() as service:
        put(app.call, "/me/push-subscription", browser(service.url).body)
        scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "spending_asked"))
        drain(context)
        clock.advance(minutes=11)
        assert push_due(context) == 1
        assert service.requests == []


def test_a_browser_tells_one_member_alone(client: FlaskClient, scope: Scope, context: JobContext) -> None:
    first, second = sign_up(client), sign_up(client)
    with receiver() as service:
        shared = browser(service.url)
        assert put(first.call, "/me/push-subscription", shared.body).status == 204
        assert put(second.call, "/me/push-subscription", shared.body).status == 204
        assert put(second.call, "/me/push-subscription", shared.body).status == 204
        assert subscriptions(scope) == (1, 1)
        for app in (first, second):
            scope.run(lambda tx, app=app: security.tell(tx, scope.now, app.member_id, "card_blocked"))
        drain(context)
        assert push_due(context) == 1
        gone = {"endpoint": service.url}
        assert first.call.send("DELETE", "/me/push-subscription", json.dumps(gone)).status == 204
        assert subscriptions(scope) == (1, 1), "it is not the first one's any more"
        assert second.call.send("DELETE", "/me/push-subscription", json.dumps(gone)).status == 204
        assert second.call.send("DELETE", "/me/push-subscription", json.dumps(gone)).status == 204
        assert subscriptions(scope) == (0, 0)


def test_at_most_ten_browsers_and_the_oldest_makes_room(client: FlaskClient, scope: Scope, clock: FixedClock) -> None:
    app = sign_up(client)
    made = [browser(f"http://127.0.0.1:9/{number}") for number in range(12)]
    for one in made:
        clock.advance(seconds=1)
        assert put(app.call, "/me/push-subscription", one.body).status == 204
    assert subscriptions(scope) == (10, 10)


@pytest.mark.parametrize(
    "endpoint",
    ["ftp://push.example/x", "https://user:pass@push.example/", "https://10.0.0.1/x", "https://[fd00::1]/", "x"],
)
def test_addresses_that_may_not_be_called_are_refused(client: FlaskClient, endpoint: str) -> None:
    refused = put(sign_up(client).call, "/me/push-subscription", browser(endpoint).body)
    assert (refused.status, list(refused.body["errors"])) == (422, ["endpoint"])


def test_a_name_that_leads_into_our_own_network_is_never_called_and_forgotten(
    client: FlaskClient, scope: Scope, context: JobContext, settings: Settings
) -> None:
    """A name looks harmless when it is given; what it stands for is looked at before each call."""
    app = sign_up(client)
    with receiver() as service:
        port = service.url.rpartition(":")[2].partition("/")[0]
        assert put(app.call, "/me/push-subscription", browser(f"https://localhost:{port}/hook").body).status == 204
        scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "card_blocked"))
        drain(context)
        outside = replace(context, settings=replace(settings, webhook_loopback=False))
        assert push_due(outside) == 1
        assert service.requests == []
    assert subscriptions(scope) == (0, 0)


def test_keys_that_are_none_are_refused(client: FlaskClient) -> None:
    wrong = {**browser("https://push.example/x").body, "keys": {"p256dh": "AAAA", "auth": "AAAA"}}
    refused = put(sign_up(client).call, "/me/push-subscription", wrong)
    assert (refused.status, list(refused.body["errors"])) == (422, ["keys"])


def test_nothing_of_where_a_browser_is_stands_in_clear(client: FlaskClient, scope: Scope) -> None:
    app = sign_up(client)
    mine = browser("https://push.example/secret-address")
    put(app.call, "/me/push-subscription", mine.body)
    with scope.reading() as tx:
        row = tx.session.scalars(select(PushSubscription)).one()
        looked_up = tx.session.scalars(select(PushEndpoint)).one()
    assert b"secret-address" not in bytes(row.sealed) + bytes(looked_up.blind)
    exported = app.call.get("/me/export").body
    assert "secret-address" in exported["push_subscriptions"][0]["subscription"]
    erase_me(replace(scope, member_id=app.member_id))
    assert subscriptions(scope) == (0, 0)


def test_without_a_key_nothing_is_pushed(client: FlaskClient, scope: Scope, settings: Settings) -> None:
    platform: Any = client.application.extensions["zegel"]
    client.application.extensions["zegel"] = replace(platform, settings=replace(settings, vapid={}))
    assert nobody(client).get("/app").body["push_public_key"] is None
    refused = put(sign_up(client).call, "/me/push-subscription", browser("https://push.example/x").body)
    assert (refused.status, refused.problem()) == (409, "push_not_offered")


def subscriptions(scope: Scope) -> tuple[int, int]:
    with scope.reading() as tx:
        counts = [
            tx.session.scalar(select(func.count()).select_from(model)) for model in (PushSubscription, PushEndpoint)
        ]
    return counts[0] or 0, counts[1] or 0
