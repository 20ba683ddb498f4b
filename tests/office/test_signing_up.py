"""Signing up: from an address and a few words to a shop that scans, and what must not happen on the way."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from itertools import cycle
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.backoffice.doors import COOKIE
from app.backoffice.service import signing_up
from app.backoffice.service.signing_up import NewShop, confirm_sign_up, sign_up
from app.backoffice.trades import TRADES, trade
from app.common.mail import Mail, open_mail
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import SignUpCodeWrongError, SignUpOverError
from app.merchants.models import Merchant
from app.rewards.queries import list_programmes
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import make_shop
from tests.office.desk import sit_down

pytestmark = pytest.mark.usefixtures("quick_passwords")

PASSWORD = "four words that nobody knows"
SHOP = {"name": "Bakkerij Korst", "trade": "bakery", "country": "BE", "street": "Zegelstraat 1", "city": "Gent"}
FIELDS = {**SHOP, "email": "An@bakery.example", "password": PASSWORD}
_TOKEN = re.compile(r'name="csrf_token" type="hidden" value="([^"]+)"')


def send(client: FlaskClient, path: str, fields: dict[str, Any]) -> TestResponse:
    """A form as its page has it."""
    page = client.get("/account/sign-up").get_data(as_text=True)
    found = _TOKEN.search(page)
    assert found is not None, page
    return client.post(path, data={**fields, "csrf_token": found[1]})


def mails(scope: Scope) -> list[Mail]:
    with scope.reading() as tx:
        found = tx.session.scalars(text("SELECT payload FROM outbox WHERE topic = 'mail' ORDER BY id")).all()
    return [open_mail(scope.keys.data, json.loads(one) if isinstance(one, str) else one)[0] for one in found]


def code_in(mail: Mail) -> str:
    found = re.search(r"\b([0-9]{6})\b", mail.text)
    assert found is not None
    return found[1]


def counted(scope: Scope, table: str) -> int:
    with scope.reading() as tx:
        return int(tx.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_from_nothing_to_a_shop_that_stands_on_its_first_steps(client: FlaskClient, scope: Scope) -> None:
    sent = send(client, "/account/sign-up", FIELDS)
    assert sent.status_code == 303, sent.get_data(as_text=True)
    assert counted(scope, "merchant") == 0, "nothing is there before the address is proved"
    (mail,) = mails(scope)
    assert mail.to == "an@bakery.example"
    done = send(client, sent.headers["Location"], {"code": code_in(mail)})
    assert done.headers["Location"].endswith("/office/bakkerij-korst/welcome")
    page = client.get(done.headers["Location"]).get_data(as_text=True)
    assert "On the way to your first stamp" in page
    assert "A loaf of your choice" in page
    with scope.reading() as tx:
        merchant = tx.session.query(Merchant).one()
        assert (merchant.approved_at, merchant.category, merchant.hue, merchant.country) == (None, "bakery", 62, "BE")
        assert set(merchant.story) == {"nl", "fr", "en", "de"}
    signed_in = merchants.sign_in(scope, email="an@bakery.example", password=PASSWORD)
    assert signed_in.token
    assert send(client, sent.headers["Location"], {"code": code_in(mail)}).status_code == 410, "a code is good once"


def test_what_is_missing_is_told_at_its_field_and_nothing_is_mailed(client: FlaskClient, scope: Scope) -> None:
    for missing in ("name", "trade", "email", "password"):
        answer = send(client, "/account/sign-up", {**FIELDS, missing: ""})
        assert answer.status_code == 422, missing
    for name, wrong in {"email": "nobody", "password": "short", "trade": "bank", "country": "XX"}.items():
        assert send(client, "/account/sign-up", {**FIELDS, name: wrong}).status_code == 422, name
    assert send(client, "/account/sign-up", {**FIELDS, "lat": "51"}).status_code == 422, "a latitude alone"
    assert send(client, "/account/sign-up", {**FIELDS, "name": "See http://win.example"}).status_code == 422
    assert mails(scope) == []


def test_five_wrong_codes_end_it_and_the_right_one_comes_too_late(client: FlaskClient, scope: Scope) -> None:
    place = send(client, "/account/sign-up", FIELDS).headers["Location"]
    right = code_in(mails(scope)[0])
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(4):
        assert send(client, place, {"code": wrong}).status_code == 422
    assert send(client, place, {"code": wrong}).status_code == 422
    assert send(client, place, {"code": right}).status_code == 410
    assert counted(scope, "merchant") == 0


def test_an_hour_ends_it(client: FlaskClient, scope: Scope, clock: FixedClock) -> None:
    place = send(client, "/account/sign-up", FIELDS).headers["Location"]
    clock.advance(hours=1)
    assert send(client, place, {"code": code_in(mails(scope)[0])}).status_code == 410


def test_another_code_ends_the_last_one(client: FlaskClient, scope: Scope) -> None:
    place = send(client, "/account/sign-up", FIELDS).headers["Location"]
    assert send(client, f"{place}/again", {}).status_code == 303
    first, second = mails(scope)
    if code_in(first) != code_in(second):
        assert send(client, place, {"code": code_in(first)}).status_code == 422
    assert send(client, place, {"code": code_in(second)}).status_code == 303


def test_an_address_that_signs_in_already_is_told_so_by_mail_alone(client: FlaskClient, scope: Scope) -> None:
    place = send(client, "/account/sign-up", FIELDS).headers["Location"]
    send(client, place, {"code": code_in(mails(scope)[0])})
    client.delete_cookie(COOKIE)
    again = send(client, "/account/sign-up", {**FIELDS, "name": "Somebody else's", "password": "another one entirely"})
    assert again.status_code == 303, "the page says the same"
    mail = mails(scope)[-1]
    assert "sign-in" in mail.text
    assert not re.search(r"\b[0-9]{6}\b", mail.text)
    assert merchants.sign_in(scope, email="an@bakery.example", password=PASSWORD).token, "the password stayed"
    assert counted(scope, "merchant") == 1


def test_somebody_who_is_signed_in_adds_a_business_without_a_code(flask_app: Flask, scope: Scope) -> None:
    desk = sit_down(flask_app, scope, make_shop(scope).merchant_id, "cashier")
    made = desk.post("/account/sign-up", SHOP)
    assert made.status_code == 303, made.get_data(as_text=True)
    assert made.headers["Location"] == "/office/bakkerij-korst/welcome"
    assert desk.get(made.headers["Location"]).status_code == 200, "a cashier there is the owner here"
    assert mails(scope) == []


def test_extra_fields_change_nothing(flask_app: Flask, scope: Scope) -> None:
    desk = sit_down(flask_app, scope, make_shop(scope).merchant_id, "owner")
    desk.post("/account/sign-up", {**SHOP, "approved_at": "2026-01-01", "is_approved": "1", "merchant_id": "x"})
    with scope.reading() as tx:
        merchant = tx.session.query(Merchant).filter(Merchant.slug == "bakkerij-korst").one()
        assert merchant.approved_at is None


def test_signing_up_is_limited_for_an_address_and_for_a_network(
    client: FlaskClient, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signing_up.SIGN_UPS_OF_NETWORK.most >= 20, "a fair's visitors share one network"
    monkeypatch.setattr(signing_up, "SIGN_UPS_OF_NETWORK", replace(signing_up.SIGN_UPS_OF_NETWORK, most=8))
    for _ in range(signing_up.SIGN_UPS_OF_ADDRESS.most):
        assert send(client, "/account/sign-up", FIELDS).status_code == 303
    assert send(client, "/account/sign-up", FIELDS).status_code == 429
    assert len(mails(scope)) == signing_up.SIGN_UPS_OF_ADDRESS.most
    for number in range(3):
        last = send(client, "/account/sign-up", {**FIELDS, "email": f"{number}@bakery.example"}).status_code
    assert last == 429


def test_of_two_who_type_the_code_at_once_one_makes_the_shop(scope: Scope) -> None:
    begun = sign_up(scope, NewShop("Korst", "bakery"), email="an@b.example", password=PASSWORD, public_url="https://x")
    code = code_in(mails(scope)[0])
    scopes = [replace(scope) for _ in range(4)]
    told = at_once([partial(confirm_sign_up, own, begun.token, code) for own in scopes])
    made = [one for one in told if not isinstance(one, Exception)]
    assert len(made) == 1, told
    assert all(isinstance(one, SignUpOverError) for one in told if isinstance(one, Exception)), told
    assert counted(scope, "merchant") == 1
    assert counted(scope, "staff_login") == 1


def test_many_wrong_codes_at_once_are_no_more_tries_than_one_after_the_other(scope: Scope) -> None:
    begun = sign_up(scope, NewShop("Korst", "bakery"), email="an@b.example", password=PASSWORD, public_url="https://x")
    right = code_in(mails(scope)[0])
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    scopes = [replace(scope) for _ in range(10)]
    told = at_once([partial(confirm_sign_up, own, begun.token, wrong) for own in scopes])
    assert sum(isinstance(one, SignUpCodeWrongError) for one in told) == signing_up.TRIES
    assert sum(isinstance(one, SignUpOverError) for one in told) == 5


def test_every_trade_begins_with_all_it_needs(scope: Scope) -> None:
    owner = merchants.create_merchant(scope, name="First")
    merchants.add_staff(scope, owner, name="An", role="owner", email="an@bakery.example")
    with scope.reading() as tx:
        login_id = str(tx.session.scalar(text("SELECT login_id FROM staff")))
    for key, locale in zip(TRADES, cycle(("nl", "fr", "en", "de")), strict=False):
        slug = signing_up.add_business(scope, NewShop(f"{key} {locale}", key, locale=locale), login_id=login_id)
        with scope.reading() as tx:
            merchant = tx.session.query(Merchant).filter(Merchant.slug == slug).one()
        (programme,) = list_programmes(scope, merchant.id, on_offer=True)
        template = trade(key)
        assert programme.name == template.programme[locale]
        assert [one.names for one in programme.rewards] == [dict(one.name) for one in template.rewards]
        assert {one.kind: bool(one.amount_minor) or one.kind == "percent_off" for one in programme.rewards}
        assert programme.promotions[0].name == template.welcome[locale]
        if programme.kind == "stamps":
            assert programme.full_card_reward_id == programme.rewards[0].reward_id
            assert programme.rewards[0].cost == programme.goal
        assert merchant.logo_svg is not None
        assert merchant.hue == template.hue


def test_templates_say_everything_in_four_languages() -> None:
    for key in TRADES:
        template = trade(key)
        texts = [template.programme, template.story, template.welcome]
        texts += [text for one in template.rewards for text in (one.name, one.text)]
        for told in texts:
            assert set(told) == {"nl", "fr", "en", "de"}, (key, told)
            assert all(told.values())
    with pytest.raises(KeyError):
        trade("bank")
