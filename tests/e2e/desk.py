"""What the tests of the desk's screens share: getting there, typing a PIN, and other people at work meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Locator, expect
from sqlalchemy import text

from app.merchants import service as merchants
from app.rewards.service import create_programme
from tests.e2e.conftest import Tablet
from tests.e2e.live import Live, Shop

OWNER_PIN = "7913"


def more(tablet: Tablet, tile: str) -> None:
    """Open a tile of “More”, from the waiting screen."""
    tablet.page.get_by_role("button", name="More").click()
    tablet.shows("more")
    tablet.page.locator(".tile").filter(has_text=tile).click()


def card_menu(tablet: Tablet, number: str, tile: str, *, again: bool = False) -> None:
    """Scan a card, perhaps `again` within two minutes of its booking, and open what else can be done with it."""
    tablet.scan(number)
    if again:
        tablet.shows("again")
        tablet.press("Yes, book again")
    tablet.shows("purchase")
    tablet.page.get_by_role("button", name="More", exact=True).click()
    tablet.shows("card-menu")
    tablet.page.locator(".tile").filter(has_text=tile).click()


def pin(tablet: Tablet, digits: str, screen: str) -> None:
    """Type a PIN on a screen that asks for one."""
    tablet.shows(screen)
    tablet.type(digits)
    tablet.page.keyboard.press("Enter")


def give(tablet: Tablet, number: str, stamps: int = 1) -> None:
    """Book stamps on a card and wait for the next customer."""
    tablet.scan(number)
    tablet.shows("purchase")
    if stamps > 1:
        tablet.type(str(stamps))
    name = "Give 1 stamp" if stamps == 1 else f"Give {stamps} stamps"
    tablet.page.get_by_role("button", name=name).click()
    tablet.shows("earned")
    tablet.page.keyboard.press("Escape")
    tablet.shows("waiting")


def spend(tablet: Tablet, number: str, amount: str) -> None:
    """Book an amount on a card and wait for the next customer."""
    tablet.scan(number)
    tablet.shows("purchase")
    tablet.type(amount)
    tablet.page.get_by_role("button", name="Book").click()
    tablet.shows("earned")
    tablet.page.keyboard.press("Escape")
    tablet.shows("waiting")


def rows(tablet: Tablet) -> Locator:
    """The lines of the list of bookings."""
    expect(tablet.page.locator(".reading")).to_have_count(0)
    return tablet.page.locator(".booking")


def owner(live: Live, shop: Shop) -> str:
    """Give a shop an owner with a PIN; its name."""
    merchants.add_staff(live.scope, shop.merchant_id, name="Bea", role="owner", pin=OWNER_PIN)
    return "Bea"


def without_pins(live: Live) -> Shop:
    """A baker who works alone: nobody has a PIN."""
    scope = live.scope
    merchant_id = merchants.create_merchant(
        scope, name="Bakkerij Alleen", category="bakery", country="BE", currency="EUR", timezone="Europe/Brussels"
    )
    location_id = merchants.add_location(scope, merchant_id, city="Gent", lat=51.05, lon=3.72)
    create_programme(
        scope, merchant_id, name="Card", kind="stamps", rules={"goal": 6, "earn": [{"per": "visit", "units": "1"}]}
    )
    return Shop(merchant_id, location_id)


class OtherTablet:
    """Another tablet of the shop, that was without a network for long."""

    def __init__(self, live: Live, shop: Shop) -> None:
        paired = merchants.pair_device(live.scope, live.pairing_code(shop), "Market stall")
        self._live, self._token, self._sequence = live, paired.token, 0

    def sends(self, number: str, *, ago: timedelta, **visit: Any) -> None:
        """Send one visit from its queue."""
        self._sequence += 1
        now = datetime.now(UTC)
        event = {"id": f"stall-{self._sequence}", "sequence": self._sequence, "type": "visit", "code": number, **visit}
        body = {"sent_at": now.isoformat(), "events": [{**event, "occurred_at": (now - ago).isoformat()}]}
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = Request(f"{self._live.url}/api/v1/pos/sync", json.dumps(body).encode(), headers)
        with urlopen(request) as answer:
            assert json.load(answer)["results"][0]["status"] == "review"


def ask(live: Live, statement: str, **values: Any) -> Any:
    """One value from the database."""
    with live.scope.transaction() as tx:
        return tx.session.scalar(text(statement), values)


def as_shop(live: Live, shop: Shop) -> Any:
    """The scope in which that shop acts."""
    return replace(live.scope, merchant_id=shop.merchant_id)
