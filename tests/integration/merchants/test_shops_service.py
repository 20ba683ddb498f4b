from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.common.errors import InvalidError, NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.errors import CursorInvalidError, LogoRefusedError
from app.merchants.models import Merchant
from app.merchants.queries import ShopSearch, find_shop, get_shop, list_shops
from app.merchants.service import add_location, change_location, change_merchant, create_merchant
from tests.clocks import FixedClock

PLACE = (51.05, 3.72)
ALL_WEEK = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def events(scope: Scope) -> list[str]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def version(scope: Scope, merchant_id: str) -> int:
    with scope.reading() as tx:
        return tx.session.get_one(Merchant, merchant_id).config_version


def shop(scope: Scope, name: str = "Bakkerij", *, merchant: dict[str, Any] | None = None, **place: Any) -> str:
    merchant_id = create_merchant(scope, name=name, **merchant or {})
    return add_location(scope, merchant_id, **place)


def test_a_new_merchant_has_a_logo_a_hue_and_an_address_of_its_own(scope: Scope) -> None:
    first = get_shop(scope, shop(scope, "Bakkerij 't Korstje", merchant={"category": "bakery"}, city="Gent"))
    second = get_shop(scope, shop(scope, "Bakkerij 't Korstje"))
    assert first.merchant_name == first.name == "Bakkerij 't Korstje"
    assert first.logo_svg is not None
    assert first.logo_svg.startswith("<svg")
    assert first.hue == second.hue
    with scope.reading() as tx:
        slugs = [tx.session.get_one(Merchant, one.merchant_id).slug for one in (first, second)]
    assert slugs == ["bakkerij-t-korstje", "bakkerij-t-korstje-2"]
    assert events(scope) == ["merchant.created", "location.created"] * 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"country": "Belgium"}, "country"),
        ({"currency": "euro"}, "currency"),
        ({"timezone": "Europe/Ghent"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"hue": 360}, "hue"),
        ({"story": {"la": "salve"}}, "story"),
    ],
)
def test_a_merchant_with_a_wrong_field_is_not_made(scope: Scope, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidError) as refused:
        create_merchant(scope, **{"name": "Shop", **fields})
    assert list(refused.value.params["errors"]) == [wrong]
    assert events(scope) == []


def test_a_logo_that_somebody_brings_is_checked(scope: Scope) -> None:
    with pytest.raises(LogoRefusedError):
        create_merchant(scope, name="Shop", logo_svg="<svg onload='x'/>")
    merchant_id = create_merchant(scope, name="Shop")
    with pytest.raises(LogoRefusedError):
        change_merchant(scope, merchant_id, logo_svg="<svg onload='x'/>")


@pytest.mark.parametrize(
    "place", [{"lat": 51.0}, {"lon": 3.0}, {"lat": 91.0, "lon": 3.0}, {"lat": float("nan"), "lon": 3.0}]
)
def test_a_place_has_both_degrees_or_none(scope: Scope, place: dict[str, float]) -> None:
    merchant_id = create_merchant(scope, name="Shop")
    with pytest.raises(InvalidError):
        add_location(scope, merchant_id, **place)


def test_every_change_bumps_the_configuration_and_leaves_an_event_and_no_change_does_neither(scope: Scope) -> None:
    location_id = shop(scope, city="Gent")
    merchant_id = get_shop(scope, location_id).merchant_id
    before = version(scope, merchant_id)
    change_location(scope, location_id, city="Aalst", opening_hours=ALL_WEEK)
    change_merchant(scope, merchant_id, hue=200)
    assert version(scope, merchant_id) == before + 2
    assert events(scope)[-2:] == ["location.changed", "merchant.changed"]
    change_location(scope, location_id, city="Aalst", opening_hours=ALL_WEEK)
    change_merchant(scope, merchant_id, hue=200)
    assert version(scope, merchant_id) == before + 2
    with scope.reading() as tx:
        last = tx.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.before, last.after, last.merchant_id) == ({"hue": last.before["hue"]}, {"hue": 200}, merchant_id)  # type: ignore[index]


def test_an_unknown_field_is_refused(scope: Scope) -> None:
    location_id = shop(scope)
    with pytest.raises(InvalidError):
        change_location(scope, location_id, merchant_id="another")
    with pytest.raises(InvalidError):
        change_merchant(scope, get_shop(scope, location_id).merchant_id, config_version=1)


