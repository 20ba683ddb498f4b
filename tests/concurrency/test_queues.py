"""Queues, reservations and their ends at the same moment. The twins, each without one guard, run on PostgreSQL: on
SQLite one writer is the guard of all, and has twins of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Select

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.members import belongings
from app.members.service import merge
from app.merchants import gaps
from app.rewards.models import Voucher
from app.scanning.results import Synced
from app.scanning.service import alarms, decide, raise_gap_alarms, reviewing, syncing, write_off_device
from app.wallet import service as wallet
from app.wallet.service import vouchers as holding
from tests.books import assert_books_balance, count, standing
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import Answer, Shop, make_holder, make_shop, redeem_voucher, render, render_refusal, visit
from tests.tablets import Phone, Tablet, given, seen

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
RESERVED = "hold_id IS NOT NULL AND status = 'issued'"
VOUCHERS = Voucher.__table__
ALARMED = "action = 'device.gap_alarmed'"


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1", reward={"cost": 5})


@pytest.fixture
def tablet(shop: Shop) -> Tablet:
    return Tablet.paired(shop)


@pytest.fixture
def phone(scope: Scope, shop: Shop) -> Phone:
    """Of a member with 40 units."""
    holder = make_holder(scope)
    assert visit(shop.counter(), holder, amount_minor=40_00).ok
    return Phone(scope, holder)


def all_meet(monkeypatch: pytest.MonkeyPatch, statement: Statement, count: int) -> None:
    """Everybody who reads by this statement waits until all have read."""
    gate = threading.Barrier(count)
    rows = Transaction.rows

    def met(transaction: Transaction, asked: Statement, params: Any) -> Any:
        found = rows(transaction, asked, params)
        if asked is statement and not gate.broken:
            gate.wait(timeout=20)
        return found

    monkeypatch.setattr(Transaction, "rows", met)


class Amid:
    """Somebody else who acts when ``name`` is first called. The caller goes on when that is done, or after a second,
    since the other may have to wait for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, act: Callable[[], Any]) -> None:
        self._act = act
        self._called = getattr(place, name)
        self._outcome: Any = None
        self._thread = threading.Thread(target=self._run)
        monkeypatch.setattr(place, name, self)

    def __call__(self, *sent: Any, **more: Any) -> Any:
        if self._thread.ident is None:
            self._thread.start()
            self._thread.join(timeout=1)
        return self._called(*sent, **more)

    def outcome(self) -> Any:
        """What it returned or raised, once it has."""
        self._thread.join(timeout=30)
        return self._outcome

    def _run(self) -> None:
        self._outcome = attempt(self._act)


def attempt(act: Callable[[], Any]) -> Any:
    """What it returns, or raises."""
    try:
        return act()
    except Exception as error:
        return error


def test_one_queue_in_many_batches_at_once_is_booked_once(
    tablet: Tablet, phone: Phone, shop: Shop, scope: Scope, clock: FixedClock
) -> None:
    events = [seen(phone.holder, number, clock.now, amount_minor=100) for number in range(1, 19)]
    cuts = [events[:8], events[4:14], events[10:], events[::-1], events, events[12:] + events[:6]]
    answers = at_once([partial(tablet.sync, cut) for cut in cuts])
    told = [result for answer in answers if isinstance(answer, Synced) for result in answer.results]
    assert len(told) == sum(map(len, cuts)), answers
    assert {result.status for result in told} == {"applied", "duplicate"}
    assert sum(result.status == "applied" for result in told) == len(events)
    booked: dict[str | None, set[str | None]] = {}
    for result in told:
        booked.setdefault(result.id, set()).add(result.transaction_id)
    assert [len(ids) for ids in booked.values()] == [1] * len(events)
    assert standing(scope, phone.holder.member_id, shop.programme_id).balance == 40 + len(events)
    assert tablet.missing() == []
    assert_books_balance(scope)


# --- numbers ----------------------------------------------------------------------------------------------------------


def come_at_once(tablet: Tablet) -> list[tuple[int, int]]:
    """Numbers of one queue in four batches at once; what is missing when all have come."""
    tablet.sync(unread=[1, 26])
    at_once([partial(tablet.sync, unread=list(range(start, 26, 4))) for start in range(2, 6)])
    return tablet.missing()


def test_numbers_that_come_at_once_are_all_noted(tablet: Tablet) -> None:
    assert come_at_once(tablet) == []


