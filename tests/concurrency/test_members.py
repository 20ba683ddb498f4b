"""Members' own races: a claim amid visits, two claims of one card, one token or code used by many at once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from app.cards.errors import ClaimRefusedError, TriesUsedUpError
from app.cards.queries import list_cards
from app.cards.service import issue_anonymous_member, issue_printed_cards
from app.common.scope import Scope
from app.ledger.verifying import verify
from app.wallet import service as wallet
from app.wallet.errors import SessionOverError, SignInFailedError
from tests.books import assert_books_balance, standing
from tests.concurrency.racing import at_once
from tests.factories import make_shop, visit
from tests.mobile_api.members import mailed_code


def member(scope: Scope) -> Scope:
    """A new member's own scope; a scope serves one thread."""
    member_id = issue_anonymous_member(scope).member_id
    return replace(scope, actor_kind="member", actor_id=member_id, member_id=member_id)


@pytest.mark.parametrize("has_account", [True, False])
def test_what_a_card_earns_while_it_is_claimed_is_the_claimers(scope: Scope, has_account: bool) -> None:
    shop = make_shop(scope, points="1")
    for _ in range(4):
        [card] = issue_printed_cards(scope, 1)
        claimer = member(scope)
        before = 0
        if has_account:
            visit(shop.counter(), card.number, amount_minor=100)
            before = 1
        visits = [partial(visit, shop.counter(), card.number, amount_minor=100) for _ in range(12)]
        claim = partial(wallet.claim_card, claimer, number=card.number, claim_code=card.claim_code)
        answers = at_once([*visits[:6], claim, *visits[6:]])
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert standing(scope, claimer.member_id or "", shop.programme_id).balance == 12 + before
        assert standing(scope, card.member_id, shop.programme_id).balance == 0
    assert_books_balance(scope)
    assert verify(scope).mismatches == []


def test_two_who_claim_one_card_at_once(scope: Scope) -> None:
    shop = make_shop(scope, points="1")
    [card] = issue_printed_cards(scope, 1)
    visit(shop.counter(), card.number, amount_minor=700)
    claimers = [member(scope) for _ in range(4)]
    answers = at_once(
        [lambda who=who: wallet.claim_card(who, number=card.number, claim_code=card.claim_code) for who in claimers]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["ClaimRefusedError"] * 3 + ["Claimed"]
    held = [standing(scope, who.member_id or "", shop.programme_id).balance for who in claimers]
    assert sorted(held) == [0, 0, 0, 7]
    owned = [len(list_cards(scope, member_id=who.member_id or "")) for who in claimers]
    assert sorted(owned) == [1, 1, 1, 2]
    assert verify(scope).mismatches == []


def test_tries_at_the_same_moment_are_all_counted(scope: Scope) -> None:
    shop = make_shop(scope, points="1")
    [card] = issue_printed_cards(scope, 1)
    visit(shop.counter(), card.number, amount_minor=700)
    guessers = [member(scope) for _ in range(20)]
    answers = at_once(
        [lambda who=who: wallet.claim_card(who, number=card.number, claim_code="00000000") for who in guessers]
    )
    assert sum(isinstance(answer, ClaimRefusedError) for answer in answers) == 5
    assert sum(isinstance(answer, TriesUsedUpError) for answer in answers) == 15


def test_a_refresh_token_used_by_many_at_once_gets_at_most_one_session(scope: Scope) -> None:
    who = member(scope)
    session = wallet.open_session(scope, member_id=who.member_id or "")
    answers = at_once([lambda: wallet.refresh(replace(scope), refresh_token=session.refresh_token) for _ in range(16)])
    sessions = [answer for answer in answers if isinstance(answer, wallet.Session)]
    assert len(sessions) == 1
    assert sum(isinstance(answer, SessionOverError) for answer in answers) == 15
    with pytest.raises(SessionOverError):
        wallet.refresh(scope, refresh_token=sessions[0].refresh_token)


def test_a_mailed_code_used_by_many_at_once_gets_one_session(scope: Scope) -> None:
    wallet.mail_code(scope, email="ann@example.com")
    code = mailed_code(scope, "ann@example.com")
    answers = at_once(
        [lambda: wallet.sign_in_with_code(replace(scope), email="ann@example.com", code=code) for _ in range(16)]
    )
    assert sum(isinstance(answer, wallet.Session) for answer in answers) == 1
    assert sum(isinstance(answer, SignInFailedError) for answer in answers) == 15
