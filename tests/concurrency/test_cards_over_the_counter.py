"""Two tablets at once: one card swapped twice, one PIN set twice, one old card entered twice, one visit claimed while
it is taken back. Exactly one of them wins; and each guard is seen to be one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from app.cards import service as cards
from app.cards.errors import NewCardUsedError, PinAlreadySetError
from app.cards.service import IssuedCard, issue_anonymous_member, issue_printed_cards, pins, swapping
from app.common.database import Database
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards import opening
from app.scanning import service as scanning
from app.scanning.counter import Counter
from app.scanning.requests import Identification, VisitRequest
from app.scanning.results import SwapResult
from app.scanning.service import handing_out, visit_claims
from app.scanning.service.handing_out import SwapRequest
from app.scanning.service.opening_balances import OpeningRequest
from app.wallet import service as wallet
from app.wallet.errors import VisitClaimOverError
from app.wallet.service import claiming
from tests.books import assert_books_balance, count, standing
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.concurrency.test_redeeming import drivers_own
from tests.factories import Answer, Shop, make_shop, render, render_refusal, visit

__all__ = ["drivers_own"]
PIN = "7319"


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10)


def swap(counter: Counter, old: IssuedCard, new: IssuedCard) -> Callable[[], SwapResult]:
    return lambda: scanning.swap_card(counter, SwapRequest(old.number, new.number, PIN))


def worn_cards(scope: Scope, shop: Shop, number: int) -> list[IssuedCard]:
    """Printed cards with three stamps each and a PIN."""
    made = list(issue_printed_cards(scope, number))
    for card in made:
        visit(shop.counter(), card.number, units=3)
        cards.set_pin(replace(scope, member_id=card.member_id), card_id=card.card_id, pin=PIN)
    return made


def outcomes(answers: list[Any]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


# --- swaps ---------------------------------------------------------------------------------------------------------


def test_one_old_card_is_swapped_for_one_new_one(scope: Scope, shop: Shop) -> None:
    [old], new = worn_cards(scope, shop, 1), list(issue_printed_cards(scope, 4))
    answers = at_once([swap(shop.counter(), old, card) for card in new])
    assert outcomes(answers) == ["CardReplacedError"] * 3 + ["SwapResult"]
    assert count(scope, "card", f"member_id = '{old.member_id}' AND status = 'active'") == 1
    assert count(scope, "member", "status = 'merged'") == 1
    assert standing(scope, old.member_id, shop.programme_id).balance == 3
    assert_books_balance(scope)


def test_one_new_card_takes_one_old_ones_place(scope: Scope, shop: Shop) -> None:
    old, [new] = worn_cards(scope, shop, 4), list(issue_printed_cards(scope, 1))
    answers = at_once([swap(shop.counter(), card, new) for card in old])
    assert outcomes(answers) == ["NewCardUsedError"] * 3 + ["SwapResult"]
    assert count(scope, "card", "status = 'replaced'") == 1
    assert count(scope, "member", "status = 'merged'") == 1
    assert [standing(scope, card.member_id, shop.programme_id).balance for card in old] == [3] * 4
    assert_books_balance(scope)


def test_what_the_new_card_earns_meanwhile_is_not_lost(scope: Scope, shop: Shop) -> None:
    for _ in range(3):
        [old], [new] = worn_cards(scope, shop, 1), list(issue_printed_cards(scope, 1))
        visits: list[Callable[[], Any]] = [lambda n=new: visit(shop.counter(), n.number, units=1) for _ in range(4)]
        answers = at_once([*visits[:2], swap(shop.counter(), old, new), *visits[2:]])
        assert all(isinstance(answer, Answer) and answer.ok for answer in [*answers[:2], *answers[3:]])
        held = standing(scope, old.member_id, shop.programme_id).balance
        apart = standing(scope, new.member_id, shop.programme_id).balance
        if isinstance(answers[2], SwapResult):
            assert (held, apart) == (7, 0)
        else:
            assert isinstance(answers[2], NewCardUsedError)
            assert (held, apart) == (3, 4)
    assert_books_balance(scope)


@pytest.mark.parametrize("shared", ["old", "new"])
def test_without_its_locks_a_card_would_be_swapped_twice(
    scope: Scope, shop: Shop, drivers_own: Database, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = worn_cards(scope, shop, 1 if shared == "old" else 2)
    new = list(issue_printed_cards(scope, 2 if shared == "old" else 1))
    for name in ("LOCK_CARDS", "LOCK_MEMBERS"):
        monkeypatch.setattr(swapping, name, Statement(getattr(swapping, name).sqlite))
    meeting, seen, real = threading.Barrier(2), threading.local(), handing_out.has_history

    def look(*asked: Any) -> bool:
        found = real(*asked)
        if not getattr(seen, "once", False):
            seen.once = True
            meeting.wait(timeout=20)  # both have looked, neither has written
        return found

    monkeypatch.setattr(handing_out, "has_history", look)
    scope.database.close()
    shop.scope = Scope(drivers_own, scope.keys, clock=scope.clock)
    answers = at_once([swap(shop.counter(), old[n % len(old)], new[n % len(new)]) for n in range(2)])
    assert outcomes(answers) == ["SwapResult"] * 2


# --- first PINs ----------------------------------------------------------------------------------------------------


def first_pins(scope: Scope, shop: Shop) -> list[Any]:
    [card] = issue_printed_cards(scope, 1)

    def one(pin: str) -> str:
        cards.set_first_pin(shop.counter().scope, number=card.number, pin=pin)
        return pin

    return at_once([lambda pin=pin: one(pin) for pin in ("7319", "8642", "9153", "2758")])


def test_one_first_pin_counts(scope: Scope, shop: Shop) -> None:
    answers = first_pins(scope, shop)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert sum(isinstance(answer, PinAlreadySetError) for answer in answers) == 3
    assert count(scope, "audit_event", "action = 'card.pin_set'") == 1


def test_without_its_guard_a_pin_would_be_set_over_another(
    scope: Scope, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "FIRST_PIN", Statement(pins.FIRST_PIN.sqlite.replace("AND pin_hash IS NULL", "")))
    assert sum(isinstance(answer, str) for answer in first_pins(scope, shop)) > 1


# --- old cards -----------------------------------------------------------------------------------------------------


def enter(shop: Shop, number: str, units: int = 4) -> Answer:
    request = OpeningRequest(Identification(code=number), shop.programme_id, units)
    return Answer(
        scanning.enter_opening_balance(
            shop.counter(), request, key=new_id(), render=render, render_refusal=render_refusal
        )
    )


@pytest.mark.parametrize("has_account", [True, False])
def test_an_old_card_is_entered_once_at_two_tablets(scope: Scope, shop: Shop, has_account: bool) -> None:
    [card] = issue_printed_cards(scope, 1)
    if has_account:
        visit(shop.counter(), card.number, units=1)
    answers = at_once([lambda: enter(shop, card.number)] * 8)
    assert not [answer for answer in answers if not isinstance(answer, Answer)]
    assert (
        sorted(str(answer.code) for answer in answers if isinstance(answer, Answer)) == ["None"] + ["opening_taken"] * 7
    )
    assert standing(scope, card.member_id, shop.programme_id).balance == 4 + has_account
    assert count(scope, "opening_balance") == 1
    assert_books_balance(scope)


def test_an_old_card_is_entered_once_while_its_card_is_claimed(scope: Scope, shop: Shop) -> None:
    """Entered for the nameless member or for the one who claims: the second finds the first either way."""
    for _ in range(3):
        [card] = issue_printed_cards(scope, 1)
        member_id = issue_anonymous_member(scope).member_id
        claimer = replace(scope, actor_kind="member", actor_id=member_id, member_id=member_id)
        answers = at_once(
            [
                lambda c=card: enter(shop, c.number),
                lambda c=card, who=claimer: wallet.claim_card(who, number=c.number, claim_code=c.claim_code),
                lambda c=card: enter(shop, c.number),
            ]
        )
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert standing(scope, member_id, shop.programme_id).balance == 4
    assert_books_balance(scope)


def test_without_its_key_and_look_an_old_card_would_be_entered_twice(
    scope: Scope, shop: Shop, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "ENTERED", Statement("SELECT 1, 2, 3 WHERE :member_id = :programme_id"))
    engine = create_engine(database_url)
    with engine.begin() as connection:
        if database_url.startswith("sqlite"):
            connection.execute(text("ALTER TABLE opening_balance RENAME TO kept"))
            connection.execute(text("CREATE TABLE opening_balance AS SELECT * FROM kept"))
        else:
            connection.execute(text("ALTER TABLE opening_balance DROP CONSTRAINT pk_opening_balance"))
    engine.dispose()
    [card] = issue_printed_cards(scope, 1)
    answers = at_once([lambda: enter(shop, card.number)] * 8)
    assert sum(isinstance(answer, Answer) and answer.ok for answer in answers) > 1


# --- visits to be claimed ------------------------------------------------------------------------------------------


def last_moment(scope: Scope, shop: Shop) -> tuple[str, list[Any]]:
    """A visit whose time is over by the job's clock and not yet by the claimer's. Who claims, and what both got."""
    booked: list[str] = []

    def keep(result: Any) -> str:
        booked.append(result.number)
        return render(result)

    scanning.record_claimable_visit(
        shop.counter(),
        VisitRequest(Identification(), units=3),
        key=new_id(),
        render=keep,
        render_refusal=render_refusal,
    )
    member_id = issue_anonymous_member(scope).member_id
    over = scope.now + visit_claims.CLAIM_LIFE
    early, late = FixedClock(over - timedelta(seconds=1)), FixedClock(over + timedelta(seconds=1))
    claimer = replace(scope, actor_kind="member", actor_id=member_id, member_id=member_id, clock=early)
    return member_id, at_once(
        [
            lambda: wallet.claim_card(claimer, number=booked[0]).card.status,
            lambda: scanning.take_back_unclaimed(replace(scope, clock=late)),
        ]
    )


def test_a_claim_at_the_last_moment_wins_or_loses_whole(scope: Scope, shop: Shop) -> None:
    for _ in range(8):
        member_id, (claimed, taken_back) = last_moment(scope, shop)
        balance = standing(scope, member_id, shop.programme_id).balance
        if isinstance(claimed, Exception):
            assert isinstance(claimed, VisitClaimOverError)
            assert (taken_back, balance) == (1, 0)
        else:
            assert (claimed, taken_back, balance) == ("replaced", 0, 3)
    assert count(scope, "visit_claim", "ended_at IS NULL") == 0
    assert count(scope, "account", "balance > 0 AND member_id IN (SELECT id FROM member WHERE status = 'merged')") == 0
    assert_books_balance(scope)


def test_without_its_guard_a_claimed_visit_would_be_taken_back(
    scope: Scope, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = Statement("UPDATE visit_claim SET ended_at = :now WHERE number = :number")
    monkeypatch.setattr(claiming, "END_CLAIM", unguarded)
    monkeypatch.setattr(visit_claims, "END_CLAIM", unguarded)
    both = 0
    for _ in range(8):
        _, (claimed, taken_back) = last_moment(scope, shop)
        both += not isinstance(claimed, Exception) and taken_back == 1
    assert both
