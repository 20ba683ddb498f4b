"""What ends while a tablet has it: vouchers that expire, members who leave, visits that are undone, tablets that are
lost. The tablet may have redeemed the voucher and not told yet, so the books wait for its word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.members.service import merge
from app.merchants import service as merchants
from app.rewards.errors import VoucherHeldError, VoucherReservedError
from app.rewards.service import upkeep
from app.scanning.errors import DeviceRevokedError
from app.scanning.service import decide, write_off_device
from app.wallet import service as wallet
from tests.books import assert_books_balance, count, standing
from tests.clocks import FixedClock
from tests.factories import (
    Shop,
    hold,
    make_holder,
    make_shop,
    redeem_voucher,
    render,
    render_refusal,
    reverse,
    visit,
)
from tests.tablets import Phone, Tablet, given, seen


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1", reward={"cost": 5, "voucher_days": 2})


@pytest.fixture
def tablet(shop: Shop) -> Tablet:
    return Tablet.paired(shop)


@pytest.fixture
def phone(scope: Scope, shop: Shop) -> Phone:
    """A member's phone, whose member has 10 units."""
    holder = make_holder(scope)
    assert visit(shop.counter(), holder, amount_minor=10_00).ok
    return Phone(scope, holder)


def status(phone: Phone, voucher_id: str) -> str:
    from app.common.sql import Statement

    with phone.scope.reading() as tx:
        return str(tx.rows(Statement("SELECT status FROM voucher WHERE id = :id"), {"id": voucher_id})[0][0])


def test_a_reserved_voucher_is_judged_by_when_it_was_given(
    tablet: Tablet, phone: Phone, shop: Shop, scope: Scope, clock: FixedClock
) -> None:
    in_time, too_late = (phone.take(shop.reward_ids[0]) for _ in range(2))
    holds = [phone.reserve(voucher.voucher_id, tablet) for voucher in (in_time, too_late)]
    assert in_time.expires_at is not None
    at = in_time.expires_at
    clock.advance(days=4)
    assert upkeep.expire_vouchers(scope) == 0
    # It only asks the tablet.
    assert set(tablet.sync().releases) == set(holds)
    first, second = tablet.sync(
        [given(in_time.code, 1, at - timedelta(seconds=1)), given(too_late.code, 2, at)]
    ).results
    assert (first.status, second.status) == ("applied", "rejected")
    assert second.problem.params["code"] == "voucher_over"  # type: ignore[union-attr]
    assert tablet.sync(acks=holds).releases == ()
    assert upkeep.expire_vouchers(scope) == 1
    assert [status(phone, voucher.voucher_id) for voucher in (in_time, too_late)] == ["redeemed", "expired"]
    assert_books_balance(scope)


@pytest.mark.parametrize("was_given", [True, False])
def test_who_leaves_while_a_tablet_has_her_voucher(
    tablet: Tablet, phone: Phone, shop: Shop, scope: Scope, clock: FixedClock, was_given: bool
) -> None:
    reserved, free = (phone.take(shop.reward_ids[0]) for _ in range(2))
    hold_id = phone.reserve(reserved.voucher_id, tablet)
    wallet.erase_me(phone.own())
    assert (status(phone, reserved.voucher_id), status(phone, free.voucher_id)) == ("issued", "cancelled")
    assert tablet.sync().releases == (hold_id,)
    if was_given:
        [result] = tablet.sync([given(reserved.code, 1, clock.now)]).results
        assert result.status == "applied"
    tablet.sync(acks=[hold_id])
    assert status(phone, reserved.voucher_id) == ("redeemed" if was_given else "cancelled")
    assert redeem_voucher(tablet.counter(), reserved.code).code == ("voucher_used" if was_given else "voucher_over")
    assert_books_balance(scope)


@pytest.mark.parametrize("was_given", [True, False])
def test_a_visit_that_is_undone_while_a_tablet_has_its_voucher(
    scope: Scope, clock: FixedClock, was_given: bool
) -> None:
    shop = make_shop(scope, stamps=3)
    tablet, phone = Tablet.paired(shop), Phone(scope, make_holder(scope))
    filled = visit(shop.counter(), phone.holder, units=3)
    [unlocked] = filled.body["unlocked"]
    hold_id = phone.reserve(unlocked["voucher_id"], tablet)
    # As if it was used: the stamps are owed, and the voucher is the member's still.
    assert reverse(shop.counter(), filled.transaction_id).owed == 3
    if was_given:
        assert tablet.sync([given(unlocked["voucher_code"], 1, clock.now)]).results[0].status == "applied"
    else:
        phone.ask_back(unlocked["voucher_id"])
        tablet.sync(acks=[hold_id])
        phone.give_back(unlocked["voucher_id"])  # which pays the debt
    expected = 3 if was_given else 0
    assert standing(scope, phone.holder.member_id, shop.programme_id).owed == expected
    assert_books_balance(scope)


def test_a_merge_takes_the_reservation_along(
    tablet: Tablet, phone: Phone, shop: Shop, scope: Scope, clock: FixedClock
) -> None:
    voucher = phone.take(shop.reward_ids[0])
    hold_id = phone.reserve(voucher.voucher_id, tablet)
    survivor = Phone(scope, make_holder(scope))
    scope.run(lambda tx: merge(tx, scope, survivor_id=survivor.holder.member_id, merged_id=phone.holder.member_id))
    hold = survivor.see(voucher.voucher_id).hold
    assert hold is not None
    assert hold.hold_id == hold_id
    with pytest.raises(VoucherReservedError):
        survivor.give_back(voucher.voucher_id)
    assert tablet.sync([given(voucher.code, 1, clock.now)]).results[0].status == "applied"
    assert survivor.see(voucher.voucher_id).status == "redeemed"
    assert_books_balance(scope)


