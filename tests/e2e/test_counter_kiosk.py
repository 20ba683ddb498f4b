"""The kiosk: the customer holds the card before the tablet, and nobody touches anything."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Tablet
from tests.e2e.live import STAFF_PIN, Live


def begin(tablet: Tablet) -> None:
    tablet.settings()
    tablet.press("Customers scan themselves")
    tablet.shows("kiosk-entry")


def test_a_card_earns_one_visit_by_itself(bakers_tablet: Tablet, live: Live) -> None:
    begin(bakers_tablet)
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("kiosk")
    number = live.printed_card()
    bakers_tablet.scan(number)
    bakers_tablet.shows("kiosk-earned")
    expect(bakers_tablet.heading).to_have_text("Stamped")
    # Nothing to misuse, and back by itself.
    expect(bakers_tablet.page.get_by_role("button")).to_have_count(0)
    bakers_tablet.shows("kiosk")
    assert live.booked("visit", source="kiosk") == 1
    bakers_tablet.scan(number)
    bakers_tablet.shows("kiosk-refused")
    expect(bakers_tablet.page.get_by_role("heading", name="You have had your stamp")).to_be_visible()
    expect(bakers_tablet.page.get_by_text("You can collect again from")).to_be_visible()
    assert live.visits() == 1
    bakers_tablet.scan(live.blocked_card())
    expect(bakers_tablet.page.get_by_role("heading", name="no longer in use")).to_be_visible()


def test_the_service_says_no_in_the_customers_words(bakers_tablet: Tablet, live: Live) -> None:
    """Another tablet booked it: this one only knows by the service."""
    begin(bakers_tablet)
    bakers_tablet.pin(STAFF_PIN)
    card = live.app_card()
    bakers_tablet.shows("kiosk")
    bakers_tablet.scan(live.shown_by(card))
    bakers_tablet.shows("kiosk-earned")
    # The same member with another card: the tablet knows the card, the service the member.
    bakers_tablet.forget_recent()
    bakers_tablet.scan(card.number)
    bakers_tablet.shows("kiosk-refused")
    expect(bakers_tablet.page.get_by_text("It earns here again from")).to_be_visible()
    assert live.visits() == 1


def test_leaving_takes_the_pin_also_without_a_network_and_after_a_reload(bakers_tablet: Tablet) -> None:
    begin(bakers_tablet)
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("kiosk")
    bakers_tablet.page.reload()
    bakers_tablet.shows("kiosk")
    bakers_tablet.offline()
    expect(bakers_tablet.page.get_by_text("No network. Your visit is kept and counts.")).to_be_visible()
    bakers_tablet.press("For staff")
    bakers_tablet.shows("leave")
    bakers_tablet.pin("9753")
    bakers_tablet.shows("leave")
    expect(bakers_tablet.page.get_by_role("alert")).not_to_be_empty()
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("waiting")


def test_a_visit_without_a_network_is_kept(bakers_tablet: Tablet, live: Live) -> None:
    begin(bakers_tablet)
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("kiosk")
    bakers_tablet.offline()
    number = live.printed_card()
    bakers_tablet.scan(number)
    bakers_tablet.shows("kiosk-saved")
    bakers_tablet.shows("kiosk")
    bakers_tablet.scan(number)
    bakers_tablet.shows("kiosk-refused")
    bakers_tablet.offline(False)
    bakers_tablet.until(lambda: live.booked("visit", source="kiosk") == 1)


def test_without_pins_a_long_press_leaves(tablet: Tablet, live: Live) -> None:
    tablet.pair(live.shop_of_one())
    begin(tablet)
    expect(tablet.page.get_by_text("whoever holds the lock for three seconds")).to_be_visible()
    tablet.press("Begin")
    tablet.shows("kiosk")
    door = tablet.page.get_by_role("button", name="For staff")
    door.click()
    tablet.shows("kiosk")
    door.click(delay=3200)
    tablet.shows("waiting")
