"""A shopping street for the member's app: shops in their own colours, and what a member has done there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import expect
from sqlalchemy import text

from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards.rules import points_document, stamps_document
from app.rewards.service import change_programme, create_programme, create_promotion, create_reward
from app.rewards.service.adjusting import adjust
from tests.e2e.desk import ask
from tests.e2e.live import Live
from tests.e2e.member import Phone

ALWAYS = [["00:00", "24:00"]]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ALWAYS)


@dataclass
class StreetShop:
    """A merchant with its first location, first programme, and a till that may book."""

    live: Live
    merchant_id: str
    location_id: str
    programme_id: str
    rewards: Mapping[str, str]
    key: str

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{datetime.now(UTC).timestamp()}",
        }
        request = Request(f"{self.live.url}/api/v1/pos{path}", json.dumps(body).encode(), headers)
        with urlopen(request) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

    def visit(self, number: str, **visit: Any) -> str:
        """Book a visit of a card at this shop's till: the booking's id."""
        return str(self._post("/visits", {"code": number, **visit})["transaction_id"])

    def reverse(self, transaction_id: str, reason: str) -> None:
        self._post(f"/transactions/{transaction_id}/reverse", {"reason": reason})

    def redeem(self, voucher_code: str) -> None:
        """Take a voucher at the till."""
        self._post("/redemptions", {"voucher_code": voucher_code})

    def give(self, number: str, units: int, reason: str, ends: datetime | None = None) -> None:
        """Goodwill, with the words of the shop's staff."""
        own = replace(self.live.scope, merchant_id=self.merchant_id)
        adjust(
            own,
            member_id=member_of(self.live, number),
            programme_id=self.programme_id,
            units=units,
            reason=reason,
            expires_at=ends,
        )

    def promote(self, name: str, effect: Mapping[str, Any], **conditions: Any) -> None:
        rule = {"conditions": conditions, "effect": effect}
        create_promotion(self.live.scope, self.programme_id, name=name, rule=rule)

    def second(self, **place: Any) -> str:
        """One more shop of the same merchant."""
        return merchants.add_location(self.live.scope, self.merchant_id, **place)


def member_of(live: Live, number: str) -> str:
    with live.scope.transaction() as tx:
        return str(tx.session.scalar(text("SELECT member_id FROM card WHERE number = :number"), {"number": number}))


def stamp_shop(
    live: Live, name: str, *, goal: int = 10, reward: str = "A loaf of your choice", **about: Any
) -> StreetShop:
    """A shop with a stamp card, which a full one fills with a voucher."""
    scope = live.scope
    merchant_id, location_id = _place(scope, name, **about)
    programme = create_programme(scope, merchant_id, name="Stamp card", kind="stamps", rules=stamps_document(goal))
    full = create_reward(scope, programme, name=reward, cost=goal)
    change_programme(scope, programme, full_card_reward_id=full)
    return _shop(live, merchant_id, location_id, programme, {reward: full})


def points_shop(
    live: Live,
    name: str,
    *,
    rules: Mapping[str, Any] | None = None,
    rewards: Mapping[str, Mapping[str, Any]],
    **about: Any,
) -> StreetShop:
    """A shop with points, three a euro unless told."""
    scope = live.scope
    merchant_id, location_id = _place(scope, name, **about)
    programme = create_programme(scope, merchant_id, name="Points", kind="points", rules=rules or points_document("3"))
    made = {
        reward: create_reward(scope, programme, name=reward, position=position, **more)
        for position, (reward, more) in enumerate(rewards.items())
    }
    return _shop(live, merchant_id, location_id, programme, made)


def _place(scope: Scope, name: str, *, category: str = "bakery", hue: int = 52, **place: Any) -> tuple[str, str]:
    merchant_id = merchants.create_merchant(
        scope,
        name=name,
        category=category,
        hue=hue,
        story=place.pop("story", None),
        is_listed=place.pop("is_listed", True),
    )
    place = {"city": "Gent", "postcode": "9000", "lat": 51.05, "lon": 3.72, "opening_hours": WEEK, **place}
    return merchant_id, merchants.add_location(scope, merchant_id, **place)


