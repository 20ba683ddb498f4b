"""The member's balances and what happened, in a browser against the real service; and that everybody can use them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.live import Live
from tests.e2e.member import Phone
from tests.e2e.street import Street, again, many_shops, opened_voucher, points_shop, stamp_shop, street
from tests.e2e.test_access import complaints

OpenPhone = Callable[..., Phone]
LONGEST_TASK = 50  # milliseconds
# Notes each task that held up the browser for too long, from the one that drew the first card on.
WATCH = """
window.long = [];
window.first = Infinity;
new PerformanceObserver(list => window.long.push(...list.getEntries())).observe({ type: "longtask" });
addEventListener("DOMContentLoaded", () => {
  const seen = new MutationObserver(() => {
    if (!document.querySelector(".wallet > li")) return;
    window.first = performance.now();
    window.atFirst = document.querySelectorAll(".wallet > li").length;
    seen.disconnect();
  });
  seen.observe(document.body, { childList: true, subtree: true });
});
"""
TOLD = """async longest => {
  await new Promise(done => setTimeout(done, 150));
  const told = window.long.map(({ startTime, duration }) => [startTime, duration]);
  window.long = [];
  return told.filter(([start, duration]) => start + duration >= window.first && duration > longest);
}"""
# Scrolls as a finger does while the cards are still being drawn.
SCROLL_EARLY = """async () => {
  for (let at = 0; at < 25; at++) {
    scrollBy(0, 160);
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  }
}"""
# Scrolls through the whole page; when each step began.
SCROLL = """async () => {
  const begun = [];
  const go = async y => {
    begun.push(performance.now());
    scrollTo(0, y);
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  };
  const end = document.documentElement.scrollHeight - innerHeight;
  for (let y = 0; y < end; y += 160) await go(y);
  for (let y = end; y > 0; y -= 640) await go(y);
  return begun;
}"""


@pytest.fixture
def walked(phone: Phone, live: Live) -> Street:
    """A street, and the phone of a member who has been there."""
    return street(live, phone.begin())


def test_without_a_visit_the_next_step_is_told(phone: Phone) -> None:
    phone.begin()
    expect(phone.page.get_by_role("heading", name="No shop yet")).to_be_visible()
    phone.page.locator(".below").get_by_role("link", name="Find shops").click()
    phone.shows("shops")
    for path, heading in (("wallet", "No shop yet"), ("activity", "Nothing yet"), ("rewards", "No rewards yet")):
        phone.go(path)
        phone.shows(path)
        expect(phone.page.get_by_role("heading", name=heading)).to_be_visible()
    phone.go("vouchers")
    expect(phone.page.get_by_text("No voucher waits just now.")).to_be_visible()


def test_a_stamp_appears_under_the_card_while_it_is_looked_at(phone: Phone, live: Live) -> None:
    number = phone.begin()
    bakery = stamp_shop(live, "Bakkerij De Mik")
    expect(phone.page.get_by_role("heading", name="No shop yet")).to_be_visible()
    bakery.visit(number, units=2)
    card = phone.page.locator(".wallet > li")
    expect(card).to_contain_text("2 of 10 stamps")
    expect(card.locator(".stamps li")).to_have_count(10)
    expect(card.locator(".stamps li.on")).to_have_count(2)
    assert card.evaluate("card => card.style.getPropertyValue('--hue')") == "52"
    bakery.visit(number)
    expect(card).to_contain_text("3 of 10 stamps")
    card.locator("a").click()
    phone.shows("wallet/:id")
    # The newest of them bears the red seal with what it was.
    expect(phone.page.locator(".stamps li.new .hit")).to_have_text("+1")
    expect(phone.page.locator(".stamps li.on")).to_have_count(3)
    bakery.visit(number, units=4)
    expect(phone.page.locator(".stamps li.new .hit")).to_have_text("+4")


def test_the_latest_shop_comes_first_and_each_says_what_is_next(phone: Phone, walked: Street) -> None:
    phone.go("wallet")
    phone.shows("wallet")
    cards = phone.page.locator(".wallet > li")
    expect(cards).to_have_count(3)
    expect(cards.nth(0)).to_contain_text("Koffiebar Noen")
    expect(cards.nth(0)).to_contain_text("1 voucher ready")
    expect(cards.nth(1)).to_contain_text("324 points")
    expect(cards.nth(1)).to_contain_text("176 points more for: 5 euro off")
    expect(cards.nth(1)).to_contain_text("Reward ready")
    expect(cards.nth(1)).to_contain_text("60 points good until")
    expect(cards.nth(2)).to_contain_text("3 stamps more for: A loaf of your choice")


def test_levels_and_debts_are_told(phone: Phone, live: Live) -> None:
    number = phone.begin()
    rules: dict[str, Any] = {
        "earn": [{"per": "amount", "units": "1"}],
        "tiers": {
            "months": 12,
            "by": "units",
            "table": [{"key": "gold", "name": "Gold", "from": 50, "multiplier": "2"}],
        },
    }
    shop = points_shop(live, "Wijnhuis", rules=rules, rewards={"A glass": {"cost": 60, "tier": "gold"}})
    booked = shop.visit(number, amount="70.00")
    shop.visit(number, amount="10.00")
    phone.go(f"wallet/{shop.programme_id}")
    phone.shows("wallet/:id")
    expect(phone.page.locator(".shop-band")).to_contain_text("Level: Gold")
    rows = phone.page.locator(".happening-row")
    expect(rows.nth(0)).to_contain_text("Level Gold: times 2")
    expect(rows.nth(0).locator(".units")).to_contain_text("+20")
    # She spends, and then the visit that paid for it is taken back: what is missing is owed.
    phone.press("Take: A glass")
    phone.press("Take it")
    phone.shows("vouchers/:id")
    shop.reverse(booked, "Wrong card")
    phone.go("wallet")
    expect(phone.page.locator(".wallet > li")).to_contain_text("will be set off first")


def test_every_unit_says_why(phone: Phone, walked: Street) -> None:
    phone.go("activity")
    phone.shows("activity")
    rows = phone.page.locator(".happening-row")
    expect(rows).to_have_count(8)
    spent = rows.filter(has_text="Boekhandel").filter(has_text="Double points")
    expect(spent.locator("b")).to_have_text("Double points for the first visit")
    expect(spent.locator(".parts li")).to_have_text(
        ["+132For a purchase of €44", "+132Double points for the first visit"]
    )
    expect(spent.locator(".units > span").first).to_have_text("+264")
    goodwill = rows.filter(has_text="wet bag")
    expect(goodwill).to_contain_text("From the shop: “Sorry about the wet bag”")
    expect(goodwill.locator(".units .vh")).to_have_text("60 points more")
    expect(rows.filter(has_text="Redeemed: A cappuccino").locator(".units > span").first).to_have_text("−8")
    # A unit is shown for each that is in the books, and none beside.
    shown = [
        int(re.sub(r"[^0-9−+]", "", text).replace("−", "-"))
        for text in rows.locator(".units > :first-child").all_inner_texts()
    ]
    assert sum(shown) == 7 + 324 + 2


def test_a_correction_is_joined_to_what_it_undoes(phone: Phone, walked: Street) -> None:
    phone.go(f"wallet/{walked.bakery.programme_id}")
    phone.shows("wallet/:id")
    rows = phone.page.locator(".happening-row")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("Put right: “Scanned twice”")
    expect(rows.nth(0)).to_contain_text("Undoes: Visit, today")
    expect(rows.nth(0).locator(".margin .from")).to_have_count(1)
    expect(rows.nth(1).locator(".margin .through")).to_have_count(1)
    expect(rows.nth(2).locator(".margin .to")).to_have_count(1)
    expect(rows.nth(2)).to_contain_text("Was taken back")
    expect(rows.nth(3).locator(".margin i")).to_have_count(0)
    line = [rows.nth(at).locator(".margin i").bounding_box() for at in range(3)]
    assert all(box is not None for box in line)
    # One line without gaps, at one place.
    assert len({round(box["x"]) for box in line if box}) == 1
    assert line[0]
    assert line[1]
    assert line[0]["y"] + line[0]["height"] >= line[1]["y"] - 1


def test_what_earned_nothing_says_why_in_the_members_language(open_phone: OpenPhone, live: Live) -> None:
    phone = open_phone(live, locale="de-DE")
    number = phone.begin()
    rules = {"earn": [{"per": "amount", "units": "1"}], "minimum": "5.00", "caps": {"day": {"units": 12}}}
    shop = points_shop(live, "Feinkost", rules=rules, rewards={"Käse": {"cost": 60}})
    shop.visit(number, amount="4.00")
    shop.visit(number, amount="20.00")
    phone.go("activity")
    rows = phone.page.locator(".happening-row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("Es zählt ab 5 €.")
    expect(rows.nth(0).locator(".parts li")).to_have_text(
        ["+20Für einen Einkauf von 20 €", "−8Für diesen Tag blieben 12 übrig"]
    )
    expect(rows.nth(0).locator(".units .vh")).to_have_text("12 Punkte mehr")


def test_older_bookings_come_on_asking(phone: Phone, live: Live) -> None:
    number = phone.begin()
    bakery = stamp_shop(live, "Bakkerij De Mik", goal=30)
    for _ in range(52):
        bakery.visit(number)
    phone.go("activity")
    rows = phone.page.locator(".happening-row")
    expect(rows).to_have_count(50)
    phone.press("Show older")
    # Fifty-two visits and the full card that they made.
    expect(rows).to_have_count(53)
    expect(phone.page.get_by_role("button", name="Show older")).to_have_count(0)


def test_everything_is_there_without_a_network_with_its_time(phone: Phone, walked: Street) -> None:
    paths = {
        "wallet": "324 points",
        f"wallet/{walked.books.programme_id}": "Double points for the first visit",
        "activity": "Scanned twice",
        "rewards": "Bookmark of pressed flowers",
        "vouchers": "A cappuccino",
    }
    for path, words in paths.items():
        phone.go(path)
        expect(phone.page.locator("#stage")).to_contain_text(words)
    phone.page.wait_for_load_state("networkidle")
    phone.keep()
    phone.offline()
    again(phone)
    for path, words in paths.items():
        phone.go(path)
        expect(phone.page.locator("#stage")).to_contain_text(words)
        expect(phone.page.locator(".remark").first).to_contain_text("No connection. This is from today")
    # Under the card too.
    phone.go("card")
    expect(phone.page.locator(".below .remark")).to_contain_text("No connection. This is from today")
    expect(phone.page.locator(".wallet > li")).to_have_count(3)
    phone.offline(False)
    expect(phone.page.locator(".below .remark")).to_have_count(0)


def test_two_hundred_shops_never_hold_up_a_finger_that_scrolls(phone: Phone, live: Live) -> None:
    """While they are drawn, when all are there, and when a stamp arrives meanwhile."""
    number = phone.begin()
    shops = many_shops(live, number, 200)
    phone.page.add_init_script(WATCH)
    phone.go("wallet")
    runs: dict[str, list[list[Any]]] = {"drawing": [], "arriving": []}
    steps: set[int] | None = None
    # What other work on this machine makes long is so at another moment each time; what the page does itself is so each
    # time, and at the same step.
    for run in range(6):
        again(phone)
        expect(phone.page.locator(".wallet > li").first).to_be_attached()
        # They are drawn in several turns, and what is far from the screen is laid out when it comes near.
        assert phone.page.evaluate("window.atFirst") < 200
        phone.page.evaluate(SCROLL_EARLY)
        expect(phone.page.locator(".wallet[data-whole] > li")).to_have_count(200)
        phone.page.wait_for_load_state("networkidle")
        assert not phone.page.locator(".wallet > li:last-child .balance-head").evaluate(
            "head => head.checkVisibility({ contentVisibilityAuto: true })"
        )
        runs["drawing"].append(phone.page.evaluate(TOLD, LONGEST_TASK))
        begun = phone.page.evaluate(SCROLL)
        long = {bisect_right(begun, start) for start, _ in phone.page.evaluate(TOLD, LONGEST_TASK)}
        steps = long if steps is None else steps & long
        shops[run].give(number, 1, "One more")
        phone.page.evaluate("dispatchEvent(new Event('pointerdown'))")
        expect(phone.page.locator(".wallet > li").filter(has_text=f"Winkel {run:03}")).to_contain_text(
            f"{run % 5 + 2} "
        )
        runs["arriving"].append(phone.page.evaluate(TOLD, LONGEST_TASK))
        if not steps and all(any(not told for told in phase) for phase in runs.values()):
            break
    assert steps == set()
    for name, phase in runs.items():
        assert any(not told for told in phase), (name, phase)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_passes_axe(open_phone: OpenPhone, live: Live, scheme: str) -> None:
    phone = open_phone(live, color_scheme=scheme)
    walked = street(live, phone.begin())
    wrong: list[str] = []

    def look(name: str) -> None:
        expect(phone.page.locator("#stage .living[aria-busy]")).to_have_count(0)
        phone.page.wait_for_load_state("networkidle")
        wrong.extend(f"{name}: {complaint}" for complaint in complaints(phone.page))
        assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    for path in (
        "wallet",
        f"wallet/{walked.bakery.programme_id}",
        f"wallet/{walked.books.programme_id}",
        "activity",
        "rewards",
        "vouchers",
    ):
        phone.go(path)
        expect(phone.page.locator("#stage h1")).to_be_visible()
        look(path)
    opened_voucher(phone, live)
    look("voucher")
    phone.press("Reserve for a shop")
    look("reserving")
    phone.press("Reserve it")
    expect(phone.page.get_by_text("keeps it for you until")).to_be_visible()
    look("reserved")
    phone.go("rewards")
    phone.press("Take: Bookmark of pressed flowers")
    look("taking")
    phone.press("Take it")
    phone.shows("vouchers/:id")
    phone.press("Give it back unused")
    phone.page.get_by_role("dialog").get_by_role("button", name="Give it back").click()
    expect(phone.page.locator(".over")).to_be_visible()
    look("given back")
    phone.go("vouchers/nothing")
    expect(phone.page.get_by_role("heading", name="No such voucher")).to_be_visible()
    look("no voucher")
    assert wrong == []


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "de-DE"])
def test_large_letters_fit_in_every_language(open_phone: OpenPhone, live: Live, language: str) -> None:
    phone = open_phone(live, locale=language)
    walked = street(live, phone.begin())
    phone.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
    )
    again(phone)
    for path in ("wallet", f"wallet/{walked.books.programme_id}", "activity", "rewards", "vouchers"):
        phone.go(path)
        expect(phone.page.locator("#stage .living[aria-busy]")).to_have_count(0)
        phone.page.wait_for_load_state("networkidle")
        assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
