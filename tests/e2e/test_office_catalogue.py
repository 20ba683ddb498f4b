"""An owner makes a reward her own and plans a promotion, and a member sees and uses what came of it, in a browser."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.backoffice.doors import COOKIE
from app.merchants import service as merchants
from app.merchants.models import Merchant, Staff
from app.rewards.models import Programme, Reward
from app.rewards.service import add_codes, adjusting, create_reward, set_picture, shop_members
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.member import Phone
from tests.e2e.street import member_of
from tests.e2e.test_access import complaints
from tests.office.shelves import photograph


def sign_in(live: Live, page: Page, merchant_id: str) -> str:
    """The owner of a shop in this browser; where its pages are."""
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


def programme_of(live: Live, merchant_id: str) -> str:
    with live.scope.reading() as tx:
        return str(tx.session.scalars(select(Programme.id).where(Programme.merchant_id == merchant_id)).one())


@pytest.mark.parametrize("width", [1280, 360])
def test_a_reward_and_a_promotion_are_made_and_seen_as_they_grow(open_page: OpenPage, live: Live, width: int) -> None:
    page = open_page(locale="en-GB", viewport={"width": width, "height": 900})
    office = sign_in(live, page, live.bookshop.merchant_id)
    page.goto(f"{office}/rewards")
    by_day_and_by_night(page)
    page.get_by_role("link", name="New reward").click()
    page.get_by_label("An amount off the bill").check()
    expect(page.get_by_label("What it is worth")).to_be_hidden()
    page.locator("#name").fill("€10 off online")
    page.get_by_label("What it costs").fill("750")
    page.get_by_label("Amount", exact=True).fill("10")
    expect(page.locator("#preview .sentence")).to_have_text("For 750 points: €10 off.")
    page.get_by_label("By a code of my webshop").check()
    expect(page.locator("#preview")).to_contain_text("The member sees a code for your webshop in the app.")
    expect(page.get_by_label("How many there are")).to_be_hidden()
    by_day_and_by_night(page)
    page.get_by_role("button", name="Put it in the catalogue").click()
    # Its own page asks for what belongs to it.
    page.get_by_label("Or paste them here, one a line").fill("BOOK-1\nBOOK-2\nBOOK-2")
    page.get_by_role("button", name="Add the codes").click()
    expect(page.get_by_text("2 codes are new. 1 line repeated a code, and counts once.")).to_be_visible()
    page.get_by_label("A photograph of it").set_input_files(
        {"name": "books.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    page.get_by_role("button", name="Take this picture").click()
    shown = page.locator("#preview img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.complete && image.naturalWidth") == 400
    by_day_and_by_night(page)
    page.get_by_label("A photograph of it").set_input_files(
        {"name": "books.jpg", "mimeType": "image/jpeg", "buffer": b"<svg onload='alert(1)'></svg>"}
    )
    page.get_by_role("button", name="Take this picture").click()
    expect(page.get_by_text("That is no picture that can be shown.")).to_be_visible()
    page.goto(f"{office}/rewards")
    expect(page.get_by_role("listitem").filter(has_text="€10 off online")).to_contain_text("2 codes left")

    page.goto(f"{office}/promotions")
    by_day_and_by_night(page)
    page.get_by_role("link", name="Make the first promotion").or_(
        page.get_by_role("link", name="New promotion")
    ).first.click()
    page.locator("#name").fill("Quiet mornings")
    page.get_by_label("Tuesday").check()
    page.get_by_label("Wednesday").check()
    expect(page.locator("#preview .sentence")).to_have_text("On Tuesday and Wednesday: points count double.")
    expect(page.get_by_label("Away for how many days")).to_be_hidden()
    page.get_by_label("Something extra for each visit").check()
    page.get_by_label("How many extra").fill("25")
    expect(page.locator("#preview .sentence")).to_have_text("On Tuesday and Wednesday: 25 points extra for each visit.")
    by_day_and_by_night(page)
    page.get_by_role("button", name="Plan it").click()
    chips = page.locator("#calendar .cat-chip:visible")
    expect(chips.first).to_have_text("Quiet mornings")
    # Eight or nine Tuesdays and Wednesdays of a month, and those around it in the large calendar.
    assert chips.count() >= 8
    month = page.locator("#month").text_content()
    page.get_by_label("The month after").click()
    expect(page.locator("#month")).not_to_have_text(month or "")
    by_day_and_by_night(page)


def test_what_somebody_gives_and_what_a_webshop_takes_on_a_members_phone(
    phone: Phone, open_page: OpenPage, live: Live
) -> None:
    scope, merchant_id = live.scope, live.bookshop.merchant_id
    number = phone.begin()
    member_id = member_of(live, number)
    programme_id = programme_of(live, merchant_id)
    adjusting.adjust(scope, member_id=member_id, programme_id=programme_id, units=900, reason="for the walk")
    online = create_reward(
        scope, programme_id, name="€10 off online", cost=750, kind="amount_off", amount_minor=1000, has_codes=True
    )
    add_codes(scope, online, ["BOOK-7"])
    set_picture(scope, online, photograph())
    shop_members.rebuild(scope)
    # Whoever is at the desk gives something, with a word.
    page = open_page(locale="en-GB")
    office = sign_in(live, page, merchant_id)
    with scope.reading() as tx:
        bookmark = tx.session.scalars(select(Reward.name).where(Reward.merchant_id == merchant_id)).first()
    page.goto(f"{office}/members/{member_id}/give")
    by_day_and_by_night(page)
    page.get_by_label(str(bookmark)).first.check()
    page.get_by_label("Why?").fill("Thank you for ten years")
    page.get_by_role("button", name="Give it").click()
    expect(page.get_by_role("listitem").filter(has_text="Thank you for ten years")).to_contain_text("waits")
    by_day_and_by_night(page)

    phone.go("rewards")
    phone.shows("rewards")
    expect(phone.page.locator(".reward img").first).to_be_visible()
    phone.press("Take: €10 off online")
    dialog = phone.page.get_by_role("dialog")
    expect(dialog).to_contain_text("a code for the webshop")
    dialog.get_by_role("button", name="Take it").click()
    phone.page.get_by_role("button", name="Show the code").click()
    phone.page.get_by_role("dialog").get_by_role("button", name="Show the code").click()
    expect(phone.page.locator("[data-webshop]")).to_have_text("BOOK-7")
    expect(phone.page.get_by_role("button", name="Give it back unused")).to_be_hidden()
    assert complaints(phone.page) == []
    phone.page.reload()
    expect(phone.page.locator("[data-webshop]")).to_have_text("BOOK-7")
    phone.go("vouchers")
    phone.page.get_by_role("link", name=str(bookmark)).first.click()
    expect(phone.page.get_by_text("Thank you for ten years")).to_be_visible()
