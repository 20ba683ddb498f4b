"""Cards for the phone's own wallet, asked for by the members' app."""

from __future__ import annotations

import io
import json
import zipfile

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.cards.code_secrets import open_secret
from app.cards.codes import card_url
from app.common.ids import new_id
from app.common.scope import Scope
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import App, sign_up
from tests.shops import HOST, PlasticCard, Shop
from tests.signers import Signers

PATHS = ("apple.pkpass", "google-wallet")
SENTENCES = {"nl": "Toon de kaart in de app.", "fr": "Montrez la carte", "de": "Zeigen Sie die Karte", "en": "Show the"}


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


class TestWhereKeysAreSet:
    @pytest.fixture
    def environment(self, environment: dict[str, str], signers_made: Signers) -> dict[str, str]:
        return {**environment, **signers_made.environment}

    def file(self, client: FlaskClient, app: App, card_id: str) -> dict[str, bytes]:
        answer = client.get(
            f"/api/v1/me/cards/{card_id}/apple.pkpass", headers={"Authorization": f"Bearer {app.call.token}"}
        )
        assert (answer.status_code, answer.mimetype) == (200, "application/vnd.apple.pkpass")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="zegel.pkpass"'
        assert answer.headers["Cache-Control"] == "no-store"
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def claims(self, app: App, card_id: str, made: Signers) -> dict[str, object]:
        answer = app.call.get(f"/me/cards/{card_id}/google-wallet")
        assert answer.status == 200, answer.text
        token = answer.body["url"].removeprefix("https://pay.google.com/gp/v/save/")
        found: dict[str, object] = jwt.decode(
            token, made.google_public_key, algorithms=["RS256"], audience="google", options={"verify_iat": False}
        )
        return found

    def test_digital_and_printed_cards_are_handed_over(
        self, client: FlaskClient, app: App, plastic_card: PlasticCard, signers_made: Signers
    ) -> None:
        assert app.call.post("/me/cards", {"number": plastic_card.number}, key=None).status == 201
        for card_id, number in ((app.card_id, app.number), (plastic_card.card_id, plastic_card.number)):
            description = json.loads(self.file(client, app, card_id)["pass.json"])
            assert description["barcodes"][0]["message"] == card_url(HOST, number)
            payload = self.claims(app, card_id, signers_made)["payload"]
            assert isinstance(payload, dict)
            [card] = payload["loyaltyObjects"]
            assert (card["accountId"], card["barcode"]["value"]) == (number, card_url(HOST, number))

    def test_google_can_fetch_the_logo(self, client: FlaskClient, app: App, signers_made: Signers) -> None:
        payload = self.claims(app, app.card_id, signers_made)["payload"]
        assert isinstance(payload, dict)
        address = payload["loyaltyClasses"][0]["programLogo"]["sourceUri"]["uri"]
        assert address.startswith("https://card.example/")
        with client.get(address.removeprefix("https://card.example")) as answer:
            assert (answer.status_code, answer.mimetype) == (200, "image/png")

    def test_what_it_carries_earns_and_does_not_redeem(
        self, client: FlaskClient, app: App, shop: Shop, till: Caller
    ) -> None:
        code = json.loads(self.file(client, app, app.card_id)["pass.json"])["barcodes"][0]["message"]
        assert till.post("/visits", {"code": code, "units": 3, "amount": "5.00"}).status == 201
        redeemed = Caller(client, shop.plain_key).post("/redemptions", {"code": code, "reward_id": shop.coffee_id})
        assert (redeemed.status, redeemed.problem()) == (403, "proof_needed")

    def test_no_secret_is_in_it_and_the_apps_own_goes_on(
        self, client: FlaskClient, scope: Scope, app: App, signers_made: Signers
    ) -> None:
        started = app.call.post(f"/me/cards/{app.card_id}/installations", key=None).body
        told = b"".join(self.file(client, app, app.card_id).values())
        told += json.dumps(self.claims(app, app.card_id, signers_made)).encode()
        with scope.reading() as tx:
            rows = tx.session.execute(text("SELECT id, kind, secret, ended_at FROM installation")).all()
        [(installation_id, kind, sealed, ended_at)] = rows
        assert (kind, ended_at) == ("app", None)
        secret = open_secret(scope.keys.data, str(installation_id), bytes(sealed))
        for form in (started["totp"]["secret"].encode(), secret, secret.hex().encode(), secret.hex().upper().encode()):
            assert form not in told

    @pytest.mark.parametrize("path", PATHS)
    def test_a_dead_card_is_refused(self, app: App, path: str) -> None:
        assert app.call.post(f"/me/cards/{app.card_id}/replace", key=None).status == 201
        replaced = app.call.get(f"/me/cards/{app.card_id}/{path}")
        assert (replaced.status, replaced.problem()) == (409, "card_replaced")
        [card] = [card for card in app.call.get("/me/cards").body["items"] if card["status"] == "active"]
        assert app.call.post(f"/me/cards/{card['card_id']}/block", key=None).status == 200
        blocked = app.call.get(f"/me/cards/{card['card_id']}/{path}")
        assert (blocked.status, blocked.problem()) == (409, "card_blocked")

    @pytest.mark.parametrize("path", PATHS)
    def test_another_members_card_is_not_there(self, client: FlaskClient, app: App, path: str) -> None:
        other = sign_up(client)
        for card_id in (other.card_id, new_id()):
            answer = app.call.get(f"/me/cards/{card_id}/{path}")
            assert (answer.status, answer.problem()) == (404, "not_found")


class TestWhereTheCertificateIsOver:
    @pytest.fixture
    def environment(self, environment: dict[str, str], signers_made: Signers) -> dict[str, str]:
        over = {"APPLE_PASS_CERTIFICATE": str(signers_made.folder / "over.pem")}
        return {**environment, **signers_made.environment, **over}

    def test_no_apple_pass_is_made_that_phones_would_refuse(self, app: App) -> None:
        answer = app.call.get(f"/me/cards/{app.card_id}/apple.pkpass")
        assert (answer.status, answer.problem()) == (404, "pass_not_offered")
        assert app.call.get(f"/me/cards/{app.card_id}/google-wallet").status == 200


class TestWhereNoKeysAreSet:
    @pytest.mark.parametrize("path", PATHS)
    def test_it_is_told_in_the_members_language(self, app: App, path: str) -> None:
        for language, told in SENTENCES.items():
            answer = app.call.send(
                "GET", f"/me/cards/{app.card_id}/{path}", content_type=None, headers={"Accept-Language": language}
            )
            assert (answer.status, answer.problem()) == (404, "pass_not_offered")
            assert told in answer.body["detail"]

    @pytest.mark.parametrize("path", PATHS)
    def test_another_members_card_is_not_there_first(self, client: FlaskClient, app: App, path: str) -> None:
        answer = app.call.get(f"/me/cards/{sign_up(client).card_id}/{path}")
        assert (answer.status, answer.problem()) == (404, "not_found")
