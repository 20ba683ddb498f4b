"""That everybody can use the counter and the pages: axe-core on every screen, large targets, keyboard, large text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.cards.numbers import new_voucher_code
from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.live import STAFF_PIN, Live

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET = 64
# Every target's name with its size, where a finger needs more.
SMALL = """least => [...document.querySelectorAll("#stage button, #stage input")]
  .map(element => [element.ariaLabel || element.textContent || element.id, element.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


@cache
def _axe() -> str:
    return AXE.read_text()


def complaints(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, one line each."""
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def by_day_and_by_night(page: Page) -> list[str]:
    """What is wrong with a page in the light, and in the dark, in which it is left; and which targets are too small."""
    page.emulate_media(color_scheme="light")
    found = complaints(page)
    page.emulate_media(color_scheme="dark")
    return [*found, *complaints(page), *page.evaluate(SMALL, TARGET)]


Walk = Callable[[Tablet, Live, Callable[[], None]], None]


def through_the_bakery(tablet: Tablet, live: Live, look: Callable[[], None]) -> None:
    tablet.page.goto(f"{live.url}/tablet")
    tablet.shows("pair")
    look()
    tablet.pair(live.bakery)
    look()
    tablet.press("Type number")
    look()
    tablet.page.keyboard.press("Escape")
    number = live.printed_card()
    tablet.scan(number)
    expect(tablet.page.get_by_text("This gives 1 stamp")).to_be_visible()
    look()
    tablet.press("Type an amount")
    look()
    tablet.press("Without an amount")
    tablet.press("Give 1 stamp")
    tablet.shows("earned")
    # The focus on a button keeps the answer there.
    tablet.page.keyboard.press("Tab")
    look()
    tablet.press("Undo")
    look()
    tablet.page.keyboard.press("Escape")
    tablet.scan(number)
    tablet.shows("again")
    look()
    tablet.press("Yes, book again")
    tablet.shows("purchase")
    for _ in range(8):
        tablet.press("One more")
    tablet.press("Give 9 stamps")
    tablet.shows("unlocked")
    look()
    tablet.press("Hand it over now")
    tablet.shows("redeemed")
    look()
    tablet.scan(live.blocked_card())
    tablet.shows("refused")
    look()
    tablet.offline()
    tablet.scan(new_voucher_code())
    tablet.shows("voucher")
    look()
    tablet.press("Redeem")
    tablet.shows("unanswered")
    look()
    tablet.press("Next customer")
    tablet.scan(live.printed_card())
    tablet.shows("offline")
    look()
    tablet.press("Save 1 stamp")
    tablet.shows("saved")
    tablet.page.keyboard.press("Tab")
    look()
    tablet.press("Next customer")
    tablet.shows("waiting")
    look()
    tablet.settings()
    look()
    tablet.press("Unpair this tablet")
    tablet.shows("unpair-refused")
    look()
    tablet.offline(False)


def through_the_kiosk(tablet: Tablet, live: Live, look: Callable[[], None]) -> None:
    tablet.pair(live.bakery)
    tablet.press("Sign in")
    look()
    tablet.pin("9753")
    expect(tablet.page.get_by_role("alert")).not_to_be_empty()
    look()
    tablet.pin(STAFF_PIN)
    tablet.shows("waiting")
    look()
    tablet.press("An is signed in")
    tablet.shows("who")
    look()
    tablet.press("Back")
    number = live.printed_card()
    tablet.scan(number)
    for _ in range(9):
        tablet.press("One more")
    tablet.press("Give 10 stamps")
    tablet.press("Keep as voucher")
    tablet.scan(number)
    tablet.press("Redeem")
    tablet.page.get_by_role("button", name="A loaf of your choice").first.click()
    tablet.shows("approve")
    look()
    tablet.press("Back")
    tablet.page.keyboard.press("Escape")
    tablet.page.keyboard.press("Escape")
    tablet.settings()
    tablet.press("Customers scan themselves")
    tablet.shows("kiosk-entry")
    look()
    tablet.pin(STAFF_PIN)
    tablet.shows("kiosk")
    look()
    number = live.printed_card()
    tablet.scan(number)
    tablet.shows("kiosk-earned")
    look()
    tablet.scan(number)
    tablet.shows("kiosk-refused")
    look()
    tablet.offline()
    tablet.scan(live.printed_card())
    tablet.shows("kiosk-saved")
    look()
    tablet.shows("kiosk")
    look()
    tablet.press("For staff")
    tablet.shows("leave")
    look()
    tablet.offline(False)


def through_the_bookshop(tablet: Tablet, live: Live, look: Callable[[], None]) -> None:
    tablet.pair(live.bookshop)
    number = live.printed_card()
    tablet.scan(number)
    tablet.shows("purchase")
    tablet.type("50")
    tablet.press("Book 150 points")
    tablet.shows("earned")
    tablet.page.keyboard.press("Tab")
    look()
    tablet.scan(number)
    tablet.shows("again")
    tablet.press("Redeem")
    look()
    tablet.press("Bookmark")
    tablet.shows("pin")
    look()


@pytest.mark.parametrize("walk", [through_the_bakery, through_the_bookshop, through_the_kiosk])
def test_every_screen_passes_axe_and_fits_a_finger(open_page: OpenPage, live: Live, walk: Walk) -> None:
    tablet = Tablet(open_page(color_scheme="dark"), live)
    found: dict[str, list[str]] = {}

    def look() -> None:
        screen = tablet.page.locator("#stage").get_attribute("data-screen") or ""
        found.setdefault(screen, []).extend(by_day_and_by_night(tablet.page))

    walk(tablet, live, look)
    assert {screen: wrong for screen, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 800), (800, 1280), (1024, 600), (2048, 1536), (360, 740), (640, 400)], ids=str
)
def test_nothing_is_cut_off_sideways(open_page: OpenPage, live: Live, width: int, height: int) -> None:
    """640 x 400 is 1280 x 800 with text of twice the size."""
    tablet = Tablet(open_page(viewport={"width": width, "height": height}, locale="de-DE"), live)
    wide: list[str] = []

    def look() -> None:
        if tablet.page.evaluate("() => document.querySelector('#stage').scrollWidth > innerWidth"):
            wide.append(tablet.page.locator("#stage").get_attribute("data-screen") or "")

    tablet.pair(live.bakery)
    look()
    tablet.press("Nummer eintippen")
    look()
    tablet.page.keyboard.press("Escape")
    tablet.scan(live.printed_card())
    tablet.shows("purchase")
    look()
    for _ in range(9):
        tablet.press("Eins mehr")
    tablet.press("10 Stempel geben")
    tablet.shows("unlocked")
    look()
    tablet.scan(live.blocked_card())
    tablet.shows("refused")
    look()
    tablet.page.keyboard.press("Escape")
    tablet.settings()
    look()
    tablet.press("Kunden scannen selbst")
    tablet.shows("kiosk-entry")
    look()
    tablet.pin(STAFF_PIN)
    tablet.shows("kiosk")
    look()
    tablet.scan(live.blocked_card())
    tablet.shows("kiosk-refused")
    look()
    assert wide == []


def test_a_keyboard_is_enough(bakers_tablet: Tablet, live: Live) -> None:
    bakers_tablet.type(live.printed_card())
    bakers_tablet.page.keyboard.press("Enter")
    bakers_tablet.shows("purchase")
    bakers_tablet.type("3")
    expect(bakers_tablet.page.get_by_role("button", name="Give 3 stamps")).to_be_visible()
    bakers_tablet.page.keyboard.press("Enter")
    bakers_tablet.shows("earned")
    bakers_tablet.page.keyboard.press("Escape")
    bakers_tablet.shows("waiting")


@pytest.mark.parametrize("path", ["/", "/C/7K3M9QX2VB8T4HWQ", "/nowhere", "/api/docs"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_pass_axe(open_page: OpenPage, live: Live, path: str, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    page.goto(f"{live.url}{path}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    if path == "/api/docs":
        expect(page.get_by_text("/api/v1/pos/scans", exact=True).first).to_be_visible()
        # What Swagger UI itself lacks is not ours to mend; our own frame around it is.
        page.evaluate("() => document.querySelector('#api').remove()")
    assert complaints(page) == []
