"""Brakes amid races: a cap that two shops meet at once, a word that many use at once, codes and challenges used by
many; each with a twin that takes the guard out and sees the race."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

import config
from app.cards import waiting
from app.cards.models import MemberSession
from app.cards.service import issue_digital_card, start_installation
from app.common.batch import Change
from app.common.database import Database
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger import writing
from app.rewards import brakes
from app.rewards.errors import DailyCapReachedError, SpendingRefusedError, SpendingUnconfirmedError
from app.scanning import asking
from app.scanning.service import redemptions
from app.wallet import service as wallet
from app.wallet.errors import SignInFailedError, SpendingRequestOverError
from app.wallet.service import moving, passkeys, spending
from app.wallet.service.sessions import begin
from tests.authenticators import Authenticator
from tests.books import assert_books_balance
from tests.concurrency.racing import at_once
from tests.concurrency.test_redeeming import UNGUARDED, UNLOCKED, DriversOwn, allow_rewriting
from tests.factories import Answer, Holder, Shop, make_holder, make_shop, redeem, visit

EIGHT_EURO = {"cost": 5, "kind": "amount_off", "amount_minor": 800}
UNLOCKED_BRAKES = Statement(brakes._READ.sqlite)
UNLOCKED_MEMBER = Statement(waiting.LOCK.sqlite)


@pytest.fixture
def drivers_own(database_url: str) -> Iterator[Database]:
    database = DriversOwn(database_url)
    yield database
    database.close()


def member(scope: Scope, holder: Holder) -> Scope:
    """The member's own scope, with a session behind it; one serves one thread."""
    session = wallet.open_session(scope, member_id=holder.member_id)
    return replace(
        scope,
        actor_kind="member",
        actor_id=holder.member_id,
        member_id=holder.member_id,
        session_id=session.session_id,
    )


def granted(answers: list[Any]) -> int:
    return sum(isinstance(answer, Answer) and answer.ok for answer in answers)


# --- a cap that shops meet at once ---------------------------------------------------------------------------------


def street(scope: Scope, holder: Holder, shops: int = 12) -> list[Shop]:
    """Shops at each of which the member could have one reward of eight euro."""
    made = [make_shop(scope, points="1", reward=EIGHT_EURO, name=f"Shop {n}") for n in range(shops)]
    fill(made, holder)
    return made


def fill(shops: list[Shop], holder: Holder) -> None:
    """Let the member collect what one reward costs at each of the shops."""
    for shop in shops:
        visit(shop.counter(), holder, amount_minor=5_00)


def spend_everywhere(scope: Scope, shops: list[Shop], holder: Holder) -> list[Any]:
    acts = []
    for shop in shops:
        shop.scope = scope
        acts.append(partial(redeem, shop.counter(), holder, shop.reward_ids[0]))
    return at_once(acts)


def test_shops_that_spend_at_once_keep_to_one_cap(scope: Scope) -> None:
    holder = make_holder(scope)
    shops = street(scope, holder)
    wallet.change_me(member(scope, holder), changes={"daily_cap": "20.00"})
    answers = spend_everywhere(scope, shops, holder)
    assert granted(answers) == 2
    assert {answer.code for answer in answers if not answer.ok} == {"daily_cap_reached"}
    assert_books_balance(scope)


def test_taking_in_the_app_and_at_a_counter_keep_to_one_cap(scope: Scope) -> None:
    holder = make_holder(scope)
    shops = street(scope, holder, 6)
    own = member(scope, holder)
    wallet.change_me(own, changes={"daily_cap": "8.00"})
    takes = [partial(wallet.take_voucher, replace(own), reward_id=shop.reward_ids[0]) for shop in shops]
    gives = [partial(redeem, shop.counter(), holder, shop.reward_ids[0]) for shop in shops]
    answers = at_once([act for pair in zip(takes, gives, strict=True) for act in pair])
    taken = sum(isinstance(answer, str) for answer in answers)
    assert taken + granted(answers) == 1
    assert all(isinstance(one, DailyCapReachedError) for one in answers if isinstance(one, Exception))
    assert_books_balance(scope)


def test_without_its_lock_this_harness_sees_the_cap_broken(
    scope: Scope, drivers_own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops = [make_shop(scope, points="1", reward=EIGHT_EURO, name=f"Shop {n}") for n in range(8)]
    holders = [make_holder(scope) for _ in range(6)]
    for holder in holders:
        fill(shops, holder)
        wallet.change_me(member(scope, holder), changes={"daily_cap": "8.00"})
    scope.database.close()
    monkeypatch.setattr(brakes, "LOCK", UNLOCKED_BRAKES)
    other = Scope(drivers_own, scope.keys, clock=scope.clock)
    # Several times: the first ones open their connections, one after the other.
    assert max(granted(spend_everywhere(other, shops, holder)) for holder in holders) > 1


# --- a word that many use at once ----------------------------------------------------------------------------------


def asked(scope: Scope) -> tuple[Shop, Holder, Scope, str]:
    """A member with units for many rewards, who was asked about one."""
    shop, holder = make_shop(scope, points="1", reward=EIGHT_EURO), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=500_00)
    own = member(scope, holder)
    wallet.change_me(own, changes={"ask_above": "0"})
    with pytest.raises(SpendingUnconfirmedError):
        redeem(shop.counter(), holder, shop.reward_ids[0])
    [request] = wallet.list_spending_requests(own)
    return shop, holder, own, request.request_id


