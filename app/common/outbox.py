"""Work that follows from a change: written in the change's own transaction, done afterwards by the job runner.

A message is there exactly when its change is. It is done at least once: a worker takes it for a while (a lease), and
when the worker dies, the lease runs out and another takes it. So whoever handles a topic must bear a repeat.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.common.batch import Row, Table
from app.common.ids import is_id, new_id
from app.common.sql import Executor, Statement
from app.common.types import decode_time

LEASE = timedelta(minutes=5)  # longer than any one message may take
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=6)
TRIES = 20  # about three days; then the message is parked, never thrown away
CALLS = ("push",)
"""Topics that call addresses which other people chose: claimed apart, so that a slow one keeps no mail waiting."""
PARKED = datetime(9999, 12, 31, tzinfo=UTC)

TABLE = Table("outbox", 90, "id topic merchant_id payload created_at available_at")
"""For use cases that gather their rows in a :class:`~app.common.batch.Batch`: ``batch.insert(TABLE, message(…))``."""

_ENQUEUE = Statement(
    """
    INSERT INTO outbox (id, topic, merchant_id, payload, created_at, available_at)
    VALUES (:id, :topic, :merchant_id, :payload, :created_at, :available_at)
    """
)
_LANES = {
    is_call: f"topic {'IN' if is_call else 'NOT IN'} ({', '.join(repr(topic) for topic in CALLS)})"
    for is_call in (False, True)
}
_ANY_DUE = {
    is_call: Statement(f"SELECT 1 FROM outbox WHERE done_at IS NULL AND available_at <= :now AND {lane} LIMIT 1")  # noqa: S608
    for is_call, lane in _LANES.items()
}
_CLAIMING = {
    is_call: Statement(
        f"""
        WITH due AS MATERIALIZED (
            SELECT id FROM outbox WHERE done_at IS NULL AND available_at <= :now AND {lane}
            ORDER BY available_at, id LIMIT :count FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox SET available_at = :until, tries = tries + 1 FROM due WHERE outbox.id = due.id
        RETURNING outbox.id, topic, merchant_id, payload, created_at, tries
        """,  # noqa: S608  constants
        sqlite=f"""
        UPDATE outbox SET available_at = :until, tries = tries + 1
        WHERE id IN (
            SELECT id FROM outbox WHERE done_at IS NULL AND available_at <= :now AND {lane}
            ORDER BY available_at, id LIMIT :count
        )
        RETURNING id, topic, merchant_id, payload, created_at, tries
        """,  # noqa: S608  constants
    )
    for is_call, lane in _LANES.items()
}
_COMPLETE = Statement("UPDATE outbox SET done_at = :now, last_error = NULL WHERE id = :id AND done_at IS NULL")
_COMPLETE_AND_FORGET = Statement(
    "UPDATE outbox SET done_at = :now, last_error = NULL, payload = '{}' WHERE id = :id AND done_at IS NULL"
)
_BEGIN_ONCE = Statement(
    "UPDATE outbox SET done_at = :now, last_error = NULL WHERE id = :id AND done_at IS NULL AND tries = :tries"
)
_REOPEN = Statement("UPDATE outbox SET done_at = NULL WHERE id = :id AND done_at IS NOT NULL AND tries = :tries")
_FORGET = Statement("UPDATE outbox SET payload = '{}' WHERE id = :id AND done_at IS NOT NULL")
_FAIL = Statement(
    """
    UPDATE outbox SET available_at = :at, last_error = :error
    WHERE id = :id AND done_at IS NULL AND tries = :tries
    """
)
_RELEASE = Statement(
    """
    UPDATE outbox SET available_at = :now, tries = tries - 1
    WHERE id = :id AND done_at IS NULL AND tries = :tries AND tries > 0
    """
)
_UNPARK = Statement(
    "UPDATE outbox SET available_at = :now, tries = 0 WHERE done_at IS NULL AND available_at >= :parked"
)
_PARKED_ONE = Statement(
    "SELECT id, topic, merchant_id, payload, created_at, tries FROM outbox"
    " WHERE id = :id AND done_at IS NULL AND available_at >= :parked"
)
_UNPARK_ONE = Statement(
    "UPDATE outbox SET available_at = :now, tries = 0 WHERE id = :id AND done_at IS NULL AND available_at >= :parked"
)
_DROP = Statement(
    "UPDATE outbox SET done_at = :now, payload = '{}', last_error = 'dropped'"
    " WHERE id = :id AND done_at IS NULL AND available_at >= :parked"
)
_PRUNE = Statement("DELETE FROM outbox WHERE done_at IS NOT NULL AND done_at < :before")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was claimed. ``tries`` counts this try too."""

    id: str
    topic: str
    merchant_id: str | None
    payload: dict[str, Any]
    created_at: datetime
    tries: int


def message(
    *,
    topic: str,
    payload: Mapping[str, Any],
    merchant_id: str | None = None,
    now: datetime,
    available_at: datetime | None = None,
) -> Row:
    """A message's row for :data:`TABLE`. ``payload`` is JSON; it holds no secret and no personal data in clear."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return (new_id(), topic, merchant_id, text, now, now if available_at is None else available_at)


def enqueue(
    tx: Executor,
    *,
    topic: str,
    payload: Mapping[str, Any],
    merchant_id: str | None = None,
    now: datetime,
    available_at: datetime | None = None,
) -> str:
    """Write one message in the caller's transaction, to be done at ``available_at`` (at once without it).

    Returns the message's id. ``payload`` is JSON; it holds no secret and no personal data in clear. Each call writes a
    message of its own.
    """
    row = message(topic=topic, payload=payload, merchant_id=merchant_id, now=now, available_at=available_at)
    tx.run(_ENQUEUE, dict(zip(TABLE.columns, row, strict=True)))
    return str(row[0])


def any_due(tx: Executor, *, now: datetime, calls: bool = False) -> bool:
    """Whether there is anything to claim: a look that takes no lock. ``calls`` as for :func:`claim`."""
    return bool(tx.rows(_ANY_DUE[calls], {"now": now}))


def claim(
    tx: Executor, *, now: datetime, count: int = 50, lease: timedelta = LEASE, calls: bool = False
) -> list[Message]:
    """Take up to ``count`` due messages, oldest first; nobody else gets them before ``now + lease``. With ``calls``
    those of the topics :data:`CALLS`, without it all others.

    Several workers may claim at once on PostgreSQL: each message goes to one of them, and none waits for another. The
    messages are the caller's once its transaction has been committed.
    """
    rows = tx.rows(_CLAIMING[calls], {"now": now, "until": now + lease, "count": count})
    return sorted((_read(row) for row in rows), key=lambda each: (each.created_at, each.id))


def complete(tx: Executor, message: Message, *, now: datetime, forget: bool = False) -> bool:
    """Note that a message is done; with ``forget`` its payload is wiped. False where it was done already."""
    return tx.run(_COMPLETE_AND_FORGET if forget else _COMPLETE, {"id": message.id, "now": now}) == 1


def begin_once(tx: Executor, message: Message, *, now: datetime) -> bool:
    """Note that a message is done before it is: for what must never be done twice. Whoever dies after that leaves it
    undone, and nobody tries again; who knows that nothing happened says so with :func:`reopen`. False where another
    worker has it now."""
    return tx.run(_BEGIN_ONCE, {"id": message.id, "now": now, "tries": message.tries}) == 1


def reopen(tx: Executor, message: Message) -> bool:
    """Undo :func:`begin_once`: nothing was done, and the message may be tried again. False where it is not so."""
    return tx.run(_REOPEN, {"id": message.id, "tries": message.tries}) == 1


def forget(tx: Executor, message: Message) -> None:
    """Wipe what a message held that is done. A repeat changes nothing."""
    tx.run(_FORGET, {"id": message.id})


def fail(
    tx: Executor, message: Message, *, error: str, now: datetime, retry_at: datetime | None = None, final: bool = False
) -> bool:
    """Note that a try failed, and when the next one is due: at ``retry_at``, or after a growing delay.

    After the last try, or with ``final``, the message is parked until somebody calls :func:`unpark`. ``error`` is cut
    to 500 characters. False where the lease had run out and another worker has the message now: then nothing changes.
    """
    if final or (retry_at is None and message.tries >= TRIES):
        retry_at = PARKED
    at = retry_at if retry_at is not None else now + delay(message.tries)
    return tx.run(_FAIL, {"id": message.id, "tries": message.tries, "at": at, "error": error[:500]}) == 1


def release(tx: Executor, messages: Sequence[Message], *, now: datetime) -> None:
    """Give back what was claimed but not tried; the try is not counted."""
    for message in messages:
        tx.run(_RELEASE, {"id": message.id, "tries": message.tries, "now": now})


def delay(tries: int) -> timedelta:
    """How long to wait after that many tries: 5 s doubled each time, at most 6 h, less up to a fifth at random, so
    that what failed together does not come back together."""
    whole: timedelta = min(FIRST_DELAY * 2 ** min(tries - 1, 20), LONGEST_DELAY)
    return whole * random.uniform(0.8, 1.0)  # noqa: S311  spreads tries, guards nothing


def unpark(tx: Executor, *, now: datetime) -> int:
    """Make all parked messages due again, with all their tries. Returns how many."""
    return tx.run(_UNPARK, {"now": now, "parked": PARKED})


def find_parked(tx: Executor, message_id: str) -> Message | None:
    """A message that was given up; None where it is not, or not any more."""
    rows = tx.rows(_PARKED_ONE, {"id": message_id, "parked": PARKED}) if is_id(message_id) else []
    return _read(rows[0]) if rows else None


def unpark_one(tx: Executor, message_id: str, *, now: datetime) -> bool:
    """Make one message that was given up due again, with all its tries. False where it is not given up any more."""
    return tx.run(_UNPARK_ONE, {"id": message_id, "now": now, "parked": PARKED}) == 1


def drop(tx: Executor, message_id: str, *, now: datetime) -> bool:
    """End a message that was given up: it is never done, and what it held is forgotten. False where it is not given up
    any more."""
    return tx.run(_DROP, {"id": message_id, "now": now, "parked": PARKED}) == 1


def prune(tx: Executor, *, before: datetime) -> int:
    """Delete messages that were done before then. Returns how many."""
    return tx.run(_PRUNE, {"before": before})


def _read(row: Sequence[Any]) -> Message:
    id_, topic, merchant_id, payload, created_at, tries = row
    return Message(
        id=id_,
        topic=topic,
        merchant_id=merchant_id,
        payload=json.loads(payload) if isinstance(payload, str) else payload,
        # SQLite does not tell the type of a column that RETURNING gives.
        created_at=decode_time(created_at) if isinstance(created_at, str) else created_at,
        tries=int(tries),
    )
