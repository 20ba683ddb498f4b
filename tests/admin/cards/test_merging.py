"""Joining two members at the desk, parting them again, and two operators who do it at once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from app.admin.errors import MergeChangedError
from app.admin.queries.cards.merging import preview_merge
from app.admin.service.cards import merge_members
from app.cards.queries import find_member
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.verifying import verify
from tests.admin.cards.people import audited, inbox, named, text_of
from tests.admin.desk import Desk, sit_down
from tests.books import assert_books_balance, standing
from tests.concurrency.racing import at_once
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, visit
from tests.office.desk import forms_in


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1", reward={"name": "Coffee", "cost": 12})


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"support"})


@pytest.fixture
def sofie(scope: Scope) -> Holder:
    return named(scope)


@pytest.fixture
def plain(scope: Scope) -> Holder:
    return make_holder(scope)


def form_of(page: str) -> dict[str, str]:
    return next(form for form in forms_in(page) if "seen" in form)


def test_who_signs_in_survives_and_what_moves_is_shown_before(
    desk: Desk, scope: Scope, shop: Shop, sofie: Holder, plain: Holder
) -> None:
    visit(shop.counter(), sofie, amount_minor=1000)
    visit(shop.counter(), plain, amount_minor=500)
    # Asked from the nameless one's page: who has an address stays all the same.
    page = desk.get(f"/members/{plain.member_id}/merge?with={sofie.number}").get_data(as_text=True)
    form = form_of(page)
    assert (form["survivor"], form["merged"]) == (sofie.member_id, plain.member_id)
    assert re.findall(r'<td class="number">(?:<strong>)?([0-9]+)', page) == ["5", "10", "15"]
    answer = desk.post(f"/members/{plain.member_id}/merge", {**form, "reason": "same person, seen her card"})
    assert answer.location == f"/admin/members/{sofie.member_id}"
    assert standing(scope, sofie.member_id, shop.programme_id).balance == 15
    (event,) = audited(scope, "member.merged")
    assert event.before == {"survivor": "claimed", "merged": "anonymous"}
    assert event.after is not None
    assert (event.after["merged"], event.after["reason"]) == (plain.member_id, "same person, seen her card")
    assert (event.actor_kind, event.actor_id) == ("operator", desk.operator_id)
    assert inbox(scope, sofie.member_id) == ["shop_notice"]

    page = desk.get(f"/members/{sofie.member_id}").get_data(as_text=True)
    undo = re.search(r'action="([^"]*/undo)"', page)
    assert undo is not None
    assert desk.post(undo[1], {"reason": ""}).status_code == 303
    assert standing(scope, sofie.member_id, shop.programme_id).balance == 15
    desk.post(undo[1], {"reason": "was her sister"})
    assert standing(scope, sofie.member_id, shop.programme_id).balance == 10
    assert standing(scope, plain.member_id, shop.programme_id).balance == 5
    (event,) = audited(scope, "member.merge_undone")
    assert event.after is not None
    assert event.after["reason"] == "was her sister"
    desk.post(undo[1], {"reason": "again"})
    assert len(audited(scope, "member.merge_undone")) == 1
    assert_books_balance(scope)
    assert verify(scope).mismatches == []


def test_what_is_spent_can_t_be_parted(desk: Desk, scope: Scope, shop: Shop, sofie: Holder, plain: Holder) -> None:
    visit(shop.counter(), plain, amount_minor=1500)
    shown = preview_merge(scope, one=sofie.member_id, other=plain.member_id)
    merge_id = merge_members(
        scope, survivor_id=sofie.member_id, merged_id=plain.member_id, seen=shown.seen, reason="same person"
    )
    assert redeem(shop.counter(), sofie, shop.reward_ids[0]).ok
    answer = desk.post(
        f"/members/{sofie.member_id}/merges/{merge_id}/undo", {"reason": "mistake"}, follow_redirects=True
    )
    assert "spent already" in text_of(answer)
    found = find_member(scope, member_id=plain.member_id)
    assert found is not None
    assert found.member_id == sofie.member_id
    assert verify(scope).mismatches == []


def test_what_has_changed_since_it_was_shown_is_shown_again(
    desk: Desk, scope: Scope, shop: Shop, sofie: Holder, plain: Holder
) -> None:
    form = form_of(desk.get(f"/members/{sofie.member_id}/merge?with={plain.number}").get_data(as_text=True))
    visit(shop.counter(), plain, amount_minor=900)
    answer = desk.post(f"/members/{sofie.member_id}/merge", {**form, "reason": "same"}, follow_redirects=True)
    assert "changed meanwhile" in text_of(answer)
    assert audited(scope, "member.merged") == []
    with pytest.raises(MergeChangedError):
        merge_members(scope, survivor_id=sofie.member_id, merged_id=plain.member_id, seen=form["seen"], reason="same")


def test_it_can_be_turned_round_and_takes_two(desk: Desk, sofie: Holder, plain: Holder) -> None:
    address = f"/members/{sofie.member_id}/merge?with={plain.number}&keep={plain.member_id}"
    assert form_of(desk.get(address).get_data(as_text=True))["survivor"] == plain.member_id
    assert desk.get(f"/members/{sofie.member_id}/merge?with={sofie.number}").status_code == 303
    assert desk.get(f"/members/{sofie.member_id}/merge?with=nobody").status_code == 303


def test_two_operators_who_join_the_same_two_at_once(scope: Scope, shop: Shop) -> None:
    for _ in range(3):
        one, other = make_holder(scope), make_holder(scope)
        visit(shop.counter(), one, amount_minor=700)
        visit(shop.counter(), other, amount_minor=300)

        def joining(survivor: Holder, merged: Holder, scope: Scope) -> str:
            shown = preview_merge(scope, one=survivor.member_id, other=merged.member_id, keep=survivor.member_id)
            return merge_members(
                scope, survivor_id=survivor.member_id, merged_id=merged.member_id, seen=shown.seen, reason="same"
            )

        answers = at_once(
            [
                lambda own=own, pair=pair: joining(*pair, own)
                for own, pair in (
                    (replace(scope), (one, other)),
                    (replace(scope), (other, one)),
                    (replace(scope), (one, other)),
                )
            ]
        )
        done = [answer for answer in answers if isinstance(answer, str)]
        assert len(done) == 1, answers
        assert all(isinstance(answer, (str, NotFoundError, MergeChangedError)) for answer in answers), answers
        standings = sorted(standing(scope, who.member_id, shop.programme_id).balance for who in (one, other))
        assert standings == [0, 10]
    assert_books_balance(scope)
    assert verify(scope).mismatches == []