@on_postgresql
def test_without_the_lock_this_harness_sees_numbers_forgotten(tablet: Tablet, monkeypatch: pytest.MonkeyPatch) -> None:
    tablet.sync(unread=[1, 26])
    unlocked = "SELECT synced_sequence, revoked_at FROM device WHERE id = :device_id"
    monkeypatch.setattr(syncing, "_LOCK", Statement(unlocked))
    all_meet(monkeypatch, gaps._OF_DEVICE, 2)
    at_once([partial(tablet.sync, unread=numbers) for numbers in ([5, 9], [7, 11])])
    monkeypatch.undo()
    missing = {number for first, last in tablet.missing() for number in range(first, last + 1)}
    assert missing & {5, 7, 9, 11}


def test_an_alarm_is_raised_once(tablet: Tablet, scope: Scope, clock: FixedClock) -> None:
    tablet.sync(unread=[5])
    clock.advance(minutes=10)
    told = at_once([partial(raise_gap_alarms, replace(scope)) for _ in range(6)])
    assert sorted(map(str, told)) == ["0"] * 5 + ["1"]
    assert count(scope, "audit_event", ALARMED) == 1


@on_postgresql
def test_without_the_lock_this_harness_sees_two_alarms(
    tablet: Tablet, scope: Scope, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet.sync(unread=[5])
    clock.advance(minutes=10)
    monkeypatch.setattr(alarms, "_LOCK", Statement("SELECT id FROM device WHERE id = :device_id"))
    all_meet(monkeypatch, alarms._OF_DEVICE, 2)
    at_once([partial(raise_gap_alarms, replace(scope)) for _ in range(2)])
    assert count(scope, "audit_event", ALARMED) == 2


# --- reservations -----------------------------------------------------------------------------------------------------


def test_one_voucher_for_two_tablets_is_one_tablets(shop: Shop, tablet: Tablet, phone: Phone, scope: Scope) -> None:
    tablets = [tablet, Tablet.paired(shop, "Other")]
    voucher = phone.take(shop.reward_ids[0])
    answers = at_once([partial(phone.reserve, voucher.voucher_id, tablets[place % 2]) for place in range(8)])
    holds = {answer for answer in answers if isinstance(answer, str)}
    assert len(holds) == 1
    assert {type(answer).__name__ for answer in answers} == {"str", "VoucherHeldError"}
    hold = phone.see(voucher.voucher_id).hold
    assert hold is not None
    assert {hold.hold_id} == holds


@pytest.mark.parametrize("seed", range(4))
def test_however_it_ends_a_reserved_voucher_is_given_once(
    shop: Shop, tablet: Tablet, phone: Phone, scope: Scope, clock: FixedClock, seed: int
) -> None:
    """Its tablet's queue in two copies, its tablet's word, its member and another till, all at once."""
    voucher = phone.take(shop.reward_ids[0])
    hold_id = phone.reserve(voucher.voucher_id, tablet)
    phone.ask_back(voucher.voucher_id)
    event = given(voucher.code, 1, clock.now)
    till = shop.another_device()
    acts: list[Callable[[], Any]] = [
        partial(tablet.sync, [event]),
        partial(tablet.sync, [event]),
        partial(tablet.sync, acks=[hold_id]),
        lambda: redeem_voucher(shop.same(till), voucher.code),
        lambda: phone.give_back(voucher.voucher_id),
    ]
    answers = at_once(acts[seed:] + acts[:seed])
    applied = {
        result.transaction_id
        for answer in answers
        if isinstance(answer, Synced)
        for result in answer.results
        if result.status in ("applied", "duplicate")
    }
    redeemed = [answer for answer in answers if isinstance(answer, Answer) and answer.ok]
    given_back = sum(answer is None for answer in answers)
    assert len(applied) + len(redeemed) + given_back <= 1
    shown = phone.see(voucher.voucher_id)
    assert shown.hold is None
    assert shown.status == ("redeemed" if applied or redeemed else "cancelled" if given_back else "issued")
    assert_books_balance(scope)


def reserved_amid_a_write_off(
    shop: Shop, tablet: Tablet, phone: Phone, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> int:
    """A phone reserves for a tablet that is given up that moment. How many vouchers are then reserved for ever."""
    voucher = phone.take(shop.reward_ids[0])
    lost = partial(write_off_device, replace(scope), tablet.device_id, reason="Lost")
    gone = Amid(monkeypatch, holding.brakes, "require_unlocked", lost)
    attempt(partial(phone.reserve, voucher.voucher_id, tablet))
    assert gone.outcome().written_off_at is not None
    return count(scope, "voucher", RESERVED)


def test_nothing_stays_reserved_for_a_tablet_that_is_given_up_meanwhile(
    shop: Shop, tablet: Tablet, phone: Phone, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reserved_amid_a_write_off(shop, tablet, phone, scope, monkeypatch) == 0


@on_postgresql
def test_without_the_tablets_lock_this_harness_sees_a_voucher_stranded(
    shop: Shop, tablet: Tablet, phone: Phone, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Select, "with_for_update", lambda self, **_: self)
    assert reserved_amid_a_write_off(shop, tablet, phone, scope, monkeypatch) == 1


def reserved_amid_a_merge(
    shop: Shop, tablet: Tablet, phone: Phone, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> tuple[bool, int]:
    """A voucher is reserved while its member is merged. Whether the phone was told so, and how many are reserved."""
    voucher = phone.take(shop.reward_ids[0])
    survivor, mine = make_holder(scope), replace(scope)
    where = {"location_id": shop.location_id, "device_id": tablet.device_id}
    reserve = partial(wallet.hold_voucher, phone.own(), voucher_id=voucher.voucher_id, **where)
    delete = belongings.delete
    first = Amid(monkeypatch, belongings, "delete", reserve)
    # After the vouchers were read, before they are made again under the other member.
    monkeypatch.setattr(belongings, "delete", lambda table: (first if table is VOUCHERS else delete)(table))
    mine.run(lambda tx: merge(tx, mine, survivor_id=survivor.member_id, merged_id=phone.holder.member_id))
    told = first.outcome()
    assert told is None or isinstance(told, NotFoundError), told
    return told is None, count(scope, "voucher", RESERVED)


def test_a_reservation_amid_a_merge_stands_or_was_refused(
    shop: Shop, tablet: Tablet, phone: Phone, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_told, reserved = reserved_amid_a_merge(shop, tablet, phone, scope, monkeypatch)
    assert reserved == was_told


@on_postgresql
def test_without_the_vouchers_lock_this_harness_sees_a_reservation_lost(
    shop: Shop, tablet: Tablet, phone: Phone, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Select, "with_for_update", lambda self, **_: self)
    assert reserved_amid_a_merge(shop, tablet, phone, scope, monkeypatch) == (True, 0)


# --- decisions --------------------------------------------------------------------------------------------------------


def review(shop: Shop, tablet: Tablet, phone: Phone) -> Callable[[int], Any]:
    """An event that waits, and who decides on it: even numbers approve, odd ones refuse."""
    event = seen(phone.holder, 1, shop.scope.now - timedelta(hours=80), amount_minor=700)
    assert tablet.sync([event]).results[0].status == "review"

    def one(place: int) -> Answer:
        return Answer(
            decide(
                shop.counter(),
                event.id,
                is_approved=place % 2 == 0,
                key=f"k{place}",
                read=lambda _: event,
                render=render,
                render_refusal=render_refusal,
            )
        )

    return one


def test_an_event_is_decided_on_once(shop: Shop, tablet: Tablet, phone: Phone, scope: Scope) -> None:
    one = review(shop, tablet, phone)
    answers = at_once([partial(one, place) for place in range(8)])
    decided = [answer for answer in answers if isinstance(answer, Answer) and answer.ok]
    assert len(decided) == 1
    refused = {answer.code if isinstance(answer, Answer) else answer for answer in answers if answer is not decided[0]}
    assert refused == {"review_decided"}
    balance = standing(scope, phone.holder.member_id, shop.programme_id).balance
    assert balance == (47 if decided[0].body["status"] == "approved" else 40)
    assert_books_balance(scope)


@on_postgresql
def test_without_the_events_lock_this_harness_sees_two_decisions(
    shop: Shop, tablet: Tablet, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = review(shop, tablet, phone)
    unlocked = Statement(reviewing._LOCKED_EVENT.sqlite)
    monkeypatch.setattr(reviewing, "_LOCKED_EVENT", unlocked)
    all_meet(monkeypatch, unlocked, 2)
    answers = at_once([partial(one, place) for place in range(2)])
    assert [isinstance(answer, Answer) and answer.ok for answer in answers] == [True, True]
