"""The owner's pages about the subscription, by HTTP, at a Stripe that behaves like Stripe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

import config
import mobile_api
from app.billing import service as billing
from app.billing.stripe_gateway import gateway
from app.common.scope import Scope
from app.factory import create_app
from app.jobs.context import JobContext
from app.jobs.draining import drain
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, forms_in, sit_down
from tests.stripe_fake.serving import Served, pretended_stripe

SELLER = {
    "SELLER_NAME": "Zegel VZW",
    "SELLER_VAT_NUMBER": "BE0203201340",
    "SELLER_STREET": "Botermarkt 1",
    "SELLER_POSTCODE": "9000",
    "SELLER_CITY": "Gent",
}


@dataclass
class Paying:
    """A shop, its owner at a desk, and the pretended Stripe."""

    desk: Desk
    shop: Shop
    stripe: Served
    jobs: JobContext
    flask_app: Flask
    plans: dict[str, str]
    clock: FixedClock

    def hear(self) -> None:
        """Stripe's messages arrive by HTTP, twice, and are acted on."""
        client = self.flask_app.test_client()
        for event in self.stripe.fake.take_events():
            body = json.dumps(event).encode()
            for _ in range(2):
                answer = client.post(
                    "/billing/stripe", data=body, headers={"Stripe-Signature": self.stripe.fake.sign(body)}
                )
                assert answer.status_code == 200
        drain(self.jobs)

    def page(self) -> str:
        return self.desk.get("/subscription").get_data(as_text=True)

    def choose(self, plan: str) -> str:
        """Send the form of a plan, and pay on the page that it leads to. What the shop's page leads on to."""
        form = next(one for one in forms_in(self.page()) if one.get("plan_id") == self.plans[plan])
        went = self.desk.post("/subscription/start", {"plan_id": form["plan_id"], "form_key": form["form_key"]})
        assert went.status_code == 200, went.headers
        session = self.stripe.fake.all("checkout.session")[-1]
        assert session["url"] in went.get_data(as_text=True)
        return str(self.stripe.fake.pay_checkout(session["id"])["subscription"])


@pytest.fixture
def paying(environment: dict[str, str], clock: FixedClock) -> Iterator[Paying]:
    with pretended_stripe(clock) as stripe:
        settings = config.load(
            {
                **environment,
                **SELLER,
                "STRIPE_API_KEY": stripe.fake.api_key,
                "STRIPE_WEBHOOK_SECRET": stripe.fake.secret,
                "STRIPE_API_BASE": stripe.url,
            }
        )
        flask_app = create_app(settings, mobile_api.init_app, clock=clock)
        flask_app.testing = True
        platform = flask_app.extensions["zegel"]
        scope: Scope = platform.scope()
        shop = make_shop(scope, stamps=10)
        way = gateway(settings.stripe)
        plans = {
            code: billing.set_plan(
                scope, way, code=code, name={"en": code.title()}, amount_minor=amount, most_members=most
            )
            for code, amount, most in (("free", 0, 2), ("small", 1900, 10), ("large", 4900, None))
        }
        desk = sit_down(flask_app, scope, shop.merchant_id, "owner")
        yield Paying(desk, shop, stripe, JobContext(settings, platform.database, clock), flask_app, plans, clock)
        platform.database.close()


def test_from_the_first_choice_to_the_invoice_and_back(paying: Paying) -> None:
    assert "You have the plan Free" in paying.page()
    paying.choose("small")
    back = paying.desk.get("/subscription/back", follow_redirects=True).get_data(as_text=True)
    assert "You have the plan Small" in back
    assert "ZEGEL-0001" in back
    assert "€22.99" in back
    paying.hear()
    assert "You have the plan Small" in paying.page()


def test_going_up_says_what_it_costs_before_it_does(paying: Paying) -> None:
    paying.choose("small")
    paying.hear()
    paying.clock.advance(days=15)
    paying.desk = sit_down(paying.flask_app, paying.shop.scope, paying.shop.merchant_id)
    shown = paying.desk.get(f"/subscription/change/{paying.plans['large']}").get_data(as_text=True)
    assert "Change and pay €18.15" in shown
    [form] = [one for one in forms_in(shown) if "form_key" in one]
    sent = paying.desk.post(f"/subscription/change/{paying.plans['large']}", form, follow_redirects=True)
    assert "You have the plan Large" in sent.get_data(as_text=True)


