"""Who stands at the counter: signing in by PIN, locking, and the same card twice."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.live import STAFF_PIN, Live


def sign_in(tablet: Tablet, pin: str = STAFF_PIN) -> None:
    tablet.press("Sign in")
    tablet.shows("signin")
    tablet.pin(pin)


def test_whoever_signs_in_is_named_by_what_is_booked(bakers_tablet: Tablet, live: Live) -> None:
    sign_in(bakers_tablet, "9753")
    expect(bakers_tablet.page.get_by_role("alert")).to_contain_text("Nobody here has this PIN")
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("waiting")
    expect(bakers_tablet.page.locator(".who-chip")).to_have_text("An")
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    assert live.booked("visit") - live.unnamed() == 1
    bakers_tablet.shows("waiting")
    bakers_tablet.press("An is signed in")
    bakers_tablet.shows("who")
    bakers_tablet.press("Sign out")
    bakers_tablet.shows("waiting")
    expect(bakers_tablet.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_shop_that_wants_names_asks_the_pin_first_and_goes_on_with_the_card(
    bakers_tablet: Tablet, live: Live
) -> None:
    live.settle(live.bakery, sign_in=True)
    bakers_tablet.page.reload()
    bakers_tablet.shows("signin")
    expect(bakers_tablet.heading).to_have_text("Who is at the counter?")
    bakers_tablet.scan(live.printed_card())
    expect(bakers_tablet.page.get_by_text("After your PIN it goes on with this card.")).to_be_visible()
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    bakers_tablet.shows("waiting")
    bakers_tablet.press("An is signed in")
    bakers_tablet.press("Lock")
    bakers_tablet.shows("signin")
    assert live.unnamed() == 0


def test_it_locks_by_itself_and_hides_who_was_there(bakers_tablet: Tablet, live: Live) -> None:
    live.settle(live.bakery, sign_in=True, lock_after=15)
    page = bakers_tablet.page
    page.clock.install()
    page.reload()
    bakers_tablet.shows("signin")
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("waiting")
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("purchase")
    page.clock.fast_forward(14_000)
    # A touch begins the time again.
    page.locator(".who").click()
    page.clock.fast_forward(14_000)
    bakers_tablet.shows("purchase")
    page.clock.fast_forward(2_000)
    bakers_tablet.shows("signin")


def test_too_many_wrong_pins_have_to_wait(bakers_tablet: Tablet) -> None:
    bakers_tablet.press("Sign in")
    told = bakers_tablet.page.get_by_role("alert")
    for attempt in range(20):
        bakers_tablet.pin(str(9000 + attempt))
        expect(told).not_to_be_empty()
        if "Too many" in (told.text_content() or ""):
            break
    expect(told).to_contain_text(re.compile(r"Too many tries\. Wait \d+ minute"))


def test_without_a_network_only_a_known_pin_signs_in(bakers_tablet: Tablet, live: Live) -> None:
    live.settle(live.bakery, sign_in=True)
    page = bakers_tablet.page
    page.reload()
    bakers_tablet.shows("signin")
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("waiting")
    bakers_tablet.press("An is signed in")
    bakers_tablet.press("Lock")
    bakers_tablet.shows("signin")
    bakers_tablet.offline()
    bakers_tablet.pin("9753")
    expect(page.get_by_role("alert")).to_contain_text("this tablet doesn’t know this PIN yet")
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("waiting")
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("offline")
    bakers_tablet.press("Save 1 stamp")
    bakers_tablet.shows("saved")
    bakers_tablet.shows("waiting")
    bakers_tablet.press("An is signed in")
    bakers_tablet.press("Sign out")
    expect(page.get_by_text("Not yet: 1 visit is waiting for the network.")).to_be_visible()
    bakers_tablet.press("Back")
    bakers_tablet.offline(False)
    expect(page.locator(".queue")).to_have_count(0, timeout=20_000)
    # What was queued names whoever had signed in.
    assert live.visits() == 1
    assert live.unnamed() == 0


def test_a_session_that_is_over_asks_the_pin_and_the_tablet_stays_paired(bakers_tablet: Tablet, live: Live) -> None:
    live.settle(live.bakery, sign_in=True)
    bakers_tablet.page.reload()
    bakers_tablet.shows("signin")
    bakers_tablet.pin(STAFF_PIN)
    bakers_tablet.shows("waiting")
    bakers_tablet.scan(live.printed_card())
    # What it would give is told while An still works here.
    expect(bakers_tablet.page.get_by_role("button", name="Give 1 stamp")).to_be_visible()
    live.hire(live.bakery, "Bea", "3691")
    live.dismiss(live.bakery, "An")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("signin")
    bakers_tablet.pin("3691")
    # The booking that was begun goes on, under the new name.
    bakers_tablet.shows("earned")
    assert live.visits() == 1
    assert live.unnamed() == 0
    expect(bakers_tablet.page.locator(".queue")).to_have_count(0)


def test_a_shop_of_one_person_goes_without(open_page: OpenPage, live: Live) -> None:
    tablet = Tablet(open_page(), live)
    tablet.pair(live.shop_of_one())
    expect(tablet.page.get_by_role("button", name="Type number")).to_be_visible()
    expect(tablet.page.get_by_role("button", name="Sign in")).to_have_count(0)


def test_the_same_card_within_two_minutes_asks_again(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    bakers_tablet.scan(number)
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    bakers_tablet.scan(number)
    bakers_tablet.shows("again")
    expect(bakers_tablet.page.get_by_role("heading", level=2)).to_contain_text("Book once more?")
    bakers_tablet.press("No, next customer")
    bakers_tablet.shows("waiting")
    assert live.visits() == 1
    bakers_tablet.scan(number)
    bakers_tablet.shows("again")
    bakers_tablet.press("Yes, book again")
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    assert live.visits() == 2


def test_a_signed_in_cashiers_tap_approves(bakers_tablet: Tablet, live: Live) -> None:
    sign_in(bakers_tablet)
    bakers_tablet.shows("waiting")
    number = live.printed_card()
    bakers_tablet.scan(number)
    bakers_tablet.shows("purchase")
    for _ in range(9):
        bakers_tablet.press("One more")
    bakers_tablet.press("Give 10 stamps")
    bakers_tablet.shows("unlocked")
    bakers_tablet.press("Keep as voucher")
    bakers_tablet.scan(number)
    bakers_tablet.shows("again")
    bakers_tablet.press("Redeem")
    bakers_tablet.page.get_by_role("button", name="A loaf of your choice").first.click()
    bakers_tablet.shows("approve")
    expect(bakers_tablet.page.get_by_text("An, a printed card proves nothing by itself.")).to_be_visible()
    bakers_tablet.press("Approve and redeem")
    bakers_tablet.shows("redeemed")


def test_where_only_the_app_proves_it_is_asked_for(bakers_tablet: Tablet, live: Live) -> None:
    live.settle(live.bakery, approves=["rotating_code"])
    card = live.app_card()
    bakers_tablet.scan(card.number)
    bakers_tablet.shows("purchase")
    for _ in range(9):
        bakers_tablet.press("One more")
    bakers_tablet.press("Give 10 stamps")
    bakers_tablet.shows("unlocked")
    bakers_tablet.press("Keep as voucher")
    bakers_tablet.scan(card.number)
    bakers_tablet.press("Redeem")
    bakers_tablet.page.get_by_role("button", name="A loaf of your choice").first.click()
    bakers_tablet.shows("show-app")
    bakers_tablet.scan(live.shown_by(card))
    bakers_tablet.shows("redeem")
    bakers_tablet.page.get_by_role("button", name="A loaf of your choice").first.click()
    bakers_tablet.shows("redeemed")
