"""Passes that are brought up to date: Apple's phones ask for them anew, Google's side is written to."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import ssl
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import jwt
import pyotp
import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import text

import config
from app.common.scope import Scope
from app.common.sealing import seal
from app.jobs import passing
from app.jobs.context import JobContext
from app.jobs.draining import Drained, drain
from tests import wallets
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import App, sign_up, wake
from tests.shops import HOST, PlasticCard, Shop
from tests.signers import ISSUER_ID, PASS_TYPE, Signers
from tests.wallets import Apple, Google

API = "/api/v1/passes/apple/v1"
PHONE, WATCH = "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6", "f6e5d4c3b2a1f0e9d8c7b6a5f4e3d2c1"
TOKENS = {PHONE: "ab" * 32, WATCH: "cd" * 32}


@pytest.fixture
def apple(signers_made: Signers) -> Iterator[Apple]:
    with wallets.apple(signers_made) as made:
        yield made


@pytest.fixture
def google(signers_made: Signers) -> Iterator[Google]:
    with wallets.google(signers_made) as made:
        yield made


@pytest.fixture
def environment(
    environment: dict[str, str], signers_made: Signers, apple: Apple, google: Google, tmp_path: Any
) -> dict[str, str]:
    account = json.loads((signers_made.folder / "account.json").read_text())
    (tmp_path / "account.json").write_text(json.dumps({**account, "token_uri": f"{google.url}/token"}))
    return {
        **environment,
        **signers_made.environment,
        "APPLE_PASS_PUSH_URL": apple.url,
        "APPLE_PASS_PUSH_AUTHORITIES": str(signers_made.folder / "issuer.pem"),
        "GOOGLE_WALLET_SERVICE_ACCOUNT": str(tmp_path / "account.json"),
        "GOOGLE_WALLET_API_BASE": google.url,
    }


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


@pytest.fixture
def jobs(scope: Scope, settings: config.Settings, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


def tell(jobs: JobContext, clock: FixedClock) -> Drained:
    """A minute later: what changed is found, and told."""
    clock.now += timedelta(minutes=1)
    passing.refresh(jobs)
    return drain(jobs)


@dataclass
class Pass:
    """A pass in a phone's wallet."""

    client: FlaskClient
    serial: str
    token: str

    def ask(self, method: str, path: str, *, token: str | None = None, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"ApplePass {token or self.token}", **headers}
        return self.client.open(API + path, method=method, json=body, headers=sent)

    def register(self, device: str = PHONE, **other: Any) -> int:
        path = f"/devices/{device}/registrations/{PASS_TYPE}/{self.serial}"
        return int(self.ask("POST", path, body={"pushToken": TOKENS[device]}, **other).status_code)

    def unregister(self, device: str = PHONE, **other: Any) -> int:
        return int(
            self.ask("DELETE", f"/devices/{device}/registrations/{PASS_TYPE}/{self.serial}", **other).status_code
        )

    def updated(self, since: str | None = None, device: str = PHONE) -> Any:
        query = {} if since is None else {"passesUpdatedSince": since}
        answer = self.client.get(f"{API}/devices/{device}/registrations/{PASS_TYPE}", query_string=query)
        assert answer.status_code in (200, 204), answer.text
        return answer.get_json() if answer.status_code == 200 else None

    def latest(self, **headers: str) -> Any:
        return self.ask("GET", f"/passes/{PASS_TYPE}/{self.serial}", **headers)


