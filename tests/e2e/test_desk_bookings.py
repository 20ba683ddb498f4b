"""The list of bookings: looking back, undoing, refunding a part, and what waits for the network."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.e2e.conftest import Tablet
from tests.e2e.desk import ask, give, more, rows, spend
from tests.e2e.live import Live


def test_a_list_without_bookings_says_what_comes_next(bakers_tablet: Tablet) -> None:
    more(bakers_tablet, "Bookings")
    bakers_tablet.shows("transactions")
    expect(bakers_tablet.page.get_by_role("heading", name="Nothing booked yet")).to_be_visible()
    bakers_tablet.press("Back")
    bakers_tablet.shows("waiting")


def test_a_booking_is_undone_and_stays_visible_with_what_took_it_back(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    give(bakers_tablet, number, 3)
    give(bakers_tablet, live.printed_card())
    more(bakers_tablet, "Bookings")
    lines = rows(bakers_tablet)
    expect(lines).to_have_count(2)
    expect(lines.nth(1)).to_contain_text(f"Card {number[-4:]}")
    expect(lines.nth(1)).to_contain_text("+3 stamps")
    lines.nth(1).get_by_role("button", name="Undo").click()
    bakers_tablet.shows("take-back")
    bakers_tablet.press("Wrong card")
    bakers_tablet.shows("taken-back")
    expect(bakers_tablet.heading).to_have_text("Undone")
    expect(bakers_tablet.page.locator(".balances")).to_contain_text("0 stamps")
    assert ask(live, "SELECT reason FROM ledger_transaction WHERE kind = 'reverse'") == "Wrong card"

    bakers_tablet.press("Bookings")
    lines = rows(bakers_tablet)
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("Undone")
    expect(lines.nth(0)).to_contain_text("takes back the booking of")
    expect(lines.nth(0)).to_contain_text("−3 stamps")
    expect(lines.nth(2)).to_contain_text("undone")
    expect(lines.nth(2).get_by_role("button")).to_have_count(0)
    # The bracket begins at the correction, passes the row between, and ends at what was corrected.
    for row, part in enumerate(("from", "through", "to")):
        expect(lines.nth(row).locator(f".margin .{part}")).to_have_count(1)


def test_a_part_is_refunded_and_never_more_than_what_is_left(booksellers_tablet: Tablet, live: Live) -> None:
    spend(booksellers_tablet, live.printed_card(), "20")
    more(booksellers_tablet, "Bookings")
    rows(booksellers_tablet).nth(0).get_by_role("button", name="Undo").click()
    booksellers_tablet.press("Refund only a part")
    booksellers_tablet.shows("refund")
    booksellers_tablet.type("25")
    expect(booksellers_tablet.page.get_by_text("Only €20 of this purchase is left.")).to_be_visible()
    expect(booksellers_tablet.page.get_by_role("button", name="Go on")).to_be_disabled()
    booksellers_tablet.page.keyboard.press("Backspace")
    booksellers_tablet.page.keyboard.press("Backspace")
    booksellers_tablet.type("8")
    booksellers_tablet.page.keyboard.press("Enter")
    booksellers_tablet.shows("take-back")
    expect(booksellers_tablet.heading).to_have_text("Why refund €8?")
    booksellers_tablet.page.get_by_label("Or in your own words").fill("One book was damaged")
    booksellers_tablet.page.keyboard.press("Enter")
    booksellers_tablet.shows("taken-back")
    expect(booksellers_tablet.heading).to_have_text("Refunded")
    expect(booksellers_tablet.page.locator(".balances")).to_contain_text("36 points")

    booksellers_tablet.press("Bookings")
    lines = rows(booksellers_tablet)
    expect(lines.nth(0)).to_contain_text("Refunded")
    expect(lines.nth(0)).to_contain_text("“One book was damaged”")
    expect(lines.nth(0)).to_contain_text("€8")
    expect(lines.nth(1)).to_contain_text("partly refunded, €12 left")
    # The rest can be refunded still, and no more.
    lines.nth(1).get_by_role("button", name="Undo").click()
    booksellers_tablet.press("Refund only a part")
    expect(booksellers_tablet.page.get_by_text("at most €12")).to_be_visible()


def test_a_lost_answer_undoes_nothing_twice(bakers_tablet: Tablet, live: Live) -> None:
    give(bakers_tablet, live.printed_card(), 2)
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    bakers_tablet.page.route("**/reverse", lose, times=1)
    more(bakers_tablet, "Bookings")
    rows(bakers_tablet).nth(0).get_by_role("button", name="Undo").click()
    bakers_tablet.press("Booked twice")
    bakers_tablet.shows("unanswered")
    with bakers_tablet.page.expect_request("**/reverse") as again:
        bakers_tablet.press("Try again")
    bakers_tablet.shows("taken-back")
    assert [again.value.headers["idempotency-key"]] == keys
    assert ask(live, "SELECT count(*) FROM ledger_transaction WHERE kind = 'reverse'") == 1


def test_what_was_undone_elsewhere_is_refused_in_words(bakers_tablet: Tablet, live: Live) -> None:
    give(bakers_tablet, live.printed_card())
    more(bakers_tablet, "Bookings")
    rows(bakers_tablet).nth(0).get_by_role("button", name="Undo").click()
    bakers_tablet.shows("take-back")
    # Somebody else was quicker, at the till.
    answer = bakers_tablet.page.evaluate(
        """async () => {
          const { promise, resolve } = Promise.withResolvers();
          const opening = indexedDB.open("zegel-tablet");
          opening.onsuccess = () => {
            const asked = opening.result.transaction("settings").objectStore("settings").get("pairing");
            asked.onsuccess = () => resolve(asked.result.device_token);
          };
          const headers = { Authorization: `Bearer ${await promise}`, "Content-Type": "application/json" };
          const list = await (await fetch("/api/v1/pos/transactions", { headers })).json();
          const path = `/api/v1/pos/transactions/${list.items[0].transaction_id}/reverse`;
          const body = JSON.stringify({ reason: "Quicker" });
          const keyed = { ...headers, "Idempotency-Key": "till" };
          return (await fetch(path, { method: "POST", headers: keyed, body })).status;
        }"""
    )
    assert answer == 201
    bakers_tablet.press("Wrong card")
    bakers_tablet.shows("refused")
    expect(bakers_tablet.heading).to_have_text("Not undone")
    bakers_tablet.press("Back")
    bakers_tablet.shows("transactions")


def test_older_bookings_are_fetched_page_by_page(bakers_tablet: Tablet, live: Live) -> None:
    bakers_tablet.page.route(
        "**/transactions?limit=30*", lambda route: route.continue_(url=route.request.url.replace("limit=30", "limit=2"))
    )
    for _ in range(3):
        give(bakers_tablet, live.printed_card())
    more(bakers_tablet, "Bookings")
    expect(rows(bakers_tablet)).to_have_count(2)
    bakers_tablet.press("Show older ones")
    expect(rows(bakers_tablet)).to_have_count(3)
    expect(bakers_tablet.page.get_by_role("button", name="Show older ones")).to_have_count(0)


def test_what_waits_for_the_network_stands_on_top(bakers_tablet: Tablet, live: Live) -> None:
    give(bakers_tablet, live.printed_card())
    bakers_tablet.page.context.set_offline(True)
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.page.get_by_role("button", name="Save 1 stamp").click()
    bakers_tablet.press("Next customer")
    more(bakers_tablet, "Bookings")
    expect(bakers_tablet.page.get_by_role("heading", name="1 waits for the network")).to_be_visible()
    expect(rows(bakers_tablet)).to_have_count(1)
    expect(rows(bakers_tablet).nth(0)).to_contain_text("Waits")
    expect(bakers_tablet.page.get_by_text("The list can’t be fetched without the network.")).to_be_visible()
    bakers_tablet.page.context.set_offline(False)
    bakers_tablet.press("Try again")
    expect(rows(bakers_tablet).last).to_contain_text("+1 stamp")
