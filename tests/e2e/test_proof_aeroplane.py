"""What must hold without a network, in the real browser: whatever was shown green is booked exactly once, however the
network comes and goes, answers get lost or doubled and the tab is killed; and a queue that was destroyed is noticed."""

from __future__ import annotations

import random
from collections import Counter as Tally
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect
from sqlalchemy import text

from app.cards.service import issue_printed_cards
from tests.e2e.conftest import SCANNER, Tablet
from tests.e2e.live import Live

SEED = 20261125
CALLS = "**/api/v1/pos/{visits,sync}"
# One customer, as fast as the page goes: the card is scanned, what it earns is confirmed, and the colour is waited for.
SERVE = """async ([code, end]) => {
  const stage = document.getElementById("stage");
  const until = (...screens) => new Promise((found, late) => {
    const look = () => screens.includes(stage.dataset.screen) && (done(), found(stage.dataset.screen));
    const watch = new MutationObserver(look);
    const timer = setTimeout(() => (done(), late(new Error(`still ${stage.dataset.screen}`))), end);
    const done = () => (watch.disconnect(), clearTimeout(timer));
    watch.observe(stage, { attributes: true });
    look();
  });
  const type = (...keys) => {
    const made = keys.map(key => new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    for (const key of made) document.body.dispatchEvent(key);
  };
  await until("waiting", "earned", "saved");
  document.activeElement?.blur();
  type(...code, "Enter");
  await until("purchase", "offline");
  const go = document.querySelector("#stage .b.go");
  // A tablet that lost what it knew of its shop asks for an amount.
  if (go.disabled) type("5");
  await new Promise(enough => setTimeout(enough, go.disabled ? 100 : 0));
  go.click();
  const shown = await until("earned", "saved", "unlocked");
  type("Escape");
  return shown;
}"""


@dataclass
class Weather:
    """What happens to requests between the tablet and the service."""

    chance: random.Random
    is_bad: bool = False
    happened: Tally[str] = field(default_factory=Tally)

    def carry(self, route: Route) -> None:
        what = (
            self.chance.choices(["through", "lost", "answer lost", "doubled"], [6, 1, 2, 2])[0]
            if self.is_bad
            else "through"
        )
        self.happened[what] += 1
        try:
            if what == "lost":
                route.abort()
                return
            answer = route.fetch()
            if what == "doubled":
                answer = route.fetch()
            if what == "answer lost":
                route.abort()
            else:
                route.fulfill(response=answer)
        except Error:
            # The tab was killed meanwhile; what the service did, it did.
            self.happened["nobody left to answer"] += 1


def _open(context: BrowserContext, live: Live) -> Page:
    page = context.new_page()
    page.goto(f"{live.url}/tablet")
    expect(page.locator("#stage")).to_have_attribute("data-screen", "waiting", timeout=20_000)
    return page


