"""Practising: the same screens, and nothing is booked."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Tablet
from tests.e2e.desk import ask, give, more
from tests.e2e.live import Live


def real_visits(live: Live) -> int:
    """Visits at the bakery itself, not in its sandbox."""
    return int(ask(live, "SELECT count(*) FROM visit WHERE location_id = :id", id=live.bakery.location_id))


def practise(tablet: Tablet) -> None:
    more(tablet, "Practice")
    tablet.shows("training")
    tablet.press("Begin to practise")
    # A whole shop is copied first.
    expect(tablet.page.get_by_text("Practice: nothing is booked")).to_be_visible(timeout=20_000)
    tablet.shows("waiting")


def test_practice_books_nothing_and_says_so_on_every_screen(bakers_tablet: Tablet, live: Live) -> None:
    practise(bakers_tablet)
    band = bakers_tablet.page.get_by_role("complementary", name="Practice")
    cards = bakers_tablet.page.get_by_role("group", name="Practice cards")
    expect(cards.get_by_role("button")).to_have_text(["New", "Half full", "Almost full", "With a voucher", "Blocked"])
    cards.get_by_role("button", name="Almost full").click()
    bakers_tablet.shows("purchase")
    expect(band).to_be_visible()
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("unlocked")
    bakers_tablet.press("Hand it over now")
    bakers_tablet.shows("redeemed")
    bakers_tablet.press("Next customer")
    cards.get_by_role("button", name="Blocked").click()
    bakers_tablet.shows("refused")
    expect(band).to_be_visible()
    bakers_tablet.press("Next customer")
    more(bakers_tablet, "Bookings")
    expect(bakers_tablet.page.locator(".booking").first).to_be_visible()

    bakers_tablet.press("Stop practising")
    bakers_tablet.shows("waiting")
    expect(band).to_have_count(0)
    more(bakers_tablet, "Bookings")
    expect(bakers_tablet.page.get_by_role("heading", name="Nothing booked yet")).to_be_visible()
    assert real_visits(live) == 0


def test_a_real_card_acts_like_the_first_practice_card(bakers_tablet: Tablet, live: Live) -> None:
    number = live.printed_card()
    give(bakers_tablet, number, 7)
    practise(bakers_tablet)
    bakers_tablet.scan(number)
    bakers_tablet.shows("purchase")
    expect(bakers_tablet.page.locator(".gain")).to_contain_text("0 of 10")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    bakers_tablet.press("Stop practising")
    bakers_tablet.shows("waiting")
    assert real_visits(live) == 1
    # A rotating code is not used up by practice.
    shown = live.shown_by(live.app_card())
    practise(bakers_tablet)
    bakers_tablet.scan(shown)
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Stop practising")
    bakers_tablet.scan(shown)
    bakers_tablet.shows("purchase")


def test_practice_never_touches_the_queue(bakers_tablet: Tablet, live: Live) -> None:
    practise(bakers_tablet)
    bakers_tablet.page.get_by_role("group", name="Practice cards").get_by_role("button", name="New").click()
    expect(bakers_tablet.page.get_by_role("button", name="Give 1 stamp")).to_be_visible()
    bakers_tablet.page.context.set_offline(True)
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("unanswered")
    waiting = """async () => {
      const { promise, resolve } = Promise.withResolvers();
      const opening = indexedDB.open("zegel-tablet");
      opening.onsuccess = () => {
        const stores = opening.result.transaction(["queue", "trying"]);
        const counts = ["queue", "trying"].map((name) => stores.objectStore(name).count());
        stores.oncomplete = () => resolve(counts.reduce((sum, one) => sum + one.result, 0));
      };
      return promise;
    }"""
    assert bakers_tablet.page.evaluate(waiting) == 0
    bakers_tablet.page.context.set_offline(False)


def test_loading_the_page_again_ends_the_practice(bakers_tablet: Tablet, live: Live) -> None:
    practise(bakers_tablet)
    bakers_tablet.page.reload()
    bakers_tablet.shows("waiting")
    expect(bakers_tablet.page.get_by_text("Practice: nothing is booked")).to_have_count(0)
    give(bakers_tablet, live.printed_card())
    assert real_visits(live) == 1