def test_cancelling_and_going_on(paying: Paying) -> None:
    paying.choose("small")
    paying.hear()
    assert "Cancel the subscription" in paying.desk.get("/subscription/cancel").get_data(as_text=True)
    shown = paying.desk.post("/subscription/cancel", follow_redirects=True).get_data(as_text=True)
    assert "Your subscription is cancelled" in shown
    assert "Your subscription goes on." in paying.desk.post("/subscription/resume", follow_redirects=True).get_data(
        as_text=True
    )


def test_the_portal_is_led_to_by_a_page_of_ours(paying: Paying) -> None:
    assert paying.desk.post("/subscription/portal").status_code == 303, "who never paid has nothing there"
    paying.choose("small")
    shown = paying.desk.post("/subscription/portal").get_data(as_text=True)
    assert f'href="{paying.stripe.url}/portal/' in shown


def test_the_tablet_says_nothing_of_money_while_it_is_unpaid(paying: Paying) -> None:
    subscription = paying.choose("small")
    paying.hear()
    scope = paying.shop.scope
    holder = make_holder(scope)
    for _ in range(10):
        assert visit(paying.shop.counter(), holder).ok
    paying.stripe.fake.card(paying.stripe.fake.only("customer")["id"], is_good=False)
    paying.clock.advance(days=30)
    paying.stripe.fake.renew(subscription)
    paying.hear()
    paying.desk = sit_down(paying.flask_app, scope, paying.shop.merchant_id)
    assert "Your payment did not go through" in paying.page()
    paying.clock.advance(days=14)
    paying.desk = sit_down(paying.flask_app, scope, paying.shop.merchant_id)
    assert "Earning is paused" in paying.page()
    client = paying.flask_app.test_client()
    headers = {"Authorization": f"Bearer {paying.shop.token}", "Idempotency-Key": "k1"}
    refused = client.post("/api/v1/pos/visits", json={"code": holder.number}, headers=headers)
    assert refused.status_code == 409
    told = refused.get_json()
    assert told["type"].endswith("/earning_paused")
    for word in ("pay", "subscri", "invoice", "money", "bill"):
        assert word not in (told["title"] + told["detail"]).lower()
    place = client.get("/api/v1/pos/location", headers=headers).get_json()
    assert place["earns_until"] is not None
    scanned = client.post("/api/v1/pos/scans", json={"code": holder.number}, headers=headers)
    assert scanned.status_code == 200
    assert scanned.get_json()["vouchers"], "what members hold they still see and redeem"
    paying.stripe.fake.card(paying.stripe.fake.only("customer")["id"], is_good=True)
    paying.stripe.fake.retry(subscription)
    paying.hear()
    again = client.post(
        "/api/v1/pos/visits", json={"code": holder.number}, headers={**headers, "Idempotency-Key": "k2"}
    )
    assert again.status_code == 201


def test_an_invoice_as_peppol_once_the_address_is_known(paying: Paying) -> None:
    told = {
        "revision": "1",
        "legal_name": "An & zonen BV",
        "street": "Kouter 1",
        "postcode": "9000",
        "city": "Gent",
        "country": "be",
        "vat_number": "BE 0869.763.267",
    }
    assert paying.desk.post("/subscription/details", told).status_code == 303
    paying.choose("small")
    paying.hear()
    shown = paying.page()
    assert "Peppol UBL" in shown
    invoice = paying.stripe.fake.all("invoice")[-1]["id"]
    answer = paying.desk.get(f"/subscription/invoices/{invoice}.xml")
    assert answer.mimetype == "application/xml"
    assert ET.fromstring(answer.data).tag.endswith("}Invoice")
    other = make_shop(paying.shop.scope, name="Other", stamps=5)
    theirs = sit_down(paying.flask_app, paying.shop.scope, other.merchant_id)
    assert theirs.get(f"/subscription/invoices/{invoice}.xml").status_code == 404


