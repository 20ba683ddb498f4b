"""The outbox: there exactly when its change is, done at least once, by one worker at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from app.common import outbox
from app.common.database import Database, Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from tests.clocks import FixedClock

ALL = Statement("SELECT id, topic, tries, last_error, payload FROM outbox ORDER BY id")


def put(scope: Scope, count: int = 1, **more: object) -> list[str]:
    with scope.transaction() as tx:
        return [
            outbox.enqueue(tx, topic="letter", payload={"place": place, **more}, now=scope.now)
            for place in range(count)
        ]


def take(scope: Scope, count: int = 50) -> list[outbox.Message]:
    with scope.transaction() as tx:
        return outbox.claim(tx, now=scope.now, count=count)


def finish(scope: Scope, message: outbox.Message) -> bool:
    with scope.transaction() as tx:
        return outbox.complete(tx, message, now=scope.now)


def test_a_message_goes_with_its_change(scope: Scope) -> None:
    def change(tx: Transaction) -> None:
        outbox.enqueue(tx, topic="letter", payload={}, now=scope.now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        scope.run(change)
    assert take(scope) == []


def test_what_goes_in_comes_out_oldest_first(scope: Scope, clock: FixedClock) -> None:
    first = put(scope, 2, text='é "quoted" %s :name')
    clock.advance(seconds=1)
    last = put(scope)
    taken = take(scope)
    assert [message.id for message in taken] == first + last
    assert taken[0].payload == {"place": 0, "text": 'é "quoted" %s :name'}
    assert (taken[0].topic, taken[0].tries, taken[0].created_at) == ("letter", 1, clock.now - timedelta(seconds=1))


def test_rows_of_a_batch_are_messages_too(scope: Scope) -> None:
    from app.common.batch import Batch

    batch = Batch()
    batch.insert(outbox.TABLE, outbox.message(topic="letter", payload={"a": [1]}, now=scope.now))
    with scope.transaction() as tx:
        batch.write(tx)
    assert [message.payload for message in take(scope)] == [{"a": [1]}]


def test_what_is_for_later_waits(scope: Scope, clock: FixedClock) -> None:
    with scope.transaction() as tx:
        outbox.enqueue(tx, topic="t", payload={}, now=scope.now, available_at=clock.now + timedelta(minutes=1))
    clock.advance(seconds=59)
    assert take(scope) == []
    clock.advance(seconds=1)
    assert len(take(scope)) == 1


def test_a_claimed_message_is_nobody_elses_until_its_lease_runs_out(scope: Scope, clock: FixedClock) -> None:
    put(scope)
    (dead,) = take(scope)
    clock.advance(seconds=outbox.LEASE.total_seconds() - 1)
    assert take(scope) == []
    clock.advance(seconds=1)
    (second,) = take(scope)
    assert (second.id, second.tries) == (dead.id, 2)
    # The first was only slow: its failure must not take the message away from the second.
    with scope.transaction() as tx:
        assert not outbox.fail(tx, dead, error="late", now=scope.now)
    assert finish(scope, second)
    assert not finish(scope, dead)
    clock.advance(days=1)
    assert take(scope) == []


def test_failures_come_back_later_and_later_and_are_never_thrown_away(scope: Scope, clock: FixedClock) -> None:
    put(scope)
    waits = []
    for tries in range(1, outbox.TRIES + 1):
        (message,) = take(scope)
        assert message.tries == tries
        with scope.transaction() as tx:
            assert outbox.fail(tx, message, error="no" * 1000, now=scope.now)
        began = clock.now
        if tries < outbox.TRIES:
            while not take_is_due(scope):
                clock.advance(seconds=1)
                if clock.now - began > timedelta(minutes=2):
                    clock.advance(minutes=1)
            waits.append(clock.now - began)
    assert timedelta(seconds=4) <= waits[0] <= timedelta(seconds=5)
    assert all(later >= earlier * 0.8 for earlier, later in pairwise(waits))
    assert max(waits) <= outbox.LONGEST_DELAY + timedelta(minutes=1)
    clock.advance(days=365)
    assert take(scope) == []  # parked
    with scope.reading() as tx:
        ((_, _, _, error, _),) = tx.rows(ALL, {})
    assert len(error) == 500
    with scope.transaction() as tx:
        assert outbox.unpark(tx, now=scope.now) == 1
    (again,) = take(scope)
    assert again.tries == 1


def take_is_due(scope: Scope) -> bool:
    with scope.reading() as tx:
        return outbox.any_due(tx, now=scope.now)


def test_what_was_given_back_counts_no_try(scope: Scope) -> None:
    put(scope)
    (message,) = take(scope)
    with scope.transaction() as tx:
        outbox.release(tx, [message], now=scope.now)
    (again,) = take(scope)
    assert again.tries == 1


def test_a_forgotten_payload_is_gone(scope: Scope) -> None:
    put(scope, secret="123456")
    (message,) = take(scope)
    with scope.transaction() as tx:
        outbox.complete(tx, message, now=scope.now, forget=True)
    with scope.reading() as tx:
        assert "123456" not in str(tx.rows(ALL, {}))


def test_old_done_messages_are_pruned_and_open_ones_are_not(scope: Scope, clock: FixedClock) -> None:
    put(scope, 3)
    for message in take(scope, 2):
        finish(scope, message)
    clock.advance(days=31)
    with scope.transaction() as tx:
        assert outbox.prune(tx, before=scope.now - timedelta(days=30)) == 2
    assert len(take(scope)) == 1


def test_many_workers_at_once_never_share_a_message(scope: Scope, database: Database, clock: FixedClock) -> None:
    put(scope, 300)
    start = threading.Barrier(8)

    def work(_: int) -> list[str]:
        own = Scope(database, scope.keys, clock=clock)
        start.wait()
        taken: list[str] = []
        while messages := take(own, 7):
            for message in messages:
                taken.append(message.id)
                assert finish(own, message)
        return taken

    with ThreadPoolExecutor(8) as workers:
        lists = list(workers.map(work, range(8)))
    done = [id_ for taken in lists for id_ in taken]
    assert len(done) == len(set(done)) == 300


def test_a_locked_message_holds_nobody_up(scope: Scope, database: Database) -> None:
    """On PostgreSQL a claim under way must not make the next worker wait for it."""
    if database.dialect == "sqlite":
        put(scope, 2)
        assert len(take(scope, 1)) == 1
        assert len(take(scope, 1)) == 1
        return
    put(scope, 2)
    with scope.transaction() as tx:
        mine = outbox.claim(tx, now=scope.now, count=1)
        other = Scope(database, scope.keys, clock=scope.clock)
        with other.transaction() as their_tx:
            theirs = outbox.claim(their_tx, now=scope.now, count=1)
    assert mine[0].id != theirs[0].id
