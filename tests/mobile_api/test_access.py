"""Not yours and not there get the same answer: every route, with another merchant's or another member's token.

A route that this table does not name fails the suite.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.campaigns.telling import Told, tell
from app.common.scope import Scope
from app.rewards.service import add_codes, create_reward
from app.tables import metadata
from mobile_api.documents import operations
from tests.authenticators import Authenticator
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App, sign_in, sign_up
from tests.shops import AppCard, PlasticCard, Shop
from tests.signers import Signers

Rows = dict[str, list[tuple[Any, ...]]]
API = "/api/v1"
# What a refused request may leave behind: its own answer under its own key, the count of its tries, and what the
# operator sees of a card that was refused.
_TRACES = {"idempotency_key", "attempt", "card_refusal"}


@dataclass(frozen=True)
class Victim:
    """A shop with something of each kind that a request can name."""

    shop: Shop
    card: AppCard
    transaction_id: str
    voucher_code: str
    hold_id: str


@dataclass(frozen=True)
class MemberVictim:
    """A member with something of each kind that a request can name."""

    app: App
    card_id: str
    printed_id: str
    merge_id: str
    voucher_id: str
    reserved_id: str
    online_id: str  # of a reward for the webshop
    location_id: str
    passkey_id: str
    waiting_id: str  # a session that a mailed code began
    request_id: str
    message_id: str
    visit_id: str


# Routes that name something of a merchant's: how a stranger would name the victim's.
NAMES: dict[tuple[str, str], Callable[[Victim], tuple[str, dict[str, Any]]]] = {
    ("POST", "/pos/visits"): lambda victim: (
        "/pos/visits",
        {"code": victim.card.number, "programme_id": victim.shop.stamps_id},
    ),
    ("POST", "/pos/visits/preview"): lambda victim: (
        "/pos/visits/preview",
        {"code": victim.card.number, "programme_id": victim.shop.points_id},
    ),
    ("POST", "/pos/redemptions"): lambda victim: ("/pos/redemptions", {"voucher_code": victim.voucher_code}),
    ("POST", "/pos/redemptions/hold"): lambda victim: (
        "/pos/redemptions/hold",
        {"code": victim.card.number, "reward_id": victim.shop.discount_id},
    ),
    ("POST", "/pos/redemptions/<id:redemption_id>/commit"): lambda victim: (
        f"/pos/redemptions/{victim.hold_id}/commit",
        {},
    ),
    ("POST", "/pos/redemptions/<id:redemption_id>/cancel"): lambda victim: (
        f"/pos/redemptions/{victim.hold_id}/cancel",
        {},
    ),
    ("POST", "/pos/opening-balances"): lambda victim: (
        "/pos/opening-balances",
        {"code": victim.card.number, "programme_id": victim.shop.stamps_id, "units": 1},
    ),
    ("POST", "/pos/visit-claims"): lambda victim: ("/pos/visit-claims", {"programme_id": victim.shop.stamps_id}),
    ("POST", "/pos/transactions/<id:transaction_id>/reverse"): lambda victim: (
        f"/pos/transactions/{victim.transaction_id}/reverse",
        {"reason": "mine now"},
    ),
}
# Routes that name something of a member's: the method and address of the victim's, and a body that would do it.
MEMBER_NAMES: dict[tuple[str, str], Callable[[MemberVictim], tuple[str, Any]]] = {
    ("POST", "/me/cards/<id:card_id>/block"): lambda victim: (f"/me/cards/{victim.card_id}/block", {}),
    ("POST", "/me/cards/<id:card_id>/replace"): lambda victim: (f"/me/cards/{victim.card_id}/replace", {}),
    ("POST", "/me/cards/<id:card_id>/installations"): lambda victim: (f"/me/cards/{victim.card_id}/installations", {}),
    ("PUT", "/me/cards/<id:card_id>/pin"): lambda victim: (f"/me/cards/{victim.printed_id}/pin", {"pin": "2580"}),
    ("DELETE", "/me/cards/<id:card_id>/pin"): lambda victim: (f"/me/cards/{victim.printed_id}/pin", None),
    ("GET", "/me/cards/<id:card_id>/qr.svg"): lambda victim: (f"/me/cards/{victim.card_id}/qr.svg", None),
    ("GET", "/me/cards/<id:card_id>/apple.pkpass"): lambda victim: (f"/me/cards/{victim.card_id}/apple.pkpass", None),
    ("GET", "/me/cards/<id:card_id>/google-wallet"): lambda victim: (f"/me/cards/{victim.card_id}/google-wallet", None),
    ("POST", "/me/merges/<id:merge_id>/undo"): lambda victim: (f"/me/merges/{victim.merge_id}/undo", {}),
    ("POST", "/me/vouchers/<id:voucher_id>/hold"): lambda victim: (
        f"/me/vouchers/{victim.voucher_id}/hold",
        {"location_id": victim.location_id},
    ),
    ("DELETE", "/me/vouchers/<id:voucher_id>/hold"): lambda victim: (
        f"/me/vouchers/{victim.reserved_id}/hold",
        None,
    ),
    ("DELETE", "/me/vouchers/<id:voucher_id>"): lambda victim: (f"/me/vouchers/{victim.voucher_id}", None),
    ("POST", "/me/vouchers/<id:voucher_id>/code"): lambda victim: (f"/me/vouchers/{victim.online_id}/code", None),
    ("DELETE", "/me/passkeys/<id:passkey_id>"): lambda victim: (f"/me/passkeys/{victim.passkey_id}", None),
    ("DELETE", "/me/sessions/<id:session_id>"): lambda victim: (f"/me/sessions/{victim.waiting_id}", None),
    ("POST", "/me/sessions/<id:session_id>/trust"): lambda victim: (f"/me/sessions/{victim.waiting_id}/trust", {}),
    ("POST", "/me/spending-requests/<id:request_id>/approve"): lambda victim: (
        f"/me/spending-requests/{victim.request_id}/approve",
        {},
    ),
    ("POST", "/me/spending-requests/<id:request_id>/refuse"): lambda victim: (
        f"/me/spending-requests/{victim.request_id}/refuse",
        {},
    ),
    ("POST", "/me/messages/read"): lambda victim: ("/me/messages/read", {"until": victim.message_id}),
    ("POST", "/me/feedback"): lambda victim: ("/me/feedback", {"visit_id": victim.visit_id, "score": 9}),
}
# Routes that name nothing of a merchant's or a member's, and why.
OPEN: dict[tuple[str, str], str] = {
    ("POST", "/pos/devices/pair"): "a pairing code is a secret of its own",
    ("POST", "/pos/scans"): "a card is the whole platform's; what is told of it is the caller's shop's",
    ("POST", "/pos/claim-approvals"): "a card is the whole platform's, and nothing is told of it",
    ("POST", "/pos/cards/pin"): "a card is the whole platform's, and the scan was the device's own",
    ("POST", "/pos/cards/swap"): "a card is the whole platform's, and proven by its PIN; a foreign one the shop's own",
    ("POST", "/pos/training"): "makes a sandbox of the token's own shop",
    ("POST", "/pos/sync"): "its events are visits and redemptions, which are named above",
    ("POST", "/pos/staff-session"): "a PIN is looked for at the device's own shop",
    ("POST", "/pos/members/lookup"): "an address is found only by a shop that the member allowed",
    ("GET", "/pos/transactions"): "lists the token's own location",
    ("GET", "/pos/reviews"): "lists the token's own location",
    ("POST", "/pos/reviews/<path:event_id>"): "an event is looked for at the token's own location (test_reviews)",
    ("GET", "/pos/location"): "tells of the token's own location",
    **{
        ("POST", f"/auth/{last}"): "its secret says whose it is"
        for last in ("anonymous", "code", "token", "refresh", "logout", "recovery", "passkey", "transfer")
    },
    **{
        (method, f"/me{last}"): "the token's own"
        for method, last in (
            *(("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/export"), ("POST", "/recovery-code")),
            *(("GET", "/cards"), ("GET", "/accounts"), ("GET", "/activity"), ("GET", "/vouchers"), ("GET", "/merges")),
        )
    },
    ("POST", "/auth/passkey/options"): "names nobody",
    ("POST", "/me/transfers"): "the token's own session",
    **{
        (method, f"/me{last}"): "the token's own"
        for method, last in (
            *(("GET", "/passkeys"), ("POST", "/passkeys/options"), ("POST", "/passkeys")),
            *(("GET", "/sessions"), ("GET", "/spending-requests")),
        )
    },
    ("GET", "/me/consents"): "the token's own",
    **{
        (method, f"/me{last}"): "the token's own"
        for method, last in (
            *(("GET", "/messages"), ("GET", "/message-settings"), ("PUT", "/message-settings"), ("GET", "/pulse")),
            *(("GET", "/invitations"), ("GET", "/feedback"), ("GET", "/consents/log")),
        )
    },
    ("PUT", "/me/push-subscription"): "an address that its browser alone knows becomes the token's own",
    ("DELETE", "/me/push-subscription"): "of the token's own browsers (test_member_messages)",
    ("POST", "/me/invitations"): "a code that was sent, for the token's own",
    ("GET", "/invitations/<code>"): "whoever has the code was invited",
    ("POST", "/me/feedback/<id:feedback_id>/outcome"): "looked for among the token's own (test_voices)",
    ("POST", "/me/feedback/<id:feedback_id>/voucher"): "looked for among the token's own (test_voices)",
    ("GET", "/me/shops/<id:merchant_id>/ideas"): "what the shop lets every member see",
    ("POST", "/me/shops/<id:merchant_id>/ideas"): "an idea of the token's own",
    ("PUT", "/me/ideas/<id:idea_id>/vote"): "a vote of the token's own",
    ("DELETE", "/me/ideas/<id:idea_id>/vote"): "a vote of the token's own",
    ("GET", "/pos/feedback"): "lists the token's own location",
    ("POST", "/pos/feedback/<id:feedback_id>/answer"): "looked for at the token's own location (test_member_feedback)",
    ("GET", "/me/clubs"): "the token's own",
    **{
        (method, "/me/clubs/<id:merchant_id>"): "the token's own, at a merchant where it collects (test_member_clubs)"
        for method in ("GET", "PUT", "DELETE")
    },
    **{
        (method, f"/me/events/<id:event_id>/{last}"): "the token's own, at an event for it (test_member_clubs)"
        for method in ("POST", "DELETE")
        for last in ("place", "pass")
    },
    ("POST", "/me/tickets"): "whoever has the code was given the ticket (test_member_clubs)",
    ("GET", "/app"): "what everybody may see",
    ("GET", "/me/rewards"): "the token's own, and what everybody may see of a merchant that is listed",
    ("GET", "/me/recommendations"): "the token's own, and what everybody may see",
    ("PUT", "/me/recommendations"): "the token's own",
    ("PUT", "/me/consents"): "the token's own, towards a merchant that everybody may see",
    ("POST", "/me/cards"): "a number is claimed with its own secret",
    ("POST", "/me/vouchers"): "a reward that everybody may see, paid by the token's own",
    (
        "POST",
        "/me/cards/<id:card_id>/google-wallet",
    ): "another's card is not there (test_wallet_updates)",
    **{
        (method, "/passes/apple/v1/devices/<device>/registrations/<pass_type>/<id:serial>"): "the pass's own token"
        " (test_wallet_updates)"
        for method in ("POST", "DELETE")
    },
    ("GET", "/passes/apple/v1/passes/<pass_type>/<id:serial>"): "the pass's own token (test_wallet_updates)",
    ("GET", "/passes/apple/v1/devices/<device>/registrations/<pass_type>"): "only the device knows its id",
    ("POST", "/passes/apple/v1/log"): "is noted, and answered with nothing",
    ("GET", "/shops"): "what everybody may see; with a token, also where its member collects",
    ("GET", "/shops/<id:location_id>"): "what everybody may see; with a token, also whether its member collects there",
    ("GET", "/shops/<id:location_id>/logo.svg"): "what everybody may see",
    ("POST", "/shops/<id:location_id>/report"): "what everybody may see; who reports it is not kept",
    ("GET", "/openapi.json"): "what everybody may see",
}


@pytest.fixture
def environment(environment: dict[str, str], signers_made: Signers) -> dict[str, str]:
    """With keys for passes, so that their owner gets them."""
    return {**environment, **signers_made.environment}


@pytest.fixture
def victim(till: Caller, shop: Shop, app_card: AppCard, clock: FixedClock) -> Victim:
    booked = till.post("/visits", {"code": app_card.number, "amount": "30.00", "units": 3})
    held = till.post("/redemptions/hold", {"code": app_card.code(clock()), "reward_id": shop.discount_id})
    assert (booked.status, held.status) == (201, 201), held.text
    [unlocked] = booked.body["unlocked"]
    return Victim(shop, app_card, booked.body["transaction_id"], unlocked["voucher_code"], held.body["redemption_id"])


@pytest.fixture
def member_victim(
    client: FlaskClient, scope: Scope, till: Caller, shop: Shop, plastic_card: PlasticCard
) -> MemberVictim:
    app = sign_up(client)
    app.call.post(f"/me/cards/{app.card_id}/installations", key=None)
    till.post("/visits", {"code": app.number, "units": 3, "amount": "5"})
    claimed = app.call.post("/me/cards", {"number": plastic_card.number}, key=None)
    assert claimed.status == 201, claimed.text
    [merge] = app.call.get("/me/merges").body["items"]
    [voucher] = app.call.get("/me/vouchers").body["items"]
    till.post("/visits", {"code": app.number, "amount": "12.00"})
    taken = app.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None).body["voucher_id"]
    held = app.call.post(f"/me/vouchers/{taken}/hold", {"location_id": shop.location_id}, key=None)
    assert held.status == 200, held.text
    delivery_id = create_reward(
        scope, shop.points_id, name="Free delivery", cost=10, kind="amount_off", amount_minor=500, has_codes=True
    )
    add_codes(scope, delivery_id, ["A-1"])
    online = app.call.post("/me/vouchers", {"reward_id": delivery_id}, key=None)
    assert online.status == 201, online.text
    passkey_id = _add_passkey(app)
    sign_in(client, scope, "ann@example.com", app.call)
    app.call.send("PATCH", "/me", json.dumps({"ask_above": "0"}))
    till.post("/visits", {"code": app.number})
    asked = till.post("/redemptions", {"code": app.number, "reward_id": shop.coffee_id})
    assert asked.problem() == "spending_unconfirmed"
    [request] = app.call.get("/me/spending-requests").body["items"]
    sign_in(client, scope, "ann@example.com")
    [waiting] = [one for one in app.call.get("/me/sessions").body["items"] if one["waits_until"] is not None]
    return MemberVictim(
        app,
        app.card_id,
        plastic_card.card_id,
        merge["merge_id"],
        voucher["voucher_id"],
        taken,
        online.body["voucher_id"],
        shop.location_id,
        passkey_id,
        waiting["session_id"],
        request["request_id"],
        scope.run(lambda tx: tell(tx, scope, app.member_id, Told("card_blocked", "test", {}))) or "",
        next(one["visit_id"] for one in app.call.get("/me/activity").body["items"] if one["visit_id"]),
    )


def _add_passkey(app: App) -> str:
    options = app.call.post("/me/passkeys/options", key=None).body
    body = {"challenge_id": options["challenge_id"], "credential": Authenticator().create(options["public_key"])}
    return str(app.call.post("/me/passkeys", body, key=None).body["passkey_id"])


def everything(scope: Scope) -> Rows:
    """All rows of all tables."""
    with scope.reading() as tx:
        return {
            table.name: sorted(
                (tuple(row) for row in tx.session.execute(text(f'SELECT * FROM "{table.name}"'))), key=repr
            )
            for table in metadata.sorted_tables
            if table.name not in _TRACES
        }


def test_every_route_is_in_the_table(flask_app: Flask) -> None:
    routes = {(method, path.removeprefix(API)) for method, path in operations(flask_app)}
    named = set(NAMES) | set(MEMBER_NAMES) | set(OPEN)
    assert routes - named == set(), "say here who may see what these routes name"
    assert named - routes == set(), "these routes are gone"


def test_every_route_is_documented(flask_app: Flask) -> None:
    assert [route for route, operation in operations(flask_app).items() if operation is None] == []


@pytest.mark.parametrize("route", NAMES, ids=" ".join)
def test_a_stranger_finds_nothing_and_changes_nothing(
    client: FlaskClient, scope: Scope, victim: Victim, other_shop: Shop, route: tuple[str, str]
) -> None:
    path, body = NAMES[route](victim)
    before = everything(scope)
    refused = Caller(client, other_shop.key, API).post(path, body)
    assert refused.status == 404, refused.text
    assert everything(scope) == before
    owner = Caller(client, victim.shop.key, API).post(path, body)
    assert owner.status in (200, 201), owner.text


@pytest.mark.parametrize("route", MEMBER_NAMES, ids=" ".join)
def test_another_member_finds_nothing_and_changes_nothing(
    client: FlaskClient, scope: Scope, member_victim: MemberVictim, route: tuple[str, str]
) -> None:
    path, body = MEMBER_NAMES[route](member_victim)
    stranger = sign_up(client)
    sent = None if body is None else json.dumps(body)
    before = everything(scope)
    refused = stranger.call.send(route[0], path, sent)
    assert refused.status == 404, refused.text
    assert everything(scope) == before
    owner = client.open(
        API + path,
        method=route[0],
        data=sent,
        content_type="application/json",
        headers={"Authorization": f"Bearer {member_victim.app.call.token}"},
    )
    assert owner.status_code in (200, 201, 202, 204), owner.text


def test_strangers_lists_are_empty(client: FlaskClient, victim: Victim, other_shop: Shop) -> None:
    assert Caller(client, other_shop.key).get("/transactions").body == {"items": [], "next": None}
    seen = Caller(client, other_shop.key).post("/scans", {"code": victim.card.number})
    assert seen.body["vouchers"] == []
    assert {account["balance"] for account in seen.body["accounts"]} == {0}
    told = {account["programme_id"] for account in seen.body["accounts"]}
    assert told == {other_shop.stamps_id, other_shop.points_id}


def test_not_yours_and_not_there_are_one_answer(client: FlaskClient, victim: Victim, other_shop: Shop) -> None:
    stranger = Caller(client, other_shop.key)
    nowhere = "01890000-0000-7000-8000-000000000000"

    def reverse(transaction_id: str) -> Answer:
        return stranger.post(f"/transactions/{transaction_id}/reverse", {"reason": "x"})

    assert reverse(victim.transaction_id).text == reverse(nowhere).text


def test_a_member_token_opens_no_counter_and_a_device_token_no_wallet(
    client: FlaskClient, flask_app: Flask, shop: Shop, app_card: AppCard, member_token: Callable[[AppCard], str]
) -> None:
    token = member_token(app_card)
    for (method, path), operation in operations(flask_app).items():
        if operation is None or operation.authentication is None:
            continue
        wrong = shop.key if operation.authentication.name == "member" else token
        answer = Caller(client, wrong, "").send(method, _filled(path), "{}" if method != "GET" else None)
        assert answer.status == 401, (method, path, answer.text)


def _filled(path: str) -> str:
    parts = path.split("/")
    return "/".join("01890000-0000-7000-8000-000000000000" if part.startswith("<") else part for part in parts)
