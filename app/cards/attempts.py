"""Counting tries of what may be tried a few times only: codes, PINs, claims, mails.

A try is counted in a transaction of its own, before the thing is tried, so that a refusal that rolls back does not
forget it. What is counted is stored as a keyed hash: no address, network or number can be read from the table.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.cards.errors import TriesUsedUpError
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` tries in ``window``, counted from the first of them, for each subject of this ``name``."""

    name: str
    most: int
    window: timedelta


_COUNT = Statement(
    """
    INSERT INTO attempt (subject, name, count, started_at) VALUES (:subject, :name, 1, :now)
    ON CONFLICT (subject) DO UPDATE SET
        count = CASE WHEN attempt.started_at <= :since THEN 1 ELSE attempt.count + 1 END,
        started_at = CASE WHEN attempt.started_at <= :since THEN :now ELSE attempt.started_at END
    RETURNING count, started_at
    """
)
_LOOK = Statement("SELECT count, started_at FROM attempt WHERE subject = :subject AND started_at > :since")
_FORGET = Statement("DELETE FROM attempt WHERE subject = :subject")
_PRUNE = Statement("DELETE FROM attempt WHERE started_at < :before")


def count(scope: Scope, limit: Limit, subject: str) -> bool:
    """Count one try of ``subject``. Returns whether it is still within the limit. Each call counts."""

    now = scope.now
    hashed = hashed_subject(scope, limit.name, subject)
    params = {"subject": hashed, "name": limit.name, "now": now, "since": now - limit.window}
    return bool(scope.run(lambda tx: tx.rows(_COUNT, params))[0][0] <= limit.most)


def spend(scope: Scope, limit: Limit, subject: str) -> None:
    """Count one try. Raises :class:`TriesUsedUpError` with the seconds to wait when it is one too many."""
    if not count(scope, limit, subject):
        raise TriesUsedUpError(retry_after=_wait(scope, limit, subject))


def check(scope: Scope, limit: Limit, subject: str) -> None:
    """Count nothing. Raises :class:`TriesUsedUpError` when the tries of ``subject`` are used up."""
    wait = _wait(scope, limit, subject)
    if wait:
        raise TriesUsedUpError(retry_after=wait)


def forget(scope: Scope, limit: Limit, subject: str) -> None:
    """Begin anew, after a try that succeeded."""
    params = {"subject": hashed_subject(scope, limit.name, subject)}
    scope.run(lambda tx: tx.run(_FORGET, params))


def prune(scope: Scope, *, before: datetime) -> int:
    """Delete counts that began before then, for the nightly job. Returns how many."""
    return scope.run(lambda tx: tx.run(_PRUNE, {"before": before}))


def _wait(scope: Scope, limit: Limit, subject: str) -> int:
    """Seconds until the next try, 0 when one may be made now."""
    now = scope.now
    with scope.reading() as tx:
        rows = tx.rows(_LOOK, {"subject": hashed_subject(scope, limit.name, subject), "since": now - limit.window})
    if not rows or rows[0][0] < limit.most:
        return 0
    started = rows[0][1]
    if isinstance(started, str):
        started = decode_time(started)
    return max(1, int((started + limit.window - now).total_seconds()))


def hashed_subject(scope: Scope, name: str, subject: str) -> bytes:
    """By what a subject is counted under a limit of that name."""
    return hmac.digest(scope.keys.data.derive("attempts"), f"{name}\x1f{subject}".encode(), "sha256")
