"""The day's page in a browser: it changes by itself; reports, their tables and closing days by hand and by key."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.backoffice.doors import COOKIE
from app.insights import rolling, standing
from app.merchants import service as merchants
from app.merchants.models import Merchant, Staff
from app.rewards.models import Programme
from tests import shops
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.test_access import complaints
from tests.factories import Holder, Shop, visit


def butcher(live: Live) -> Shop:
    scope, at = live.scope, live.butcher
    with scope.reading() as tx:
        programme_id = tx.session.scalars(select(Programme.id).where(Programme.merchant_id == at.merchant_id)).one()
    device = merchants.create_key(scope, at.location_id, name="Till", scopes=["approve"])
    return Shop(scope, at.merchant_id, at.location_id, programme_id, device.device_id, device.token)


def come(live: Live, shop: Shop, amount_minor: int = 2500) -> None:
    card = shops.plastic_card(live.scope)
    assert visit(shop.counter(), Holder(card.member_id, card.card_id, card.number), amount_minor=amount_minor).ok


def sign_in(live: Live, page: Page) -> str:
    scope, merchant_id = live.scope, live.butcher.merchant_id
    staff_id = merchants.add_staff(scope, merchant_id, name="Lotte", role="owner", email="lotte@korst.example")
    with scope.reading() as tx:
        login_id = tx.session.scalars(select(Staff.login_id).where(Staff.id == staff_id)).one()
        slug = tx.session.scalars(select(Merchant.slug).where(Merchant.id == merchant_id)).one()
    token = merchants.open_session(scope, str(login_id)).token
    page.context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/"}])
    return f"{live.url}/office/{slug}"


def is_well_made(page: Page) -> None:
    """By day and by night nothing to complain of, and nothing to scroll sideways."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert complaints(page) == [], (scheme, urlsplit(page.url).path)
    page.emulate_media(color_scheme="light")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0, urlsplit(page.url).path


def test_the_day_changes_by_itself_within_seconds(open_page: OpenPage, live: Live) -> None:
    shop = butcher(live)
    page = open_page(locale="en-GB")
    address = sign_in(live, page)
    page.goto(address)
    expect(page.locator("#visits-today")).to_have_text("0")
    with page.expect_response(lambda answer: answer.url.endswith("/live")):
        page.reload()
    come(live, shop)
    expect(page.locator("#visits-today")).to_have_text("1")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_day_and_the_reports_are_read(open_page: OpenPage, live: Live, width: int) -> None:
    shop = butcher(live)
    for _ in range(3):
        come(live, shop)
    rolling.roll_up(live.scope)
    standing.count_holdings(live.scope)
    page = open_page(locale="en-GB", viewport={"width": width, "height": 900})
    address = sign_in(live, page)
    page.goto(address)
    expect(page.locator("#visits-today")).to_have_text("3")
    is_well_made(page)
    page.goto(f"{address}/reports")
    expect(page.get_by_role("heading", level=2).first).to_have_text("3 visits")
    is_well_made(page)
    # The table is one key away.
    table = page.locator("details.numbers table")
    expect(table).to_be_visible()
    page.keyboard.press("t")
    expect(table).to_be_hidden()
    page.keyboard.press("t")
    expect(table).to_be_visible()
    for topic, told in (("Basket", "A visit comes to €25"), ("Owed and ended", "value yet"), ("Rewards", "0 rewards")):
        page.locator(".tabs").get_by_role("link", name=topic, exact=True).click()
        expect(page.locator("#finding")).to_contain_text(told)
        is_well_made(page)
    with page.expect_navigation():
        page.get_by_label("Days").select_option("12m")
    assert "period=12m" in page.url
    page.get_by_role("link", name="Closing days").click()
    page.get_by_label("First day closed").fill("2027-07-05")
    page.get_by_label("Last day closed").fill("2027-07-18")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".closing-list")).to_contain_text("5 July to 18 July 2027")
    is_well_made(page)
    page.goto(f"{live.url}/account/compare")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare businesses")
    is_well_made(page)