def _shop(live: Live, merchant_id: str, location_id: str, programme: str, rewards: Mapping[str, str]) -> StreetShop:
    key = merchants.create_key(live.scope, location_id, name="Till", scopes=["approve"]).token
    return StreetShop(live, merchant_id, location_id, programme, rewards, key)


@dataclass
class Street:
    """Four shops, and a member who has been to three of them."""

    bakery: StreetShop
    books: StreetShop
    coffee: StreetShop
    flowers: StreetShop


def street(live: Live, number: str) -> Street:
    """A week of a member: eight stamps at the baker's with one taken back, points with a promotion and a correction, a
    full coffee card and some that will expire."""
    bakery = stamp_shop(live, "Bakkerij De Mik", hue=52, street="Molenstraat 14", lat=51.0503, lon=3.7205)
    books = points_shop(
        live,
        "Boekhandel Het Blad",
        category="bookshop",
        hue=262,
        street="Korte Meer 3",
        lat=51.0512,
        lon=3.7220,
        rewards={
            "Bookmark of pressed flowers": {"cost": 100},
            "5 euro off": {"cost": 500, "kind": "amount_off", "amount_minor": 500, "voucher_days": 90},
            "A year of readings": {"cost": 4000},
        },
        story={
            "en": "Three floors of stories, and a chair that nobody leaves willingly.\n\nTell us what you liked last."
        },
    )
    coffee = stamp_shop(
        live,
        "Koffiebar Noen",
        goal=8,
        reward="A cappuccino",
        category="cafe",
        hue=312,
        street="Kouter 9",
        lat=51.049,
        lon=3.725,
    )
    flowers = stamp_shop(
        live,
        "Bloemen Vlinder",
        goal=6,
        reward="A bunch of the season",
        category="florist",
        hue=350,
        city="Brugge",
        postcode="8000",
        lat=51.2093,
        lon=3.2247,
    )
    books.promote("Double points for the first visit", {"multiplier": "2"}, first_visit=True)
    bakery.visit(number, units=5)
    twice = bakery.visit(number, units=1)
    bakery.visit(number, units=2)
    bakery.reverse(twice, "Scanned twice")
    books.visit(number, amount="44.00")
    books.give(number, 60, "Sorry about the wet bag", datetime.now(UTC) + timedelta(days=40))
    coffee.visit(number, units=10)
    return Street(bakery, books, coffee, flowers)


def many_shops(live: Live, number: str, count: int) -> list[StreetShop]:
    """So many shops, each with something for the card: two in three stamp cards, the others points."""
    made = []
    for index in range(count):
        merchant_id = merchants.create_merchant(
            live.scope, name=f"Winkel {index:03}", category="bakery", hue=(index * 47) % 360
        )
        is_card = index % 3 != 0
        rules = stamps_document(6 + index % 7) if is_card else points_document("3")
        kind = "stamps" if is_card else "points"
        programme = create_programme(live.scope, merchant_id, name="Card", kind=kind, rules=rules)
        create_reward(live.scope, programme, name="Something good", cost=6 + index % 7 if is_card else 200)
        shop = StreetShop(live, merchant_id, "", programme, {}, "")
        shop.give(number, 1 + index % 5, "Welcome")
        made.append(shop)
    return made


def opened_voucher(phone: Phone, live: Live) -> str:
    """Open the one voucher of the phone's member: its code."""
    phone.go("vouchers")
    phone.shows("vouchers")
    phone.page.locator(".coupon").click()
    phone.shows("vouchers/:id")
    expect(phone.page.locator(".ticket svg")).to_be_visible()
    return str(ask(live, "SELECT code FROM voucher WHERE status = 'issued'"))


def again(phone: Phone) -> None:
    """Start the app anew, and wait until it shows where it was."""
    phone.page.reload()
    expect(phone.page.locator("#stage")).to_have_attribute("data-screen", re.compile("."))
