"""Nobody has the card along: the customer is looked up, or claims the visit later."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, Route, expect

from app.wallet import service as wallet
from app.wallet.service.signing_in import give_address
from tests.e2e.conftest import Tablet
from tests.e2e.desk import ask, more
from tests.e2e.live import Live, Shop

ADDRESS = "mia@member.example"


def known(live: Live, shop: Shop, *, allows: bool) -> str:
    """A member with an address who allows this shop to look it up, or not; the card's number."""
    card = live.app_card()
    scope = replace(live.scope, member_id=card.member_id)
    scope.run(lambda tx: give_address(tx, scope, card.member_id, ADDRESS))
    wallet.set_consent(
        scope, merchant_id=shop.merchant_id, channel="lookup", is_given=allows, how="app", wording="May look me up"
    )
    return card.number


def find(tablet: Tablet, address: str) -> None:
    more(tablet, "Forgotten card")
    tablet.shows("forgotten")
    tablet.page.get_by_label("E-mail address").fill(address)
    tablet.page.keyboard.press("Enter")


def is_drawn(page: Page) -> bool:
    """Whether the code on the page is a picture that the browser could draw."""
    return bool(page.locator(".code-slip img").evaluate("image => image.decode().then(() => image.naturalWidth > 0)"))


def test_whoever_allowed_it_is_found_earns_and_never_redeems(bakers_tablet: Tablet, live: Live) -> None:
    known(live, live.bakery, allows=True)
    find(bakers_tablet, ADDRESS.upper())
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    assert live.visits() == 1


def test_whoever_did_not_allow_it_is_not_found_and_the_answer_stands_beside_the_field(
    bakers_tablet: Tablet, live: Live
) -> None:
    known(live, live.bakery, allows=False)
    find(bakers_tablet, ADDRESS)
    expect(bakers_tablet.page.locator("#find-told")).not_to_be_empty()
    bakers_tablet.shows("forgotten")
    expect(bakers_tablet.page.get_by_label("E-mail address")).to_have_value(ADDRESS)
    refusal = bakers_tablet.page.locator("#find-told").inner_text()
    # Nobody learns here whether an address is known.
    bakers_tablet.page.get_by_label("E-mail address").fill("nobody@member.example")
    bakers_tablet.press("Look up")
    expect(bakers_tablet.page.locator("#find-told")).to_have_text(refusal)


def test_a_hand_scanner_is_heard_in_the_field_too(bakers_tablet: Tablet, live: Live) -> None:
    more(bakers_tablet, "Forgotten card")
    bakers_tablet.page.get_by_label("E-mail address").focus()
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("purchase")


def test_the_keyboards_fit_what_is_typed(bakers_tablet: Tablet) -> None:
    more(bakers_tablet, "Forgotten card")
    expect(bakers_tablet.page.get_by_label("E-mail address")).to_have_attribute("inputmode", "email")
    bakers_tablet.page.get_by_role("button", name="Phone").click()
    phone = bakers_tablet.page.get_by_label("Phone number")
    expect(phone).to_have_attribute("inputmode", "tel")
    expect(phone).to_have_attribute("autocomplete", "off")


def test_a_visit_is_claimed_later_and_a_lost_answer_books_it_once(bakers_tablet: Tablet, live: Live) -> None:
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    bakers_tablet.page.route("**/visit-claims", lose, times=1)
    more(bakers_tablet, "Forgotten card")
    bakers_tablet.press("Show a code")
    bakers_tablet.shows("claim-visit")
    bakers_tablet.type("2")
    bakers_tablet.press("Book and show the code")
    bakers_tablet.shows("unanswered")
    with bakers_tablet.page.expect_response("**/visit-claims") as answered:
        bakers_tablet.press("Try again")
    bakers_tablet.shows("claim-code")
    assert [answered.value.request.headers["idempotency-key"]] == keys
    assert live.visits() == 1
    expect(bakers_tablet.page.get_by_text("Waiting for you: 2 stamps.")).to_be_visible()
    until = datetime.now(UTC) + timedelta(days=14)
    expect(bakers_tablet.page.get_by_text(re.compile(rf"Until \d+ {until:%B}"))).to_be_visible()
    assert is_drawn(bakers_tablet.page)

    # The phone claims it by the number alone.
    number = answered.value.json()["url"].rsplit("/", 1)[-1]
    member = live.app_card()
    wallet.claim_card(replace(live.scope, member_id=member.member_id), number=number)
    bakers_tablet.press("Done")
    bakers_tablet.shows("waiting")
    bakers_tablet.scan(live.shown_by(member))
    bakers_tablet.shows("purchase")
    expect(bakers_tablet.page.locator(".gain")).to_contain_text("2 of 10")


def test_a_visit_that_is_claimed_later_can_be_undone_at_once(bakers_tablet: Tablet, live: Live) -> None:
    more(bakers_tablet, "Forgotten card")
    bakers_tablet.press("Show a code")
    bakers_tablet.press("Book and show the code")
    bakers_tablet.shows("claim-code")
    bakers_tablet.press("Done")
    bakers_tablet.press("Undo last")
    bakers_tablet.press("Wrong card")
    bakers_tablet.shows("undone")
    assert ask(live, "SELECT count(*) FROM ledger_transaction WHERE kind = 'reverse'") == 1


def test_a_shop_that_counts_money_asks_the_amount(booksellers_tablet: Tablet, live: Live) -> None:
    more(booksellers_tablet, "Forgotten card")
    booksellers_tablet.press("Show a code")
    expect(booksellers_tablet.page.get_by_role("button", name="Book and show the code")).to_be_disabled()
    booksellers_tablet.type("15")
    booksellers_tablet.press("Book and show the code")
    booksellers_tablet.shows("claim-code")
    expect(booksellers_tablet.page.get_by_text("Waiting for you: 45 points.")).to_be_visible()
    # The next customer's card is heard here already.
    number = live.printed_card()
    booksellers_tablet.scan(number)
    booksellers_tablet.shows("purchase")


def test_nothing_of_a_customer_is_left_standing_on_the_counter(bakers_tablet: Tablet) -> None:
    bakers_tablet.page.clock.install()
    more(bakers_tablet, "Forgotten card")
    bakers_tablet.page.clock.fast_forward("02:50")
    bakers_tablet.page.get_by_label("E-mail address").fill(ADDRESS)
    bakers_tablet.page.clock.fast_forward("02:50")
    bakers_tablet.shows("forgotten")
    bakers_tablet.page.clock.fast_forward("00:20")
    bakers_tablet.shows("waiting")
