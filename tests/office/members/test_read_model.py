"""A shop's view of its members follows what is booked, and is what a plain recount comes to."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.cards.profiles import write_profile
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.members.service import merge
from app.privacy.erasing import erase
from app.rewards.models import ShopMember, ShopMemberWord, ShopPlace
from app.rewards.service import upkeep
from app.rewards.service.adjusting import adjust
from app.rewards.service.shop_members import Follower, rebuild
from app.wallet.service.undoing import undo_merge
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, reverse, visit
from tests.office.members.conftest import kept


def recount(scope: Scope) -> Any:
    """All of it thrown away and made anew."""
    with scope.transaction() as tx:
        for table in (ShopMember, ShopMemberWord, ShopPlace):
            tx.session.execute(delete(table))
    rebuild(scope)
    return kept(scope)


def row_of(scope: Scope, shop: Shop, member_id: str, place_id: str | None = None) -> ShopMember | None:
    with scope.reading() as tx:
        return tx.session.scalars(
            select(ShopMember).where(
                ShopMember.member_id == member_id, ShopMember.place_id == (place_id or shop.merchant_id)
            )
        ).first()


def test_a_visit_stands_in_the_list_after_the_next_look(scope: Scope, follower: Follower, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    counter = shop.counter()
    for days in (0, 7, 7, 8):
        clock.advance(days=days)
        assert visit(shop.same(counter), holder, amount_minor=1250).ok
    assert follower.follow(scope) == 4
    row = row_of(scope, shop, holder.member_id)
    assert row is not None
    assert (row.visits, row.spend_minor, row.gap_days, row.balance, row.fill) == (4, 5000, 7, 4, 400)
    assert row.seen_at == clock()
    assert row.overdue_at is not None
    assert (row.overdue_at - row.seen_at).days == 14
    assert len(row.recent) == 4
    assert row.card_tail == holder.number[-4:]
    assert row_of(scope, shop, holder.member_id, shop.location_id) is not None
    assert follower.follow(scope) == 0, "what was seen is not read twice"


def test_a_booking_that_was_committed_late_is_not_missed(scope: Scope, follower: Follower) -> None:
    """Its id is older than that of one which was followed already, as when a slow one ends after a quick one."""
    shop, early, late = make_shop(scope, stamps=10), make_holder(scope), make_holder(scope)
    visit(shop.counter(), early)
    visit(shop.counter(), late)
    with scope.transaction() as tx:
        from app.ledger.models import LocationTransaction

        rows = tx.session.scalars(
            select(LocationTransaction).order_by(LocationTransaction.transaction_id).limit(1)
        ).all()
        held = {column.name: getattr(rows[0], column.name) for column in LocationTransaction.__table__.columns}
        tx.session.delete(rows[0])
    assert follower.follow(scope) == 1
    with scope.transaction() as tx:
        tx.session.add(LocationTransaction(**held))
    assert follower.follow(scope) == 1
    assert row_of(scope, shop, early.member_id) is not None


def test_what_no_counter_books_is_told(
    scope: Scope, follower: Follower, clock: FixedClock, settings: Any, database: Any
) -> None:
    """Corrections, merges and their undoing, names, expiry and leaving: afterwards it is as recounted."""
    context = JobContext(settings, database, clock)
    shop = make_shop(
        scope, rules={"earn": [{"per": "visit", "units": "3"}], "expiry": {"kind": "months", "months": 1}}, name="A"
    )
    other = make_shop(scope, stamps=10, name="B")
    first, second = make_holder(scope), make_holder(scope)
    for holder in (first, second):
        visit(shop.counter(), holder)
        visit(other.counter(), holder)
        clock.advance(days=1)
    adjust(replace(scope, merchant_id=shop.merchant_id), member_id=first.member_id, programme_id=shop.programme_id,
           units=5, reason="Broken machine")  # fmt: skip
    with scope.transaction() as tx:
        write_profile(tx, scope, first.member_id, {"name": "Zoë D'Hondt", "shows_name": True})
    follower.follow(scope)
    drain(context)
    assert kept(scope) == recount(scope)
    assert kept(scope)[2], "a name that is shown is found by its beginnings"
    with scope.transaction() as tx:
        merge_id = merge(tx, scope, survivor_id=first.member_id, merged_id=second.member_id)
    drain(context)
    assert row_of(scope, shop, second.member_id) is None
    survivor = row_of(scope, shop, first.member_id)
    assert survivor is not None
    assert (survivor.visits, survivor.balance) == (2, 11)
    assert kept(scope) == recount(scope)
    undo_merge(replace(scope, member_id=first.member_id, actor_kind="member"), merge_id=merge_id)
    drain(context)
    assert kept(scope) == recount(scope)
    assert row_of(scope, shop, second.member_id) is not None
    clock.advance(days=40)
    assert upkeep.expire_lots(scope) > 0
    drain(context)
    assert kept(scope) == recount(scope)
    assert (row_of(scope, shop, first.member_id) or ShopMember(balance=-1)).balance == 5, "what was given by hand stays"
    with scope.transaction() as tx:
        erase(tx, scope, first.member_id)
    assert row_of(scope, shop, first.member_id) is None, "gone with the transaction, not after it"
    drain(context)
    assert kept(scope) == recount(scope)


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_day_at_the_counter_it_is_what_a_recount_comes_to(
    scope: Scope, follower: Follower, clock: FixedClock, seed: int
) -> None:
    chance = Random(seed)
    shop = make_shop(scope, stamps=5)
    station = shop.another_location()
    reward = shop.add_reward(name="Roll", cost=2)
    holders = [make_holder(scope) for _ in range(6)]
    booked: list[tuple[Shop, str]] = []
    for _ in range(60):
        clock.advance(hours=chance.randint(1, 60))
        where = chance.choice((shop, station))
        holder: Holder = chance.choice(holders)
        act = chance.random()
        if act < 0.7 or not booked:
            answer = visit(where.counter(), holder, amount_minor=chance.choice((None, 350, 1999)))
            booked.append((where, answer.transaction_id))
        elif act < 0.85:
            place, transaction_id = booked.pop(chance.randrange(len(booked)))
            reverse(place.counter(), transaction_id)
        else:
            redeem(where.counter(), holder, reward)
        if chance.random() < 0.2:
            follower.follow(scope)
    follower.follow(scope)
    assert kept(scope) == recount(scope)


def test_a_worker_that_starts_counts_what_was_there_before(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    visit(shop.counter(), holder)
    Follower().follow(scope)
    assert row_of(scope, shop, holder.member_id) is not None
    assert not outbox_topics(scope) & {"member.changed"}, "the counter tells nobody: it is followed"


def outbox_topics(scope: Scope) -> set[str]:
    from app.common.models import OutboxMessage

    with scope.reading() as tx:
        return set(tx.session.scalars(select(OutboxMessage.topic)))
