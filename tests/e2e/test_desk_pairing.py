"""Pairing without typing: the code as a picture before the camera, from a hand scanner, or in the address."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Request, expect

from tests.e2e import pictures
from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.live import Live


def test_an_address_brings_the_code_and_keeps_it_from_every_log(tablet: Tablet, live: Live) -> None:
    code = live.pairing_code(live.bakery)
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    tablet.page.on("request", note)
    tablet.page.goto(f"{live.url}/tablet#pair={code}")
    tablet.shows("pair")
    expect(tablet.page.get_by_label("Pairing code")).to_have_value(code)
    # It neither stays in the address nor was it sent anywhere before the tap.
    assert tablet.page.url == f"{live.url}/tablet"
    assert [one.url for one in asked if code in one.url or code in (one.headers.get("referer") or "")] == []
    tablet.page.keyboard.press("Enter")
    tablet.shows("waiting")


def test_the_camera_reads_the_code_from_a_screen(open_page: OpenPage, live: Live, picture: Path) -> None:
    code = live.pairing_code(live.bakery)
    pictures.still(picture, pictures.showing(f"https://card.example/tablet#pair={code}"))
    tablet = Tablet(open_page(), live)
    tablet.page.goto(f"{live.url}/tablet")
    expect(tablet.page.get_by_text("Code read. Tap “Pair”.")).to_be_visible()
    tablet.press("Pair")
    tablet.shows("waiting")


def test_a_page_that_may_not_use_the_camera_yet_asks_only_when_it_is_wished(open_page: OpenPage, live: Live) -> None:
    tablet = Tablet(open_page(camera=False), live)
    tablet.page.goto(f"{live.url}/tablet")
    tablet.shows("pair")
    expect(tablet.page.locator("video")).to_have_count(0)
    tablet.press("Read it with the camera")
    expect(tablet.page.get_by_role("heading", name="The camera may not be used")).to_be_visible()


def test_a_hand_scanner_reads_it_and_a_card_is_no_pairing_code(tablet: Tablet, live: Live) -> None:
    tablet.page.goto(f"{live.url}/tablet")
    tablet.shows("pair")
    tablet.scan(live.printed_card())
    expect(tablet.page.get_by_text("That is not a pairing code.")).to_be_visible()
    code = live.pairing_code(live.bakery)
    tablet.scan(f"{live.url}/tablet#pair={code}")
    expect(tablet.page.get_by_label("Pairing code")).to_have_value(code)
    tablet.page.keyboard.press("Enter")
    tablet.shows("waiting")
