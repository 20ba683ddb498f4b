"""This tablet's own screen."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Tablet
from tests.e2e.live import Live


def test_it_tells_how_the_tablet_is_doing(bakers_tablet: Tablet) -> None:
    bakers_tablet.settings()
    page = bakers_tablet.page
    expect(page.get_by_text("Counter, paired with Bakkerij Korst")).to_be_visible()
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    # Whether the storage is kept depends on the browser; that it is told does not.
    expect(page.locator(".pane").last).to_contain_text("keep")
    expect(page.get_by_text("To install")).to_be_visible()
    expect(page.locator(".version")).to_have_text(re.compile(r"^Zegel \S+"))
    expect(page.get_by_role("button", name="Full screen")).to_be_visible()


def test_choices_are_remembered(bakers_tablet: Tablet) -> None:
    bakers_tablet.settings()
    page = bakers_tablet.page
    sound = page.get_by_role("group", name="Sound")
    sound.get_by_role("button", name="Off").click()
    camera = page.get_by_role("group", name="Camera")
    camera.get_by_role("button", name="Rear").click()
    expect(camera.get_by_role("button", name="Rear")).to_have_attribute("aria-pressed", "true")
    page.reload()
    bakers_tablet.shows("waiting")
    bakers_tablet.settings()
    expect(sound.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
    expect(camera.get_by_role("button", name="Rear")).to_have_attribute("aria-pressed", "true")


def test_a_hand_scanner_is_heard_on_every_screen(bakers_tablet: Tablet, live: Live) -> None:
    for screen in ("settings", "more", "typing", "signin"):
        if screen == "settings":
            bakers_tablet.settings()
        elif screen == "more":
            bakers_tablet.press("More")
        elif screen == "typing":
            bakers_tablet.press("Type number")
        else:
            bakers_tablet.press("Sign in")
        bakers_tablet.shows(screen)
        bakers_tablet.scan(live.printed_card())
        bakers_tablet.shows("purchase")
        bakers_tablet.press("Other card")
        bakers_tablet.shows("waiting")


def test_answers_are_felt_and_each_differently(bakers_tablet: Tablet, live: Live) -> None:
    page = bakers_tablet.page
    page.evaluate(
        "() => { window.felt = []; navigator.vibrate = pattern => { felt.push(pattern.join()); return true; }; }"
    )
    number = live.printed_card()
    page.locator("h1").click()
    bakers_tablet.scan(number)
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    bakers_tablet.scan(number)
    bakers_tablet.shows("again")
    bakers_tablet.press("Yes, book again")
    for _ in range(8):
        bakers_tablet.press("One more")
    bakers_tablet.press("Give 9 stamps")
    bakers_tablet.shows("unlocked")
    bakers_tablet.scan(live.blocked_card())
    bakers_tablet.shows("refused")
    felt = page.evaluate("() => felt")
    assert len(felt) == len(set(felt)) == 4
