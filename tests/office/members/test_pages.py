"""The list, one member, corrections, notes and saved lists, as a manager uses them without scripts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.backoffice.queries.members import Search, list_members
from app.backoffice.service import members
from app.cards.profiles import write_profile
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.ledger.verifying import verify
from app.members.service import merge
from app.privacy.erasing import erase
from app.rewards.models import MemberNote, MemberSegment, Segment, Voucher
from app.rewards.segments import MemberFilter, read_filter
from app.rewards.service.segments import fill_segments
from app.rewards.service.shop_members import Follower, rebuild
from app.wallet.service import export_me
from app.wallet.service.undoing import undo_merge
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, forms_in, sit_down

ZONE = "Europe/Brussels"


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10, name="Bakery")


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id, "manager")


def staff(scope: Scope, shop: Shop, desk: Desk, role: str = "manager", **more: Any) -> Scope:
    return replace(
        scope,
        actor_kind="staff",
        actor_id=desk.staff_id,
        staff_id=desk.staff_id,
        staff_role=role,
        merchant_id=shop.merchant_id,
        **more,
    )


def named(scope: Scope, name: str, *, shows: bool = True) -> Holder:
    holder = make_holder(scope)
    with scope.transaction() as tx:
        write_profile(tx, scope, holder.member_id, {"name": name, "shows_name": shows, "birthday": "1990-03-07"})
    return holder


def come(shop: Shop, clock: FixedClock, holder: Holder, *days: int, amount: int | None = 1000) -> None:
    for gap in days:
        clock.advance(days=gap)
        assert visit(shop.counter(), holder, amount_minor=amount).ok


def ids(page: Any) -> list[str]:
    return [line.member_id for line in page.lines]


def test_a_page_goes_on_where_the_last_one_ended_in_every_order(
    scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    for number in range(7):
        come(shop, clock, make_holder(scope), *[1] * (number % 3 + 1), amount=500 * (number % 2 + 1))
    rebuild(scope)
    own = staff(scope, shop, desk)
    for sort in ("seen", "visits", "spend", "fill", "first"):
        for is_descending in (True, False):
            whole = ids(list_members(own, timezone=ZONE, sort=sort, is_descending=is_descending))
            parts: list[str] = []
            after = None
            while True:
                page = list_members(own, timezone=ZONE, sort=sort, is_descending=is_descending, after=after, limit=2)
                parts += ids(page)
                if (after := page.next) is None:
                    break
            assert parts == whole
            assert len(set(whole)) == 7
    assert ids(list_members(own, timezone=ZONE, after="nonsense"))
    assert ids(list_members(own, timezone=ZONE, sort="visits", after="WzEsIDJd"))


def test_filters_find_whom_they_mean(scope: Scope, shop: Shop, desk: Desk, clock: FixedClock) -> None:
    away, often, once = make_holder(scope), make_holder(scope), make_holder(scope)
    come(shop, clock, away, 0, 7, 7, 7)
    come(shop, clock, often, 1, 5, 5, 5, 5, 5, 1, 1, 1, amount=2500)
    come(shop, clock, once, 0)
    rebuild(scope)
    own = staff(scope, shop, desk)

    def found(**wishes: Any) -> set[str]:
        return set(ids(list_members(own, timezone=ZONE, wanted=MemberFilter(**wishes))))

    assert found(is_away=True) == {away.member_id}
    assert found(visits_least=5) == {often.member_id}
    assert found(visits_most=1) == {once.member_id}
    assert found(spend_least=20_000) == {often.member_id}
    assert found(is_nearly_full=True) == {often.member_id}
    assert found(silent_days=20) == {away.member_id}
    assert found(new_days=3) == {once.member_id}
    assert found(has_app=True) == set()
    assert found(location_id=shop.location_id) == {away.member_id, often.member_id, once.member_id}
    page = list_members(own, timezone=ZONE, wanted=MemberFilter(is_away=True))
    assert (page.found, page.total, page.has_more_found) == (1, 3, False)


def test_a_filter_keeps_what_it_says_and_nothing_else() -> None:
    wanted = MemberFilter(is_away=True, visits_least=6, has_app=False, location_id=new_id())
    assert read_filter(wanted.document()) == wanted
    assert read_filter({"visits_least": True, "silent_days": -3, "location_id": "x", "role": "owner"}).is_empty
    assert wanted.without("is_away").is_away is False


def test_search_finds_shown_names_cards_and_own_names_alone(
    scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    shown, hidden, nameless = (
        named(scope, "Zoë D'Hondt"),
        named(scope, "Secret Person", shows=False),
        make_holder(scope),
    )
    for holder in (shown, hidden, nameless):
        come(shop, clock, holder, 1)
    other = make_shop(scope, stamps=10, name="Elsewhere")
    visit(other.counter(), shown)
    rebuild(scope)
    own = staff(scope, shop, desk)
    members.call_member(own, nameless.member_id, name="The tall man")

    def found(text: str, by: Scope = own) -> set[str]:
        return set(ids(list_members(by, timezone=ZONE, search=Search(text))))

    assert found("zoe") == found("ZOË hon") == found("dh") == {shown.member_id} or found("hondt") == {shown.member_id}
    assert found("secret") == set(), "a name that is not shown is not found"
    assert found("tall") == {nameless.member_id}
    assert found("tall", replace(own, merchant_id=other.merchant_id)) == set(), "what one shop calls her is its own"
    assert found(shown.number) == {shown.member_id}
    assert found(shown.number[-4:].lower()) == {shown.member_id}
    assert found("nobody at all") == set()


def test_who_works_at_one_shop_sees_its_members_and_its_figures(
    flask_app: Flask, scope: Scope, shop: Shop, clock: FixedClock
) -> None:
    station = shop.another_location()
    here, there = make_holder(scope), make_holder(scope)
    come(shop, clock, here, 1, 1)
    come(station, clock, here, 1)
    come(station, clock, there, 1)
    rebuild(scope)
    local = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=shop.location_id)
    own = staff(scope, shop, local, location_id=shop.location_id)
    page = list_members(own, timezone=ZONE)
    assert [(line.member_id, line.visits) for line in page.lines] == [(here.member_id, 2)]
    assert local.get(f"/members/{there.member_id}").status_code == 404
    assert local.get(f"/members?at={station.location_id}").status_code == 404
    with pytest.raises(NotFoundError):
        list_members(own, timezone=ZONE, wanted=MemberFilter(location_id=station.location_id))


def test_another_shops_member_and_nobody_answer_alike(
    flask_app: Flask, scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    other, holder = make_shop(scope, stamps=10, name="Elsewhere"), make_holder(scope)
    come(other, clock, holder, 1)
    rebuild(scope)
    for member_id in (holder.member_id, new_id(), "x"):
        assert desk.get(f"/members/{member_id}").status_code == 404
        assert desk.post(f"/members/{member_id}/notes", {"words": "hi", "note_id": new_id()}).status_code == 404
        assert desk.post(f"/members/{member_id}/name", {"name": "hi"}).status_code == 404
        assert desk.get(f"/members/{member_id}/correct").status_code == 404
    with scope.reading() as tx:
        assert tx.session.scalars(select(MemberNote)).all() == []


def test_a_page_tells_what_was_booked_and_why(scope: Scope, shop: Shop, desk: Desk, clock: FixedClock) -> None:
    holder = named(scope, "<b>Zoë</b>")
    come(shop, clock, holder, 0, 3, 3, 3)
    rebuild(scope)
    page = desk.get(f"/members/{holder.member_id}").get_data(as_text=True)
    assert "&lt;b&gt;Zoë&lt;/b&gt;" in page
    assert "<b>Zoë" not in page
    assert page.count("for the visit") == 4
    assert "4 / 10" in page
    part = desk.get(f"/members/{holder.member_id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part
    assert "4 / 10" in part
    listed = desk.get("/members").get_data(as_text=True)
    assert "&lt;b&gt;Zoë&lt;/b&gt;" in listed
    assert "1 member" in listed


def test_a_correction_fills_a_card_is_booked_once_and_can_be_undone(
    scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    holder = make_holder(scope)
    come(shop, clock, holder, 1, 1)
    rebuild(scope)
    page = desk.get(f"/members/{holder.member_id}/correct").get_data(as_text=True)
    form = next(one for one in forms_in(page) if "booking_id" in one)
    sent = {**form, "way": "give", "units": "9", "reason": "The machine was broken"}
    assert desk.post(f"/members/{holder.member_id}/correct", sent).status_code == 303
    assert desk.post(f"/members/{holder.member_id}/correct", sent).status_code == 303, "a repeat is answered alike"
    shown = desk.get(f"/members/{holder.member_id}").get_data(as_text=True)
    assert "1 / 10" in shown
    assert "The machine was broken" in shown
    assert "+9" in shown
    with scope.reading() as tx:
        assert tx.session.scalars(select(Voucher.status)).all() == ["issued"]
        assert len(tx.session.scalars(select(AuditEvent).where(AuditEvent.action == "account.adjusted")).all()) == 1
    undo = desk.post(f"/members/{holder.member_id}/undo/{form['booking_id']}", {"reason": "Typed wrong"})
    assert undo.status_code == 303
    assert "2 / 10" in desk.get(f"/members/{holder.member_id}").get_data(as_text=True)
    with scope.reading() as tx:
        assert tx.session.scalars(select(Voucher.status)).all() == ["cancelled"]
    assert desk.post(f"/members/{holder.member_id}/undo/{form['booking_id']}", {"reason": "Again"}).status_code == 422
    assert verify(scope).mismatches == []


def test_a_manager_gives_no_more_than_a_card_a_day_and_an_owner_what_is_right(
    flask_app: Flask, scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    holder = make_holder(scope)
    come(shop, clock, holder, 1)
    rebuild(scope)

    def give(by: Desk, units: int) -> int:
        page = by.get(f"/members/{holder.member_id}/correct").get_data(as_text=True)
        form = next(one for one in forms_in(page) if "booking_id" in one)
        sent = {**form, "way": "give", "units": str(units), "reason": "Sorry"}
        return by.post(f"/members/{holder.member_id}/correct", sent).status_code

    assert give(desk, 11) == 422
    assert give(desk, 6) == 303
    assert give(desk, 5) == 422, "not in small pieces either"
    clock.advance(days=1)
    assert give(desk, 5) == 303
    owner = sit_down(flask_app, scope, shop.merchant_id, "owner")
    assert give(owner, 500) == 303


def test_taking_more_than_there_is_is_refused_beside_the_form(
    scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    holder = make_holder(scope)
    come(shop, clock, holder, 1)
    rebuild(scope)
    sent = {"booking_id": new_id(), "programme_id": shop.programme_id, "way": "take", "units": "3", "reason": "Twice"}
    answer = desk.post(f"/members/{holder.member_id}/correct", sent)
    assert answer.status_code == 422
    assert "The balance is not enough" in answer.get_data(as_text=True)
    assert desk.post(f"/members/{holder.member_id}/correct", {**sent, "reason": " "}).status_code == 422
    assert verify(scope).mismatches == []


def test_a_visit_is_undone_here_and_what_was_spent_is_owed(
    scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    holder = make_holder(scope)
    clock.advance(days=1)
    booked = visit(shop.counter(), holder, amount_minor=900)
    reward = shop.add_reward(name="Roll", cost=1)
    from tests.factories import redeem

    assert redeem(shop.counter(), holder, reward).ok
    rebuild(scope)
    page = desk.get(f"/members/{holder.member_id}/undo/{booked.transaction_id}")
    assert "€9" in page.get_data(as_text=True)
    assert desk.post(f"/members/{holder.member_id}/undo/{booked.transaction_id}", {"reason": ""}).status_code == 422
    done = desk.post(f"/members/{holder.member_id}/undo/{booked.transaction_id}", {"reason": "Wrong card"})
    assert done.status_code == 303
    other = make_shop(scope, stamps=10, name="Elsewhere")
    elsewhere = visit(other.counter(), holder)
    away = f"/members/{holder.member_id}/undo/{elsewhere.transaction_id}"
    assert desk.get(away).status_code == 404
    assert desk.post(away, {"reason": "Not mine"}).status_code == 404
    Follower().follow(scope)
    assert desk.get(f"/members/{holder.member_id}").status_code in (200, 404)
    assert verify(scope).mismatches == []


def test_notes_are_the_shops_go_into_her_record_and_leave_with_her(
    scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    holder, second = make_holder(scope), make_holder(scope)
    come(shop, clock, holder, 1)
    come(shop, clock, second, 1)
    rebuild(scope)
    note_id = new_id()
    words = "Likes peonies <script>alert(1)</script>"
    for _ in range(2):
        desk.post(f"/members/{second.member_id}/notes", {"words": words, "note_id": note_id})
    desk.post(f"/members/{second.member_id}/name", {"name": "Auntie"})
    page = desk.get(f"/members/{second.member_id}").get_data(as_text=True)
    assert page.count("Likes peonies &lt;script&gt;") == 2, "once in the note, once in its button, and told once"
    with scope.reading() as tx:
        kept = tx.session.scalars(select(MemberNote)).all()
        assert len(kept) == 2
        assert all(b"peonies" not in bytes(note.words) for note in kept), "sealed"
    with scope.transaction() as tx:
        merge_id = merge(tx, scope, survivor_id=holder.member_id, merged_id=second.member_id)
    told = export_me(replace(scope, member_id=holder.member_id, actor_kind="member"))["shop_notes"]
    assert {one["words"] for one in told} == {words, "Auntie"}
    assert {one["merchant_name"] for one in told} == {"Bakery"}
    undo_merge(replace(scope, member_id=holder.member_id, actor_kind="member"), merge_id=merge_id)
    told = export_me(replace(scope, member_id=second.member_id, actor_kind="member"))["shop_notes"]
    assert {one["words"] for one in told} == {words, "Auntie"}
    rebuild(scope)
    dropped = desk.post(f"/members/{second.member_id}/notes/{note_id}/drop")
    assert dropped.status_code == 303
    assert desk.post(f"/members/{second.member_id}/notes/{note_id}/drop").status_code == 404
    with scope.transaction() as tx:
        erase(tx, scope, second.member_id)
        assert tx.session.scalars(select(MemberNote)).all() == []
    assert desk.get(f"/members/{second.member_id}").status_code == 404


def test_a_saved_list_fills_itself_and_two_who_change_it_are_told(
    flask_app: Flask, scope: Scope, shop: Shop, desk: Desk, clock: FixedClock
) -> None:
    often, once = make_holder(scope), make_holder(scope)
    come(shop, clock, often, 1, 1, 1)
    come(shop, clock, once, 1)
    rebuild(scope)
    assert "Save as a list" in desk.get("/members?visits=2").get_data(as_text=True)
    made = desk.post("/members/lists/new", {"name": "Regulars", "visits": "2", "filtered": "1"})
    assert made.status_code == 303
    with scope.reading() as tx:
        segment = tx.session.scalars(select(Segment)).one()
        assert (segment.members, segment.merchant_id) == (1, shop.merchant_id)
        assert tx.session.scalars(select(MemberSegment.member_id)).all() == [often.member_id]
    assert desk.post("/members/lists/new", {"name": "regulars", "visits": "3"}).status_code == 422
    assert desk.get("/members/lists/new").status_code == 303, "a list of everybody is no list"
    come(shop, clock, once, 1)
    rebuild(scope)
    fill_segments(scope)
    with scope.reading() as tx:
        assert set(tx.session.scalars(select(MemberSegment.member_id))) == {often.member_id, once.member_id}
    where = f"/members/lists/{segment.id}"
    second = sit_down(flask_app, scope, shop.merchant_id, "owner")
    change = {"name": "Regulars", "revision": "1", "filtered": "1", "visits": "3"}
    assert second.post(where, change).status_code == 303
    stale = desk.post(where, {**change, "visits": "9"})
    assert stale.status_code == 409
    assert "The owner changed this list" in stale.get_data(as_text=True)
    with scope.reading() as tx:
        assert tx.session.scalars(select(Segment.wanted)).one() == {"visits_least": 3}
    shop.add_reward(name="For regulars", cost=3, segment_id=segment.id)
    assert desk.post(f"{where}/drop").status_code == 303
    assert "For regulars" in desk.get("/members/lists").get_data(as_text=True)
    elsewhere = make_shop(scope, stamps=10, name="Elsewhere")
    stranger = sit_down(flask_app, scope, elsewhere.merchant_id, "owner")
    assert stranger.get(where).status_code == 404
    assert stranger.post(where, change).status_code == 404
    assert stranger.get(f"/members?list={segment.id}").status_code == 404


def test_a_form_takes_nothing_that_it_does_not_name(scope: Scope, shop: Shop, desk: Desk) -> None:
    other = make_shop(scope, stamps=10, name="Elsewhere")
    sent = {"name": "Mine", "visits": "2", "merchant_id": other.merchant_id, "members": "99", "id": new_id()}
    assert desk.post("/members/lists/new", sent).status_code == 303
    with scope.reading() as tx:
        made = tx.session.scalars(select(Segment)).one()
    assert (made.merchant_id, made.members) == (shop.merchant_id, 0)


def test_the_address_holds_no_script(desk: Desk) -> None:
    page = desk.get("/members?q=%3Cscript%3Ealert(1)%3C/script%3E&tier=%22%3E%3Cscript%3E").get_data(as_text=True)
    assert "<script>alert" not in page
    assert not re.search(r'value=""><script', page)
