"""That everybody can use the desk: axe-core on every screen, large targets, nothing cut off, a keyboard is enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.desk import OWNER_PIN, OtherTablet, card_menu, give, more, owner, pin, rows
from tests.e2e.live import STAFF_PIN, Live
from tests.e2e.test_access import by_day_and_by_night

CARD_PIN = "8361"
CUT_OFF = "() => document.querySelector('#stage').scrollWidth > innerWidth"

Look = Callable[[], None]
Walk = Callable[[Tablet, Live, Look], None]


def through_lists(tablet: Tablet, live: Live, look: Look) -> None:
    page = tablet.page
    more(tablet, "Bookings")
    expect(page.get_by_role("heading", name="Nothing booked yet")).to_be_visible()
    look()
    tablet.press("Back")
    more(tablet, "Inbox")
    expect(page.get_by_role("heading", name="All decided")).to_be_visible()
    look()
    tablet.press("Back")
    tablet.scan(live.printed_card())
    tablet.shows("purchase")
    tablet.press("Type an amount")
    tablet.type("12")
    page.locator("#stage .b.go").click()
    tablet.shows("earned")
    look()
    page.keyboard.press("Escape")
    give(tablet, live.printed_card(), 2)
    more(tablet, "Bookings")
    rows(tablet).nth(0).get_by_role("button", name="Undo").click()
    tablet.shows("take-back")
    look()
    tablet.press("Wrong card")
    tablet.shows("taken-back")
    look()
    tablet.press("Bookings")
    rows(tablet).nth(2).get_by_role("button", name="Undo").click()
    tablet.press("Refund only a part")
    tablet.shows("refund")
    tablet.type("5")
    look()
    tablet.press("Go on")
    tablet.press("Goods returned")
    tablet.shows("taken-back")
    tablet.press("Bookings")
    expect(rows(tablet)).to_have_count(4)
    look()
    tablet.press("Back")
    owner(live, live.bakery)
    OtherTablet(live, live.bakery).sends(live.printed_card(), ago=timedelta(hours=80), amount="12.50")
    more(tablet, "Inbox")
    tablet.press("Sign in")
    pin(tablet, OWNER_PIN, "signin")
    expect(page.get_by_role("button", name="Book it")).to_be_visible()
    look()
    page.context.set_offline(True)
    tablet.press("Back")
    tablet.scan(live.printed_card())
    page.get_by_role("button", name="Save 1 stamp").click()
    tablet.press("Next customer")
    page.get_by_role("button", name="More").click()
    tablet.shows("more")
    look()
    page.locator(".tile").filter(has_text="Bookings").click()
    expect(page.get_by_text("The list can’t be fetched")).to_be_visible()
    look()
    page.context.set_offline(False)


def through_cards(tablet: Tablet, live: Live, look: Look) -> None:
    page = tablet.page
    number = live.printed_card()
    page.get_by_role("button", name="More").click()
    tablet.shows("more")
    look()
    page.locator(".tile").filter(has_text="New card").click()
    look()
    tablet.scan(number)
    tablet.shows("purchase")
    page.get_by_role("button", name="More", exact=True).click()
    tablet.shows("card-menu")
    look()
    page.locator(".tile").filter(has_text="Give it a PIN").click()
    tablet.shows("staffpin")
    look()
    pin(tablet, STAFF_PIN, "staffpin")
    tablet.shows("customer-pin")
    look()
    pin(tablet, CARD_PIN, "customer-pin")
    expect(tablet.heading).to_have_text("Once more, please")
    pin(tablet, CARD_PIN, "customer-pin")
    tablet.shows("pin-kept")
    look()
    tablet.press("Next customer")
    card_menu(tablet, number, "Stamps of an old paper card")
    tablet.shows("old-stamps")
    look()
    tablet.press("Enter 1 stamp")
    pin(tablet, STAFF_PIN, "staffpin")
    tablet.shows("old-stamps-entered")
    look()
    tablet.press("Next customer")
    card_menu(tablet, number, "Put it in a phone")
    tablet.shows("claim")
    look()
    tablet.press("Allow it")
    pin(tablet, STAFF_PIN, "staffpin")
    tablet.shows("claim-ready")
    look()
    tablet.press("Next customer")
    more(tablet, "Swap a card")
    tablet.shows("swap-old")
    look()
    tablet.scan(number)
    pin(tablet, CARD_PIN, "customer-pin")
    tablet.shows("swap-new")
    look()
    tablet.scan(live.printed_card())
    tablet.shows("swapped")
    look()


def through_the_rest(tablet: Tablet, live: Live, look: Look) -> None:
    page = tablet.page
    more(tablet, "Forgotten card")
    tablet.shows("forgotten")
    look()
    tablet.press("Look up")
    expect(page.get_by_text("Type the e-mail address first.")).to_be_visible()
    look()
    tablet.press("Show a code")
    tablet.shows("claim-visit")
    look()
    tablet.press("Book and show the code")
    tablet.shows("claim-code")
    look()
    tablet.press("Done")
    more(tablet, "Practice")
    tablet.shows("training")
    look()
    tablet.press("Begin to practise")
    # A whole shop is copied first.
    expect(page.get_by_role("group", name="Practice cards")).to_be_visible(timeout=20_000)
    look()
    page.get_by_role("group", name="Practice cards").get_by_role("button", name="Half full").click()
    tablet.shows("purchase")
    look()
    tablet.press("Other card")
    more(tablet, "Practice")
    look()


WALKS = [through_lists, through_cards, through_the_rest]


@pytest.mark.parametrize("walk", WALKS)
def test_every_screen_of_the_desk_passes_axe_and_fits_a_finger(open_page: OpenPage, live: Live, walk: Walk) -> None:
    tablet = Tablet(open_page(color_scheme="dark"), live)
    found: dict[str, list[str]] = {}

    def look() -> None:
        screen = tablet.page.locator("#stage").get_attribute("data-screen") or ""
        found.setdefault(screen, []).extend(by_day_and_by_night(tablet.page))

    tablet.pair(live.bakery)
    walk(tablet, live, look)
    assert {screen: wrong for screen, wrong in found.items() if wrong} == {}


# 640 x 400 is 1280 x 800 with text of twice the size.
@pytest.mark.parametrize("walk", WALKS)
def test_nothing_of_the_desk_is_cut_off_sideways(open_page: OpenPage, live: Live, walk: Walk) -> None:
    tablet = Tablet(open_page(viewport={"width": 800, "height": 1280}), live)
    wide: list[tuple[str, int]] = []

    def look() -> None:
        for width, height in ((360, 740), (640, 400), (800, 1280)):
            tablet.page.set_viewport_size({"width": width, "height": height})
            if tablet.page.evaluate(CUT_OFF):
                wide.append((tablet.page.locator("#stage").get_attribute("data-screen") or "", width))

    tablet.pair(live.bakery)
    walk(tablet, live, look)
    assert wide == []


def test_a_keyboard_is_enough_to_undo(bakers_tablet: Tablet, live: Live) -> None:
    give(bakers_tablet, live.printed_card())
    page = bakers_tablet.page
    page.get_by_role("button", name="More").focus()
    page.keyboard.press("Enter")
    bakers_tablet.shows("more")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    bakers_tablet.shows("transactions")
    expect(rows(bakers_tablet)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute(
        "aria-label", "Undo: Visit, " + rows(bakers_tablet).locator("time").inner_text()
    )
    page.keyboard.press("Enter")
    bakers_tablet.shows("take-back")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    bakers_tablet.shows("taken-back")
    page.keyboard.press("Escape")
    bakers_tablet.shows("waiting")
