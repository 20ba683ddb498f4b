"""An owner changes a rule in a browser: she sees what it would look like, what it would have cost, and publishes it."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.backoffice.doors import COOKIE
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Merchant, Staff
from app.rewards.models import Programme
from app.rewards.service import simulations
from tests import shops
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.test_access import complaints
from tests.factories import Holder, Shop, visit


def sign_in(live: Live, page: Page, merchant_id: str) -> str:
    """The owner of a shop in this browser; the address of its programmes."""
    scope = live.scope
    staff_id = merchants.add_staff(scope, merchant_id, name="Lotte", role="owner", email="lotte@korst.example")
    with scope.reading() as tx:
        login_id = tx.session.scalars(select(Staff.login_id).where(Staff.id == staff_id)).one()
        slug = tx.session.scalars(select(Merchant.slug).where(Merchant.id == merchant_id)).one()
    token = merchants.open_session(scope, str(login_id)).token
    page.context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/"}])
    return f"{live.url}/office/{slug}/programmes"


def past(live: Live) -> str:
    """Forty visits at the butcher's, from 6 to 24 euro; the programme's id."""
    scope: Scope = live.scope
    location_id, merchant_id = live.butcher.location_id, live.butcher.merchant_id
    with scope.reading() as tx:
        programme_id = tx.session.scalars(select(Programme.id).where(Programme.merchant_id == merchant_id)).one()
    device = merchants.create_key(scope, location_id, name="Till", scopes=["approve"])
    shop = Shop(scope, merchant_id, location_id, programme_id, device.device_id, device.token)
    for number in range(4):
        card = shops.plastic_card(scope)
        for _ in range(10):
            visit(shop.counter(), Holder(card.member_id, card.card_id, card.number), amount_minor=600 * (number + 1))
    return str(programme_id)


def by_day_and_by_night(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert complaints(page) == [], (scheme, urlsplit(page.url).path)
    page.emulate_media(color_scheme="light")


def fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), urlsplit(page.url).path
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_rule_is_changed_tried_and_published(open_page: OpenPage, live: Live) -> None:
    programme_id = past(live)
    page = open_page(locale="en-GB", viewport={"width": 1280, "height": 900})
    address = sign_in(live, page, live.butcher.merchant_id)
    page.goto(address)
    by_day_and_by_night(page)
    fits_a_phone(page)
    page.get_by_role("link", name="Change the rules").click()
    expect(page.locator("#preview")).to_contain_text("Nothing differs")
    # What is typed shows at once what it comes to, without being kept.
    page.get_by_label("Smallest purchase that counts").fill("12,50")
    expect(page.locator("#preview ins")).to_have_text("A purchase counts from €12.50 on.")
    expect(page.locator("#histogram figcaption")).to_have_text(
        "20 of your last 40 purchases, from €0 to €12.50, would count no more."
    )
    page.get_by_label("A purchase of").fill("8")
    expect(page.locator("#preview .tablet-says")).to_contain_text("Nothing this time")
    page.get_by_label("Smallest purchase that counts").fill("much")
    expect(page.locator("#preview .notice")).to_contain_text("Give an amount of money")
    page.get_by_label("Smallest purchase that counts").fill("12.50")
    expect(page.locator("#preview ins")).to_be_visible()
    by_day_and_by_night(page)
    fits_a_phone(page)
    # The field that a choice asks for appears with the choice.
    page.locator("#expiry").select_option("months")
    expect(page.get_by_label("Months", exact=True)).to_be_visible()
    page.locator("#expiry").select_option("never")
    expect(page.get_by_label("Months", exact=True)).to_be_hidden()

    page.get_by_role("button", name="What would it have cost?").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert simulations.run_waiting(live.scope) == 1
    # The page asks by itself, and the answer stands there without another click.
    expect(page.locator("#found")).to_contain_text("This would have given 10 stamps less; 1 member worse off.")
    by_day_and_by_night(page)
    fits_a_phone(page)
    page.get_by_role("link", name="Who loses").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.go_back()
    page.get_by_role("link", name="Publish …").click()
    by_day_and_by_night(page)
    fits_a_phone(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published. The new rules hold from now on.")).to_be_visible()
    expect(page.get_by_text("A purchase counts from €12.50 on.")).to_be_visible()
    page.goto(f"{address}/{programme_id}/history")
    expect(page.get_by_text("Holds now")).to_be_visible()
    by_day_and_by_night(page)
    fits_a_phone(page)
