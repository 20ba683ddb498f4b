"""Issuing, blocking and replacing cards; installations; look-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest
from sqlalchemy import select

from app.cards import numbers, queries, service
from app.cards.code_secrets import open_secret
from app.cards.data_keys import data_keys
from app.cards.errors import (
    CardBlockedError,
    CardHasNoSecretError,
    CardNotPrintedError,
    CardReplacedError,
    CodeMistypedError,
    CodeUnreadableError,
    PinTooSimpleError,
)
from app.cards.models import Card, Installation
from app.cards.secret_codes import verify_code, verify_pin
from app.cards.service.issuing import claim_purpose
from app.common.errors import NotFoundError
from app.common.scope import Scope
from tests.clocks import FixedClock


def test_printed_cards_are_valid_and_know_their_claim_code_by_its_hash_alone(scope: Scope) -> None:
    issued = list(service.issue_printed_cards(scope, 3, batch_name="spring"))

    assert len({card.number for card in issued}) == len({card.member_id for card in issued}) == 3
    assert all(numbers.is_valid(card.number) for card in issued)
    with scope.reading() as tx:
        for card in issued:
            stored = tx.session.scalars(select(Card).where(Card.number == card.number)).one()
            assert (stored.id, stored.member_id, stored.kind) == (card.card_id, card.member_id, "printed")
            assert stored.claim_code_hash is not None
            assert card.claim_code.encode() not in stored.claim_code_hash
            keys = data_keys(scope.keys.data)
            assert verify_code(keys, claim_purpose(card.number), stored.claim_code_hash, card.claim_code)
            assert queries.count_cards(scope, batch_id=stored.batch_id or "") == 3


def test_a_print_run_commits_its_cards_as_it_goes(scope: Scope) -> None:
    some = list(islice(service.issue_printed_cards(scope, 2_500), 1_200))

    assert queries.find_card(scope, number=some[-1].number) is not None
    with scope.reading() as tx:
        batch_id = tx.session.scalar(select(Card.batch_id).where(Card.number == some[0].number))
    assert queries.count_cards(scope, batch_id=str(batch_id)) == 2_000  # the chunk that was begun is whole


def test_a_batch_can_be_disabled_and_enabled_as_a_whole(scope: Scope, clock: FixedClock) -> None:
    first, second = service.issue_printed_cards(scope, 2)
    with scope.reading() as tx:
        batch_id = str(tx.session.scalar(select(Card.batch_id).where(Card.number == first.number)))

    (third,) = service.issue_printed_cards(scope, 1)
    service.block_card(scope, card_id=first.card_id)
    clock.advance(hours=1)
    assert service.disable_batch(scope, batch_id=batch_id) == 1
    assert service.disable_batch(scope, batch_id=batch_id) == 0
    assert queries.get_card(scope, number=third.number).is_usable
    assert not queries.get_card(scope, number=second.number).is_usable
    with pytest.raises(CardBlockedError):
        service.approve_claim(scope, number=second.number)
    assert service.enable_batch(scope, batch_id=batch_id) == 1
    assert queries.get_card(scope, number=second.number).is_usable
    assert not queries.get_card(scope, number=first.number).is_usable
    with pytest.raises(NotFoundError):
        service.disable_batch(scope, batch_id=first.card_id)


def test_a_new_installation_ends_the_last_one_of_its_kind(scope: Scope, clock: FixedClock) -> None:
    member = service.issue_anonymous_member(scope)
    first = service.start_installation(scope, card_id=member.card_id)
    pass_ = service.start_installation(scope, card_id=member.card_id, kind="google")
    clock.advance(minutes=1)
    second = service.start_installation(scope, card_id=member.card_id)

    assert first.totp["secret"] != second.totp["secret"]
    with scope.reading() as tx:
        rows = {row.id: row for row in tx.session.scalars(select(Installation))}
    assert rows[first.installation_id].ended_at == clock.now
    assert rows[second.installation_id].ended_at is None
    assert rows[pass_.installation_id].ended_at is None
    secret = open_secret(scope.keys.data, second.installation_id, rows[second.installation_id].secret)
    assert secret not in rows[second.installation_id].secret
    assert len(secret) == 20


def test_a_printed_card_has_no_secret(scope: Scope) -> None:
    (card,) = service.issue_printed_cards(scope, 1)
    with pytest.raises(CardHasNoSecretError):
        service.start_installation(scope, card_id=card.card_id)


def test_a_blocked_card_is_dead_and_its_digits_too(scope: Scope) -> None:
    member = service.issue_anonymous_member(scope)
    service.start_installation(scope, card_id=member.card_id)

    assert service.block_card(scope, card_id=member.card_id).status == "blocked"
    again = service.block_card(scope, card_id=member.card_id)
    assert (again.is_usable, again.has_installation) == (False, False)
    with pytest.raises(CardBlockedError):
        service.start_installation(scope, card_id=member.card_id)


def test_a_replaced_card_is_dead_at_once_and_its_member_stays(scope: Scope) -> None:
    member = service.issue_anonymous_member(scope)
    service.start_installation(scope, card_id=member.card_id)

    new = service.replace_card(scope, card_id=member.card_id)

    old = queries.get_card(scope, card_id=member.card_id)
    assert (old.status, old.replaced_by, old.has_installation) == ("replaced", new.number, False)
    assert (new.member_id, new.kind, new.is_usable) == (member.member_id, "digital", True)
    for attempt in (service.replace_card, service.block_card, service.start_installation):
        with pytest.raises(CardReplacedError):
            attempt(scope, card_id=member.card_id)


def test_only_a_card_of_the_same_member_takes_anothers_place(scope: Scope) -> None:
    member = service.issue_anonymous_member(scope)
    (printed,) = service.issue_printed_cards(scope, 1)

    with pytest.raises(NotFoundError):
        service.replace_card(scope, card_id=member.card_id, replacement_number=printed.number)
    with pytest.raises(NotFoundError):
        service.replace_card(scope, card_id=member.card_id, replacement_number=member.number)
    assert queries.get_card(scope, card_id=member.card_id).status == "active"


def test_another_members_card_is_not_there(scope: Scope) -> None:
    mine, other = service.issue_anonymous_member(scope), service.issue_anonymous_member(scope)
    own = replace(scope, actor_kind="member", actor_id=mine.member_id, member_id=mine.member_id)

    assert queries.find_card(own, card_id=other.card_id) is None
    for attempt in (service.block_card, service.replace_card, service.start_installation):
        with pytest.raises(NotFoundError):
            attempt(own, card_id=other.card_id)
    assert queries.get_card(scope, card_id=other.card_id).status == "active"
    assert [card.card_id for card in queries.list_cards(own, member_id=mine.member_id)] == [mine.card_id]


def test_a_pin_is_kept_as_a_hash_bound_to_its_card(scope: Scope) -> None:
    (card,) = service.issue_printed_cards(scope, 1)

    assert service.set_pin(scope, card_id=card.card_id, pin="8052").has_pin
    with scope.reading() as tx:
        stored = tx.session.scalar(select(Card.pin_hash).where(Card.number == card.number))
    assert stored is not None
    assert "8052" not in stored
    assert verify_pin(data_keys(scope.keys.data), card.card_id, stored, "8052")
    with pytest.raises(PinTooSimpleError):
        service.set_pin(scope, card_id=card.card_id, pin="1234")
    assert not service.remove_pin(scope, card_id=card.card_id).has_pin
    digital = service.issue_anonymous_member(scope)
    with pytest.raises(CardNotPrintedError):
        service.set_pin(scope, card_id=digital.card_id, pin="8052")


def test_a_tablet_approves_for_five_minutes(scope: Scope, clock: FixedClock) -> None:
    (card,) = service.issue_printed_cards(scope, 1)
    assert service.approve_claim(scope, number=card.number) == clock.now + timedelta(minutes=5)
    digital = service.issue_anonymous_member(scope)
    with pytest.raises(CardNotPrintedError):
        service.approve_claim(scope, number=digital.number)
    with pytest.raises(NotFoundError):
        service.approve_claim(scope, number=numbers.new_number())


def test_what_is_typed_is_read_as_a_number_or_refused(scope: Scope) -> None:
    number = numbers.new_number()
    typed = numbers.format_number(number).lower()
    assert queries.read_number(typed) == number
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    with pytest.raises(CodeMistypedError):
        queries.read_number(wrong)
    for nonsense in ("", "hello", number + "0", "🎉" * 16, "É" * 16):
        with pytest.raises(CodeUnreadableError):
            queries.read_number(nonsense)
