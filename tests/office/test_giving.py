"""A reward given to one member by hand."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.campaigns.models import MemberMessage
from app.common.ids import new_id
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.rewards.models import Reward, Voucher
from app.rewards.service import shop_members
from app.wallet import service as wallet
from app.wallet.queries import list_vouchers
from tests.factories import Holder, Shop, redeem_voucher, visit
from tests.office.desk import Desk, forms_in
from tests.office.shelves import keep_shop, rich_member


@pytest.fixture
def house(flask_app: Flask, scope: Scope) -> tuple[Shop, Desk, Holder]:
    shop, desk = keep_shop(flask_app, scope)
    member = rich_member(scope, shop)
    visit(shop.counter(), member, amount_minor=100)
    shop_members.rebuild(scope)
    return shop, desk, member


def vouchers(scope: Scope) -> list[Voucher]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(Voucher).order_by(Voucher.id)))


def give(desk: Desk, member_id: str, reward_id: str, **fields: str) -> int:
    form = {"gift": new_id(), "reward": reward_id, "reason": "The cake was burnt"} | fields
    return desk.post(f"/members/{member_id}/give", form).status_code


def test_a_gift_waits_in_the_app_and_is_redeemed_at_the_counter(house: tuple[Shop, Desk, Holder], scope: Scope) -> None:
    shop, desk, member = house
    # Neither limit nor balance is asked, and it costs nothing.
    reward_id = shop.add_reward(name="Cake", cost=5_000, stock=3, per_member_limit=1, amount_minor=400)
    assert give(desk, member.member_id, reward_id, days="14") == 303
    assert give(desk, member.member_id, reward_id, reason="Sorry again") == 303
    gift, other = vouchers(scope)
    assert (gift.source, gift.cost, gift.status, gift.reason, gift.given_by) == (
        "gift",
        0,
        "issued",
        "The cake was burnt",
        desk.staff_id,
    )
    assert gift.expires_at is not None
    assert other.expires_at is None
    with scope.reading() as tx:
        assert tx.session.scalar(select(Reward.stock).where(Reward.id == reward_id)) == 1
        told = list(tx.session.scalars(select(MemberMessage).where(MemberMessage.member_id == member.member_id)))
        assert [one.params["voucher_id"] for one in told] == [gift.id, other.id]
        audited = tx.session.scalars(select(AuditEvent).where(AuditEvent.action == "voucher.given")).first()
    assert audited is not None
    assert "burnt" not in str(audited.after), "a reason may say who somebody is"
    mine = list_vouchers(replace(scope, member_id=member.member_id), limit=10)
    assert [one.reason for one in mine] == ["Sorry again", "The cake was burnt"]
    assert redeem_voucher(shop.counter(), gift.code).ok
    page = html.unescape(desk.get(f"/members/{member.member_id}/give?lang=en").get_data(as_text=True))
    assert "The cake was burnt" in page
    assert "The owner" in page
    assert "redeemed" in page


def test_a_form_that_is_sent_twice_gives_once(house: tuple[Shop, Desk, Holder], scope: Scope) -> None:
    shop, desk, member = house
    reward_id = shop.add_reward(name="Cake", cost=5)
    page = desk.get(f"/members/{member.member_id}/give").get_data(as_text=True)
    gift = next(form["gift"] for form in forms_in(page) if "gift" in form)
    assert [give(desk, member.member_id, reward_id, gift=gift) for _ in range(2)] == [303, 303]
    assert [one.id for one in vouchers(scope)] == [gift]


def test_a_gift_that_was_not_used_is_taken_back_once(house: tuple[Shop, Desk, Holder], scope: Scope) -> None:
    shop, desk, member = house
    reward_id = shop.add_reward(name="Cake", cost=5, stock=2)
    give(desk, member.member_id, reward_id)
    give(desk, member.member_id, reward_id)
    first, second = vouchers(scope)
    redeem_voucher(shop.counter(), second.code)
    for voucher in (first, first, second):
        assert desk.post(f"/members/{member.member_id}/give/{voucher.id}/withdraw").status_code == 303
    assert [one.status for one in vouchers(scope)] == ["cancelled", "redeemed"]
    with scope.reading() as tx:
        assert tx.session.scalar(select(Reward.stock)) == 1
    # What she took for her own units is hers.
    own = wallet.take_voucher(replace(scope, member_id=member.member_id), reward_id=reward_id)
    assert desk.post(f"/members/{member.member_id}/give/{own}/withdraw").status_code == 404


def test_what_cant_be_given_is_refused(house: tuple[Shop, Desk, Holder], flask_app: Flask, scope: Scope) -> None:
    shop, desk, member = house
    gone = shop.add_reward(name="Gone", cost=5, stock=0)
    fine = shop.add_reward(name="Fine", cost=5)
    assert give(desk, member.member_id, gone) == 422
    assert give(desk, member.member_id, fine, reason=" ") == 422
    assert give(desk, member.member_id, fine, reason="x" * 201) == 422
    assert give(desk, member.member_id, new_id()) == 422
    # Somebody who never was here is nobody's to give to, and another shop's reward is not this one's.
    stranger_shop, stranger = keep_shop(flask_app, scope, "Bookshop")
    theirs = stranger_shop.add_reward(name="Book", cost=5)
    assert give(stranger, member.member_id, theirs) == 404
    assert give(desk, member.member_id, theirs) == 422
    assert vouchers(scope) == []


def test_who_holds_a_campaigns_offer_is_told_to_nobody(house: tuple[Shop, Desk, Holder], scope: Scope) -> None:
    # Else the page would say who was left out by lot: those of the list without one.
    shop, desk, member = house
    reward_id = shop.add_reward(name="Cake for you", cost=10, amount_minor=400)
    assert give(desk, member.member_id, reward_id) == 303
    page = f"/members/{member.member_id}"
    assert "Cake for you" in desk.get(page).text
    with scope.transaction() as tx:
        tx.session.execute(update(Voucher).values(source="campaign"))
    assert "Cake for you" not in desk.get(page).text
