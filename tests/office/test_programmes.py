"""The designer over HTTP: what it says, what it keeps, and what it refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.common import outbox
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.models import Programme, Reward
from app.rewards.service import simulations, upkeep
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, reverse, visit
from tests.office.designing import FIELDS, at, draft_of, publish, revision_in, save, versions_of
from tests.office.desk import Desk, sit_down


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10, reward={"name": "Loaf", "amount_minor": 450})


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id, "manager")


def test_the_list_says_the_rules_in_sentences(desk: Desk, shop: Shop) -> None:
    page = desk.get("/programmes").get_data(as_text=True)
    assert "10 stamps fill a card, and that gives: Loaf. Then a new card begins." in page
    assert "Stamps never expire." in page


def test_a_draft_is_kept_shown_and_holds_for_nobody(desk: Desk, shop: Shop) -> None:
    assert save(desk, shop).status_code == 303
    draft = draft_of(shop)
    assert draft is not None
    assert draft.rules["minimum"] == "5.50"
    assert draft.changed_by == desk.staff_id
    assert len(versions_of(shop)) == 1
    page = desk.get(at(shop)).get_data(as_text=True)
    assert 'value="5.50"' in page
    assert "<del>10 stamps fill a card.</del>" in page
    counter = shop.counter()
    assert visit(counter, make_holder(shop.scope), amount_minor=100).balance == 1


def test_what_can_t_be_is_told_beside_its_field_and_nothing_is_kept(desk: Desk, shop: Shop) -> None:
    answer = save(desk, shop, goal="0", minimum="lots")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert draft_of(shop) is None
    assert "This is too little: 1 at least." in page
    assert 'value="lots"' in page, "what was typed stays"
    answer = save(desk, shop, minimum="lots")
    assert "Give an amount of money" in answer.get_data(as_text=True)


def test_the_second_of_two_owners_is_told_and_overwrites_nothing(
    flask_app: Flask, scope: Scope, desk: Desk, shop: Shop
) -> None:
    other = sit_down(flask_app, scope, shop.merchant_id, "owner")
    assert save(other, shop, goal="7").status_code == 303
    answer = save(desk, shop, goal="9")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "The owner changed these rules while you were writing" in page
    assert "<del>7 stamps fill a card.</del>" in page
    assert "<ins>9 stamps fill a card.</ins>" in page
    draft = draft_of(shop)
    assert draft is not None
    assert draft.rules["goal"] == 7
    again = {**FIELDS, "goal": "9", "revision": revision_in(page[page.index('id="rules"') :])}
    assert desk.post(at(shop), again).status_code == 303
    kept = draft_of(shop)
    assert kept is not None
    assert kept.rules["goal"] == 9


def test_the_same_twice_is_no_quarrel(flask_app: Flask, scope: Scope, desk: Desk, shop: Shop) -> None:
    other = sit_down(flask_app, scope, shop.merchant_id, "owner")
    assert save(other, shop, goal="7").status_code == 303
    assert save(desk, shop, goal="7").status_code == 303


def test_the_preview_tells_the_card_the_tablet_and_the_purchases_and_keeps_nothing(desk: Desk, shop: Shop) -> None:
    counter = shop.counter()
    for amount in range(100, 2_100, 100):
        visit(shop.same(counter), make_holder(shop.scope), amount_minor=amount)
    page = desk.post(at(shop, "/preview"), FIELDS, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "1 stamp added" in page
    assert "5 of your last 20 purchases, from €0 to €5.50, would count no more." in page
    assert "<html" not in page
    small = desk.post(at(shop, "/preview"), {**FIELDS, "example": "3"}).get_data(as_text=True)
    assert "Nothing this time" in small
    assert "A purchase counts from €5.50 on." in small
    wrong = desk.post(at(shop, "/preview"), {**FIELDS, "goal": "many"}).get_data(as_text=True)
    assert "Give a whole number." in wrong
    assert draft_of(shop) is None


def test_published_rules_hold_at_once_and_the_full_card_follows(desk: Desk, shop: Shop) -> None:
    save(desk, shop, goal="3", minimum="")
    assert publish(desk, shop).status_code == 303
    assert [one.version for one in versions_of(shop)] == [1, 2]
    assert draft_of(shop) is None
    with shop.scope.reading() as tx:
        assert tx.session.get_one(Programme, shop.programme_id).goal == 3
        assert tx.session.get_one(Reward, shop.reward_ids[0]).cost == 3
    counter, holder = shop.counter(), make_holder(shop.scope)
    assert visit(counter, holder, units=1, amount_minor=900).balance == 1


def test_planned_rules_begin_at_their_moment_and_can_be_called_off_before(
    desk: Desk, shop: Shop, clock: FixedClock
) -> None:
    save(desk, shop, goal="2", minimum="", cap_day_visits="")
    day = (clock() + timedelta(days=7)).date().isoformat()
    assert publish(desk, shop, when="later", day=day).status_code == 303
    planned = versions_of(shop)[-1]
    assert planned.valid_from == datetime(2026, 3, 10, 23, tzinfo=UTC), "midnight in the shop's zone"
    counter, holder = shop.counter(), make_holder(shop.scope)
    visit(shop.same(counter), holder, units=1)
    assert visit(shop.same(counter), holder, units=1).balance == 2, "the goal of next week fills no card today"
    page = desk.get(at(shop, "/history")).get_data(as_text=True)
    assert "Planned" in page
    assert desk.post(at(shop, "/withdraw"), {"version": "2"}).status_code == 303
    assert "Called off" in desk.get(at(shop, "/history")).get_data(as_text=True)
    clock.advance(days=8)
    upkeep.begin_versions(shop.scope)
    with shop.scope.reading() as tx:
        assert tx.session.get_one(Programme, shop.programme_id).goal == 10
    assert visit(shop.same(counter), holder, units=1).balance == 3


def test_what_has_begun_can_t_be_called_off(desk: Desk, shop: Shop, clock: FixedClock) -> None:
    save(desk, shop, goal="4")
    publish(desk, shop)
    page = desk.client.post(
        desk.address(at(shop, "/withdraw")), data={"version": "2", "csrf_token": desk.token()}, follow_redirects=True
    ).get_data(as_text=True)
    assert "can&#39;t be called off any more" in page
    assert len(versions_of(shop)) == 2


def test_a_goal_that_begins_later_reaches_the_lists_by_the_clock(desk: Desk, shop: Shop, clock: FixedClock) -> None:
    save(desk, shop, goal="2", minimum="", cap_day_visits="")
    publish(desk, shop, when="later", day=(clock() + timedelta(days=1)).date().isoformat())
    assert upkeep.begin_versions(shop.scope) == 0
    clock.advance(days=2)
    counter, holder = shop.counter(), make_holder(shop.scope)
    visit(shop.same(counter), holder, units=1)
    assert visit(shop.same(counter), holder, units=1).balance == 0, "full with two, before the job has come round"
    assert upkeep.begin_versions(shop.scope) == 1
    assert upkeep.begin_versions(shop.scope) == 0
    with shop.scope.reading() as tx:
        assert tx.session.get_one(Programme, shop.programme_id).goal == 2
        assert tx.session.get_one(Reward, shop.reward_ids[0]).cost == 2


def test_a_visit_is_undone_by_the_rules_that_earned_it(desk: Desk, shop: Shop) -> None:
    counter, holder = shop.counter(), make_holder(shop.scope)
    earned = visit(shop.same(counter), holder, units=3)
    save(desk, shop, **{"goal": "10", "earn-0-units": "5", "minimum": "", "cap_day_visits": ""})
    publish(desk, shop)
    visit(shop.same(counter), holder)
    assert reverse(shop.same(counter), earned.transaction_id).balance == 5


def test_members_are_told_in_four_languages_once(desk: Desk, shop: Shop) -> None:
    with shop.scope.transaction() as tx:
        tx.session.get_one(Merchant, shop.merchant_id).approved_at = shop.scope.now
    save(desk, shop, goal="8", minimum="")
    told = {
        f"{name}_{language}": f"{name} {language}"
        for name in ("title", "text")
        for language in ("nl", "fr", "en", "de")
    }
    publish(desk, shop, tells="y", **told)
    with shop.scope.transaction() as tx:
        notices = [one for one in outbox.claim(tx, now=shop.scope.now, count=50) if one.topic == "shop.notice"]
    assert [one.payload["title"] for one in notices] == [
        {language: f"title {language}" for language in ("nl", "fr", "en", "de")}
    ]


def test_a_shop_on_trial_tells_nobody(desk: Desk, shop: Shop) -> None:
    with shop.scope.transaction() as tx:
        tx.session.get_one(Merchant, shop.merchant_id).approved_at = None
    save(desk, shop, goal="8", minimum="")
    assert "not approved yet" in desk.get(at(shop, "/publish")).get_data(as_text=True)
    publish(desk, shop, tells="y", title_en="Title", text_en="Text")
    with shop.scope.transaction() as tx:
        assert not [one for one in outbox.claim(tx, now=shop.scope.now, count=50) if one.topic == "shop.notice"]


def test_a_draft_that_changed_meanwhile_is_neither_published_nor_thrown_away(desk: Desk, shop: Shop) -> None:
    save(desk, shop, goal="8")
    seen = revision_in(desk.get(at(shop, "/publish")).get_data(as_text=True))
    save(desk, shop, goal="6", revision=seen)
    answer = desk.post(at(shop, "/publish"), {"revision": seen, "when": "now"})
    assert answer.status_code == 409
    assert len(versions_of(shop)) == 1
    desk.post(at(shop, "/drop"), {"revision": seen})
    assert draft_of(shop) is not None
    desk.post(at(shop, "/drop"), {"revision": str(draft_of(shop).revision)})  # type: ignore[union-attr]
    assert draft_of(shop) is None


def test_a_second_programme_begins_closed_is_opened_ordered_and_closed(
    flask_app: Flask, scope: Scope, desk: Desk, shop: Shop
) -> None:
    answer = desk.post("/programmes/new", {"name": "Lunch", "kind": "points", "goal": "", "rate": "2,5"})
    assert answer.status_code == 303
    second = answer.headers["Location"].rsplit("/", 1)[-1]
    holder = make_holder(scope)
    assert len(visit(shop.counter(), holder, amount_minor=400).body["earned"]) == 1
    owner = sit_down(flask_app, scope, shop.merchant_id, "owner")
    assert desk.post(f"/programmes/{second}/open").status_code == 403
    assert owner.post(f"/programmes/{second}/open").status_code == 303
    assert [one["units"] for one in visit(shop.counter(), holder, amount_minor=400).body["earned"]] == [1, 10]
    desk.post(f"/programmes/{second}/move", {"to": "up"})
    page = desk.get("/programmes").get_data(as_text=True)
    assert page.index("Lunch") < page.index("10 stamps fill")
    assert owner.post(f"/programmes/{second}/close").status_code == 303
    assert len(visit(shop.counter(), holder, amount_minor=400).body["earned"]) == 1


def test_a_rate_that_is_none_makes_no_programme(desk: Desk, shop: Shop) -> None:
    for fields in ({"kind": "points", "rate": "lots"}, {"kind": "stamps", "goal": "none"}, {"kind": "cash"}):
        assert desk.post("/programmes/new", {"name": "Lunch", **fields}).status_code == 422


def test_the_name_and_the_full_card_are_changed_only_as_they_were_seen(desk: Desk, shop: Shop) -> None:
    page = desk.get(at(shop, "/details")).get_data(as_text=True)
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert seen is not None
    other = shop.add_reward(name="Cake")
    assert desk.post(at(shop, "/details"), {"name": "Bread", "reward": other, "seen": seen[1]}).status_code == 303
    assert desk.post(at(shop, "/details"), {"name": "Old", "reward": "", "seen": seen[1]}).status_code == 409
    with shop.scope.reading() as tx:
        programme = tx.session.get_one(Programme, shop.programme_id)
        assert (programme.name, programme.full_card_reward_id) == ("Bread", other)


def test_whoever_works_at_one_shop_reads_and_changes_nothing(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    own = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=shop.location_id)
    assert own.get("/programmes").status_code == 200
    assert own.get(at(shop)).status_code == 403
    assert save(own, shop).status_code == 403
    assert draft_of(shop) is None


def test_another_shops_programme_is_not_there(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    elsewhere = make_shop(scope, name="Other")
    desk = sit_down(flask_app, scope, elsewhere.merchant_id, "owner")
    run = simulations.ask_simulation(
        replace(scope, merchant_id=shop.merchant_id),
        shop.programme_id,
        {"goal": 5, "earn": [{"per": "visit", "units": "1"}]},
    )
    for more in ("", "/history", "/details", "/publish", f"/simulations/{run}"):
        assert desk.get(at(shop, more)).status_code == 404, more
    own = f"/programmes/{elsewhere.programme_id}/simulations/{run}"
    assert desk.get(own).status_code == 404
    assert desk.post(f"{own}/cancel").status_code == 404


def test_every_act_is_in_the_audit_list(desk: Desk, shop: Shop) -> None:
    save(desk, shop, goal="8")
    publish(desk, shop)
    save(desk, shop, goal="7")
    desk.post(at(shop, "/drop"), {"revision": str(draft_of(shop).revision)})  # type: ignore[union-attr]
    with shop.scope.reading() as tx:
        actions = set(tx.session.scalars(select(AuditEvent.action).where(AuditEvent.actor_id == desk.staff_id)))
    assert {"programme.draft_saved", "programme.version_added", "programme.draft_dropped"} <= actions


def test_a_run_is_watched_read_and_called_off_over_http(desk: Desk, shop: Shop, clock: FixedClock) -> None:
    counter = shop.counter()
    holders = [make_holder(shop.scope) for _ in range(4)]
    for _ in range(12):
        clock.advance(days=1)
        for number, holder in enumerate(holders):
            visit(shop.same(counter), holder, amount_minor=300 + 300 * number)
    answer = save(desk, shop, goal="10", minimum="4", then="simulate")
    run = answer.headers["Location"]
    waiting = desk.client.get(run).get_data(as_text=True)
    assert "It begins in a moment." in waiting
    assert 'http-equiv="refresh"' in waiting, "a browser without scripts looks again by itself"
    assert simulations.run_waiting(shop.scope) == 1
    page = desk.client.get(run).get_data(as_text=True)
    assert "Counted on your own 48 visits of the last 90 days, by 4 members" in page
    assert "1 member loses" in page
    assert "the purchase is too small: 12 visits" in page
    who = desk.client.get(f"{run}/members/lose").get_data(as_text=True)
    assert holders[0].number[-4:] in who
    assert holders[0].number not in who
    assert desk.client.get(f"{run}/members/nobody").status_code == 404
    again = desk.post(at(shop, "/simulate")).headers["Location"]
    assert desk.client.post(f"{again}/cancel", data={"csrf_token": desk.token()}).status_code == 303
    assert simulations.run_waiting(shop.scope) == 0
    assert "It was called off." in desk.client.get(again).get_data(as_text=True)
