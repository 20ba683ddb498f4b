"""Answers under idempotency keys: the first answer again, for ever, to the same question; never two effects.

The key's row is written in the transaction of its effect, so that one can't be there without the other; a second
request with the same key meets the first at the row's primary key. A refusal ("not enough") is an answer too and is
stored, in a transaction of its own, since the refused one was rolled back.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from app.common.batch import Batch, Table
from app.common.database import Transaction
from app.common.errors import DomainError, KeyReusedError, Kind
from app.common.keys import KeyRing
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards.errors import SpendingRefusedError, SpendingUnconfirmedError
from app.scanning.identifying import StoredReply
from app.scanning.refusing import Shown, is_noted, note
from app.scanning.results import Reply

Result = TypeVar("Result")
Render = Callable[[Any], str]
RenderRefusal = Callable[[DomainError], tuple[int, str]]
CREATED = 201
_PURPOSE = "fingerprint"

IDEMPOTENCY_KEY = Table("idempotency_key", 70, "location_id key fingerprint status body member_id answer_to created_at")
_FIRST = Statement(
    "SELECT fingerprint, status, body FROM idempotency_key WHERE location_id = :location_id AND key = :key"
)
# Not answers but failures to ask: the same key may come again with the request mended, or with the right PIN.
_NOT_FINAL = (KeyReusedError, SpendingUnconfirmedError, SpendingRefusedError)  # the member's word is still to come
_NOT_STORED = {Kind.MALFORMED, Kind.UNAUTHENTICATED, Kind.FORBIDDEN, Kind.TOO_MANY, Kind.INVALID}


class Fingerprint:
    """A keyed hash over a request's route and content. ``digest`` is made with the active key; what an older key of the
    ring made is still known, so that rotating the key turns no repeat into a stranger."""

    __slots__ = ("_content", "_ring", "digest")

    def __init__(self, ring: KeyRing, content: bytes) -> None:
        self._ring = ring
        self._content = content
        self.digest = hmac.digest(ring.derive(_PURPOSE), content, "sha256")

    def is_of(self, stored: bytes) -> bool:
        """Whether the stored digest is of this very content."""
        if hmac.compare_digest(stored, self.digest):
            return True
        older = self._ring.derive_all(_PURPOSE)[1:]
        return any(hmac.compare_digest(stored, hmac.digest(key, self._content, "sha256")) for key in older)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request's key and the fingerprint of its route and content; ``shown`` is what a refusal is noted with."""

    location_id: str
    key: str
    fingerprint: Fingerprint
    shown: Shown | None = None


class ReplayedError(Exception):
    """Leaves the work of a request whose key was answered before; carries that answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("replayed")
        self.reply = reply


def fingerprint(scope: Scope, route: str, content: Mapping[str, Any]) -> Fingerprint:
    """A keyed hash over route and canonical content, so that the table gives nothing away about what was sent."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return Fingerprint(scope.keys.secret, f"{route}\x1f{text}".encode())


def replay(stored: StoredReply | None, keyed: Keyed, rebuild: Callable[[StoredReply], str]) -> None:
    """Go on when the key is new. Raises :class:`ReplayedError` with the first answer, or :class:`KeyReusedError` when
    the content differs. ``rebuild`` makes the body anew where the stored one was pruned after 90 days."""
    if stored is None:
        return
    if not keyed.fingerprint.is_of(stored.fingerprint):
        raise KeyReusedError
    body = stored.body if stored.body is not None else rebuild(stored)
    raise ReplayedError(Reply(stored.status, body, is_replay=True))


def keep(batch: Batch, scope: Scope, keyed: Keyed, *, body: str, member_id: str | None, answer_to: str | None) -> None:
    """Put the key's row, with the answer of a booking, into the booking's own batch."""
    batch.insert(
        IDEMPOTENCY_KEY,
        (keyed.location_id, keyed.key, keyed.fingerprint.digest, CREATED, body, member_id, answer_to, scope.now),
    )


def answered(
    scope: Scope,
    keyed: Keyed,
    work: Callable[[Transaction], str],
    render_refusal: RenderRefusal,
    *,
    single: bool = False,
) -> Reply:
    """Run ``work`` (which keeps its own answer and returns its body) as one transaction, and answer. ``single``: it
    reads, then writes one guarded batch (:meth:`Scope.run_single`).

    A repeat gets the first answer. Refusals that are answers are stored under the key; other errors pass through.
    """
    try:
        return Reply(CREATED, (scope.run_single if single else scope.run)(work))
    except ReplayedError as replayed:
        return replayed.reply
    except DomainError as error:
        if error.kind in _NOT_STORED or isinstance(error, _NOT_FINAL):
            if keyed.shown is not None and is_noted(error):
                shown, refused = keyed.shown, error
                scope.run(lambda transaction: note(transaction, scope, shown, refused))
            raise
        return _refuse(scope, keyed, error, render_refusal)


def _refuse(scope: Scope, keyed: Keyed, error: DomainError, render_refusal: RenderRefusal) -> Reply:
    status, body = render_refusal(error)
    row = (keyed.location_id, keyed.key, keyed.fingerprint.digest, status, body, None, None, scope.now)

    def store(transaction: Transaction) -> Reply:
        for first in transaction.rows(_FIRST, {"location_id": keyed.location_id, "key": keyed.key}):
            if not keyed.fingerprint.is_of(bytes(first[0])):
                raise KeyReusedError
            return Reply(first[1], first[2] or body, is_replay=True)
        batch = Batch()
        batch.insert(IDEMPOTENCY_KEY, row)
        batch.write(transaction)
        if keyed.shown is not None and is_noted(error):
            note(transaction, scope, keyed.shown, error)
        return Reply(status, body)

    return scope.run(store)