def test_a_word_that_many_use_at_once_is_good_once(scope: Scope) -> None:
    shop, holder, own, request_id = asked(scope)
    wallet.approve_spending(own, request_id=request_id)
    answers = at_once([partial(redeem, shop.counter(), holder, shop.reward_ids[0]) for _ in range(16)])
    assert granted(answers) == 1
    assert sum(isinstance(answer, SpendingUnconfirmedError) for answer in answers) == 15
    assert sorted(one.status for one in wallet.list_spending_requests(own)) == ["asked", "used"]
    assert_books_balance(scope)


def test_many_tries_at_once_are_one_question(scope: Scope) -> None:
    shop, holder = make_shop(scope, points="1", reward=EIGHT_EURO), make_holder(scope)
    visit(shop.counter(), holder, amount_minor=500_00)
    own = member(scope, holder)
    wallet.change_me(own, changes={"ask_above": "0"})
    at_once([partial(_try, shop, holder) for _ in range(12)])
    assert [one.status for one in wallet.list_spending_requests(own)] == ["asked"]


def _try(shop: Shop, holder: Holder) -> None:
    with pytest.raises(SpendingUnconfirmedError):
        redeem(shop.counter(), holder, shop.reward_ids[0])


@pytest.mark.parametrize("guard", ["the word's own", "the account's"])
def test_either_guard_of_a_word_holds_alone(scope: Scope, guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if guard == "the word's own":
        monkeypatch.setattr(redemptions, "LOCK_HERE", UNLOCKED)
        monkeypatch.setattr(writing, "_CHANGE_ACCOUNT", UNGUARDED)
    else:
        monkeypatch.setattr(asking, "USE", Change("spending_request", 34, sets="status used_at", where="member_id id"))
        monkeypatch.setattr(asking.USE, "sqlite", asking.USE.sqlite + " AND ? = 'approved'")
        monkeypatch.setattr(asking.USE, "postgresql", asking.USE.postgresql + " AND %s = 'approved'")
    shop, holder, own, request_id = asked(scope)
    wallet.approve_spending(own, request_id=request_id)
    answers = at_once([partial(redeem, shop.counter(), holder, shop.reward_ids[0]) for _ in range(12)])
    assert granted(answers) == 1


def test_without_any_guard_this_harness_sees_a_word_used_twice(
    scope: Scope, drivers_own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [asked(scope) for _ in range(8)]
    for _, _, own, request_id in words:
        wallet.approve_spending(own, request_id=request_id)
    scope.database.close()
    allow_rewriting(drivers_own)
    monkeypatch.setattr(redemptions, "LOCK_HERE", UNLOCKED)
    monkeypatch.setattr(writing, "_CHANGE_ACCOUNT", UNGUARDED)
    unguarded = Change("spending_request", 34, sets="status used_at", where="member_id id")
    unguarded.sqlite += " AND ? = 'approved'"
    unguarded.postgresql += " AND %s = 'approved'"
    monkeypatch.setattr(asking, "USE", unguarded)
    other = Scope(drivers_own, scope.keys, clock=scope.clock)
    # Several times: the first ones open their connections, one after the other.
    assert any(used_twice(shop, other, holder) for shop, holder, _, _ in words)


def used_twice(shop: Shop, scope: Scope, holder: Holder) -> bool:
    shop.scope = scope
    return granted(at_once([partial(redeem, shop.counter(), holder, shop.reward_ids[0]) for _ in range(32)])) > 1


def test_a_no_and_the_redemption_at_once_are_one_or_the_other(scope: Scope) -> None:
    for _ in range(6):
        shop, holder, own, request_id = asked(scope)
        wallet.approve_spending(own, request_id=request_id)
        given, refused = at_once(
            [
                partial(redeem, shop.counter(), holder, shop.reward_ids[0]),
                partial(wallet.refuse_spending, replace(own), request_id=request_id),
            ]
        )
        [request] = wallet.list_spending_requests(own)
        if request.status == "used":
            assert isinstance(given, Answer)
            assert isinstance(refused, SpendingRequestOverError)
        else:
            assert request.status == "refused"
            assert refused is None
            assert isinstance(given, SpendingRefusedError)


def test_yes_and_no_at_once_are_one_word(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        shop, holder, own, request_id = asked(scope)
        words = [wallet.approve_spending, wallet.refuse_spending] * 4
        answers = at_once([partial(word, replace(own), request_id=request_id) for word in words])
        [request] = wallet.list_spending_requests(own)
        # A no may follow a yes, never the other way round: somebody who says no must be able to rely on it.
        assert request.status == "refused"
        assert all(one is None or isinstance(one, SpendingRequestOverError) for one in answers)
        with pytest.raises(SpendingRefusedError):
            redeem(shop.counter(), holder, shop.reward_ids[0])


def test_without_its_guard_a_no_is_overruled(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        spending,
        "DECIDE",
        Statement(
            "UPDATE spending_request SET status = :status, decided_at = :now WHERE member_id = :member_id AND id = :id"
        ),
    )
    _, _, own, request_id = asked(scope)
    wallet.refuse_spending(own, request_id=request_id)
    wallet.approve_spending(own, request_id=request_id)
    assert [one.status for one in wallet.list_spending_requests(own)] == ["approved"]


# --- codes and challenges that many use at once --------------------------------------------------------------------


def move_at_once(scope: Scope) -> list[Any]:
    code = wallet.start_move(member(scope, make_holder(scope))).code
    return at_once([partial(wallet.finish_move, replace(scope), code=code) for _ in range(16)])


def test_a_code_to_move_with_used_by_many_at_once_gets_one_session(scope: Scope) -> None:
    answers = move_at_once(scope)
    assert sum(isinstance(answer, wallet.Session) for answer in answers) == 1
    assert sum(isinstance(answer, SignInFailedError) for answer in answers) == 15


def test_without_its_guard_a_code_gets_many(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Statement("UPDATE move_code SET expires_at = expires_at WHERE code_hash = :code_hash AND expires_at > :now")
    monkeypatch.setattr(moving, "_USE", kept)
    assert sum(isinstance(answer, wallet.Session) for answer in move_at_once(scope)) > 1


def sign_in_at_once(scope: Scope, settings: config.Settings) -> list[Any]:
    own, phone = member(scope, make_holder(scope)), Authenticator()
    options = wallet.start_adding_passkey(own, settings=settings)
    wallet.add_passkey(
        own,
        challenge_id=options.challenge_id,
        credential=phone.create(options.public_key),
        name=None,
        settings=settings,
    )
    asked_for = wallet.start_passkey_sign_in(scope, settings=settings)
    phone.passkeys[0].signed = -1  # one that doesn't count, as most phones': nothing but the challenge tells a repeat
    credential = phone.get(asked_for.public_key)
    sign_in = partial(
        wallet.sign_in_with_passkey, challenge_id=asked_for.challenge_id, credential=credential, settings=settings
    )
    return at_once([partial(sign_in, replace(scope)) for _ in range(12)])


def test_a_challenge_answered_by_many_at_once_gets_one_session(scope: Scope, settings: config.Settings) -> None:
    answers = sign_in_at_once(scope, settings)
    assert sum(isinstance(answer, wallet.Session) for answer in answers) == 1
    assert sum(isinstance(answer, SignInFailedError) for answer in answers) == 11


def test_without_its_guard_a_challenge_gets_many(
    scope: Scope, settings: config.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Statement("UPDATE passkey_challenge SET expires_at = expires_at WHERE id = :id AND expires_at > :now")
    monkeypatch.setattr(passkeys, "_TAKE", kept)
    assert sum(isinstance(answer, wallet.Session) for answer in sign_in_at_once(scope, settings)) > 1


# --- two first phones ----------------------------------------------------------------------------------------------


def install_at_once(scope: Scope, sessions: int = 6) -> list[Any]:
    """Sessions that mailed codes began before there was any phone, each installing its own card at the same moment."""
    holder = make_holder(scope)
    scopes = []
    for _ in range(sessions):
        with scope.transaction() as tx:
            session = begin(tx, scope, holder.member_id, began="code")
        scopes.append(replace(scope, member_id=holder.member_id, session_id=session.session_id))
    cards = [issue_digital_card(scope, member_id=holder.member_id) for _ in scopes]
    at_once([partial(start_installation, own, card_id=card) for own, card in zip(scopes, cards, strict=True)])
    with scope.reading() as tx:
        return list(
            tx.session.scalars(select(MemberSession.waits_until).where(MemberSession.member_id == holder.member_id))
        )


def test_of_two_first_phones_at_once_one_waits(scope: Scope) -> None:
    assert sum(until is None for until in install_at_once(scope)) == 1


def test_without_its_lock_two_first_phones_are_seen(
    scope: Scope, drivers_own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope.database.close()
    monkeypatch.setattr(waiting, "LOCK", UNLOCKED_MEMBER)
    other = Scope(drivers_own, scope.keys, clock=scope.clock)
    spared = [sum(until is None for until in install_at_once(other)) for _ in range(6)]
    assert max(spared) > 1