def test_a_tills_hold_is_nobodys_to_reserve(shop: Shop, tablet: Tablet, phone: Phone, clock: FixedClock) -> None:
    held = hold(shop.counter(), phone.holder, shop.reward_ids[0])
    for _ in range(2):
        with pytest.raises(VoucherHeldError):
            phone.reserve(held.body["redemption_id"], tablet)
        clock.advance(minutes=16)  # it has run out, and its units are about to go back


def test_a_lost_tablet_is_written_off(
    tablet: Tablet, phone: Phone, shop: Shop, scope: Scope, clock: FixedClock
) -> None:
    voucher = phone.take(shop.reward_ids[0])
    phone.reserve(voucher.voucher_id, tablet)
    tablet.sync([seen(phone.holder, 4, clock.now, amount_minor=100)])
    merchants.revoke_device(scope, tablet.device_id)
    with pytest.raises(VoucherReservedError):  # that it may not speak any more says nothing about what it gave
        phone.give_back(voucher.voucher_id)
    lost = write_off_device(scope, tablet.device_id, reason=" Stolen on Friday ")
    assert (lost.released, lost.missing, lost.written_off_at) == (1, ((1, 3),), clock.now)
    assert phone.see(voucher.voucher_id).hold is None
    assert tablet.missing() == []
    again = write_off_device(scope, tablet.device_id, reason="Again")
    assert (again.released, again.missing, again.written_off_at) == (0, (), clock.now)
    assert count(scope, "audit_event", "action = 'device.written_off'") == 1
    with pytest.raises(DeviceRevokedError):
        tablet.sync([given(voucher.code, 5, clock.now)])
    with pytest.raises(DeviceRevokedError):
        tablet.sync()
    with pytest.raises(NotFoundError):
        phone.reserve(voucher.voucher_id, tablet)
    phone.give_back(voucher.voucher_id)
    assert_books_balance(scope)


def test_writing_off_needs_a_reason_and_a_device(tablet: Tablet, scope: Scope) -> None:
    for reason in ("", "   ", "x" * 201):
        with pytest.raises(InvalidError):
            write_off_device(scope, tablet.device_id, reason=reason)
    with pytest.raises(NotFoundError):
        write_off_device(scope, new_id(), reason="Gone")
    other = make_shop(scope, points="1", name="Other")
    with pytest.raises(NotFoundError):
        write_off_device(other.counter().scope, tablet.device_id, reason="Not mine")


@pytest.mark.parametrize("is_approved", [True, False])
def test_what_waits_for_a_decision_survives_its_tablet(
    tablet: Tablet, phone: Phone, shop: Shop, scope: Scope, clock: FixedClock, is_approved: bool
) -> None:
    voucher, other = (phone.take(shop.reward_ids[0]) for _ in range(2))
    for one in (voucher, other):
        phone.reserve(one.voucher_id, tablet)
    event = given(voucher.code, 1, clock.now - timedelta(hours=80))
    assert tablet.sync([event]).results[0].status == "review"
    assert write_off_device(scope, tablet.device_id, reason="Broken").released == 1
    with pytest.raises(VoucherReservedError):
        phone.give_back(voucher.voucher_id)
    decided = decide(
        shop.counter(),
        event.id,
        is_approved=is_approved,
        key="k1",
        read=lambda _: event,
        render=render,
        render_refusal=render_refusal,
    )
    assert decided.status == 201
    shown = phone.see(voucher.voucher_id)
    assert (shown.status, shown.hold) == ("redeemed" if is_approved else "issued", None)
    assert_books_balance(scope)


def test_another_holders_voucher_is_not_mine(scope: Scope, shop: Shop, tablet: Tablet, phone: Phone) -> None:
    voucher = phone.take(shop.reward_ids[0])
    stranger = Phone(scope, make_holder(scope))
    with pytest.raises(NotFoundError):
        stranger.reserve(voucher.voucher_id, tablet)
    with pytest.raises(NotFoundError):
        stranger.ask_back(voucher.voucher_id)


def test_a_redemption_that_was_undone_can_be_reserved_anew(
    scope: Scope, shop: Shop, tablet: Tablet, phone: Phone, clock: FixedClock
) -> None:
    voucher = phone.take(shop.reward_ids[0])
    first = phone.reserve(voucher.voucher_id, tablet)
    event = given(voucher.code, 1, clock.now)
    [applied] = tablet.sync([event]).results
    assert reverse(shop.counter(), applied.transaction_id or "").ok
    second = phone.reserve(voucher.voucher_id, tablet)
    assert second != first
    # The first redemption, sent once more, is what it was.
    [late] = tablet.sync([event], acks=[first]).results
    assert (late.status, late.transaction_id) == ("duplicate", applied.transaction_id)
    assert phone.see(voucher.voucher_id).status == "issued"
    assert tablet.sync([given(voucher.code, 2, clock.now)]).results[0].status == "applied"
    assert_books_balance(scope)
