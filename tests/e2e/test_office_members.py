"""An owner looks for members, corrects one, saves a list, and brings customers along from elsewhere, in a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.backoffice.doors import COOKIE
from app.common.ids import new_id
from app.jobs.draining import drain
from app.merchants import service as merchants
from app.merchants.models import Merchant, Staff
from app.rewards.service.shop_members import Follower
from app.scanning import service as scanning
from app.scanning.counter import Counter
from app.scanning.requests import Identification, VisitRequest
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.test_access import complaints
from tests.factories import make_holder, render, render_refusal

LIST = "Customer number,First name,Surname,Stamps\nOLD-1,Greet,Peeters,7\nOLD-2,Luc,Janssens,3\n,Nobody,,1\n"


def sign_in(live: Live, page: Page, merchant_id: str) -> str:
    """The owner of the shop in this browser; where its pages are."""
    scope = live.scope
    staff_id = merchants.add_staff(scope, merchant_id, name="Lotte", role="owner", email="lotte@korst.example")
    with scope.reading() as tx:
        login_id = tx.session.scalars(select(Staff.login_id).where(Staff.id == staff_id)).one()
        slug = tx.session.scalars(select(Merchant.slug).where(Merchant.id == merchant_id)).one()
    token = merchants.open_session(scope, str(login_id)).token
    page.context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/"}])
    return f"{live.url}/office/{slug}"


def by_day_and_by_night(page: Page) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        assert complaints(page) == [], (scheme, urlsplit(page.url).path)
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), urlsplit(page.url).path


def come(live: Live, days_ago: int, number: str) -> None:
    """A visit at the bakery's counter, so many days ago."""
    scope = live.scope
    at = replace(scope, clock=lambda: scope.clock() - timedelta(days=days_ago))
    key = merchants.create_key(at, live.bakery.location_id, name="Till", scopes=["approve"])
    counter = Counter(
        replace(
            at,
            actor_kind="device",
            actor_id=key.device_id,
            merchant_id=live.bakery.merchant_id,
            location_id=live.bakery.location_id,
            device_id=key.device_id,
            scopes=frozenset({"approve"}),
        ),
        frozenset({"127.0.0.1"}),
    )
    request = VisitRequest(Identification(code=number), amount_minor=1250)
    scanning.record_visit(counter, request, key=new_id(), render=render, render_refusal=render_refusal)


@pytest.mark.parametrize("width", [1280, 360])
def test_members_are_found_corrected_and_brought_along(open_page: OpenPage, live: Live, width: int) -> None:
    page = open_page(locale="en-GB", viewport={"width": width, "height": 900})
    office = sign_in(live, page, live.bakery.merchant_id)
    page.goto(f"{office}/members")
    expect(page.get_by_role("heading", name="No members yet")).to_be_visible()
    by_day_and_by_night(page)

    away, lately = make_holder(live.scope), make_holder(live.scope)
    for days in (60, 53, 46, 39):
        come(live, days, away.number)
    come(live, 1, lately.number)
    Follower().follow(live.scope)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 members")
    by_day_and_by_night(page)

    # A filter, and the list that it becomes.
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("away for longer than usual").check()
    page.get_by_role("button", name="Show them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of 2 members")
    page.get_by_role("link", name="Save as a list").click()
    page.get_by_label("Name of the list").fill("Missed")
    by_day_and_by_night(page)
    page.get_by_role("button", name="Keep the list").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Missed")

    # One member: beside the list where there is room, else on her own page.
    page.get_by_role("link", name=f"Card …{away.number[-4:]}").click()
    if width > 1200:
        panel = page.get_by_role("complementary", name="The chosen member")
        expect(panel.get_by_role("heading", level=2)).to_be_focused()
        by_day_and_by_night(page)
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        page.get_by_role("link", name=f"Card …{away.number[-4:]}").click()
        page.get_by_role("link", name="Everything").click()
    expect(page.get_by_role("heading", name="What was booked")).to_be_visible()
    by_day_and_by_night(page)
    page.get_by_label("How you call her or him").fill("Greet of the market")
    page.get_by_role("button", name="Keep the name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Greet of the market")
    page.get_by_role("link", name="Correct").click()
    by_day_and_by_night(page)
    page.get_by_label("How many").fill("2")
    page.get_by_label("Why").fill("The tablet was broken")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_text("The tablet was broken")).to_be_visible()
    page.get_by_role("link", name="Undo Correction").click()
    by_day_and_by_night(page)
    page.get_by_label("Why").fill("Typed twice")
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("Undone. It stays in the list, with the reason.")).to_be_visible()

    # Search as one types.
    page.goto(f"{office}/members")
    page.keyboard.press("/")
    page.get_by_label("Search by name or card").press_sequentially("gree")
    expect(page.locator("#member-rows tr")).to_have_count(1)
    expect(page.get_by_role("link", name="Greet of the market")).to_be_visible()

    # A list from another system.
    page.goto(f"{office}/members/import")
    by_day_and_by_night(page)
    page.get_by_label("The file (CSV)").set_input_files(
        {"name": "customers.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    by_day_and_by_night(page)
    page.get_by_role("button", name="Try it out").click()
    expect(page.get_by_text("This is what would happen")).to_be_visible()
    by_day_and_by_night(page)
    page.get_by_role("button", name="Take it over").click()
    expect(page.get_by_role("heading", name="It is being taken over")).to_be_visible()
    drain(live.jobs)
    expect(page.get_by_role("heading", name="Taken over")).to_be_visible()
    by_day_and_by_night(page)
    page.goto(f"{office}/members?q=peeters")
    expect(page.get_by_role("link", name="Greet Peeters")).to_be_visible()
    page.goto(f"{office}/members/export")
    by_day_and_by_night(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name="For a spreadsheet (CSV)").click()
    assert "members" in taken.value.suggested_filename
