"""The tablet at the counter, in a browser against the served application."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from app.wallet import service as wallet
from tests.e2e import pictures
from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.live import STAFF_PIN, Live
from tests.e2e.street import member_of
from tests.e2e.till import Till


def test_pair_type_a_number_type_an_amount_confirm(tablet: Tablet, live: Live) -> None:
    tablet.page.goto(f"{live.url}/tablet")
    tablet.shows("pair")
    tablet.page.locator("#pair-code").fill("NOPE-NOPE")
    tablet.press("Pair")
    expect(tablet.page.get_by_role("alert")).to_contain_text("No such pairing code")
    tablet.page.locator("#pair-code").fill(live.pairing_code(live.bookshop))
    tablet.press("Pair")
    tablet.shows("waiting")
    expect(tablet.page.get_by_text("Boekhandel Kantlijn")).to_be_visible()

    tablet.press("Type number")
    tablet.page.get_by_label("Card number").fill(live.printed_card().lower())
    expect(tablet.page.get_by_text("The number is right.")).to_be_visible()
    tablet.press("Look up this card")
    tablet.shows("purchase")
    book = tablet.page.get_by_role("button", name="Book")
    expect(book).to_be_disabled()
    for key in ("3", "4", "Decimal separator", "5"):
        tablet.page.get_by_role("button", name=key, exact=True).click()
    expect(tablet.page.get_by_text("This gives 103 points")).to_be_visible()
    tablet.press("Book 103 points")
    tablet.shows("earned")
    expect(tablet.heading).to_have_text("Booked")
    expect(tablet.page.get_by_text("103 points added.")).to_be_visible()
    assert live.visits() == 1
    # By itself, after a moment, for the next customer.
    tablet.shows("waiting")


def test_a_wrong_number_can_not_be_looked_up(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    bakers_tablet.press("Type number")
    field = bakers_tablet.page.get_by_label("Card number")
    field.fill(wrong)
    expect(bakers_tablet.page.get_by_text("One character is not right.")).to_be_visible()
    expect(bakers_tablet.page.get_by_role("button", name="Look up this card")).to_be_disabled()
    field.fill(number[:15])
    expect(bakers_tablet.page.get_by_text("1 more character")).to_be_visible()
    bakers_tablet.page.get_by_role("button", name=number[-1], exact=True).click()
    bakers_tablet.page.keyboard.press("Enter")
    bakers_tablet.shows("purchase")


def test_a_full_card_is_unlocked_and_handed_over(bakers_tablet: Tablet, live: Live) -> None:
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("purchase")
    for _ in range(9):
        bakers_tablet.press("One more")
    expect(bakers_tablet.page.get_by_text("That unlocks: A loaf of your choice.")).to_be_visible()
    bakers_tablet.press("Give 10 stamps")
    bakers_tablet.shows("unlocked")
    expect(bakers_tablet.heading).to_have_text("Full card")
    bakers_tablet.press("Hand it over now")
    bakers_tablet.shows("redeemed")
    expect(bakers_tablet.page.get_by_role("heading", name="A loaf of your choice")).to_be_visible()
    bakers_tablet.press("Next customer")
    bakers_tablet.shows("waiting")


def test_a_shop_that_counts_products_asks_which(tablet: Tablet, live: Live) -> None:
    tablet.pair(live.cafe)
    tablet.scan(live.printed_card())
    tablet.shows("purchase")
    tablet.page.get_by_role("group", name="How many?").get_by_role("button", name="Soup").click()
    tablet.press("One more")
    expect(tablet.page.get_by_text("This gives 2 stamps")).to_be_visible()
    tablet.press("Give 2 stamps")
    tablet.shows("earned")
    expect(tablet.page.get_by_text("of 6")).to_be_visible()


def test_stamps_for_money_ask_the_amount(tablet: Tablet, live: Live) -> None:
    tablet.pair(live.butcher)
    tablet.scan(live.printed_card())
    tablet.shows("purchase")
    expect(tablet.page.get_by_role("button", name="Without an amount")).to_have_count(0)
    tablet.type("34")
    tablet.press("Book 3 stamps")
    tablet.shows("earned")


def test_a_voucher_that_was_kept_is_redeemed_by_its_code_once(bakers_tablet: Tablet, live: Live) -> None:
    answers: list[dict[str, Any]] = []
    bakers_tablet.page.on(
        "response", lambda answer: answers.append(answer.json()) if answer.url.endswith("/pos/visits") else None
    )
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("purchase")
    for _ in range(9):
        bakers_tablet.press("One more")
    bakers_tablet.press("Give 10 stamps")
    bakers_tablet.shows("unlocked")
    bakers_tablet.press("Keep as voucher")
    code = answers[0]["unlocked"][0]["voucher_code"]
    bakers_tablet.scan(code)
    bakers_tablet.shows("voucher")
    bakers_tablet.press("Redeem")
    bakers_tablet.shows("redeemed")
    bakers_tablet.scan(code)
    bakers_tablet.shows("voucher")
    bakers_tablet.press("Redeem")
    bakers_tablet.shows("refused")
    expect(bakers_tablet.heading).to_have_text("Not redeemed")


def test_a_hand_scanner_is_heard_at_any_moment(booksellers_tablet: Tablet, live: Live) -> None:
    booksellers_tablet.scan(f"http://{live.host}/C/{live.printed_card()}")
    booksellers_tablet.shows("purchase")
    booksellers_tablet.type("12")
    amount = booksellers_tablet.page.get_by_label("Amount of the purchase").locator("visible=true").first
    expect(amount).to_contain_text("12")
    # A strange code leaves the amount as it was.
    booksellers_tablet.scan("5412345678908")
    expect(booksellers_tablet.page.get_by_text("That is not a Zegel card.")).to_be_visible()
    expect(amount).to_contain_text("12")
    # Another customer's card takes its place.
    booksellers_tablet.scan(live.printed_card())
    expect(amount).not_to_contain_text("12")
    # In a text field nothing of a scan stays behind.
    booksellers_tablet.page.keyboard.press("Escape")
    booksellers_tablet.shows("waiting")
    booksellers_tablet.press("Type number")
    booksellers_tablet.scan(live.printed_card())
    booksellers_tablet.shows("purchase")


def test_the_camera_reads_a_phone(open_page: OpenPage, live: Live, picture: Path) -> None:
    card = live.app_card()
    tablet = Tablet(open_page(), live)
    tablet.pair(live.bakery)
    pictures.still(picture, pictures.showing(live.shown_by(card)))
    tablet.page.reload()
    tablet.shows("purchase")
    tablet.press("Give 1 stamp")
    tablet.shows("earned")
    expect(tablet.heading).to_have_text("Stamped")
    # The phone is still there: it counts once.
    tablet.shows("waiting")
    assert live.visits() == 1


def test_the_camera_never_opens_what_it_reads(open_page: OpenPage, live: Live, picture: Path) -> None:
    tablet = Tablet(open_page(), live)
    tablet.pair(live.bakery)
    pictures.still(picture, pictures.showing("HTTPS://EVIL.EXAMPLE/C/0000000000000000"))
    asked: list[str] = []
    tablet.page.on("request", lambda request: asked.append(request.url))
    tablet.page.reload()
    expect(tablet.page.get_by_text("That is not a Zegel card. Nothing was opened.")).to_be_visible()
    tablet.shows("waiting")
    assert tablet.page.url == f"{live.url}/tablet"
    asked = [url for url in asked if not url.endswith(("/api/v1/pos/location", "/api/v1/pos/sync"))]
    assert [url for url in asked if "evil" in url.lower() or "/api/" in url] == []
    assert len(tablet.page.context.pages) == 1


def test_a_camera_that_is_not_allowed_is_told_and_typing_goes_on(open_page: OpenPage, live: Live) -> None:
    tablet = Tablet(open_page(camera=False), live)
    tablet.pair(live.bakery)
    expect(tablet.page.get_by_role("heading", name="The camera may not be used")).to_be_visible()
    # Typing may begin at once.
    number = live.printed_card()
    tablet.type(number)
    tablet.page.keyboard.press("Enter")
    tablet.shows("purchase")


def test_a_tablet_without_a_camera(open_page: OpenPage, live: Live, picture: Path) -> None:
    tablet = Tablet(open_page(), live)
    tablet.pair(live.bakery)
    picture.unlink()
    tablet.page.reload()
    expect(tablet.page.get_by_role("heading", name="No camera found")).to_be_visible()
    pictures.still(picture, pictures.showing(live.printed_card()))
    tablet.press("Try again")
    tablet.shows("purchase")


def test_a_used_code_is_refused_with_what_to_do(bakers_tablet: Tablet, live: Live) -> None:
    shown = live.shown_by(live.app_card())
    bakers_tablet.scan(shown)
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Other card")
    bakers_tablet.scan(shown)
    bakers_tablet.shows("refused")
    expect(bakers_tablet.heading).to_have_text("Not booked")
    expect(bakers_tablet.page.get_by_role("heading", name="This code was used already")).to_be_visible()
    expect(bakers_tablet.page.get_by_text("Ask to open the app itself")).to_be_visible()


def test_a_blocked_card_stays_on_the_screen_until_a_touch(bakers_tablet: Tablet, live: Live) -> None:
    bakers_tablet.scan(live.blocked_card())
    bakers_tablet.shows("refused")
    expect(bakers_tablet.page.get_by_role("heading", name="This card is blocked")).to_be_visible()
    bakers_tablet.page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 3000))")
    bakers_tablet.shows("refused")
    bakers_tablet.press("Next customer")
    bakers_tablet.shows("waiting")


def test_a_printed_card_redeems_with_a_staff_pin(booksellers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    booksellers_tablet.scan(number)
    booksellers_tablet.shows("purchase")
    booksellers_tablet.type("40")
    booksellers_tablet.press("Book 120 points")
    booksellers_tablet.shows("earned")
    booksellers_tablet.shows("waiting")
    booksellers_tablet.scan(number)
    booksellers_tablet.shows("again")
    booksellers_tablet.press("Redeem")
    expect(booksellers_tablet.page.get_by_role("button", name="5 euro off")).to_be_disabled()
    booksellers_tablet.press("Bookmark")
    booksellers_tablet.shows("pin")
    if (switch := booksellers_tablet.page.get_by_role("button", name="Approve with staff PIN")).count():
        switch.click()
    booksellers_tablet.type("9753")
    booksellers_tablet.press("Redeem")
    booksellers_tablet.shows("refused")
    booksellers_tablet.press("Back")
    booksellers_tablet.press("Redeem")
    booksellers_tablet.press("Bookmark")
    if (switch := booksellers_tablet.page.get_by_role("button", name="Approve with staff PIN")).count():
        switch.click()
    booksellers_tablet.type(STAFF_PIN)
    booksellers_tablet.press("Redeem")
    booksellers_tablet.shows("redeemed")
    expect(booksellers_tablet.page.get_by_text("New balance: 20 points")).to_be_visible()


def test_what_the_member_is_asked_about_is_tried_again(booksellers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    Till.of(live, live.bookshop).visit(number, amount="40.00")
    own = replace(live.scope, member_id=member_of(live, number))
    wallet.change_me(own, changes={"ask_above": "0"})
    booksellers_tablet.scan(number)
    booksellers_tablet.shows("purchase")
    booksellers_tablet.press("Redeem")
    booksellers_tablet.press("Bookmark")
    booksellers_tablet.shows("pin")
    if (switch := booksellers_tablet.page.get_by_role("button", name="Approve with staff PIN")).count():
        switch.click()
    booksellers_tablet.type(STAFF_PIN)
    booksellers_tablet.press("Redeem")
    booksellers_tablet.shows("refused")
    expect(booksellers_tablet.page.get_by_role("heading", name="The member wants to be asked first")).to_be_visible()
    [request] = wallet.list_spending_requests(own)
    wallet.approve_spending(own, request_id=request.request_id)
    booksellers_tablet.press("Try again")
    booksellers_tablet.shows("redeemed")
    expect(booksellers_tablet.page.get_by_text("New balance: 20 points")).to_be_visible()


def test_the_last_booking_is_undone_with_a_reason(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    expect(bakers_tablet.page.get_by_role("button", name="Undo last")).to_be_disabled()
    bakers_tablet.scan(number)
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    bakers_tablet.shows("waiting")
    bakers_tablet.press("Undo last")
    bakers_tablet.press("Wrong card")
    bakers_tablet.shows("undone")
    bakers_tablet.press("Next customer")
    bakers_tablet.scan(number)
    bakers_tablet.shows("purchase")
    expect(bakers_tablet.page.get_by_role("img", name="0 of 10 stamps")).to_be_visible()


def test_a_touch_beside_the_buttons_ends_the_answer(bakers_tablet: Tablet, live: Live) -> None:
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    bakers_tablet.page.locator(".signal").click()
    bakers_tablet.shows("waiting")


def test_a_tablet_that_was_revoked_asks_to_be_paired(bakers_tablet: Tablet, live: Live) -> None:
    # Were its queue told first, the card would be read as a pairing code.
    bakers_tablet.heard()
    live.revoke_tablets()
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("pair")
    expect(bakers_tablet.page.get_by_role("alert")).to_contain_text("unpaired")


def test_it_stays_paired_and_can_be_unpaired(bakers_tablet: Tablet) -> None:
    bakers_tablet.page.reload()
    bakers_tablet.shows("waiting")
    bakers_tablet.settings()
    bakers_tablet.press("Unpair this tablet")
    bakers_tablet.press("Yes, unpair")
    bakers_tablet.shows("pair")
    bakers_tablet.page.reload()
    bakers_tablet.shows("pair")


def test_it_speaks_the_browsers_language_and_another_when_asked(open_page: OpenPage, live: Live) -> None:
    for locale, words in (("nl-BE", "Koppel"), ("fr-BE", "Associez"), ("de-DE", "koppeln"), ("pt-BR", "Pair")):
        page: Page = open_page(locale=locale)
        page.goto(f"{live.url}/tablet")
        expect(page.get_by_role("heading", level=1)).to_contain_text(words)
    tablet = Tablet(open_page(locale="nl-BE"), live)
    tablet.pair(live.bakery)
    tablet.settings()
    tablet.press("Français")
    expect(tablet.heading).to_have_text("Cette tablette")
    tablet.page.reload()
    expect(tablet.heading).to_have_text("Montrez votre carte")
    tablet.scan(live.blocked_card())
    # The server's own words come in the tablet's language, not the browser's.
    expect(tablet.page.get_by_role("heading", name="Cette carte est bloquée")).to_be_visible()
