"""The list of shops, and one shop's page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.admin.queries.shops import SHOWN, ShopsPage, list_shops
from app.billing.models import BillingAccount
from app.common.scope import Scope
from app.insights.rolling import roll_up
from app.merchants import service as merchants
from app.merchants.models import Merchant
from tests.admin.desk import Desk, sit_down
from tests.admin.shops.eyes import events
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import sit_down as sit_down_at_the_shop
from tests.office.mailbox import mails
from tests.office.test_subscription import Paying, paying

__all__ = ["paying"]


def names(found: ShopsPage) -> list[str]:
    return [row.name for row in found.rows]


def change(scope: Scope, merchant_id: str, **fields: object) -> None:
    with scope.transaction() as tx:
        tx.session.execute(update(Merchant).where(Merchant.id == merchant_id).values(**fields))


@pytest.fixture
def street(scope: Scope, clock: FixedClock) -> dict[str, str]:
    """A shop in every state."""
    made = {
        name: merchants.create_merchant(scope, name=name.title(), is_approved=name != "waiting")
        for name in ("waiting", "active", "paused", "behind", "suspended", "closing", "closed")
    }
    soon = clock.now + timedelta(days=40)
    change(scope, made["paused"], paused_from=clock.now)
    change(scope, made["suspended"], status="suspended")
    change(scope, made["closing"], frozen_from=soon)
    change(scope, made["closed"], status="closed", frozen_from=clock.now)
    with scope.transaction() as tx:
        tx.session.add(BillingAccount(merchant_id=made["behind"], status="past_due", unpaid_since=clock.now))
    # A sandbox is no shop.
    merchants.create_merchant(scope, name="Sandbox", sandbox_of=made["active"])
    return made


def test_shops_by_state(street: dict[str, str], scope: Scope) -> None:
    everybody = list_shops(scope)
    assert names(everybody) == ["Active", "Behind", "Closed", "Closing", "Paused", "Suspended", "Waiting"]
    assert everybody.counts == {"active": 1, "paused": 2, "closed": 1, "closing": 1, "suspended": 1, "waiting": 1}
    for state, told in (
        ("waiting", ["Waiting"]),
        ("active", ["Active"]),
        ("paused", ["Behind", "Paused"]),
        ("suspended", ["Suspended"]),
        ("closing", ["Closing"]),
        ("closed", ["Closed"]),
    ):
        assert names(list_shops(scope, state=state)) == told
    assert len(list_shops(scope, state="made up").rows) == 7


def test_a_pause_that_is_still_to_come_is_none(street: dict[str, str], scope: Scope, clock: FixedClock) -> None:
    change(scope, street["paused"], paused_from=clock.now + timedelta(days=1))
    assert names(list_shops(scope, state="paused")) == ["Behind"]


def test_shops_by_name_town_and_whole_address(flask_app: Flask, scope: Scope) -> None:
    bakery, other = make_shop(scope, name="Bakery 100%"), make_shop(scope, name="Other")
    merchants.add_location(scope, other.merchant_id, name="Station", city="Mechelen")
    merchants.add_staff(scope, bakery.merchant_id, name="An", role="owner", email="sofie@bakery.example")
    merchants.add_staff(scope, other.merchant_id, name="Jo", role="cashier", email="jo@bakery.example")
    for words, told in (
        ("bak", ["Bakery 100%"]),
        ("0%", ["Bakery 100%"]),
        ("%", ["Bakery 100%"]),
        ("_", []),
        ("mechel", ["Other"]),
        ("SOFIE@bakery.example", ["Bakery 100%"]),
        ("sofie@bakery", []),
        ("@bakery.example", []),
        ("jo@bakery.example", []),
        ("x" * 500, []),
    ):
        assert names(list_shops(scope, words=words)) == told, words
    page = sit_down(flask_app, scope, {"risk"}).get("/shops?q=bak").get_data(as_text=True)
    assert "s…e@bakery.example" in page
    assert "sofie@" not in page
    nothing = sit_down(flask_app, scope, {"risk"}).get("/shops?q=zzz").get_data(as_text=True)
    assert "No shop like that" in nothing


def test_who_is_silent_longest_comes_first(scope: Scope, clock: FixedClock) -> None:
    never, lately, long_ago = (make_shop(scope, name=name) for name in ("Never", "Lately", "Long ago"))
    holder = make_holder(scope)
    assert visit(long_ago.counter(), holder, amount_minor=1000).ok
    clock.advance(days=9)
    assert visit(lately.counter(), holder, amount_minor=1000).ok
    clock.advance(days=1)
    roll_up(scope)
    found = list_shops(scope, sort="silent")
    assert [(row.name, row.silent_days) for row in found.rows] == [("Never", None), ("Long ago", 10), ("Lately", 1)]
    assert {row.merchant_id for row in found.rows} == {one.merchant_id for one in (never, lately, long_ago)}


def test_the_list_goes_on_page_by_page(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    for number in range(SHOWN + 1):
        merchants.create_merchant(scope, name=f"Shop {number:03}")
        clock.advance(seconds=1)
    first, second = list_shops(scope), list_shops(scope, page=2)
    assert (len(first.rows), len(second.rows), first.pages) == (SHOWN, 1, 2)
    assert names(second) == [f"Shop {SHOWN:03}"]
    assert list_shops(scope, page=99).page == 2
    assert names(list_shops(scope, sort="newest"))[0] == f"Shop {SHOWN:03}"
    desk = sit_down(flask_app, scope, {"support"})
    page = desk.get("/shops?sort=newest&state=active").get_data(as_text=True)
    (more,) = re.findall(r'rel="next" href="([^"]+)"', page)
    last = desk.get(more.replace("&amp;", "&")).get_data(as_text=True)
    assert "Shop 000" in last
    assert "Shop 001" not in last
    for odd in ("-1", "9999999", "two", "²"):
        assert desk.get(f"/shops?page={odd}").status_code == 200


def test_all_of_one_shop(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, name="Bakery", stamps=10)
    sit_down_at_the_shop(flask_app, scope, shop.merchant_id)
    merchants.add_staff(scope, shop.merchant_id, name="Bob", role="cashier")
    holder = make_holder(scope)
    for _ in range(3):
        assert visit(shop.counter(), holder).ok
        clock.advance(days=7)
    roll_up(scope)
    desk = sit_down(flask_app, scope, {"support"}, name="Eva")
    page = desk.get(f"/shops/{shop.merchant_id}").get_data(as_text=True)
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for told in (
        "owners: 1 , managers: 0 , cashiers: 1",
        "Till",
        "Stamp card",
        "26 weeks 1 last week",
        "nothing to pay",
        "programme.created",
        "25 weeks; 0 visits in the first, 1 in the last.",
    ):
        assert told in (text if not told.startswith("25") else page), told
    assert desk.get("/shops/" + "0" * 36).status_code == 404
    assert desk.get(f"/shops/{desk.operator_id}").status_code == 404
    sandbox = merchants.create_merchant(scope, name="Sandbox", sandbox_of=shop.merchant_id)
    assert desk.get(f"/shops/{sandbox}").status_code == 404


def test_the_audit_list_goes_on(flask_app: Flask, scope: Scope) -> None:
    shop: Shop = make_shop(scope, name="Bakery")
    own = replace(scope, merchant_id=shop.merchant_id)
    for number in range(60):
        merchants.rename_device(
            own, shop.device_id, name=f"Till {number}", was="Till" if number == 0 else f"Till {number - 1}"
        )
    desk: Desk = sit_down(flask_app, scope, {"finance"})
    page = desk.get(f"/shops/{shop.merchant_id}").get_data(as_text=True)
    (more,) = re.findall(r'href="([^"]+before=[^"#]+)#trail"', page)
    assert "merchant.created" in desk.get(more).get_data(as_text=True)
    assert "Tablet or key given another name" in page  # as the owner reads it
    assert "Name: Till 59" in page
    assert "merchant.created" not in page


def test_finance_puts_a_shop_on_another_plan(paying: Paying) -> None:
    scope: Scope = paying.flask_app.extensions["zegel"].scope()
    paying.choose("small")
    paying.desk.get("/subscription/back", follow_redirects=True)
    finance = sit_down(paying.flask_app, scope, {"finance"})
    path = f"/shops/{paying.shop.merchant_id}"
    page = finance.get(path).get_data(as_text=True)
    (key,) = set(re.findall(r'name="key" value="([^"]+)"', page))
    plans = page.partition('id="plan_id"')[2].partition("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]+)</option>", plans) == ["Large"]
    sent = {"plan_id": paying.plans["large"], "key": key, "reason": "They grew."}
    assert finance.post(f"{path}/plan", sent).status_code == 303
    assert "You have the plan Large" in paying.page()
    (event,) = events(scope, paying.shop.merchant_id, "merchant.plan_set")
    assert (event.actor_kind, event.before, event.after) == (
        "operator",
        {"plan": "small"},
        {"plan": "large", "reason": "They grew."},
    )
    (told,) = [mail for mail in mails(scope) if "Another plan" in mail.subject]
    assert "has the plan Large now: They grew." in told.text
    assert finance.post(f"{path}/plan", {**sent, "plan_id": "no plan"}).status_code == 409
    assert finance.post(f"{path}/plan", {**sent, "plan_id": paying.plans["free"]}).status_code == 409


def test_finance_gives_a_shop_a_price_of_its_own(paying: Paying) -> None:
    scope: Scope = paying.flask_app.extensions["zegel"].scope()
    subscription = paying.choose("small")
    paying.desk.get("/subscription/back", follow_redirects=True)
    finance = sit_down(paying.flask_app, scope, {"finance"})
    path = f"/shops/{paying.shop.merchant_id}"
    sent = {"kind": "percent", "value": "25", "months": "", "key": "form-1", "reason": "They were the first."}
    for wrong in ({"reason": " "}, {"value": "a lot"}, {"value": "101"}, {"months": "37"}, {"kind": "free"}):
        assert finance.post(f"{path}/price", {**sent, **wrong}).status_code in (409, 422), wrong
    assert finance.post(f"{path}/price", {**sent, "kind": "amount", "value": "19,001"}).status_code in (409, 422)
    assert "less a month" not in paying.page()
    for _ in range(2):
        assert finance.post(f"{path}/price", sent).status_code == 303
    assert "You pay 25% less a month than your plan costs." in paying.page()
    assert "25% off" in finance.get(path).get_data(as_text=True)
    again = {**sent, "kind": "amount", "value": "4,50", "months": "6", "key": "form-2"}
    assert finance.post(f"{path}/price", again).status_code == 303
    assert "you pay €4.50 less a month than your plan costs." in paying.page()
    paying.stripe.fake.renew(subscription)
    assert finance.post(f"{path}/price", {**sent, "kind": "none", "value": "", "key": "form-3"}).status_code == 303
    page = paying.page()
    assert "less a month" not in page
    assert "€17.55" in page, "19.00 less 4.50, with VAT"
    first, second, third = events(scope, paying.shop.merchant_id, "merchant.price_set")
    assert (first.before, first.after) == ({}, {"percent": "25", "until": None, "reason": "They were the first."})
    assert (second.before or {})["percent"] == "25"
    assert (second.after or {})["amount_minor"] == 450
    assert (third.before or {})["amount_minor"] == 450
    assert third.after == {"reason": "They were the first."}
    told = [mail.subject for mail in mails(scope) if "pays" in mail.subject]
    assert [subject.partition(" pays ")[2] for subject in told] == ["less", "less", "the plan’s price again"]