def test_another_merchants_shop_is_not_there(scope: Scope) -> None:
    mine, other = shop(scope, "Mine"), shop(scope, "Other")
    own = replace(scope, merchant_id=get_shop(scope, mine).merchant_id)
    assert get_shop(own, mine).name == "Mine"
    for attempt in (
        lambda: get_shop(own, other),
        lambda: change_location(own, other, name="Stolen"),
        lambda: change_merchant(own, get_shop(scope, other).merchant_id, name="Stolen"),
        lambda: add_location(own, get_shop(scope, other).merchant_id),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert get_shop(scope, other).name == "Other"


def test_the_nearest_comes_first_and_distances_are_metres(scope: Scope) -> None:
    shop(scope, "Far", lat=51.06, lon=3.72)
    shop(scope, "Near", lat=51.051, lon=3.72)
    shop(scope, "Nowhere")
    found = list_shops(scope, ShopSearch(near=PLACE)).items
    assert [one.name for one in found] == ["Near", "Far", "Nowhere"]
    # A hundredth of a degree of latitude is 1,111.95 m on the mean sphere.
    assert [one.distance_m for one in found] == [111, 1112, None]


@pytest.mark.parametrize("near", [(0.0, 179.9995), (0.0, -179.9995), (89.9999, -170.0), (-51.0, 0.0)])
def test_distances_hold_at_the_date_line_and_near_the_poles(scope: Scope, near: tuple[float, float]) -> None:
    lon = -near[1] if near[0] == 0 else near[1] + (180 if near[0] > 89 else 0)
    shop(scope, "There", lat=near[0], lon=lon)
    found = list_shops(scope, ShopSearch(near=near, radius=200)).items
    assert [one.name for one in found] == ["There"]
    assert found[0].distance_m is not None
    assert found[0].distance_m <= 112


def test_a_radius_leaves_out_what_is_farther(scope: Scope) -> None:
    shop(scope, "Near", lat=51.051, lon=3.721)
    shop(scope, "Corner of the box", lat=51.0588, lon=3.7338)  # inside the square, outside the circle
    shop(scope, "Nowhere")
    assert [one.name for one in list_shops(scope, ShopSearch(near=PLACE, radius=1000)).items] == ["Near"]


def test_words_must_all_occur_in_any_case(scope: Scope) -> None:
    shop(scope, "Café Élise", merchant={"category": "cafe"}, city="Gent")
    shop(scope, "Café Marie", merchant={"category": "cafe"}, city="Aalst")
    assert [one.name for one in list_shops(scope, ShopSearch(words="ÉLISE gent")).items] == ["Café Élise"]
    assert [one.name for one in list_shops(scope, ShopSearch(words="café")).items] == ["Café Élise", "Café Marie"]
    assert [one.name for one in list_shops(scope, ShopSearch(words="elise")).items] == ["Café Élise"]
    assert list_shops(scope, ShopSearch(words="café gent aalst")).items == []
    assert list_shops(scope, ShopSearch(words="100%_")).items == []


def test_a_category_and_open_now(scope: Scope, clock: FixedClock) -> None:
    shop(scope, "Open", merchant={"category": "bakery"}, opening_hours=ALL_WEEK)
    shop(scope, "Shut", merchant={"category": "bakery"}, opening_hours={"sun": [["08:00", "18:00"]]})
    shop(scope, "Who knows", merchant={"category": "cafe"})
    bakeries = list_shops(scope, ShopSearch(category="bakery")).items
    assert [(one.name, one.is_open) for one in bakeries] == [("Open", True), ("Shut", False)]
    assert [one.name for one in list_shops(scope, ShopSearch(open_now=True)).items] == ["Open"]
    clock.advance(hours=12)
    assert list_shops(scope, ShopSearch(open_now=True)).items == []


def test_hidden_suspended_closed_and_sandbox_shops_are_nowhere(scope: Scope) -> None:
    seen = shop(scope, "Seen", lat=51.0, lon=3.7)
    hidden = [
        shop(scope, "Hidden location", is_listed=False),
        shop(scope, "Hidden merchant", merchant={"is_listed": False}),
        shop(scope, "Suspended"),
        shop(scope, "Shut down"),
        shop(scope, "Twin", merchant={"sandbox_of": get_shop(scope, seen).merchant_id}),
    ]
    change_merchant(scope, get_shop(scope, hidden[2]).merchant_id, status="suspended")
    change_location(scope, hidden[3], is_active=False)
    assert [one.name for one in list_shops(scope, ShopSearch()).items] == ["Seen"]
    assert find_shop(scope, seen).name == "Seen"
    for location_id in hidden:
        with pytest.raises(NotFoundError):
            find_shop(scope, location_id)


@pytest.mark.parametrize("near", [None, PLACE])
def test_pages_give_each_shop_once(scope: Scope, near: tuple[float, float] | None) -> None:
    for number in range(7):
        # Several at one place: the order must not depend on the page.
        shop(scope, f"Shop {number % 3}", lat=51.05 + number % 2 / 100, lon=3.72)
    shop(scope, "Nowhere")
    whole = [one.location_id for one in list_shops(scope, ShopSearch(near=near)).items]
    assert len(whole) == 8
    seen: list[str] = []
    cursor = None
    while True:
        page = list_shops(scope, ShopSearch(near=near, limit=3, cursor=cursor))
        seen += [one.location_id for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == whole


def test_a_cursor_of_another_list_is_refused(scope: Scope) -> None:
    for name in ("A", "B"):
        shop(scope, name, lat=51.0, lon=3.7)
    by_name = list_shops(scope, ShopSearch(limit=1)).next
    by_distance = list_shops(scope, ShopSearch(near=PLACE, limit=1)).next
    for search in (
        ShopSearch(near=PLACE, cursor=by_name),
        ShopSearch(cursor=by_distance),
        ShopSearch(cursor="nonsense"),
        ShopSearch(cursor="W10"),
        ShopSearch(cursor="é"),
    ):
        with pytest.raises(CursorInvalidError):
            list_shops(scope, search)
