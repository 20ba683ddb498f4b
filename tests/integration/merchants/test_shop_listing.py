"""The listing by which shops are found is in step with the shops, whatever changes them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.common.scope import Scope
from app.merchants import opening_hours
from app.merchants.listing import fold, list_missing, quarter_of_week, slug
from app.merchants.models import Location, Merchant, ShopListing
from app.merchants.queries import ShopSearch, find_shop, find_shop_by_path, list_shops
from app.merchants.service import add_location, change_location, change_merchant, create_merchant
from tests.clocks import FixedClock

GENT = (51.05, 3.72)


def names(scope: Scope, **search: Any) -> list[str]:
    return [shop.name for shop in list_shops(scope, ShopSearch(**search)).items]


def test_every_change_is_found_at_once(scope: Scope) -> None:
    merchant_id = create_merchant(scope, name="Baker", category="bakery")
    location_id = add_location(scope, merchant_id, name="Corner", city="Gent", lat=51.05, lon=3.72)
    change_location(scope, location_id, lat=50.0, lon=4.0)
    assert names(scope, near=GENT, radius=1_000) == []
    assert names(scope, near=(50.0, 4.0), radius=10) == ["Corner"]
    change_location(scope, location_id, name="Mill", city="Mechelen", street="Dijle 1")
    assert names(scope, words="dijle mechelen") == ["Mill"]
    assert names(scope, words="corner") == names(scope, town="gent") == []
    assert names(scope, town="mechelen") == ["Mill"]
    change_merchant(scope, merchant_id, name="Miller", category="grain")
    assert names(scope, words="miller") == names(scope, category="grain", near=GENT) == ["Mill"]
    assert names(scope, category="bakery") == names(scope, category="bakery", near=GENT) == []
    for change, back in (
        ({"is_listed": False}, {"is_listed": True}),
        ({"status": "suspended"}, {"status": "active"}),
    ):
        change_merchant(scope, merchant_id, **change)
        assert names(scope) == names(scope, near=GENT) == []
        change_merchant(scope, merchant_id, **back)
        assert names(scope) == names(scope, near=GENT) == ["Mill"]
    change_location(scope, location_id, lat=None, lon=None)
    assert names(scope, near=GENT) == ["Mill"]
    assert names(scope, near=GENT, radius=20_000_000) == []


def test_what_is_missing_is_listed_and_named_once(scope: Scope) -> None:
    shown = [
        add_location(scope, create_merchant(scope, name=f"Shop {n}"), city="Gent", lat=51, lon=n) for n in range(3)
    ]
    hidden = add_location(scope, create_merchant(scope, name="Hidden", is_listed=False))
    with scope.transaction() as tx:
        tx.session.execute(delete(ShopListing))
        tx.session.execute(update(Location).values(slug=None))
    assert names(scope) == []
    assert list_missing(scope) == 3
    assert list_missing(scope) == 0
    assert names(scope, near=(51, 0)) == ["Shop 0", "Shop 1", "Shop 2"]
    assert find_shop(scope, shown[0]).path == "/s/shop-0/gent"
    with scope.reading() as tx:
        assert tx.session.get_one(Location, hidden).slug == "hidden"


def test_a_shop_that_was_hidden_by_hand_is_nowhere_and_cuts_no_list_off(scope: Scope) -> None:
    shops = [add_location(scope, create_merchant(scope, name=f"Shop {n}"), lat=51, lon=n / 100) for n in range(6)]
    with scope.transaction() as tx:
        tx.session.execute(update(Location).where(Location.id.in_(shops[:3])).values(is_active=False))
    for near in (None, (51.0, 0.0)):
        found: list[str] = []
        search = ShopSearch(near=near, limit=1)
        while True:
            page = list_shops(scope, search)
            found += [shop.name for shop in page.items]
            if page.next is None:
                break
            search = replace(search, cursor=page.next)
        assert found == ["Shop 3", "Shop 4", "Shop 5"]


def test_shops_are_named_in_addresses_by_town_or_by_themselves_and_for_good(scope: Scope) -> None:
    merchant_id = create_merchant(scope, name="Bakkerij Élise")
    made = {
        "gent": add_location(scope, merchant_id, city="Gent"),
        "gent-2": add_location(scope, merchant_id, city="Gent"),
        "station": add_location(scope, merchant_id, name="Station", city="Gent"),
        "bakkerij-elise": add_location(scope, merchant_id),
        "shop": add_location(scope, merchant_id, name="大阪"),
    }
    for name, location_id in made.items():
        assert find_shop(scope, location_id).path == f"/s/bakkerij-elise/{name}"
        assert find_shop_by_path(scope, "bakkerij-elise", name).location_id == location_id
    change_location(scope, made["gent"], city="Aalst", name="Markt")
    assert find_shop(scope, made["gent"]).path == "/s/bakkerij-elise/gent"


def test_texts_are_folded_alike() -> None:
    assert fold("Café ÉLISE Straße Ærø") == "cafe elise strasse ærø"
    assert slug("'t Korstje & Zoon – Gent", "shop") == "t-korstje-zoon-gent"
    assert slug("大阪", "shop") == "shop"


@pytest.mark.parametrize("seed", range(3))
def test_hours_of_the_listing_leave_no_open_shop_out(scope: Scope, seed: int, clock: FixedClock) -> None:
    """Whatever the zone and the season, an hour in which a shop is open is marked: the list then looks exactly."""
    chance = Random(seed)
    merchant_id = create_merchant(scope, name="Open")
    zones = (
        "Europe/Brussels",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Pacific/Kiritimati",
        "Australia/Lord_Howe",
        "UTC",
    )
    for timezone in zones:
        opening: dict[str, Any] = {
            day: [[f"{chance.randint(0, 11):02}:15", f"{chance.randint(12, 23):02}:45"]]
            for day in opening_hours.WEEKDAYS
            if chance.random() < 0.7
        }
        opening["sat"] = [["20:30", "04:10"]]
        opening["dates"] = {"2026-07-01": [["02:00", "03:00"]]}
        location_id = add_location(scope, merchant_id, timezone=timezone, opening_hours=opening)
        with scope.reading() as tx:
            marks = tx.session.get_one(ShopListing, location_id).open_hours
        hours = opening_hours.parse(opening)
        for number in range(2_000):
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 263)
            if opening_hours.is_open(hours, at, timezone=timezone, country="BE"):
                place, digits = quarter_of_week(at, timezone)
                assert marks[place] in digits, (timezone, at)
        assert 0 < marks.count("0") < len(marks) == 168


def test_open_now_is_exact_by_day_and_by_night(scope: Scope, clock: FixedClock) -> None:
    merchant_id = create_merchant(scope, name="Row")
    for number in range(60):
        spans = {"wed": [["08:00", "18:00"]]} if number else {"wed": [["00:00", "24:00"]], "thu": [["00:00", "24:00"]]}
        add_location(scope, merchant_id, name=f"Shop {number:02}", lat=51 + number / 1000, lon=3.7, opening_hours=spans)
    assert len(names(scope, near=(51, 3.7), open_now=True, limit=100)) == 60
    first = list_shops(scope, ShopSearch(near=(51, 3.7), open_now=True, limit=59))
    assert [len(first.items), first.next is not None] == [59, True]
    clock.advance(hours=12)  # one o'clock in the night
    assert names(scope, near=(51, 3.7), open_now=True) == ["Shop 00"]
    assert names(scope, open_now=True) == ["Shop 00"]


def test_a_merchant_that_is_renamed_meanwhile_leaves_no_stale_listing(scope: Scope) -> None:
    merchant_id = create_merchant(scope, name="Old")
    other = replace(scope)
    renaming = threading.Thread(target=lambda: change_merchant(other, merchant_id, name="New"))
    with scope.transaction() as tx:
        read_before = tx.session.get_one(Merchant, merchant_id)
        assert read_before.name == "Old"
        renaming.start()
        if tx.dialect == "postgresql":  # on SQLite it waits for this transaction's end
            renaming.join(20)
            assert not renaming.is_alive()
        add_location(scope, merchant_id, name="Shop")
    renaming.join(20)
    assert names(scope, words="new") == ["Shop"]
    assert names(scope, words="old") == []
