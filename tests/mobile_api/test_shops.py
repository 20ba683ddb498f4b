"""Where members can collect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.service import add_location, change_merchant, create_merchant
from app.rewards.service import change_reward, create_promotion, create_reward
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import API, App, sign_up
from tests.shops import Shop

WEDNESDAY = {"wed": [["08:00", "18:00"]]}


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


def add(scope: Scope, name: str, lat: float | None = None, lon: float | None = None, **place: Any) -> str:
    merchant_id = create_merchant(scope, name=name, category=place.pop("category", "general"))
    return add_location(scope, merchant_id, lat=lat, lon=lon, **place)


def names(app: App, **query: Any) -> list[str]:
    answer = app.call.get("/shops", **query)
    assert answer.status == 200, answer.text
    return [shop["name"] for shop in answer.body["items"]]


def test_the_nearest_comes_first_with_its_distance(app: App, scope: Scope) -> None:
    far = add(scope, "Far", 51.06, 3.72, city="Gent", opening_hours=WEDNESDAY)
    add(scope, "Near", 51.051, 3.72)
    answer = app.call.get("/shops", near="51.05,3.72").body
    assert [(shop["name"], shop["distance_m"]) for shop in answer["items"]] == [("Near", 111), ("Far", 1112)]
    assert answer["next"] is None
    shown = answer["items"][1]
    assert shown["location_id"] == far
    assert shown["address"] == {"street": None, "postcode": None, "city": "Gent", "country": "BE"}
    assert (shown["lat"], shown["lon"]) == (51.06, 3.72)
    assert (shown["is_open"], shown["hours_today"]) == (True, [["08:00", "18:00"]])
    assert answer["items"][0]["is_open"] is None
    assert names(app) == ["Far", "Near"]


def test_radius_words_category_and_open_now(app: App, scope: Scope, clock: FixedClock) -> None:
    add(scope, "Bakery", 51.051, 3.72, category="bakery", city="Gent", opening_hours=WEDNESDAY)
    add(scope, "Bookshop", 51.06, 3.72, category="bookshop", city="Gent")
    assert names(app, near="51.05,3.72", radius=500) == ["Bakery"]
    assert names(app, q="gent BOOK") == ["Bookshop"]
    assert names(app, q="") == ["Bakery", "Bookshop"]
    assert names(app, category="bakery") == ["Bakery"]
    assert names(app, open_now="true") == ["Bakery"]
    assert names(app, open_now="false") == ["Bakery", "Bookshop"]
    clock.now += timedelta(minutes=10)
    assert names(app, open_now="1") == ["Bakery"]


def test_the_shops_of_one_merchant(app: App, scope: Scope, shop: Shop) -> None:
    add_location(scope, shop.merchant_id, city="Brugge", lat=51.2, lon=3.22)
    add(scope, "Bookshop")
    found = app.call.get("/shops", merchant_id=shop.merchant_id).body["items"]
    assert {item["address"]["city"] for item in found} == {"Gent", "Brugge"}
    assert {item["merchant"]["merchant_id"] for item in found} == {shop.merchant_id}
    # Together with what she asks for otherwise: she collects nowhere yet.
    assert app.call.get("/shops", merchant_id=shop.merchant_id, earns_here="1").body["items"] == []


def test_pages_give_each_shop_once(app: App, scope: Scope) -> None:
    for number in range(5):
        add(scope, f"Shop {number}", 51.0 + number / 100, 3.7)
    whole = names(app, near="51,3.7")
    pages: list[str] = []
    query: dict[str, Any] = {"near": "51,3.7", "limit": 2}
    while True:
        answer = app.call.get("/shops", **query).body
        pages += [shop["name"] for shop in answer["items"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    assert pages == whole == [f"Shop {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"near": "Ghent"}, "near"),
        ({"near": "91,0"}, "near"),
        ({"near": "0,181"}, "near"),
        ({"near": "nan,0"}, "near"),
        ({"near": "51.05,3.72", "radius": "-1"}, "radius"),
        ({"radius": "0"}, "radius"),
        ({"open_now": "perhaps"}, "open_now"),
        ({"limit": "101"}, "limit"),
        ({"q": "x" * 81}, "q"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_question_is_refused_by_its_field(app: App, query: dict[str, str], field: str) -> None:
    answer = app.call.get("/shops", **query)
    assert answer.status == 422
    answer.problem()
    assert list(answer.body["errors"]) == [field]


def test_a_cursor_of_another_list_is_refused(app: App, scope: Scope) -> None:
    for name in "AB":
        add(scope, name, 51.0, 3.7)
    by_name = app.call.get("/shops", limit=1).body["next"]
    for query in ({"near": "51,3.7", "cursor": by_name}, {"cursor": "nonsense"}):
        assert app.call.get("/shops", **query).status == 422


def test_shops_need_no_token_and_bear_no_wrong_one(client: FlaskClient, app: App, shop: Shop) -> None:
    for path in ("/shops", f"/shops/{shop.location_id}"):
        told = Caller(client, None, API).get(path).body
        [seen] = told["items"] if path == "/shops" else [told]
        assert (seen["name"], seen["earns_here"], seen["reward_ready"]) == ("Bakery", None, None)
        for token in ("nonsense", shop.key):
            assert Caller(client, token, API).get(path).status == 401
    for chosen in ("earns_here", "reward_ready"):
        assert Caller(client, None, API).get("/shops", **{chosen: "1"}).body["items"] == []


def test_one_shop_tells_what_one_collects_and_for_what(app: App, scope: Scope, shop: Shop, clock: FixedClock) -> None:
    change_merchant(scope, shop.merchant_id, story={"nl": "Brood", "en": "Bread", "fr": "Pain"}, hue=62)
    create_promotion(scope, shop.stamps_id, name="Double", rule={"conditions": {}, "effect": {"multiplier": "2"}})
    create_promotion(
        scope,
        shop.stamps_id,
        name="Later",
        rule={"conditions": {}, "effect": {"multiplier": "2"}},
        starts_at=clock() + timedelta(days=1),
    )
    hidden = create_reward(scope, shop.points_id, name="Hidden", cost=1)
    change_reward(scope, hidden, is_active=False)
    answer = app.call.get(f"/shops/{shop.location_id}", near="51.05,3.72")
    assert answer.status == 200, answer.text
    told = answer.body
    assert told["merchant"] == {
        "merchant_id": shop.merchant_id,
        "name": "Bakery",
        "hue": 62,
        "logo_url": f"/api/v1/shops/{shop.location_id}/logo.svg",
    }
    assert (told["distance_m"], told["story"], told["currency"]) == (0, "Bread", "EUR")
    stamps, points = told["programmes"]
    assert (stamps["kind"], stamps["goal"], points["kind"], points["goal"]) == ("stamps", 3, "points", None)
    assert [reward["name"] for reward in stamps["rewards"]] == ["Free bread", "Coffee"]
    assert [promotion["name"] for promotion in stamps["promotions"]] == ["Double"]
    assert points["rewards"] == [
        {
            "reward_id": shop.discount_id,
            "name": "5 euro off",
            "text": None,
            "kind": "amount_off",
            "cost": 100,
            "value": {"amount": "5.00", "currency": "EUR"},
            "tier": None,
            "picture": None,
        }
    ]


def test_the_story_comes_in_the_language_of_the_request(app: App, scope: Scope, shop: Shop) -> None:
    change_merchant(scope, shop.merchant_id, story={"nl": "Brood", "fr": "Pain"})
    for asked, told in (("fr", "Pain"), ("nl", "Brood"), ("de", "Brood")):
        answer = app.call.send("GET", f"/shops/{shop.location_id}", None, None, {"Accept-Language": asked})
        assert answer.body["story"] == told


def test_hidden_shops_are_not_there_by_any_path(app: App, client: FlaskClient, scope: Scope, shop: Shop) -> None:
    nothing = app.call.get(f"/shops/{new_id()}")
    change_merchant(scope, shop.merchant_id, is_listed=False)
    assert names(app) == []
    for path in (f"/shops/{shop.location_id}", f"/shops/{shop.location_id}/logo.svg"):
        answer = app.call.get(path)
        assert (answer.status, answer.body) == (404, nothing.body)


def test_a_logo_is_a_picture_that_nothing_can_run_in(client: FlaskClient, shop: Shop) -> None:
    answer = client.get(f"/api/v1/shops/{shop.location_id}/logo.svg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in answer.headers["Cache-Control"]
    assert answer.get_data(as_text=True).startswith("<svg ")
