"""Codes of a webshop: promised with a voucher, seen when its member asks, each one given once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.common.errors import DomainError
from app.common.scope import Scope
from app.ledger import verifying
from app.rewards.errors import RewardCodesGoneError
from app.rewards.models import Reward, RewardCode, Voucher
from app.rewards.service import add_codes, change_reward, remove_codes
from app.rewards.service.codes import settle_stocks
from app.rewards.service.upkeep import expire_vouchers
from app.wallet import service as wallet
from app.wallet.queries.vouchers import get_voucher
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import Shop, make_shop, redeem, redeem_voucher, visit
from tests.mobile_api.members import app_of
from tests.office.shelves import rich_member


@pytest.fixture
def online(scope: Scope) -> tuple[Shop, str]:
    shop = make_shop(scope)
    return shop, shop.add_reward(name="€5 off", cost=5, has_codes=True, kind="amount_off", amount_minor=500)


def stock(scope: Scope, reward_id: str) -> int | None:
    with scope.reading() as tx:
        return tx.session.scalar(select(Reward.stock).where(Reward.id == reward_id))


def test_a_member_takes_a_voucher_and_sees_its_code_when_she_asks(
    client: FlaskClient, scope: Scope, online: tuple[Shop, str]
) -> None:
    shop, reward_id = online
    add_codes(scope, reward_id, ["A-1", "A-2"])
    member = rich_member(scope, shop)
    call = app_of(client, scope, member.member_id)
    voucher = call.post("/me/vouchers", {"reward_id": reward_id}).body
    assert (voucher["status"], voucher["is_online"], voucher["webshop_code"]) == ("issued", True, None)
    assert stock(scope, reward_id) == 1
    path = f"/me/vouchers/{voucher['voucher_id']}"
    shown = call.post(f"{path}/code", key=None)
    assert (shown.status, shown.body["status"], shown.body["webshop_code"]) == (200, "redeemed", "A-1")
    assert call.post(f"{path}/code", key=None).body["webshop_code"] == "A-1", "the same one, as often as she asks"
    assert call.get("/me/vouchers").body["items"][0]["webshop_code"] == "A-1"
    # Whoever has seen it can use it: it can't be given back, nor shown at a counter too.
    assert call.send("DELETE", path, content_type=None).status == 409
    assert not redeem_voucher(shop.counter(), voucher["code"]).ok
    other = app_of(client, scope, rich_member(scope, shop).member_id)
    assert other.post(f"{path}/code", key=None).status == 404
    assert not verifying.verify(scope).mismatches


def test_a_counter_neither_gives_nor_takes_it(client: FlaskClient, scope: Scope, online: tuple[Shop, str]) -> None:
    shop, reward_id = online
    add_codes(scope, reward_id, ["A-1"])
    member = rich_member(scope, shop)
    assert "reward_online" in redeem(shop.counter(), member, reward_id).reply.body
    voucher_id = wallet.take_voucher(replace(scope, member_id=member.member_id), reward_id=reward_id)
    call = app_of(client, scope, member.member_id)
    voucher = call.get("/me/vouchers").body["items"][0]
    assert "reward_online" in redeem_voucher(shop.counter(), voucher["code"]).reply.body
    held = call.post(f"/me/vouchers/{voucher_id}/hold", {"location_id": shop.location_id}, key=None)
    assert (held.status, held.body["type"].rpartition("/")[2]) == (409, "reward_online")
    # Unseen, it goes back with its code.
    assert call.send("DELETE", f"/me/vouchers/{voucher_id}", content_type=None).status == 204
    assert stock(scope, reward_id) == 1


def test_another_voucher_has_no_code(client: FlaskClient, scope: Scope, online: tuple[Shop, str]) -> None:
    shop, _ = online
    member = rich_member(scope, shop)
    plain = wallet.take_voucher(replace(scope, member_id=member.member_id), reward_id=shop.add_reward(name="Mug"))
    call = app_of(client, scope, member.member_id)
    assert call.post(f"/me/vouchers/{plain}/code", key=None).status == 409


def test_a_full_card_gives_a_code_while_there_is_one(scope: Scope) -> None:
    shop = make_shop(scope, stamps=2, reward={"name": "Free delivery", "has_codes": True})
    add_codes(scope, shop.reward_ids[0], ["A-1"])
    member = rich_member(scope, shop, units=1)
    assert len(visit(shop.counter(), member).body["unlocked"]) == 1
    for _ in range(2):
        unlocked = visit(shop.counter(), member).body["unlocked"]
    assert unlocked == [], "none is left: the stamps stay on the card"


def test_codes_that_are_promised_stay_and_those_of_ended_vouchers_come_back(
    scope: Scope, online: tuple[Shop, str], clock: FixedClock
) -> None:
    shop, reward_id = online
    change_reward(scope, reward_id, voucher_days=7)
    add_codes(scope, reward_id, ["A-1", "A-2", "A-3"])
    members = [replace(scope, member_id=rich_member(scope, shop).member_id) for _ in range(2)]
    taken = [wallet.take_voucher(member, reward_id=reward_id) for member in members]
    assert remove_codes(scope, reward_id) == 1
    assert remove_codes(scope, reward_id) == 0
    wallet.show_code(members[0], voucher_id=taken[0])
    assert settle_stocks(scope) == 0
    clock.advance(days=9)
    with pytest.raises(DomainError):
        wallet.show_code(members[1], voucher_id=taken[1])
    expire_vouchers(scope)
    assert (settle_stocks(scope), stock(scope, reward_id)) == (1, 1)
    assert settle_stocks(scope) == 0


def test_each_code_is_given_once_and_none_that_is_not_there(scope: Scope, online: tuple[Shop, str]) -> None:
    shop, reward_id = online
    add_codes(scope, reward_id, [f"A-{number}" for number in range(6)])
    members = [replace(scope, member_id=rich_member(scope, shop).member_id) for _ in range(8)]
    taken = at_once([partial(wallet.take_voucher, one, reward_id=reward_id) for one in members])
    had = [(member, voucher) for member, voucher in zip(members, taken, strict=True) if isinstance(voucher, str)]
    assert (len(had), stock(scope, reward_id)) == (6, 0)
    # Each asks twice at once, all of them together.
    acts = [partial(wallet.show_code, replace(one), voucher_id=voucher_id) for one, voucher_id in had * 2]
    assert [error for error in at_once(acts) if isinstance(error, RewardCodesGoneError)] == []
    seen = [get_voucher(member, voucher_id=voucher_id).webshop_code for member, voucher_id in had]
    assert sorted(str(code) for code in seen) == [f"A-{number}" for number in range(6)]
    with scope.reading() as tx:
        assert len(set(tx.session.scalars(select(RewardCode.voucher_id)))) == 6
        assert set(tx.session.scalars(select(Voucher.status))) == {"redeemed"}