def described(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found: dict[str, Any] = json.loads(archive.read("pass.json"))
    return found


def values(content: bytes) -> list[str]:
    return [field["value"] for field in described(content)["storeCard"]["auxiliaryFields"]]


@pytest.fixture
def wallet(client: FlaskClient, app: App) -> Pass:
    """The app's card, put into Apple Wallet."""
    answer = client.get(
        f"/api/v1/me/cards/{app.card_id}/apple.pkpass", headers={"Authorization": f"Bearer {app.call.token}"}
    )
    told = described(answer.data)
    assert told["webServiceURL"] == f"https://{HOST}/api/v1/passes/apple"
    return Pass(client, told["serialNumber"], told["authenticationToken"])


class TestApple:
    def test_a_visit_reaches_the_phone_and_its_pass_shows_it(
        self, wallet: Pass, app: App, till: Caller, apple: Apple, jobs: JobContext, clock: FixedClock
    ) -> None:
        assert (wallet.register(), wallet.register()) == (201, 200)
        first = wallet.updated()
        assert first["serialNumbers"] == [app.card_id]
        assert wallet.updated(first["lastUpdated"]) is None
        assert (tell(jobs, clock).done, apple.pushes) == (0, [])
        assert till.post("/visits", {"code": app.number, "units": 2, "amount": "5.00"}).status == 201
        assert tell(jobs, clock).failed == 0
        assert apple.pushes == [(PASS_TYPE, TOKENS[PHONE])]
        assert wallet.updated(first["lastUpdated"])["serialNumbers"] == [app.card_id]
        answer = wallet.latest()
        assert (answer.status_code, answer.mimetype) == (200, "application/vnd.apple.pkpass")
        assert sorted(values(answer.data)) == ["2 van 3 zegels", "50 punten"]
        assert wallet.latest(**{"If-Modified-Since": answer.headers["Last-Modified"]}).status_code == 304
        before = format_datetime(clock() - timedelta(days=1), usegmt=True)
        assert wallet.latest(**{"If-Modified-Since": before}).status_code == 200
        # What was told is told once.
        tell(jobs, clock)
        tell(jobs, clock)
        assert len(apple.pushes) <= 2

    def test_nobody_without_the_token_is_told_or_changes_anything(
        self, client: FlaskClient, wallet: Pass, scope: Scope, app: App
    ) -> None:
        other = sign_up(client)
        foreign = Pass(client, other.card_id, wallet.token)
        nowhere = Pass(client, "01890000-0000-7000-8000-000000000000", wallet.token)
        for stranger in (foreign, nowhere):
            assert (stranger.register(), stranger.unregister(), stranger.latest().status_code) == (401, 401, 401)
        assert wallet.register(token="f" * 64) == 401
        assert client.get(f"{API}/passes/{PASS_TYPE}/{app.card_id}").status_code == 401
        assert wallet.ask("GET", f"/passes/pass.example.other/{app.card_id}").status_code == 401
        assert wallet.updated() is None
        with scope.reading() as tx:
            assert tx.session.execute(text("SELECT count(*) FROM pass_device")).scalar() == 0
        assert wallet.register() == 201
        assert wallet.unregister(token="f" * 64) == 401
        assert wallet.updated(device=WATCH) is None
        assert wallet.updated() is not None

    @pytest.mark.parametrize("body", [{}, {"pushToken": ""}, {"pushToken": "../../x"}, {"pushToken": 7}, None])
    def test_what_is_no_push_token_is_refused(self, wallet: Pass, body: Any) -> None:
        path = f"/devices/{PHONE}/registrations/{PASS_TYPE}/{wallet.serial}"
        assert wallet.ask("POST", path, body=body).status_code in (415, 422)
        assert wallet.ask("POST", path, body={"pushToken": TOKENS[PHONE], "more": 1}).status_code == 201

    def test_who_took_the_pass_out_hears_no_more_and_the_others_do(
        self, wallet: Pass, app: App, till: Caller, apple: Apple, jobs: JobContext, clock: FixedClock
    ) -> None:
        assert (wallet.register(), wallet.register(WATCH)) == (201, 201)
        assert (wallet.unregister(), wallet.unregister()) == (200, 200)
        till.post("/visits", {"code": app.number, "units": 1, "amount": "5.00"})
        tell(jobs, clock)
        assert apple.pushes == [(PASS_TYPE, TOKENS[WATCH])]

    def test_a_lost_phone_is_forgotten_and_a_fault_is_tried_again(
        self, wallet: Pass, app: App, till: Caller, apple: Apple, jobs: JobContext, clock: FixedClock
    ) -> None:
        wallet.register()
        wallet.register(WATCH)
        apple.answers = {TOKENS[PHONE]: (410, "Unregistered"), TOKENS[WATCH]: (503, "Shutdown")}
        till.post("/visits", {"code": app.number, "units": 1, "amount": "5.00"})
        assert tell(jobs, clock).failed == 1
        apple.answers.pop(TOKENS[WATCH])
        clock.now += timedelta(minutes=1)
        assert drain(jobs).done >= 1
        assert apple.pushes == [(PASS_TYPE, TOKENS[WATCH])]
        assert wallet.updated() is None
        assert wallet.updated(device=WATCH) is not None

    def test_the_push_service_takes_nothing_from_a_stranger(self, apple: Apple, signers_made: Signers) -> None:
        """The stand-in asks for the certificate, so nothing above could pass without it."""
        context = ssl.create_default_context(cafile=str(signers_made.folder / "issuer.pem"))
        context.set_alpn_protocols(["h2"])

        def greet() -> None:
            with (
                socket.create_connection(("127.0.0.1", int(apple.url.rsplit(":", 1)[1])), 5) as plain,
                context.wrap_socket(plain, server_hostname="localhost") as connection,
            ):
                connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                assert connection.recv(1), "it hung up"

        with pytest.raises((OSError, AssertionError)):
            greet()
        assert apple.had_a_stranger.wait(10)

    def test_a_dead_card_becomes_a_void_pass(
        self, wallet: Pass, app: App, apple: Apple, jobs: JobContext, clock: FixedClock
    ) -> None:
        wallet.register()
        clock.now += timedelta(minutes=1)
        assert app.call.post(f"/me/cards/{app.card_id}/block", key=None).status == 200
        tell(jobs, clock)
        assert apple.pushes
        told = described(wallet.latest().data)
        assert told["voided"] is True
        assert "barcodes" not in told

    def test_who_leaves_takes_the_pass_along(
        self, wallet: Pass, app: App, scope: Scope, apple: Apple, jobs: JobContext, clock: FixedClock
    ) -> None:
        wallet.register()
        [kept] = app.call.get("/me/export").body["wallet_passes"]
        assert (kept["card_id"], kept["kind"], kept["devices"]) == (app.card_id, "apple", 1)
        assert app.call.send("DELETE", "/me").status == 204
        assert wallet.latest().status_code == 401
        assert wallet.updated() is None
        tell(jobs, clock)
        assert apple.pushes == []
        with scope.reading() as tx:
            for table in ("wallet_pass", "pass_device"):
                assert tx.session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0

    def test_a_push_token_is_sealed(self, wallet: Pass, scope: Scope) -> None:
        wallet.register()
        with scope.reading() as tx:
            [(stored,)] = tx.session.execute(text("SELECT push_token FROM pass_device"))
        assert TOKENS[PHONE].encode() not in bytes(stored)
        assert len(bytes(stored)) == len(seal(scope.keys.data, "x", TOKENS[PHONE].encode()))

    def test_a_phones_complaint_is_noted_without_names(
        self, client: FlaskClient, app: App, caplog: pytest.LogCaptureFixture
    ) -> None:
        line = f"Web service error for {app.card_id}: token {'ab' * 32} refused"
        with caplog.at_level("WARNING", "zegel.passes"):
            answer = client.post(f"{API}/log", json={"logs": [line] * 8})
        assert answer.status_code == 200
        [told] = [record.getMessage() for record in caplog.records if record.name == "zegel.passes"]
        assert told.startswith("a phone told of 8 troubles")
        assert told.count("Web service error for …: token … refused") == 5


class TestGoogle:
    def put(self, app: App) -> dict[str, Any]:
        answer = app.call.post(f"/me/cards/{app.card_id}/google-wallet", key=None)
        assert answer.status == 201, answer.text
        token = answer.body["url"].removeprefix("https://pay.google.com/gp/v/save/")
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return claims

    def code(self, google: Google, app: App, clock: FixedClock) -> str:
        """What Google Wallet shows now, computed as its interface says."""
        barcode = google.objects[f"{ISSUER_ID}.{app.card_id}"]["rotatingBarcode"]
        details = barcode["totpDetails"]
        [parameters] = details["parameters"]
        secret = bytes.fromhex(parameters["key"])
        digits = pyotp.TOTP(
            base64.b32encode(secret).decode(),
            digits=parameters["valueLength"],
            interval=int(details["periodMillis"]) // 1000,
        ).at(clock())
        assert details["algorithm"] == "TOTP_SHA1"
        return str(barcode["valuePattern"]).replace("{totp_value_0}", digits)

    def test_its_code_redeems_as_the_apps_does_and_once(
        self, client: FlaskClient, app: App, shop: Shop, till: Caller, google: Google, clock: FixedClock
    ) -> None:
        started = app.call.post(f"/me/cards/{app.card_id}/installations", key=None).body
        claims = self.put(app)
        assert claims["payload"] == {
            "loyaltyObjects": [{"id": f"{ISSUER_ID}.{app.card_id}", "classId": f"{ISSUER_ID}.zegel"}]
        }
        till.post("/visits", {"code": app.number, "units": 2, "amount": "30.00"})
        code = self.code(google, app, clock)
        plain = Caller(client, shop.plain_key)
        redeemed = plain.post("/redemptions", {"code": code, "reward_id": shop.coffee_id})
        assert redeemed.status == 201, redeemed.text
        again = plain.post("/redemptions", {"code": code, "reward_id": shop.discount_id})
        assert (again.status, again.problem()) == (409, "code_used")
        # The app's own digits go on.
        own = pyotp.TOTP(started["totp"]["secret"], digits=8, interval=15).at(clock())
        answer = plain.post("/redemptions", {"code": f"{started['url']}/{own}", "reward_id": shop.discount_id})
        assert answer.status == 201, answer.text

    def test_a_second_time_the_first_code_is_dead(
        self, client: FlaskClient, app: App, shop: Shop, till: Caller, google: Google, clock: FixedClock
    ) -> None:
        self.put(app)
        old = self.code(google, app, clock)
        self.put(app)
        first = ["POST loyaltyObject", "POST loyaltyClass", "POST loyaltyObject"]
        assert google.calls == [*first, "POST loyaltyObject", "PUT loyaltyObject"]
        till.post("/visits", {"code": app.number, "units": 2, "amount": "30.00"})
        plain = Caller(client, shop.plain_key)
        refused = plain.post("/redemptions", {"code": old, "reward_id": shop.coffee_id})
        assert (refused.status, refused.problem()) == (409, "code_too_old")
        new = self.code(google, app, clock)
        assert plain.post("/redemptions", {"code": new, "reward_id": shop.coffee_id}).status == 201

    def test_no_secret_is_answered_kept_in_clear_or_logged(
        self, app: App, scope: Scope, google: Google, clock: FixedClock
    ) -> None:
        with structlog.testing.capture_logs() as noted:
            answer = app.call.post(f"/me/cards/{app.card_id}/google-wallet", key=None)
        [key] = google.objects[f"{ISSUER_ID}.{app.card_id}"]["rotatingBarcode"]["totpDetails"]["parameters"]
        with scope.reading() as tx:
            [(stored,)] = tx.session.execute(text("SELECT secret FROM installation WHERE kind = 'google'"))
        for told in (answer.text, json.dumps(noted, default=str), bytes(stored).hex()):
            assert key["key"] not in told

    def test_where_google_fails_the_member_is_told_and_nothing_is_left(
        self, app: App, scope: Scope, google: Google
    ) -> None:
        google.is_down = True
        answer = app.call.post(f"/me/cards/{app.card_id}/google-wallet", key=None)
        assert (answer.status, answer.problem()) == (409, "wallet_unreachable")
        with scope.reading() as tx:
            assert tx.session.execute(text("SELECT count(*) FROM installation WHERE ended_at IS NULL")).scalar() == 0
            assert tx.session.execute(text("SELECT count(*) FROM wallet_pass")).scalar() == 0
        google.is_down = False
        self.put(app)

    def test_only_a_digital_card_and_ones_own(
        self, client: FlaskClient, app: App, plastic_card: PlasticCard, google: Google
    ) -> None:
        assert app.call.post("/me/cards", {"number": plastic_card.number}, key=None).status == 201
        printed = app.call.post(f"/me/cards/{plastic_card.card_id}/google-wallet", key=None)
        assert (printed.status, printed.problem()) == (409, "card_has_no_secret")
        other = sign_up(client)
        assert app.call.post(f"/me/cards/{other.card_id}/google-wallet", key=None).status == 404
        assert google.objects == {}

    def test_balances_follow_and_a_dead_card_ends(
        self,
        client: FlaskClient,
        scope: Scope,
        app: App,
        till: Caller,
        google: Google,
        jobs: JobContext,
        clock: FixedClock,
    ) -> None:
        self.put(app)
        kept = google.objects[f"{ISSUER_ID}.{app.card_id}"]
        before = kept["rotatingBarcode"]
        till.post("/visits", {"code": app.number, "units": 2, "amount": "5.00"})
        assert tell(jobs, clock).failed == 0
        kept = google.objects[f"{ISSUER_ID}.{app.card_id}"]
        [balances] = [one["body"] for one in kept["textModulesData"] if one["id"] == "balances"]
        assert sorted(balances.splitlines()) == ["Bakery, Coffee card: 2 van 3 zegels", "Bakery, Points: 50 punten"]
        assert kept["rotatingBarcode"] == before
        app = wake(client, scope, app)
        assert app.call.post(f"/me/cards/{app.card_id}/block", key=None).status == 200
        tell(jobs, clock)
        assert google.objects[f"{ISSUER_ID}.{app.card_id}"]["state"] == "INACTIVE"

    def test_google_forgets_who_leaves(
        self, app: App, google: Google, jobs: JobContext, scope: Scope, clock: FixedClock
    ) -> None:
        self.put(app)
        assert app.call.send("DELETE", "/me").status == 204
        assert tell(jobs, clock).failed == 0
        left = google.objects[f"{ISSUER_ID}.{app.card_id}"]
        assert (left["state"], left["accountId"], left["textModulesData"]) == ("INACTIVE", "", [])
        assert (left["barcode"], left["rotatingBarcode"]) == (None, None)
        assert re.search(app.number, json.dumps(left)) is None
