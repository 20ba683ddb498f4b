"""Promotions as their owner plans them: in sentences, in a month, and with a word where two of them meet."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards.models import Promotion
from app.rewards.rules import stamps_document
from app.rewards.service import create_promotion
from tests.clocks import FixedClock
from tests.factories import Answer, Holder, Shop, make_holder, visit
from tests.office.desk import Desk, forms_in, sit_down
from tests.office.shelves import keep_shop, promotion_form


@pytest.fixture
def kept(flask_app: Flask, scope: Scope) -> tuple[Shop, Desk]:
    return keep_shop(flask_app, scope, stamps=10)


def promotions(scope: Scope) -> list[Promotion]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(Promotion).order_by(Promotion.id)))


def record(shop: Shop, holder: Holder, **fields: Any) -> Answer:
    return visit(shop.counter(), holder, **fields)


def form_of(desk: Desk, promotion_id: str) -> dict[str, str]:
    page = desk.get(f"/promotions/{promotion_id}").get_data(as_text=True)
    return next(form for form in forms_in(page) if "date_from" in form)


def shown(desk: Desk, path: str = "/promotions?lang=en") -> str:
    return html.unescape(desk.get(path).get_data(as_text=True))


PLANNED: list[tuple[dict[str, Any], str]] = [
    (
        {"weekdays": ["tue", "wed"], "from_time": "14:00", "to_time": "17:00"},
        "On Tuesday and Wednesday, from 14:00 to 17:00: stamps count double.",
    ),
    ({"weekdays": ["mon", "tue", "wed", "thu"]}, "On Monday to Thursday: stamps count double."),
    (
        {"effect": "bonus", "bonus": "3", "whom": "first_visit"},
        "On a member's first visit: 3 stamps extra for each visit.",
    ),
    ({"whom": "comeback", "comeback_days": "60", "multiplier": "3"}, "After 60 days away: stamps count three times."),
    (
        {"minimum": "20", "categories": "Bread, cake", "multiplier": "1,5"},
        "With purchases of €20 or more, with: bread and cake: stamps count 1.5 times.",
    ),
    (
        {"date_from": "2026-12-01", "date_to": "2026-12-24", "whom": "birthday_week"},
        "From 1 December 2026 to 24 December 2026, in the week of the member's birthday: stamps count double.",
    ),
]


def test_a_promotion_reads_as_a_sentence(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    for number, (fields, sentence) in enumerate(PLANNED):
        made = desk.post("/promotions/new", promotion_form(shop, name=f"P{number}", **fields))
        assert made.status_code == 303, html.unescape(made.get_data(as_text=True))
        preview = desk.post("/promotions/preview?lang=en", promotion_form(shop, **fields))
        assert sentence in html.unescape(preview.get_data(as_text=True))
    page = shown(desk)
    assert [sentence for _, sentence in PLANNED if sentence not in page] == []
    assert promotions(scope)[0].rule == {
        "conditions": {"weekdays": ["tue", "wed"], "hours": {"from": "14:00", "to": "17:00"}},
        "effect": {"multiplier": "2"},
    }


WRONG = [
    ({"name": ""}, "Give it a name."),
    ({"multiplier": "1"}, "Type a number such as 2 or 1.5, at most 20."),
    ({"multiplier": "nan"}, "Type a number such as 2 or 1.5, at most 20."),
    ({"effect": "bonus"}, "Type how many extra."),
    ({"from_time": "10:00"}, "Give both times, or neither."),
    ({"from_time": "10:00", "to_time": "10:00"}, "It would end when it begins."),
    ({"date_from": "2026-05-02", "date_to": "2026-05-01"}, "It would end before it begins."),
    ({"whom": "comeback"}, "Type a number of days."),
    ({"places": "0" * 36}, "Nothing was changed."),
    ({"weekdays": "xyz"}, "Nothing was changed."),
]


def test_what_is_wrong_is_told_and_nothing_is_kept(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    for fields, told in WRONG:
        answer = desk.post("/promotions/new?lang=en", promotion_form(shop, **fields))
        assert (answer.status_code, told in html.unescape(answer.get_data(as_text=True))) == (422, True), fields
    assert promotions(scope) == []


def test_the_month_shows_on_which_days_it_is_on(kept: tuple[Shop, Desk]) -> None:
    shop, desk = kept
    desk.post("/promotions/new", promotion_form(shop, name="Tuesdays", weekdays=["tue"]))
    desk.post("/promotions/new", promotion_form(shop, name="Welcome", whom="first_visit"))
    part = desk.get("/promotions?month=2026-03&lang=en", headers={"HX-Request": "true"}).get_data(as_text=True)
    grid = part[part.index("<tbody>") : part.index("</tbody>")]
    # From Tuesday 24 February to Tuesday 31 March, all of them in the grid.
    assert grid.count("Tuesdays") == 6
    assert "Welcome" not in grid
    assert "Welcome" in part, "what is on every day stands beside the grid"
    assert "March 2026" in part
    assert 'aria-current="date"' in part
    for odd in ("", "x", "0000-00", "9999-99", "2026-13"):
        assert desk.get(f"/promotions?month={odd}").status_code == 200


def test_another_rule_goes_on_as_another_promotion_and_the_past_stays(
    kept: tuple[Shop, Desk], scope: Scope, clock: FixedClock
) -> None:
    shop, desk = kept
    desk.post("/promotions/new", promotion_form(shop, name="Double"))
    (first,) = promotions(scope)
    holder = make_holder(scope)
    assert record(shop, holder).body["earned"][0]["units"] == 2
    clock.advance(hours=1)
    desk = sit_down(desk.client.application, scope, shop.merchant_id)
    changed = form_of(desk, first.id) | promotion_form(shop, name="Double", multiplier="3")
    assert desk.post(f"/promotions/{first.id}", changed).status_code == 303
    old, new = promotions(scope)
    assert (old.replaced_by, old.ends_at, old.is_active) == (new.id, clock(), True)
    assert (new.starts_at, new.rule["effect"]) == (clock(), {"multiplier": "3"})
    # A tablet's queue tells of a visit before the change: it is judged by what held then.
    before = record(shop, holder, occurred_at=clock() - timedelta(minutes=30)).body
    assert before["earned"][0]["units"] == 2
    assert record(shop, holder).body["earned"][0]["units"] == 3
    page = shown(desk)
    assert page.count("stamps count three times")
    assert "stamps count double" not in page


def test_its_name_and_days_change_in_place(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    desk.post("/promotions/new", promotion_form(shop, name="Double"))
    (first,) = promotions(scope)
    fields = promotion_form(shop, name="Twice", name_nl="Dubbel", date_to="2026-04-30")
    assert desk.post(f"/promotions/{first.id}", form_of(desk, first.id) | fields).status_code == 303
    (same,) = promotions(scope)
    assert (same.id, same.name, same.names) == (first.id, "Twice", {"nl": "Dubbel"})
    assert same.ends_at == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert form_of(desk, first.id)["date_to"] == "2026-04-30"


def test_hours_over_midnight_end_the_morning_after_the_last_day(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    night = {"from_time": "22:00", "to_time": "02:00", "date_to": "2026-03-31"}
    desk.post("/promotions/new", promotion_form(shop, **night))
    (made,) = promotions(scope)
    assert made.ends_at == datetime(2026, 4, 1, 0, tzinfo=UTC)
    assert form_of(desk, made.id)["date_to"] == "2026-03-31"


def test_it_is_stopped_and_started_again_with_the_time_between_left_out(
    kept: tuple[Shop, Desk], scope: Scope, clock: FixedClock
) -> None:
    shop, desk = kept
    desk.post("/promotions/new", promotion_form(shop))
    (first,) = promotions(scope)
    holder = make_holder(scope)
    clock.advance(hours=1)
    assert desk.post(f"/promotions/{first.id}/stop").status_code == 303
    assert desk.post(f"/promotions/{first.id}/stop").status_code == 303, "a repeat changes nothing"
    assert record(shop, holder).body["earned"][0]["units"] == 1
    clock.advance(hours=1)
    assert desk.post(f"/promotions/{first.id}/again").status_code == 303
    assert record(shop, holder).body["earned"][0]["units"] == 2
    between = record(shop, holder, occurred_at=clock() - timedelta(minutes=30)).body
    assert between["earned"][0]["units"] == 1
    assert "1 promotion is on" in shown(desk)


def test_who_comes_second_is_told(flask_app: Flask, kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    colleague = sit_down(flask_app, scope, shop.merchant_id, "manager")
    desk.post("/promotions/new", promotion_form(shop, name="Double"))
    (first,) = promotions(scope)
    mine, hers = form_of(desk, first.id), form_of(colleague, first.id)
    assert colleague.post(f"/promotions/{first.id}", hers | promotion_form(shop, name="Hers")).status_code == 303
    for fields in (promotion_form(shop, name="Mine"), promotion_form(shop, name="Hers", multiplier="4")):
        answer = desk.post(f"/promotions/{first.id}?lang=en", mine | fields)
        assert answer.status_code == 409
        assert "The manager" in answer.get_data(as_text=True)
    assert [one.name for one in promotions(scope)] == ["Hers"]


def test_promotions_that_meet_or_do_nothing_are_told_of(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    for fields in (
        {"name": "Tue", "weekdays": ["tue"]},
        {"name": "Noon", "weekdays": ["tue"], "from_time": "12:00", "to_time": "13:00"},
        {"name": "Evening", "from_time": "18:00", "to_time": "20:00", "weekdays": ["fri"]},
        {"name": "Extra", "effect": "bonus", "bonus": "1"},
        {"name": "Never", "weekdays": ["mon"], "date_from": "2026-03-10", "date_to": "2026-03-12"},
        {"name": "Large", "minimum": "50", "weekdays": ["sun"]},
    ):
        desk.post("/promotions/new", promotion_form(shop, **fields))
    page = shown(desk)
    assert "“Tue” and “Noon” fall together, on 10 March 2026 for example. Only the better of the two counts." in page
    assert "“Evening” and" not in page
    assert "“Extra”" not in page
    assert "“Never” never happens" in page
    assert "“Large” asks for a minimum, but the tablet does not ask for the amount" in page


def test_a_cap_that_leaves_a_promotion_nothing_is_told(flask_app: Flask, scope: Scope) -> None:
    rules = {**stamps_document(10), "caps": {"visit": {"units": 1}}}
    shop, desk = keep_shop(flask_app, scope, "Café", stamps=10, rules=rules)
    desk.post("/promotions/new", promotion_form(shop, name="Double"))
    assert "“Double” can give nothing more" in shown(desk)


def test_somebody_of_one_location_plans_for_that_one_alone(
    flask_app: Flask, kept: tuple[Shop, Desk], scope: Scope
) -> None:
    shop, owner = kept
    station = merchants.add_location(scope, shop.merchant_id, name="Station")
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=station)
    owner.post("/promotions/new", promotion_form(shop, name="All"))
    owner.post("/promotions/new", promotion_form(shop, name="High street", places=[shop.location_id]))
    everywhere, main = promotions(scope)
    assert manager.post("/promotions/new", promotion_form(shop, name="Mine", places=[station])).status_code == 303
    assert manager.post("/promotions/new", promotion_form(shop, name="Not mine")).status_code == 403
    page = shown(manager)
    assert "High street" not in page
    assert "All" in page
    assert "Mine" in page
    assert manager.get(f"/promotions/{main.id}").status_code == 404
    assert manager.post(f"/promotions/{everywhere.id}/stop").status_code == 403
    assert manager.post(f"/promotions/{everywhere.id}", promotion_form(shop, places=[station])).status_code == 403


def test_a_rule_that_the_form_cant_say_stays_as_it_is(kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    rule = {"conditions": {"first_visit": True, "birthday_week": True}, "effect": {"bonus": 2}}
    promotion_id = create_promotion(scope, shop.programme_id, name="Odd", rule=rule)
    assert "says more than this page can" in shown(desk, f"/promotions/{promotion_id}?lang=en")
    answer = desk.post(f"/promotions/{promotion_id}", form_of(desk, promotion_id) | {"name": "Even"})
    assert answer.status_code == 303
    (same,) = promotions(scope)
    assert (same.name, same.rule) == ("Even", rule)


def test_nobody_reaches_another_shops_promotion(flask_app: Flask, kept: tuple[Shop, Desk], scope: Scope) -> None:
    shop, desk = kept
    _, stranger = keep_shop(flask_app, scope, "Bookshop")
    desk.post("/promotions/new", promotion_form(shop))
    (made,) = promotions(scope)
    assert stranger.get(f"/promotions/{made.id}").status_code == 404
    for path in ("", "/stop", "/again"):
        assert stranger.post(f"/promotions/{made.id}{path}", promotion_form(shop)).status_code == 404
    assert promotions(scope)[0].ends_at is None
