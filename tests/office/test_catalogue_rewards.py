"""The catalogue as its owner keeps it."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards import counting
from app.rewards.models import Reward
from app.rewards.service.counting import count_rewards
from app.wallet import service as wallet
from tests.clocks import FixedClock
from tests.factories import Shop
from tests.office.desk import Desk, forms_in, sit_down
from tests.office.shelves import keep_shop, reward_form, rich_member


@pytest.fixture
def kept(flask_app: Flask, scope: Scope) -> tuple[Shop, Desk]:
    return keep_shop(flask_app, scope)


def only(scope: Scope) -> Reward:
    with scope.reading() as tx:
        return tx.session.scalars(select(Reward)).one()


def rewards(scope: Scope) -> list[Reward]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(Reward).order_by(Reward.position, Reward.id)))


def form_of(desk: Desk, reward_id: str) -> dict[str, str]:
    """The form of a reward as its page serves it."""
    page = desk.get(f"/rewards/{reward_id}").get_data(as_text=True)
    return next(form for form in forms_in(page) if "stock_seen" in form)


def test_a_reward_is_made_with_all_that_limits_it(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    told = {
        "name_nl": "Een koffie",
        "text_nl": "Vers gemalen",
        "text_fr": "Fraîchement moulu",
        "worth": "2,50",
        "stock": "40",
        "per_member_limit": "2",
        "valid_from": "2026-03-01",
        "valid_until": "2026-03-31",
        "voucher_days": "30",
    }
    made = desk.post("/rewards/new", reward_form(shop, **told))
    assert made.status_code == 303, made.get_data(as_text=True)
    reward = only(scope)
    assert (reward.name, reward.names, reward.texts) == (
        "A coffee",
        {"nl": "Een koffie"},
        {"nl": "Vers gemalen", "fr": "Fraîchement moulu"},
    )
    assert (reward.cost, reward.amount_minor, reward.stock, reward.per_member_limit) == (10, 250, 40, 2)
    # The whole of its last day, in the shop's zone.
    assert reward.valid_until == datetime(2026, 3, 31, 22, tzinfo=UTC)
    page = html.unescape(desk.get("/rewards?lang=en").get_data(as_text=True))
    assert "For 10 points: A coffee, worth €2.50." in page
    assert "Each member can have it 2 times." in page
    assert "From 1 March 2026 to 31 March 2026." in page
    assert "40 left" in page


def test_an_amount_or_a_percentage_comes_off(kept: tuple[Shop, Desk]) -> None:
    shop, desk = kept
    amount = reward_form(shop, kind="amount_off", amount="5", is_flexible="y")
    assert desk.post("/rewards/new", amount).status_code == 303
    assert desk.post("/rewards/new", reward_form(shop, kind="percent_off", percent="15")).status_code == 303
    page = html.unescape(desk.get("/rewards?lang=en").get_data(as_text=True))
    assert "For 10 points: €5 off." in page
    assert "For 10 points: 15% off." in page


WRONG: list[tuple[dict[str, str], str]] = [
    ({"name": "  "}, "Give it a name."),
    ({"cost": "0"}, 'class="problem"'),
    ({"cost": "many"}, 'class="problem"'),
    ({"worth": "-3"}, "Write an amount like 4.20."),
    ({"kind": "amount_off"}, "Type what comes off the bill."),
    ({"kind": "percent_off", "percent": "101"}, "A whole number from 1 to 100."),
    ({"kind": "percent_off"}, "Type a percentage from 1 to 100."),
    ({"kind": "car"}, 'class="problem"'),
    ({"stock": "-1"}, 'class="problem"'),
    ({"valid_from": "2026-05-02", "valid_until": "2026-05-01"}, "It would end before it begins."),
    # These choices stand on no page, since there is nothing to choose.
    ({"programme": "0" * 36}, "Nothing was changed."),
    ({"tier": "gold"}, "Nothing was changed."),
    ({"segment": "0" * 36}, "Nothing was changed."),
    ({"places": "0" * 36}, "Nothing was changed."),
]


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_kept(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    for fields, told in WRONG:
        answer = desk.post("/rewards/new?lang=en", reward_form(shop, **fields))
        assert (answer.status_code, told in html.unescape(answer.get_data(as_text=True))) == (422, True), fields
    assert rewards(scope) == []


def test_a_reward_speaks_its_members_language(kept: tuple[Shop, Desk], flask_app: Flask) -> None:
    shop, desk = kept
    desk.post("/rewards/new", reward_form(shop, name_nl="Een koffie", name_fr="Un café"))
    told = {}
    for tongue in ("nl", "fr", "de"):
        client = flask_app.test_client()
        answer = client.get(f"/api/v1/shops/{shop.location_id}", headers={"Accept-Language": tongue})
        told[tongue] = answer.json["programmes"][0]["rewards"][0]["name"]  # type: ignore[index]
    assert told == {"nl": "Een koffie", "fr": "Un café", "de": "A coffee"}


def test_who_comes_second_is_told_what_the_first_one_changed(
    flask_app: Flask, kept: tuple[Shop, Desk], scope: Scope
) -> None:
    shop, desk = kept
    colleague = sit_down(flask_app, scope, shop.merchant_id, "manager")
    reward_id = shop.add_reward(name="Coffee", cost=5)
    mine, hers = form_of(desk, reward_id), form_of(colleague, reward_id)
    assert colleague.post(f"/rewards/{reward_id}", hers | {"cost": "7"}).status_code == 303
    answer = desk.post(f"/rewards/{reward_id}?lang=en", mine | {"name": "Espresso"})
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "The manager" in page
    assert "What it costs" in page
    assert ">7<" in page
    reward = only(scope)
    assert (reward.name, reward.cost) == ("Coffee", 7)
    assert desk.post(f"/rewards/{reward_id}", form_of(desk, reward_id) | {"name": "Espresso"}).status_code == 303
    assert only(scope).name == "Espresso"


def test_what_was_sold_while_a_form_lay_open_is_not_given_back(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    reward_id = shop.add_reward(name="Mug", cost=5, stock=10)
    form = form_of(desk, reward_id)
    for _ in range(3):
        member = rich_member(scope, shop)
        wallet.take_voucher(replace(scope, member_id=member.member_id), reward_id=reward_id)
    assert desk.post(f"/rewards/{reward_id}", form | {"name": "Large mug"}).status_code == 303
    assert only(scope).stock == 7
    form = form_of(desk, reward_id)
    wallet.take_voucher(replace(scope, member_id=rich_member(scope, shop).member_id), reward_id=reward_id)
    assert desk.post(f"/rewards/{reward_id}", form | {"stock": "12"}).status_code == 303
    assert only(scope).stock == 11, "five more than the seven that stood there, less the one that was taken"


def test_a_reward_is_put_off_and_on_and_moved(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    first, second, third = (shop.add_reward(name=name, cost=5) for name in ("A", "B", "C"))
    assert desk.post(f"/rewards/{third}/move", {"to": "up"}).status_code == 303
    assert [one.name for one in rewards(scope)] == ["A", "C", "B"]
    desk.post(f"/rewards/{first}/move", {"to": "up"})
    desk.post(f"/rewards/{first}/move", {"to": "down"})
    assert [one.name for one in rewards(scope)] == ["C", "A", "B"]
    desk.post(f"/rewards/{second}/switch", {"on": "0"})
    assert [one.is_active for one in rewards(scope)] == [True, True, False]
    desk.post(f"/rewards/{second}/switch", {"on": "1"})
    assert all(one.is_active for one in rewards(scope))


def test_nobody_reaches_another_shops_reward(flask_app: Flask, kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, _ = kept
    _, stranger = keep_shop(flask_app, scope, "Bookshop")
    reward_id = shop.add_reward(name="Coffee", cost=5)
    assert stranger.get(f"/rewards/{reward_id}").status_code == 404
    for path in ("", "/switch", "/move", "/picture", "/picture/remove", "/codes"):
        assert stranger.post(f"/rewards/{reward_id}{path}", reward_form(shop, on="0")).status_code == 404
    assert only(scope).is_active


def test_somebody_of_one_location_keeps_her_own_shelf(flask_app: Flask, kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, owner = kept
    station = merchants.add_location(scope, shop.merchant_id, name="Station")
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=station)
    everywhere = shop.add_reward(name="Everywhere", cost=5)
    elsewhere = shop.add_reward(name="Elsewhere", cost=5, location_ids=[shop.location_id])
    assert manager.post("/rewards/new", reward_form(shop, name="Here", places=station)).status_code == 303
    here = next(one for one in rewards(scope) if one.name == "Here")
    assert here.location_ids == [station]
    # Neither for all locations nor for another one.
    assert manager.post("/rewards/new", reward_form(shop, name="All")).status_code == 403
    assert manager.post("/rewards/new", reward_form(shop, places=shop.location_id)).status_code == 422
    page = manager.get("/rewards").get_data(as_text=True)
    assert "Everywhere" in page
    assert "Here" in page
    assert "Elsewhere" not in page
    assert manager.get(f"/rewards/{elsewhere}").status_code == 404
    assert manager.get(f"/rewards/{everywhere}").status_code == 200
    assert manager.post(f"/rewards/{everywhere}", reward_form(shop, cost="1")).status_code == 403
    assert manager.post(f"/rewards/{everywhere}/switch", {"on": "0"}).status_code == 403
    assert manager.post(f"/rewards/{everywhere}/move", {"to": "up"}).status_code == 403
    assert manager.post(f"/rewards/{here.id}/switch", {"on": "0"}).status_code == 303
    assert "Elsewhere" in owner.get("/rewards").get_data(as_text=True)


def test_the_list_tells_how_often_each_was_taken_before_and_after_the_nights_count(
    kept: tuple[Shop, Desk], scope: Scope, clock: FixedClock
) -> None:
    shop, desk = kept
    reward_id = shop.add_reward(name="Coffee", cost=5)
    member = replace(scope, member_id=rich_member(scope, shop).member_id)
    taken = [wallet.take_voucher(member, reward_id=reward_id) for _ in range(3)]
    wallet.give_back_voucher(member, voucher_id=taken[0])
    assert "Taken 2 times" in desk.get(f"/rewards/{reward_id}?lang=en").get_data(as_text=True)
    clock.set(datetime(2040, 1, 1, tzinfo=UTC))  # ids are made by the real clock
    assert count_rewards(scope) == 1
    assert count_rewards(scope) == 1
    clock.set(datetime(2026, 3, 4, 13, tzinfo=UTC))
    desk = sit_down_again(desk, scope, shop)
    assert "Taken 2 times" in desk.get(f"/rewards/{reward_id}?lang=en").get_data(as_text=True)
    wallet.take_voucher(member, reward_id=reward_id)
    assert "Taken 3 times" in desk.get(f"/rewards/{reward_id}?lang=en").get_data(as_text=True)


def test_what_was_taken_by_the_thousand_is_counted_before_the_night(
    kept: tuple[Shop, Desk], scope: Scope, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, desk = kept
    monkeypatch.setattr(counting, "AT_ONCE", 2)
    reward_id = shop.add_reward(name="Coffee", cost=1)
    member = replace(scope, member_id=rich_member(scope, shop).member_id)
    for _ in range(3):
        wallet.take_voucher(member, reward_id=reward_id)
    path = f"/rewards/{reward_id}?lang=en"
    assert "Taken 2 times" in desk.get(path).get_data(as_text=True), "a page looks at no more than that"
    assert count_rewards(scope, only_behind=True) == 0, "they were issued just now"
    clock.set(datetime(2040, 1, 1, tzinfo=UTC))  # ids are made by the real clock
    assert count_rewards(scope, only_behind=True) == 1
    assert count_rewards(scope, only_behind=True) == 0
    clock.set(datetime(2026, 3, 4, 13, tzinfo=UTC))
    desk = sit_down_again(desk, scope, shop)
    assert "Taken 3 times" in desk.get(path).get_data(as_text=True)


def sit_down_again(desk: Desk, scope: Scope, shop: Shop) -> Desk:
    return sit_down(desk.client.application, scope, shop.merchant_id)


def test_a_form_takes_no_field_that_it_does_not_have(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    more = {"merchant_id": "0" * 36, "position": "99", "picture_id": "0" * 36, "has_codes": "1", "is_active": "0"}
    assert desk.post("/rewards/new", reward_form(shop, **more)).status_code == 303
    reward = only(scope)
    assert (reward.merchant_id, reward.position, reward.picture_id, reward.has_codes, reward.is_active) == (
        shop.merchant_id,
        0,
        None,
        False,
        True,
    )
    # Its kind was chosen once.
    assert desk.post(f"/rewards/{reward.id}", form_of(desk, reward.id) | {"kind": "percent_off"}).status_code == 303
    assert only(scope).kind == "item"


def test_whatever_is_typed_is_shown_as_text(kept: tuple[Shop, Desk], scope: Scope, flask_app: Flask) -> None:
    shop, desk = kept
    bad = '<script>alert("x")</script>'
    desk.post("/rewards/new", reward_form(shop, name=bad, name_nl=bad, text_nl=bad))
    reward = only(scope)
    told = [
        desk.get("/rewards"),
        desk.get(f"/rewards/{reward.id}"),
        desk.post("/rewards/preview", reward_form(shop, name=bad)),
    ]
    for answer in told:
        page = answer.get_data(as_text=True)
        assert "alert(" in page
        assert "<script>alert" not in page


def test_the_preview_follows_a_form_that_is_not_right_yet(kept: tuple[Shop, Desk]) -> None:
    shop, desk = kept
    shown = desk.post("/rewards/preview?lang=en", reward_form(shop, name="", cost="", kind="percent_off", percent="20"))
    assert shown.status_code == 200
    page = html.unescape(shown.get_data(as_text=True))
    assert "20% off" in page
    assert "For 1 point" in page
