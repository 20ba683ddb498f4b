"""Cards over the counter: a new one, its PIN, an old paper card, a swap, and a phone that takes a card over."""

from __future__ import annotations

from playwright.sync_api import expect

from app.cards.service import set_first_pin
from tests.e2e.conftest import Tablet
from tests.e2e.desk import ask, card_menu, give, more, pin, rows, without_pins
from tests.e2e.live import STAFF_PIN, Live

CARD_PIN = "8361"


def choose_pin(tablet: Tablet) -> None:
    pin(tablet, CARD_PIN, "customer-pin")
    expect(tablet.heading).to_have_text("Once more, please")
    pin(tablet, CARD_PIN, "customer-pin")


def test_a_new_card_earns_at_once_and_gets_a_pin_with_which_it_redeems(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    more(bakers_tablet, "New card")
    bakers_tablet.shows("new-card")
    expect(bakers_tablet.page.get_by_role("img", name="Code that opens a new card on a phone")).to_be_visible()
    # Shown to this very screen, a printed card earns.
    bakers_tablet.scan(number)
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    bakers_tablet.press("Give it a PIN")
    pin(bakers_tablet, STAFF_PIN, "staffpin")
    # Too simple: refused by the service in words; two that differ: asked again.
    pin(bakers_tablet, "1234", "customer-pin")
    pin(bakers_tablet, "1234", "customer-pin")
    expect(bakers_tablet.page.get_by_role("alert").filter(has_text="PIN")).to_be_visible()
    expect(bakers_tablet.heading).to_have_text("Choose a PIN")
    pin(bakers_tablet, CARD_PIN, "customer-pin")
    pin(bakers_tablet, "8362", "customer-pin")
    expect(bakers_tablet.page.get_by_text("Those were two different PINs.")).to_be_visible()
    choose_pin(bakers_tablet)
    bakers_tablet.shows("pin-kept")
    bakers_tablet.press("Next customer")

    assert ask(live, "SELECT pin_hash IS NOT NULL FROM card WHERE number = :number", number=number)


def test_a_pin_may_be_left_out(bakers_tablet: Tablet, live: Live) -> None:
    card_menu(bakers_tablet, live.printed_card(), "Give it a PIN")
    pin(bakers_tablet, STAFF_PIN, "staffpin")
    bakers_tablet.shows("customer-pin")
    bakers_tablet.press("Without a PIN")
    bakers_tablet.shows("purchase")
    assert ask(live, "SELECT count(*) FROM card WHERE pin_hash IS NOT NULL") == 0


def test_whoever_works_alone_is_asked_no_pin(tablet: Tablet, live: Live) -> None:
    tablet.pair(without_pins(live))
    card_menu(tablet, live.printed_card(), "Give it a PIN")
    choose_pin(tablet)
    tablet.shows("pin-kept")


def test_an_old_paper_card_is_entered_once_and_capped(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    card_menu(bakers_tablet, number, "Stamps of an old paper card")
    bakers_tablet.shows("old-stamps")
    expect(bakers_tablet.page.get_by_text("At most 9, once for each customer.")).to_be_visible()
    bakers_tablet.type("9")
    expect(bakers_tablet.page.get_by_role("button", name="One more")).to_be_disabled()
    expect(bakers_tablet.page.get_by_text("This card begins with 9 stamps more")).to_be_visible()
    bakers_tablet.press("Enter 9 stamps")
    pin(bakers_tablet, STAFF_PIN, "staffpin")
    bakers_tablet.shows("old-stamps-entered")
    expect(bakers_tablet.page.locator(".sum")).to_contain_text("9")
    # Named in the audit list, and in the list of bookings.
    entered = ask(live, "SELECT after FROM audit_event WHERE action = 'opening_balance.entered'")
    assert (
        ask(live, "SELECT id FROM staff WHERE name = 'An' AND merchant_id = :id", id=live.bakery.merchant_id) in entered
    )
    bakers_tablet.press("Next customer")
    more(bakers_tablet, "Bookings")
    expect(rows(bakers_tablet).nth(0)).to_contain_text("Old paper card")
    expect(rows(bakers_tablet).nth(0)).to_contain_text("An")
    bakers_tablet.press("Back")

    card_menu(bakers_tablet, number, "Stamps of an old paper card")
    bakers_tablet.shows("old-stamps")
    bakers_tablet.press("Enter 1 stamp")
    pin(bakers_tablet, STAFF_PIN, "staffpin")
    bakers_tablet.shows("refused")
    expect(bakers_tablet.heading).to_have_text("Not done")
    assert ask(live, "SELECT count(*) FROM opening_balance") == 1


def test_a_lost_card_is_swapped_by_its_number_and_pin(bakers_tablet: Tablet, live: Live) -> None:
    lost, fresh = live.printed_card(), live.printed_card()
    give(bakers_tablet, lost, 4)
    set_first_pin(live.scope, number=lost, pin=CARD_PIN)
    more(bakers_tablet, "Swap a card")
    bakers_tablet.shows("swap-old")
    field = bakers_tablet.page.get_by_label("Number of the old card")
    field.fill(lost[:-1])
    bakers_tablet.press("Go on")
    expect(bakers_tablet.page.get_by_text("1 more character")).to_be_visible()
    field.fill(lost.lower())
    bakers_tablet.press("Go on")
    pin(bakers_tablet, CARD_PIN, "customer-pin")
    bakers_tablet.shows("swap-new")
    bakers_tablet.scan(fresh)
    bakers_tablet.shows("swapped")
    expect(bakers_tablet.page.locator(".balances")).to_contain_text("4 stamps")
    bakers_tablet.press("Book on this card")
    bakers_tablet.shows("purchase")
    expect(bakers_tablet.page.get_by_text("4 of 10")).to_be_visible()
    bakers_tablet.press("Other card")
    bakers_tablet.scan(lost)
    bakers_tablet.shows("refused")


def test_a_wrong_pin_swaps_nothing_and_can_be_typed_again(bakers_tablet: Tablet, live: Live) -> None:
    worn, fresh = live.printed_card(), live.printed_card()
    give(bakers_tablet, worn, 2)
    set_first_pin(live.scope, number=worn, pin=CARD_PIN)
    card_menu(bakers_tablet, worn, "Swap this card", again=True)
    pin(bakers_tablet, "9999", "customer-pin")
    bakers_tablet.shows("swap-new")
    bakers_tablet.scan(fresh)
    bakers_tablet.shows("refused")
    bakers_tablet.press("Back")
    pin(bakers_tablet, CARD_PIN, "customer-pin")
    bakers_tablet.shows("swap-new")
    # A card that was used already is no new card.
    used = live.printed_card()
    bakers_tablet.page.get_by_label("Or type the new card’s number").fill("5412345678908")
    bakers_tablet.press("Swap")
    expect(bakers_tablet.page.get_by_text("3 more characters")).to_be_visible()
    bakers_tablet.scan("HTTPS://SOMEBODY.EXAMPLE/C/5412345678908")
    expect(bakers_tablet.page.get_by_text("That is not one of our new cards.")).to_be_visible()
    bakers_tablet.scan(used)
    bakers_tablet.shows("swapped")


def test_a_phone_may_take_a_card_over_after_the_shop_allowed_it(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    give(bakers_tablet, number, 3)
    card_menu(bakers_tablet, number, "Put it in a phone", again=True)
    bakers_tablet.shows("claim")
    bakers_tablet.press("Allow it")
    pin(bakers_tablet, STAFF_PIN, "staffpin")
    bakers_tablet.shows("claim-ready")
    expect(bakers_tablet.page.get_by_text("Good until")).to_be_visible()
    assert ask(live, "SELECT claim_approved_until IS NOT NULL FROM card WHERE number = :number", number=number)


def test_without_a_network_the_desk_says_what_needs_it(bakers_tablet: Tablet) -> None:
    bakers_tablet.page.context.set_offline(True)
    bakers_tablet.page.get_by_role("button", name="More").click()
    bakers_tablet.shows("more")
    for tile in ("Forgotten card", "Swap a card", "Practice"):
        closed = bakers_tablet.page.locator(".tile").filter(has_text=tile)
        expect(closed).to_be_disabled()
        expect(closed).to_contain_text("Needs the network")
    # The code for a phone was fetched before.
    bakers_tablet.page.locator(".tile").filter(has_text="New card").click()
    expect(bakers_tablet.page.get_by_role("img", name="Code that opens a new card on a phone")).to_be_visible()
