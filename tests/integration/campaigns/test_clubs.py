"""A shop's club and its events: who may come, who waits, what becomes of a place, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from app.campaigns.errors import (
    ClubOffError,
    EventChangedError,
    EventOverError,
    PlaceHeldError,
    PlaceUsedError,
    TicketFixedError,
)
from app.campaigns.queries.clubs import MemberEvent, club_members, club_of_shop, get_event, read_club
from app.campaigns.service import clubs, events, places, settling
from app.campaigns.service.events import EventWords
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.scope import Scope
from app.members.service.merging import merge
from app.merchants.errors import SomebodyWasFasterError
from app.privacy.erasing import erase_member
from app.rewards.queries.catalogue import list_programmes
from tests.campaigns import count, of_shop, rows
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, redeem_voucher, visit

TITLE = {"en": "Wine evening", "nl": "Wijnavond"}
TEXT = {"en": "Six bottles, one table.", "nl": "Zes flessen, één tafel."}
WORDING = "The shop sees that I joined, and my interests."


@pytest.fixture
def shop(scope: Scope) -> Shop:
    made = make_shop(scope, stamps=10)
    clubs.set_club(
        of_shop(scope, made), is_on=True, name="Table", interests=["natural wine", "gluten-free"], revision=0
    )
    return made


def guest(scope: Scope, shop: Shop) -> Scope:
    """A member who collects at the shop, as her app asks."""
    holder = make_holder(scope)
    visit(shop.counter(), holder)
    return as_member(scope, holder)


def as_member(scope: Scope, holder: Holder) -> Scope:
    return replace(scope, actor_kind="member", member_id=holder.member_id, _open=None)


def words(scope: Scope, shop: Shop, **changes: Any) -> EventWords:
    starts_at = scope.now + timedelta(days=10)
    usual: dict[str, Any] = {
        "title": TITLE,
        "text": TEXT,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "places": 2,
        "location_id": shop.location_id,
    }
    return EventWords(**(usual | changes))


def opened(scope: Scope, shop: Shop, **changes: Any) -> str:
    own = of_shop(scope, shop)
    event_id = events.write_event(own, words(scope, shop, **changes))
    events.open_event(own, event_id, revision=1)
    return event_id


def seen(member: Scope, shop: Shop) -> list[MemberEvent]:
    return list(club_of_shop(member, shop.merchant_id, "nl").events)


def told(scope: Scope, member: Scope) -> list[str]:
    found = rows(scope, "SELECT source FROM member_message WHERE member_id = :id ORDER BY id", id=member.member_id)
    return [str(row[0]).split(":")[0] for row in found]


def tickets(scope: Scope, member: Scope) -> list[tuple[Any, ...]]:
    return rows(
        scope, "SELECT status, code FROM voucher WHERE member_id = :id ORDER BY issued_at, id", id=member.member_id
    )


def test_a_club_is_off_until_its_owner_says_so_and_members_join_and_leave(scope: Scope) -> None:
    shop = make_shop(scope, stamps=10)
    own, anna = of_shop(scope, shop), guest(scope, shop)
    join = partial(clubs.join_club, merchant_id=shop.merchant_id, interests=["natural wine", "cars"], wording=WORDING)
    assert not club_of_shop(anna, shop.merchant_id, "nl").is_on
    with pytest.raises(ClubOffError):
        join(anna)
    with pytest.raises(ForbiddenError):
        clubs.set_club(replace(own, staff_role="manager"), is_on=True, name="Table", revision=0)
    with pytest.raises(InvalidError):
        clubs.set_club(own, is_on=True, name="Table", interests=[str(one) for one in range(13)], revision=0)
    clubs.set_club(own, is_on=True, name="Table", interests=["natural wine", "gluten-free"], revision=0)
    with pytest.raises(SomebodyWasFasterError):
        clubs.set_club(own, is_on=False, name="Table", revision=0)

    with pytest.raises(ClubOffError):
        join(as_member(scope, make_holder(scope)))
    for _ in range(2):
        join(anna)
    view = read_club(own)
    assert (view.members, view.by_interest) == (1, {"natural wine": 1, "gluten-free": 0})
    assert [one[:2] for one in club_members(own)] == [(anna.member_id, ("natural wine",))]
    assert club_of_shop(anna, shop.merchant_id, "nl").chosen == ("natural wine",)
    elsewhere = of_shop(scope, make_shop(scope, stamps=10, name="Other"))
    assert read_club(elsewhere).members == 0

    for _ in range(2):
        clubs.leave_club(anna, merchant_id=shop.merchant_id)
    assert rows(scope, "SELECT count(*) FROM club_member") == [(0,)]


def test_an_event_is_seen_by_those_it_is_for_and_never_says_why(scope: Scope, shop: Shop) -> None:
    anna, bert = guest(scope, shop), guest(scope, shop)
    clubs.join_club(anna, merchant_id=shop.merchant_id, interests=["natural wine"], wording=WORDING)
    draft = events.write_event(of_shop(scope, shop), words(scope, shop))
    for_all = opened(scope, shop)
    for_club = opened(scope, shop, audience="club")
    for_interest = opened(scope, shop, audience="interest", wanted="natural wine")
    for_others = opened(scope, shop, audience="interest", wanted="gluten-free")
    for_friends = opened(scope, shop, audience="group", wanted="friend")
    assert {one.event_id for one in seen(bert, shop)} == {for_all}
    assert {one.event_id for one in seen(anna, shop)} == {for_all, for_club, for_interest}
    assert seen(bert, shop)[0].title == "Wijnavond"
    for hidden in (draft, for_others, for_friends):
        with pytest.raises(NotFoundError):
            places.take(anna, event_id=hidden)
    count(scope)
    with scope.transaction() as tx:
        tx.session.execute(
            text("UPDATE shop_member SET relationship = 'friend' WHERE member_id = :id"), {"id": bert.member_id}
        )
    assert for_friends in {one.event_id for one in seen(bert, shop)}
    assert for_friends not in {one.event_id for one in seen(anna, shop)}
    assert not any(hasattr(one, "audience") for one in seen(anna, shop))
    # Its tickets are in no catalogue.
    assert "Wine evening" not in [one.name for one in list_programmes(scope, shop.merchant_id)[0].rewards]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": {"en": "Only"}}, "title"),
        ({"address": "Elsewhere 1"}, "location_id"),
        ({"places": 0}, "places"),
        ({"audience": "interest", "wanted": "cars"}, "audience"),
        ({"audience": "group", "wanted": "boss"}, "audience"),
        ({"title": {"en": "x" * 81}, "text": {"en": "x"}}, "title_en"),
    ],
)
def test_an_odd_event_is_refused_by_its_field(scope: Scope, shop: Shop, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        events.write_event(of_shop(scope, shop), words(scope, shop, **changes))
    assert field in refused.value.params["errors"]


def test_a_place_is_a_voucher_and_who_comes_late_waits_in_order(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    event_id = opened(scope, shop)
    anna, bert, cleo, dora = (guest(scope, shop) for _ in range(4))
    assert [places.take(one, event_id=event_id) for one in (anna, bert, cleo, dora)] == [
        *("held", "held", "waiting", "waiting")
    ]
    assert places.take(anna, event_id=event_id) == "held", "a repeat changes nothing"
    assert [one.ahead for member in (cleo, dora) for one in seen(member, shop)] == [0, 1]
    assert len(tickets(scope, anna)) == 1
    assert get_event(of_shop(scope, shop), event_id).taken == 2

    places.give_back(anna, event_id=event_id)
    assert [row[0] for row in tickets(scope, anna)] == ["cancelled"]
    assert [seen(one, shop)[0].place for one in (anna, cleo, dora)] == [None, "held", "waiting"]
    assert told(scope, cleo) == ["ticket"]
    assert told(scope, dora) == []
    # More places go to those who wait, by the job.
    events.write_event(of_shop(scope, shop), words(scope, shop, places=3), event_id=event_id, revision=2)
    for _ in range(2):
        settling.mind_events(scope)
    assert told(scope, dora) == ["ticket"]
    assert places.take(anna, event_id=event_id) == "waiting"
    with pytest.raises(InvalidError):
        events.write_event(of_shop(scope, shop), words(scope, shop, places=2), event_id=event_id, revision=3)
    with pytest.raises(InvalidError):
        events.write_event(
            of_shop(scope, shop),
            words(scope, shop, places=3, price="12", location_id=None, address="Elsewhere 1"),
            event_id=event_id,
            revision=3,
        )

    # The day before: reminded, once.
    clock.advance(days=9, hours=1)
    for _ in range(2):
        settling.mind_events(scope)
    assert told(scope, bert) == ["event"]
    # At the door: two come, and one doesn't.
    for one in (bert, cleo):
        [code] = [row[1] for row in tickets(scope, one) if row[0] == "issued"]
        assert redeem_voucher(shop.counter(), code).ok
    with pytest.raises(PlaceUsedError):
        places.give_back(bert, event_id=event_id)
    clock.advance(days=3)
    for _ in range(2):
        settling.mind_events(scope)
    over = get_event(of_shop(scope, shop), event_id)
    assert (over.came, over.missed) == (2, 1)
    with pytest.raises(EventOverError):
        places.take(anna, event_id=event_id)


def test_on_the_last_day_a_place_is_offered_for_two_hours_and_then_to_the_next(
    scope: Scope, shop: Shop, clock: FixedClock
) -> None:
    event_id = opened(scope, shop, places=1)
    anna, bert, cleo = (guest(scope, shop) for _ in range(3))
    for one in (anna, bert, cleo):
        places.take(one, event_id=event_id)
    clock.advance(days=9, hours=1)
    places.give_back(anna, event_id=event_id)
    assert seen(bert, shop)[0].place == "offered"
    assert tickets(scope, bert) == []
    clock.advance(hours=2)
    with pytest.raises(EventOverError):
        places.take(bert, event_id=event_id)
    settling.mind_events(scope)
    assert [seen(one, shop)[0].place for one in (bert, cleo)] == [None, "offered"]
    assert places.take(cleo, event_id=event_id) == "held"
    assert told(scope, cleo) == ["offer"], "and is not reminded of what she has just taken"
    settling.mind_events(scope)
    assert told(scope, cleo) == ["offer"]


def test_in_the_quiet_hours_nobody_who_waits_is_woken(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    event_id = opened(scope, shop, places=1)
    anna, bert = guest(scope, shop), guest(scope, shop)
    for one in (anna, bert):
        places.take(one, event_id=event_id)
    clock.set(scope.now.replace(hour=23, minute=0))
    places.give_back(anna, event_id=event_id)
    assert seen(bert, shop)[0].place == "waiting"
    assert places.take(anna, event_id=event_id) == "waiting", "nobody passes those who wait"
    clock.advance(hours=10)
    settling.mind_events(scope)
    assert seen(bert, shop)[0].place == "held"


def test_what_is_cancelled_is_told_to_everybody_once(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    event_id = opened(scope, shop, places=1)
    anna, bert = guest(scope, shop), guest(scope, shop)
    for one in (anna, bert):
        places.take(one, event_id=event_id)
    own = of_shop(scope, shop)
    events.cancel_event(own, event_id, revision=2)
    with pytest.raises(EventChangedError):
        events.cancel_event(own, event_id, revision=3)
    for _ in range(2):
        settling.mind_events(scope)
    assert [told(scope, one) for one in (anna, bert)] == [["event"], ["event"]]
    assert [row[0] for row in tickets(scope, anna)] == ["cancelled"]
    assert [one.status for one in seen(anna, shop)] == ["cancelled"]


def test_a_ticket_is_passed_on_once_and_moves_whole(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    event_id = opened(scope, shop)
    anna, bert, cleo = (guest(scope, shop) for _ in range(3))
    places.take(anna, event_id=event_id)
    with pytest.raises(NotFoundError):
        places.make_pass(bert, event_id=event_id)
    void, _ = places.make_pass(anna, event_id=event_id)
    places.revoke_pass(anna, event_id=event_id)
    code, until = places.make_pass(anna, event_id=event_id)
    assert until == scope.now + timedelta(days=7)
    for taker, shown in ((bert, void), (anna, code), (bert, "nonsense")):
        with pytest.raises(NotFoundError):
            places.accept_pass(taker, code=shown)
    assert rows(scope, "SELECT count(*) FROM event_place WHERE pass_hash = :code", code=code) == [(0,)]
    places.take(cleo, event_id=event_id)
    with pytest.raises(PlaceHeldError):
        places.accept_pass(cleo, code=code)

    assert places.accept_pass(bert, code=code) == (event_id, shop.merchant_id)
    assert [row[0] for row in tickets(scope, anna)] == ["cancelled"]
    assert [row[0] for row in tickets(scope, bert)] == ["issued"]
    assert get_event(of_shop(scope, shop), event_id).taken == 2
    assert told(scope, anna) == ["passed"]
    with pytest.raises(TicketFixedError):
        places.make_pass(bert, event_id=event_id)
    with pytest.raises(NotFoundError):
        places.accept_pass(anna, code=code)
    late, _ = places.make_pass(cleo, event_id=event_id)
    clock.advance(days=7)
    with pytest.raises(EventOverError):
        places.accept_pass(anna, code=late)


def test_places_go_with_their_member(scope: Scope, shop: Shop) -> None:
    event_id = opened(scope, shop)
    anna, bert, cleo = (guest(scope, shop) for _ in range(3))
    for one in (anna, bert, cleo):
        places.take(one, event_id=event_id)
    clubs.join_club(bert, merchant_id=shop.merchant_id, interests=["gluten-free"], wording=WORDING)
    # Whoever waited has now the other's place, and the club with it.
    with scope.transaction() as tx:
        merge(tx, scope, survivor_id=cleo.member_id or "", merged_id=bert.member_id or "")
    [mine] = seen(cleo, shop)
    assert (mine.place, club_of_shop(cleo, shop.merchant_id, "nl").chosen) == ("held", ("gluten-free",))
    places.give_back(cleo, event_id=event_id)
    places.take(bert, event_id=event_id)
    assert seen(cleo, shop)[0].place == "held"
    with scope.transaction() as tx:
        erase_member(tx, scope, cleo.member_id or "")
    assert rows(scope, "SELECT count(*) FROM club_member") == [(0,)]
    assert rows(scope, "SELECT count(*) FROM event_place") == [(1,)]
    assert get_event(of_shop(scope, shop), event_id).taken == 1
