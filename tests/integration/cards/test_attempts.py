"""Counting tries: to the one, for each subject, within the window, and unreadably."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cards import attempts
from app.cards.attempts import Limit
from app.cards.errors import TriesUsedUpError
from app.cards.models import Attempt
from app.common.scope import Scope
from tests.clocks import FixedClock

LIMIT = Limit("doors", 3, timedelta(minutes=10))


def test_tries_are_used_up_and_come_back_with_the_next_window(scope: Scope, clock: FixedClock) -> None:
    for _ in range(3):
        attempts.spend(scope, LIMIT, "ann")
        clock.advance(minutes=1)
    with pytest.raises(TriesUsedUpError) as refused:
        attempts.spend(scope, LIMIT, "ann")
    assert refused.value.params["retry_after"] == 7 * 60
    with pytest.raises(TriesUsedUpError):
        attempts.check(scope, LIMIT, "ann")
    clock.advance(minutes=7)
    attempts.check(scope, LIMIT, "ann")
    attempts.spend(scope, LIMIT, "ann")


def test_each_subject_and_each_limit_counts_for_itself(scope: Scope) -> None:
    other = Limit("windows", 1, timedelta(minutes=10))
    for _ in range(3):
        attempts.spend(scope, LIMIT, "ann")
    attempts.spend(scope, LIMIT, "bob")
    attempts.spend(scope, other, "ann")
    assert not attempts.count(scope, other, "ann")


def test_success_begins_anew(scope: Scope) -> None:
    for _ in range(3):
        attempts.spend(scope, LIMIT, "ann")
    attempts.forget(scope, LIMIT, "ann")
    attempts.spend(scope, LIMIT, "ann")


def test_nobody_can_be_read_from_the_counts(scope: Scope) -> None:
    attempts.spend(scope, LIMIT, "ann@example.com")
    with scope.reading() as tx:
        [subject] = tx.session.scalars(select(Attempt.subject))
    assert len(bytes(subject)) == 32
    assert b"ann" not in bytes(subject)


def test_old_counts_are_pruned(scope: Scope, clock: FixedClock) -> None:
    attempts.spend(scope, LIMIT, "ann")
    clock.advance(days=2)
    attempts.spend(scope, LIMIT, "bob")
    assert attempts.prune(scope, before=clock.now - timedelta(days=1)) == 1
    assert attempts.prune(scope, before=clock.now - timedelta(days=1)) == 0
