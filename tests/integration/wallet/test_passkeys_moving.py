"""Passkeys and open questions go along in a merge, and back when it is undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

import config
from app.common.scope import Scope
from app.members.service import merge
from app.rewards.errors import SpendingUnconfirmedError
from app.wallet import service as wallet
from tests.authenticators import Authenticator
from tests.factories import make_holder, make_shop, redeem, visit


def of(scope: Scope, member_id: str) -> Scope:
    return replace(scope, actor_kind="member", actor_id=member_id, member_id=member_id)


def sign_in(scope: Scope, settings: config.Settings, phone: Authenticator) -> str:
    asked = wallet.start_passkey_sign_in(scope, settings=settings)
    session = wallet.sign_in_with_passkey(
        scope, challenge_id=asked.challenge_id, credential=phone.get(asked.public_key), settings=settings
    )
    return session.member_id


def test_a_passkey_goes_along_and_back_with_its_name(scope: Scope, settings: config.Settings) -> None:
    survivor, merged, phone = make_holder(scope), make_holder(scope), Authenticator()
    own = of(scope, merged.member_id)
    asked = wallet.start_adding_passkey(own, settings=settings)
    credential = phone.create(asked.public_key)
    wallet.add_passkey(
        own, challenge_id=asked.challenge_id, credential=credential, name="Ann's phone", settings=settings
    )
    with scope.transaction() as tx:
        merge_id = merge(tx, scope, survivor_id=survivor.member_id, merged_id=merged.member_id)
    taker = of(scope, survivor.member_id)
    assert [one.name for one in wallet.list_passkeys(taker)] == ["Ann's phone"]
    assert wallet.list_passkeys(own) == []
    assert sign_in(scope, settings, phone) == survivor.member_id
    wallet.undo_merge(taker, merge_id=merge_id)
    assert wallet.list_passkeys(taker) == []
    assert [one.name for one in wallet.list_passkeys(own)] == ["Ann's phone"]
    assert sign_in(scope, settings, phone) == merged.member_id


def test_a_question_is_the_survivors_to_answer(scope: Scope) -> None:
    shop = make_shop(scope, points="1", reward={"cost": 5, "kind": "amount_off", "amount_minor": 800})
    survivor, merged = make_holder(scope), make_holder(scope)
    visit(shop.counter(), merged, amount_minor=10_00)
    own, taker = of(scope, merged.member_id), of(scope, survivor.member_id)
    wallet.change_me(own, changes={"ask_above": "0"})
    with pytest.raises(SpendingUnconfirmedError):
        redeem(shop.counter(), merged, shop.reward_ids[0])
    with scope.transaction() as tx:
        merge(tx, scope, survivor_id=survivor.member_id, merged_id=merged.member_id)
    [request] = wallet.list_spending_requests(taker)
    wallet.approve_spending(taker, request_id=request.request_id)
    assert redeem(shop.counter(), merged, shop.reward_ids[0]).ok
