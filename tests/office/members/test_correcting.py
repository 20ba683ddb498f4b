"""Corrections that meet each other."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from app.backoffice.service import members
from app.backoffice.service.members.correcting import Corrected
from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.errors import AlreadyReversedError
from app.ledger.verifying import verify
from app.merchants.service import add_staff
from app.rewards.models import Voucher
from app.rewards.service.shop_members import rebuild
from tests.concurrency.racing import at_once
from tests.factories import Holder, Shop, make_holder, make_shop, visit


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10, name="Bakery")


@pytest.fixture
def holder(scope: Scope, shop: Shop) -> Holder:
    """Somebody with one stamp."""
    holder = make_holder(scope)
    assert visit(shop.counter(), holder).ok
    rebuild(scope)
    return holder


def vouchers(scope: Scope) -> list[str]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(Voucher.status).order_by(Voucher.status)))


def as_staff(scope: Scope, shop: Shop, role: str) -> Scope:
    person = add_staff(scope, shop.merchant_id, name="Ann", role=role)
    return replace(
        scope, actor_kind="staff", actor_id=person, staff_id=person, staff_role=role, merchant_id=shop.merchant_id
    )


def test_one_form_sent_many_times_at_once_is_one_correction(scope: Scope, shop: Shop, holder: Holder) -> None:
    wanted = {"programme_id": shop.programme_id, "units": 9, "reason": "The machine", "booking_id": new_id()}
    own = as_staff(scope, shop, "owner")
    answers = at_once([partial(members.correct, replace(own), holder.member_id, **wanted) for _ in range(8)])
    assert all(isinstance(one, Corrected) for one in answers), answers
    assert vouchers(scope) == ["issued"]
    assert verify(scope).mismatches == []


def test_a_managers_day_holds_against_many_corrections_at_once(scope: Scope, shop: Shop, holder: Holder) -> None:
    own = as_staff(scope, shop, "manager")
    acts = [
        partial(
            members.correct,
            replace(own),
            holder.member_id,
            programme_id=shop.programme_id,
            units=6,
            reason="Again",
            booking_id=new_id(),
        )
        for _ in range(6)
    ]
    answers = at_once(acts)
    assert sum(isinstance(one, Corrected) for one in answers) == 1, answers
    assert verify(scope).mismatches == []


def test_of_many_who_undo_one_correction_at_once_one_does(scope: Scope, shop: Shop, holder: Holder) -> None:
    own = as_staff(scope, shop, "owner")
    booking_id = new_id()
    members.correct(
        replace(own), holder.member_id, programme_id=shop.programme_id, units=3, reason="Once", booking_id=booking_id
    )
    acts = [partial(members.take_back, replace(own), holder.member_id, booking_id, reason="No") for _ in range(6)]
    answers = at_once(acts)
    assert sum(isinstance(one, AlreadyReversedError) for one in answers) == 5, answers
    assert verify(scope).mismatches == []
