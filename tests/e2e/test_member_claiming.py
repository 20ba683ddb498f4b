"""The page behind a printed card's QR: what proves that the card is hers, and what comes along."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect

from app.cards.service import set_pin
from tests.e2e.conftest import Tablet
from tests.e2e.live import Live
from tests.e2e.member import Phone


def test_a_printed_card_is_claimed_by_what_lies_under_its_scratch_field(
    phone: Phone, bakers_tablet: Tablet, live: Live
) -> None:
    card = live.plastic_card()
    bakers_tablet.stamp(card.number, 4)
    phone.open(f"/C/{card.number}")
    phone.shows("claim/:number")
    assert live.booked("card", kind="digital") == 0
    expect(phone.page.get_by_text("Did you find it?")).to_be_visible()
    phone.press("Put it in my app")
    expect(phone.page.get_by_text("Show that it is yours")).to_be_visible()
    phone.type("The code under the scratch field", "WRONG")
    phone.press("Put it in my app")
    expect(phone.page.get_by_role("alert").get_by_text("That was not right")).to_be_visible()
    phone.type("The code under the scratch field", card.claim_code)
    phone.press("Put it in my app")
    expect(phone.heading).to_have_text("It is yours")
    expect(phone.page.get_by_text("Bakkerij Korst")).to_be_visible()
    expect(phone.page.get_by_text("4 stamps")).to_be_visible()
    assert live.booked("account", balance=4) == 1


def test_a_shops_tablet_confirms_who_bears_it(phone: Phone, bakers_tablet: Tablet, live: Live) -> None:
    card = live.plastic_card()
    bakers_tablet.stamp(card.number, 2)
    phone.open(f"/C/{card.number}")
    phone.press("Put it in my app")
    expect(phone.page.get_by_text("Show that it is yours")).to_be_visible()
    live.confirm(card)
    phone.press("The shop has confirmed it")
    expect(phone.heading).to_have_text("It is yours")


def test_a_cards_pin_is_proof_enough(phone: Phone, bakers_tablet: Tablet, live: Live) -> None:
    card = live.plastic_card()
    set_pin(live.scope, card_id=card.card_id, pin="4816")
    bakers_tablet.stamp(card.number)
    phone.open(f"/C/{card.number}")
    phone.press("Put it in my app")
    phone.type("The card’s PIN", "4816")
    phone.press("Put it in my app")
    expect(phone.heading).to_have_text("It is yours")
    expect(phone.page.get_by_text("1 stamp", exact=True)).to_be_visible()


def test_a_visit_without_a_card_is_claimed_by_the_same_page(phone: Phone, bakers_tablet: Tablet, live: Live) -> None:
    number = phone.begin()
    bakers_tablet.page.locator(".tools .b").last.click()
    bakers_tablet.shows("more")
    bakers_tablet.press("Forgotten card")
    bakers_tablet.press("Show a code")
    bakers_tablet.type("2")
    with bakers_tablet.page.expect_response("**/visit-claims") as answered:
        bakers_tablet.press("Book and show the code")
    address = urlsplit(answered.value.json()["url"].lower())
    phone.open(address.path.upper())
    phone.press("Put it in my app")
    expect(phone.heading).to_have_text("It is yours")
    expect(phone.page.get_by_text("2 stamps")).to_be_visible()
    phone.follow("To my card")
    # The phone's own card stays the one that it shows.
    assert phone.number == number
    assert live.booked("account", balance=2) == 1


def test_a_card_that_never_earned_needs_its_number_alone(phone: Phone, live: Live) -> None:
    phone.begin()
    card = live.plastic_card()
    phone.go("claim")
    phone.shows("claim")
    phone.type("Card number", card.number[:-1] + ("0" if card.number[-1] != "0" else "1"))
    phone.press("Put it in my app")
    expect(phone.page.get_by_text("has an error in it")).to_be_visible()
    phone.type("Card number", card.number)
    phone.press("Put it in my app")
    phone.shows("claim/:number")
    phone.press("Put it in my app")
    expect(phone.heading).to_have_text("It is yours")
