"""The counter without a network: earning goes on, nothing is lost, nothing is booked twice."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from app.cards.numbers import new_voucher_code
from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.live import STAFF_PIN, Live

KEPT = """async () => {
  const open = indexedDB.open("zegel-tablet");
  const db = await new Promise((done, fail) => { open.onsuccess = () => done(open.result); open.onerror = fail; });
  const kept = {};
  for (const name of db.objectStoreNames) {
    const all = db.transaction(name).objectStore(name).getAll();
    kept[name] = await new Promise(done => { all.onsuccess = () => done(all.result); });
  }
  db.close();
  return JSON.stringify(kept) + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
}"""


def give_unseen(tablet: Tablet, number: str) -> None:
    """Book a stamp without a network."""
    tablet.scan(number)
    tablet.shows("offline")
    tablet.press("Save 1 stamp")
    tablet.shows("saved")
    tablet.page.keyboard.press("Escape")
    tablet.shows("waiting")


def sent(tablet: Tablet) -> None:
    """Wait until nothing is left in the queue."""
    expect(tablet.page.locator(".queue")).to_have_count(0, timeout=20_000)


def test_earning_goes_on_without_a_network_and_is_booked_when_it_is_back(bakers_tablet: Tablet, live: Live) -> None:
    bakers_tablet.offline()
    expect(bakers_tablet.page.get_by_text("No network since")).to_be_visible()
    number = live.printed_card()
    bakers_tablet.scan(number)
    bakers_tablet.shows("offline")
    # No name and no balance: only which card it is.
    expect(bakers_tablet.heading).to_have_text(f"Card {number[-4:]}")
    bakers_tablet.press("One more")
    bakers_tablet.press("Save 2 stamps")
    bakers_tablet.shows("saved")
    expect(bakers_tablet.heading).to_have_text("Saved")
    expect(bakers_tablet.page.get_by_text("1 visit is waiting")).to_be_visible()
    bakers_tablet.shows("waiting")
    give_unseen(bakers_tablet, live.printed_card())
    expect(bakers_tablet.page.get_by_text("2 visits are waiting")).to_be_visible()
    assert live.visits() == 0
    bakers_tablet.offline(False)
    sent(bakers_tablet)
    assert live.visits() == 2


def test_an_answer_that_is_lost_is_kept_and_books_once(bakers_tablet: Tablet, live: Live) -> None:
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.request.headers["idempotency-key"])
        route.fetch()
        return route.abort()

    bakers_tablet.page.route("**/api/v1/pos/visits", lose_the_first)
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Give 1 stamp")
    # Green at once; the customer need not wait for the network to make up its mind.
    bakers_tablet.shows("saved")
    bakers_tablet.shows("waiting")
    sent(bakers_tablet)
    assert len(lost) == 1
    assert live.visits() == 1


def test_a_lookup_without_an_answer_asks_what_was_bought(bakers_tablet: Tablet, live: Live) -> None:
    bakers_tablet.page.route("**/api/v1/pos/scans", lambda route: route.abort())
    bakers_tablet.scan(live.printed_card())
    bakers_tablet.shows("offline")
    bakers_tablet.press("Save 1 stamp")
    bakers_tablet.shows("saved")
    bakers_tablet.shows("waiting")
    sent(bakers_tablet)
    assert live.visits() == 1


def test_what_waits_survives_the_page_and_unpairing_is_refused_meanwhile(bakers_tablet: Tablet, live: Live) -> None:
    page = bakers_tablet.page
    page.route("**/api/v1/pos/**", lambda route: route.abort())
    bakers_tablet.offline()
    for _ in range(3):
        give_unseen(bakers_tablet, live.printed_card())
    bakers_tablet.offline(False)
    page.reload()
    # A cold start without an answer: the shop, its mode and what waits come from the tablet itself.
    bakers_tablet.shows("waiting")
    expect(page.get_by_text("Bakkerij Korst")).to_be_visible()
    expect(page.get_by_text("3 visits are waiting")).to_be_visible()
    bakers_tablet.settings()
    bakers_tablet.press("Unpair this tablet")
    bakers_tablet.shows("unpair-refused")
    expect(page.get_by_text("3 visits are waiting for the network. Unpair when they have been sent")).to_be_visible()
    page.unroute("**/api/v1/pos/**")
    bakers_tablet.press("Send now")
    bakers_tablet.shows("unpair")
    assert live.visits() == 3
    bakers_tablet.press("Yes, unpair")
    bakers_tablet.shows("pair")


def test_an_amount_is_kept_for_a_shop_that_counts_money(booksellers_tablet: Tablet, live: Live) -> None:
    booksellers_tablet.offline()
    booksellers_tablet.scan(live.printed_card())
    booksellers_tablet.shows("offline")
    save = booksellers_tablet.page.get_by_role("button", name="Save visit")
    expect(save).to_be_disabled()
    booksellers_tablet.type("34")
    save.click()
    booksellers_tablet.shows("saved")
    expect(booksellers_tablet.page.get_by_text("€34 counts.")).to_be_visible()
    booksellers_tablet.shows("waiting")
    booksellers_tablet.offline(False)
    sent(booksellers_tablet)
    assert live.booked("visit", amount_minor=3400) == 1


def test_a_plain_voucher_needs_the_network(bakers_tablet: Tablet) -> None:
    bakers_tablet.offline()
    bakers_tablet.scan(new_voucher_code())
    bakers_tablet.shows("voucher")
    bakers_tablet.press("Redeem")
    bakers_tablet.shows("unanswered")


def test_nothing_of_a_member_stays_on_the_tablet(open_page: OpenPage, live: Live) -> None:
    tablet = Tablet(open_page(), live)
    tablet.pair(live.bakery)
    card = live.app_card()
    live.name(card, "Lotte Peeters")
    tablet.scan(live.shown_by(card))
    tablet.shows("purchase")
    tablet.press("Give 1 stamp")
    tablet.shows("earned")
    tablet.shows("waiting")
    tablet.page.get_by_role("button", name="Sign in").click()
    tablet.pin(STAFF_PIN)
    tablet.shows("waiting")
    kept = tablet.page.evaluate(KEPT)
    assert "device_token" in kept
    for secret in (card.number, "Lotte", "balance", STAFF_PIN):
        assert secret not in kept
