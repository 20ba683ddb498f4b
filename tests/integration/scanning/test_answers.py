"""Idempotency: the first answer for ever, one effect, and nothing of it for other content."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.common.errors import KeyReusedError
from app.common.keys import KeyRing, Keys
from app.common.scope import Scope
from app.rewards.service.upkeep import prune_replies
from app.scanning import service as scanning
from app.scanning.errors import ProofNeededError
from app.scanning.requests import VisitRequest
from tests.books import count, standing
from tests.clocks import FixedClock
from tests.factories import (
    commit,
    hold,
    make_holder,
    make_shop,
    redeem,
    redeem_voucher,
    reverse,
    rotating_code,
    start_phone,
    visit,
    who,
)


def test_every_booking_answers_a_repeat_as_it_did_first_and_also_after_its_answer_was_pruned(
    scope: Scope, clock: FixedClock
) -> None:
    shop, holder = make_shop(scope, stamps=5), make_holder(scope)
    coffee = shop.add_reward(cost=2)
    counter = shop.counter()
    visited = visit(counter, holder, key="a", units=9)
    code = visited.body["unlocked"][0]["voucher_code"]
    asked: list[Any] = [
        lambda: visit(counter, holder, key="a", units=9),
        lambda: redeem(counter, holder, coffee, key="b"),
        lambda: redeem_voucher(counter, code, key="c"),
        lambda: hold(counter, holder, coffee, key="d"),
        lambda: reverse(counter, visited.transaction_id, key="e"),
        lambda: redeem(counter, holder, coffee, key="f"),
    ]
    first = [ask() for ask in asked]
    assert [answer.ok for answer in first] == [True, True, True, True, True, False]
    rows = count(scope, "ledger_transaction")
    for _ in range(2):
        clock.advance(minutes=5)
        again = [ask() for ask in asked]
        assert [(answer.reply.status, answer.reply.body) for answer in again] == [
            (answer.reply.status, answer.reply.body) for answer in first
        ]
        assert all(answer.reply.is_replay for answer in again[1:])
    clock.advance(days=91)
    assert prune_replies(scope) == 5
    rebuilt = [ask() for ask in asked]
    assert [answer.reply.status for answer in rebuilt] == [answer.reply.status for answer in first]
    for before, after in zip(first, rebuilt, strict=True):
        assert {key: after.body[key] for key in before.body if key != "hold_until"} == {
            key: before.body[key] for key in before.body if key != "hold_until"
        }
    assert count(scope, "ledger_transaction") == rows


def test_other_content_under_the_same_key_is_refused_and_changes_nothing(scope: Scope) -> None:
    shop, holder, other = make_shop(scope, points="1", reward={}), make_holder(scope), make_holder(scope)
    counter = shop.counter()
    visit(counter, holder, key="a", amount_minor=10_00)
    for card, fields in (
        (holder, {"amount_minor": 10_01}),
        (holder, {"amount_minor": None}),
        (holder, {"amount_minor": 10_00, "units": 1}),
        (holder, {"amount_minor": 10_00, "receipt_ref": "7"}),
        (holder, {"amount_minor": 10_00, "programme_id": shop.programme_id}),
        (other, {"amount_minor": 10_00}),
    ):
        with pytest.raises(KeyReusedError):
            visit(counter, card, key="a", **fields)
    with pytest.raises(KeyReusedError):
        redeem(counter, holder, shop.reward_ids[0], key="a")
    assert standing(scope, holder.member_id, shop.programme_id).balance == 10


def test_keys_belong_to_a_location(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    visit(shop.counter(), holder, key="a", amount_minor=10_00)
    assert visit(shop.another_device(), holder, key="a", amount_minor=10_00).reply.is_replay
    assert not visit(shop.another_location().counter(), holder, key="a", amount_minor=10_00).reply.is_replay
    assert standing(scope, holder.member_id, shop.programme_id).balance == 20


def test_the_digits_and_the_way_of_naming_the_card_are_no_part_of_the_content(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    phone, counter = start_phone(scope, holder), shop.counter()
    first = visit(counter, rotating_code(scope, holder, phone), key="a", amount_minor=10_00)
    clock.advance(seconds=45)
    assert visit(counter, rotating_code(scope, holder, phone), key="a", amount_minor=10_00).reply.is_replay
    assert visit(counter, holder, key="a", amount_minor=10_00).reply.body == first.reply.body


def test_a_missing_proof_is_no_answer_so_the_key_comes_again_with_it(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1", reward={}), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=10_00)
    with pytest.raises(ProofNeededError):
        redeem(shop.counter(scopes=frozenset()), holder, shop.reward_ids[0], key="a")
    assert redeem(shop.counter(), holder, shop.reward_ids[0], key="a").ok


def test_a_preview_says_the_same_and_books_nothing(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    counter = shop.counter()
    visit(counter, holder, units=9)
    before = {table: count(scope, table) for table in ("ledger_transaction", "transfer", "visit", "voucher")}
    seen = scanning.preview_visit(counter, VisitRequest(who(holder), units=3))
    assert (seen.visit_id, seen.accounts[0].balance, len(seen.unlocked)) == (None, 2, 1)
    assert {table: count(scope, table) for table in before} == before
    assert visit(counter, holder, units=3).balance == 2


def test_a_refused_booking_leaves_nothing_behind_but_its_answer(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1", reward={"stock": 3}), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=4_00)
    tables = ("ledger_transaction", "transfer", "voucher", "voucher_code", "location_transaction", "lot")
    before = {table: count(scope, table) for table in tables}
    assert redeem(shop.counter(), holder, shop.reward_ids[0], key="a").code == "not_enough"
    held = hold(shop.counter(), holder, shop.reward_ids[0])
    assert held.code == "not_enough"
    assert {table: count(scope, table) for table in tables} == before
    assert count(scope, "reward", "stock = 3") == 1
    visit(shop.counter(), holder, amount_minor=4_00)
    clock.advance(days=100)
    prune_replies(scope)
    assert redeem(shop.counter(), holder, shop.reward_ids[0], key="a").code == "not_enough"  # for ever


def test_a_visit_too_far_ahead_or_in_another_currency_is_refused(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    counter = shop.counter()
    ahead = clock.now + timedelta(minutes=5)
    assert visit(counter, holder, amount_minor=1_00, occurred_at=ahead).ok
    with pytest.raises(Exception, match="too_far_ahead"):
        visit(counter, holder, amount_minor=1_00, occurred_at=ahead + timedelta(seconds=1))
    with pytest.raises(Exception, match="currency_wrong"):
        visit(counter, holder, amount_minor=1_00, currency="USD")
    with pytest.raises(Exception, match="forbidden"):
        visit(replace(counter, scope=replace(counter.scope, location_id=None)), holder)
    assert commit(counter, "nothing").code == "voucher_unknown"


def test_rotating_the_secret_key_turns_no_repeat_into_a_stranger(scope: Scope) -> None:
    shop, holder = make_shop(scope, stamps=5), make_holder(scope)
    first = visit(shop.counter(), holder, key="a", units=2)
    older = scope.keys.secret
    rotated = KeyRing(active="k2", keys={"k2": bytes(range(32)), **older.keys})
    keys = Keys(secret=rotated, ledger=scope.keys.ledger, data=scope.keys.data)
    again = visit(shop.counter(keys=keys), holder, key="a", units=2)
    assert again.reply.is_replay
    assert again.reply.body == first.reply.body
    with pytest.raises(KeyReusedError):
        visit(shop.counter(keys=keys), holder, key="a", units=3)
