"""The inbox: what came in late or doubtful waits for somebody who may decide; what was refused says what to do."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from tests.e2e.conftest import Tablet
from tests.e2e.desk import OWNER_PIN, OtherTablet, ask, more, owner, pin, without_pins
from tests.e2e.live import STAFF_PIN, Live

LATE = timedelta(hours=80)


def test_an_inbox_without_cases_says_so(bakers_tablet: Tablet) -> None:
    more(bakers_tablet, "Inbox")
    bakers_tablet.shows("inbox")
    expect(bakers_tablet.page.get_by_role("heading", name="All decided")).to_be_visible()


def test_the_owner_books_one_and_leaves_another_out(bakers_tablet: Tablet, live: Live) -> None:
    owner(live, live.bakery)
    stall = OtherTablet(live, live.bakery)
    first, second = live.printed_card(), live.printed_card()
    stall.sends(first, ago=LATE, amount="12.50")
    stall.sends(second, ago=LATE, units=2)
    more(bakers_tablet, "Inbox")
    cases = bakers_tablet.page.locator(".case")
    expect(cases).to_have_count(2)
    expect(cases.nth(0)).to_contain_text("Market stall")
    # What happened, why it waits; but not for everybody to decide.
    expect(cases.nth(0).locator(".because")).not_to_be_empty()
    expect(cases.get_by_role("button")).to_have_count(0)
    expect(bakers_tablet.page.get_by_text("A manager or the owner decides.")).to_be_visible()

    bakers_tablet.press("Sign in")
    pin(bakers_tablet, STAFF_PIN, "signin")
    bakers_tablet.shows("inbox")
    expect(bakers_tablet.page.get_by_text("Only a manager or the owner decides here.")).to_be_visible()
    bakers_tablet.press("Sign in")
    pin(bakers_tablet, OWNER_PIN, "signin")
    bakers_tablet.shows("inbox")
    case = cases.filter(has_text=f"Card {first[-4:]}")
    case.get_by_role("button", name="Book it").click()
    expect(cases).to_have_count(1)
    cases.nth(0).get_by_role("button", name="Leave it out").click()
    expect(bakers_tablet.page.get_by_role("heading", name="All decided")).to_be_visible()
    assert live.visits() == 1
    assert ask(live, "SELECT number FROM visit") == first

    # Booked as any other, it can be undone.
    bakers_tablet.press("Back")
    more(bakers_tablet, "Bookings")
    expect(bakers_tablet.page.locator(".booking").get_by_role("button", name="Undo")).to_have_count(1)


def test_whoever_works_alone_decides_alone(tablet: Tablet, live: Live) -> None:
    shop = without_pins(live)
    tablet.pair(shop)
    OtherTablet(live, shop).sends(live.printed_card(), ago=LATE)
    more(tablet, "Inbox")
    tablet.press("Book it")
    expect(tablet.page.get_by_role("heading", name="All decided")).to_be_visible()
    assert live.visits() == 1


def test_how_many_wait_stands_on_the_way_there(bakers_tablet: Tablet, live: Live) -> None:
    OtherTablet(live, live.bakery).sends(live.printed_card(), ago=LATE)
    bakers_tablet.page.reload()
    bakers_tablet.shows("waiting")
    expect(bakers_tablet.page.locator(".count-seal")).to_have_text("1")
    bakers_tablet.page.get_by_role("button", name="More").click()
    expect(bakers_tablet.page.locator(".tile").filter(has_text="1 visit waits for a decision")).to_be_visible()


def test_what_was_refused_afterwards_is_told_until_somebody_has_seen_it(bakers_tablet: Tablet, live: Live) -> None:
    blocked = live.blocked_card()
    bakers_tablet.page.context.set_offline(True)
    bakers_tablet.scan(blocked)
    bakers_tablet.page.get_by_role("button", name="Save 1 stamp").click()
    bakers_tablet.press("Next customer")
    with bakers_tablet.page.expect_response("**/sync"):
        bakers_tablet.page.context.set_offline(False)
    expect(bakers_tablet.page.locator(".count-seal")).to_have_text("1")
    more(bakers_tablet, "Inbox")
    case = bakers_tablet.page.locator(".case")
    expect(case).to_contain_text("Not booked: Visit")
    expect(case.locator(".because")).to_contain_text("blocked")
    bakers_tablet.press("I have seen it")
    expect(bakers_tablet.page.get_by_role("heading", name="All decided")).to_be_visible()
    bakers_tablet.page.reload()
    bakers_tablet.shows("waiting")
    expect(bakers_tablet.page.locator(".count-seal")).to_have_count(0)
    assert live.visits() == 0
