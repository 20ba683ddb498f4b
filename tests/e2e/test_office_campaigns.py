"""Campaigns in a browser: written with the count and the preview along, tried, planned, and read once they are
measured; by day and night, on desk and phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from app.campaigns.models import Campaign
from app.merchants.models import Merchant
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.test_office_reports import is_well_made, sign_in
from tests.office.campaigns.results import result


@pytest.mark.parametrize("width", [1280, 390])
def test_a_campaign_is_written_planned_and_read(open_page: OpenPage, live: Live, width: int) -> None:
    scope = live.scope
    with scope.transaction() as tx:
        shops = update(Merchant).where(Merchant.id == live.butcher.merchant_id)
        tx.session.execute(shops.values(approved_at=scope.now))
    page = open_page(locale="en-GB", viewport={"width": width, "height": 900})
    address = sign_in(live, page)
    page.goto(f"{address}/campaigns")
    is_well_made(page)
    page.locator("a[href$='idea=missed']").click()
    expect(page.locator("#audience")).to_contain_text("may be written to by these ways")
    # One language at a time; the preview follows what is written.
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_label("Title in Dutch")).to_be_hidden()
    page.get_by_label("Title in English").fill("Come and see")
    expect(page.locator("#preview .cam-message b")).to_have_text("Come and see")
    page.locator("#control_percent").fill("0")
    expect(page.locator("output[for=control_percent]")).to_have_text("0 %")
    expect(page.locator("#audience")).to_contain_text("nobody can tell what it brings")
    page.get_by_text("on a day you choose").click()
    page.locator("#day").fill(f"{scope.now + timedelta(days=9):%Y-%m-%d}")
    is_well_made(page)
    page.get_by_role("button", name="Mail it to me").click()
    expect(page.locator("#tried")).to_contain_text("It is on its way to lotte@korst.example.")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("planned")
    is_well_made(page)
    with scope.transaction() as tx:
        campaign_id = tx.session.scalars(select(Campaign.id)).one()
        values = {"status": "measured", "result": result(), "measured_at": scope.now, "control_percent": 20}
        tx.session.execute(update(Campaign).values(**values))
    page.goto(f"{address}/campaigns/{campaign_id}")
    expect(page.locator("#finding")).to_contain_text("31 extra visits, between 9 and 53.")
    expect(page.get_by_role("img", name="31 extra visits")).to_be_visible()
    page.get_by_text("Show as a table").click()
    expect(page.get_by_role("cell", name="99 in 100")).to_be_visible()
    is_well_made(page)