def _under_control(page: Page) -> None:
    """From now on the page also opens without a network."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


def _emptied(page: Page) -> None:
    """Wait until nothing waits any more on this tablet."""
    page.evaluate(
        """async () => {
          window.dispatchEvent(new Event("online"));
          const db = await new Promise((opened, failed) => {
            const asked = indexedDB.open("zegel-tablet");
            asked.onsuccess = () => opened(asked.result);
            asked.onerror = failed;
          });
          const left = () => new Promise(counted => {
            const look = db.transaction(["queue", "trying"]);
            const counts = ["queue", "trying"].map(name => look.objectStore(name).count());
            look.oncomplete = () => counted(counts[0].result + counts[1].result);
          });
          for (const end = Date.now() + 60_000; await left() > 0; ) {
            if (Date.now() > end) throw new Error(`${await left()} still wait`);
            await new Promise(done => setTimeout(done, 50));
          }
          db.close();
        }"""
    )


def _visits_by_number(live: Live) -> dict[str, int]:
    with live.scope.transaction() as tx:
        return {
            str(number): int(n)
            for number, n in tx.session.execute(text("SELECT number, count(*) FROM visit GROUP BY number"))
        }


@pytest.mark.parametrize("visits", [160, pytest.param(500, marks=pytest.mark.prove)])
def test_visits_through_bad_weather_and_killed_tabs(bakers_tablet: Tablet, live: Live, visits: int) -> None:
    chance = random.Random(SEED)
    weather = Weather(chance)
    context = bakers_tablet.page.context
    context.route(CALLS, weather.carry)
    page = bakers_tablet.page
    _under_control(page)
    granted: list[str] = []
    unknown: list[str] = []
    shown: Tally[str] = Tally()
    for number in (card.number for card in issue_printed_cards(live.scope, visits + 60)):
        if len(granted) == visits:
            break
        if chance.random() < 30 / visits:
            sky = chance.choice(["calm", "calm", "storm", "aeroplane"])
            weather.is_bad = sky == "storm"
            context.set_offline(sky == "aeroplane")
        fate = chance.random()
        if fate < 0.02:
            # Killed in the middle: nobody saw green, so it may be booked once, or not at all.
            page.evaluate(SCANNER, number)
            page.wait_for_function(
                "() => ['purchase', 'offline'].includes(document.getElementById('stage').dataset.screen)"
            )
            page.evaluate("() => void document.querySelector('#stage .b.go').click()")
            page.close()
            unknown.append(number)
            page = _open(context, live)
            continue
        shown[page.evaluate(SERVE, [number, 15_000])] += 1
        granted.append(number)
        if fate > 0.98:
            # Killed right behind the green light.
            page.close()
            page = _open(context, live)
    context.set_offline(False)
    weather.is_bad = False
    _emptied(page)
    print(f"seed {SEED}: {dict(shown)}, killed in the middle {len(unknown)}, requests {dict(weather.happened)}")
    booked = _visits_by_number(live)
    assert len(granted) == visits
    assert {number: booked.get(number, 0) for number in granted} == dict.fromkeys(granted, 1)
    assert all(booked.get(number, 0) <= 1 for number in unknown)
    assert set(booked) <= {*granted, *unknown}
    # It was a test: both ways of booking, and all kinds of weather.
    assert min(shown["saved"], shown["earned"]) > visits // 10
    assert all(weather.happened[kind] for kind in ("lost", "answer lost", "doubled"))
    assert unknown
    with live.scope.transaction() as tx:
        assert tx.session.scalar(text("SELECT count(*) FROM device_gap")) == 0
        assert tx.session.scalar(text("SELECT count(*) FROM offline_event")) == 0


def test_a_destroyed_queue_leaves_a_gap_that_is_noticed(bakers_tablet: Tablet, live: Live) -> None:
    context = bakers_tablet.page.context
    page = bakers_tablet.page
    _under_control(page)
    lost, kept = (card.number for card in issue_printed_cards(live.scope, 2))
    context.set_offline(True)
    assert page.evaluate(SERVE, [lost, 15_000]) == "saved"
    # A page that is closing may still be told that there is a network: nothing of it gets out.
    context.route("**/pos/sync", lambda route: route.abort())
    page.close()
    # Somebody empties the browser's database by hand; the rest of the storage stays.
    context.set_offline(False)
    other = context.new_page()
    other.goto(f"{live.url}/assets/seal.svg")
    other.evaluate(
        """() => new Promise((done, failed) => {
          const gone = indexedDB.deleteDatabase("zegel-tablet");
          gone.onsuccess = () => done(true);
          gone.onerror = gone.onblocked = failed;
        })"""
    )
    other.close()
    context.unroute("**/pos/sync")
    context.set_offline(True)
    page = _open(context, live)
    assert page.evaluate(SERVE, [kept, 15_000]) == "saved"
    context.set_offline(False)
    _emptied(page)
    assert _visits_by_number(live) == {kept: 1}
    with live.scope.transaction() as tx:
        assert [tuple(row) for row in tx.session.execute(text("SELECT first, last FROM device_gap"))] == [(1, 1)]