def test_of_two_owners_the_second_sees_what_the_first_saved(paying: Paying) -> None:
    told = {"revision": "1", "legal_name": "First", "street": "A", "postcode": "1", "city": "B", "country": "BE"}
    assert paying.desk.post("/subscription/details", told).status_code == 303
    second = paying.desk.post("/subscription/details", {**told, "legal_name": "Second"})
    shown = second.get_data(as_text=True)
    assert second.status_code == 409
    assert "First" in shown
    assert 'value="Second"' in shown
    assert "First" in paying.page()
    [form] = [one for one in forms_in(shown) if "revision" in one]
    assert paying.desk.post("/subscription/details", {**form, "legal_name": "Second"}).status_code == 303
    assert "Second" in paying.page()


@pytest.mark.parametrize("number", ["BE0869763268", "abc", "XX1"])
def test_a_wrong_vat_number_is_told_beside_its_field(paying: Paying, number: str) -> None:
    told = {"revision": "1", "legal_name": "A", "street": "A", "postcode": "1", "city": "B", "country": "BE"}
    answer = paying.desk.post("/subscription/details", {**told, "vat_number": number})
    assert answer.status_code == 422
    assert "That is no VAT number" in answer.get_data(as_text=True)


def test_messages_that_are_not_stripes_are_turned_away(paying: Paying) -> None:
    client = paying.flask_app.test_client()
    body = b'{"id": "evt_1", "type": "invoice.paid", "created": 1, "data": {"object": {"customer": "cus_1"}}}'
    fake = paying.stripe.fake
    for signature in (
        None,
        "t=1,v1=00",
        fake.sign(body, at=paying.clock.now - timedelta(seconds=301)),
        fake.sign(body, at=paying.clock.now + timedelta(seconds=61)),
        fake.sign(body, secret="whsec_wrong"),
    ):
        headers = {} if signature is None else {"Stripe-Signature": signature}
        assert client.post("/billing/stripe", data=body, headers=headers).status_code == 400
    large = b" " * (512 * 1024 + 1)
    assert client.post("/billing/stripe", data=large, headers={"Stripe-Signature": "t=1,v1=0"}).status_code == 413


def test_without_a_key_there_is_nothing_to_pay_and_nothing_to_hear(flask_app: Flask, scope: Scope) -> None:
    shop = make_shop(scope, stamps=10)
    desk = sit_down(flask_app, scope, shop.merchant_id)
    assert "You pay nothing" in desk.get("/subscription").get_data(as_text=True)
    shown = desk.post("/subscription/start", {"plan_id": "0" * 36, "form_key": "x"}, follow_redirects=True)
    assert "nothing to do" in shown.get_data(as_text=True)
    assert flask_app.test_client().post("/billing/stripe", data=b"{}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"STRIPE_API_KEY": "pk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}, "STRIPE_API_KEY"),
        ({"STRIPE_API_KEY": "sk_live_1"}, "STRIPE_WEBHOOK_SECRET"),
        (
            {"STRIPE_API_KEY": "sk_1", "STRIPE_WEBHOOK_SECRET": "whsec_1", "STRIPE_API_BASE": "https://evil.example"},
            "STRIPE_API_BASE",
        ),
    ],
)
def test_wrong_settings_are_told_in_one_line(tmp_path: Path, wrong: dict[str, str], word: str) -> None:
    from tests.conftest import ENVIRONMENT

    with pytest.raises(config.SettingsError, match=word):
        config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), **wrong})


def test_the_first_page_says_what_cannot_wait_but_not_at_the_counter(paying: Paying) -> None:
    subscription = paying.choose("small")
    paying.hear()
    assert "did not go through" not in paying.desk.get("").get_data(as_text=True)
    paying.stripe.fake.card(paying.stripe.fake.only("customer")["id"], is_good=False)
    paying.stripe.fake.renew(subscription)
    paying.hear()
    assert "Your payment did not go through" in paying.desk.get("").get_data(as_text=True)
    cashier = sit_down(paying.flask_app, paying.shop.scope, paying.shop.merchant_id, "cashier")
    assert "payment" not in cashier.get("").get_data(as_text=True)
