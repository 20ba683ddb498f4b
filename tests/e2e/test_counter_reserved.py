"""Vouchers that a phone has reserved for this tablet."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.live import Live
from tests.shops import AppCard


def full_card(tablet: Tablet, live: Live) -> AppCard:
    """A phone with a voucher for a loaf."""
    card = live.app_card()
    tablet.scan(live.shown_by(card))
    tablet.shows("purchase")
    for _ in range(9):
        tablet.press("One more")
    tablet.press("Give 10 stamps")
    tablet.shows("unlocked")
    tablet.press("Keep as voucher")
    tablet.shows("waiting")
    return card


def test_it_is_handed_out_with_a_network_once(bakers_tablet: Tablet, live: Live) -> None:
    shown = live.reserve(full_card(bakers_tablet, live), live.bakery)
    bakers_tablet.scan(shown)
    bakers_tablet.shows("reserved")
    expect(bakers_tablet.heading).to_have_text("A loaf of your choice")
    bakers_tablet.press("Hand it over")
    bakers_tablet.shows("redeemed")
    assert live.booked("voucher", status="redeemed") == 1
    bakers_tablet.scan(shown)
    bakers_tablet.press("Hand it over")
    bakers_tablet.shows("refused")
    # Perhaps it was undone elsewhere, so the service is asked.
    expect(bakers_tablet.page.get_by_role("heading", name="This voucher was used already")).to_be_visible()


def test_it_is_handed_out_without_a_network_once(bakers_tablet: Tablet, live: Live) -> None:
    shown = live.reserve(full_card(bakers_tablet, live), live.bakery)
    bakers_tablet.offline()
    bakers_tablet.scan(shown)
    bakers_tablet.shows("reserved")
    expect(bakers_tablet.heading).to_have_text("A loaf of your choice")
    expect(bakers_tablet.page.get_by_text("also without a network")).to_be_visible()
    bakers_tablet.press("Hand it over")
    bakers_tablet.shows("redeemed")
    bakers_tablet.scan(shown)
    bakers_tablet.press("Hand it over")
    bakers_tablet.shows("refused")
    assert live.booked("voucher", status="redeemed") == 0
    bakers_tablet.offline(False)
    bakers_tablet.until(lambda: live.booked("voucher", status="redeemed") == 1)


def test_another_tablets_is_refused_with_where_to_go(bakers_tablet: Tablet, open_page: OpenPage, live: Live) -> None:
    card = full_card(bakers_tablet, live)
    shown = live.reserve(card, live.bakery)
    other = Tablet(open_page(), live)
    other.pair(live.bakery)
    # The service knows for which one it is.
    other.scan(shown)
    other.shows("voucher")
    other.press("Redeem")
    other.shows("refused")
    other.offline()
    other.scan(shown)
    other.shows("refused")
    expect(other.page.get_by_role("heading", name="reserved for another tablet")).to_be_visible()
    expect(other.page.get_by_text("Go to the tablet that is named in the app")).to_be_visible()
    assert live.booked("voucher", status="redeemed") == 0
