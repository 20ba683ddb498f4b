"""A tablet's queue, applied event by event: each exactly once, each with an answer, one bad event never in the way of
the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.common.database import Transaction
from app.common.errors import DomainError
from app.common.sql import Statement
from app.scanning.counter import Counter
from app.scanning.errors import CodeTooOldError, CodeUsedError, DeviceRevokedError, TooFarAheadError, TooOldError
from app.scanning.replies import Render, RenderRefusal
from app.scanning.requests import QueuedEvent
from app.scanning.results import SyncResult
from app.scanning.service.redemptions import redeem
from app.scanning.service.visits import record_visit

OLDEST = timedelta(hours=72)
_REVIEWED = (TooOldError, TooFarAheadError, CodeTooOldError, CodeUsedError)
_KNOWN = Statement("SELECT status, reason FROM offline_event WHERE location_id = :location_id AND id = :id")
_NOTE = Statement(
    """
    INSERT INTO offline_event (location_id, id, device_id, sequence, status, reason, event, received_at)
    VALUES (:location_id, :id, :device_id, :sequence, :status, :reason, :event, :now)
    ON CONFLICT (location_id, id) DO NOTHING
    """
)
_MARK = Statement(
    "UPDATE device SET synced_sequence = CASE WHEN synced_sequence < :sequence THEN :sequence ELSE synced_sequence END,"
    " clock_offset_ms = :offset, last_seen_at = :now WHERE id = :device_id"
)


class StoredRefusal(DomainError):
    """What an event was refused for when it was first sent; its code and kind are that first refusal's."""


def sync(
    counter: Counter,
    events: Sequence[QueuedEvent],
    *,
    sent_at: datetime,
    render_visit: Render,
    render_redemption: Render,
    render_refusal: RenderRefusal,
    document_of: Callable[[QueuedEvent], dict[str, Any]],
) -> list[SyncResult]:
    """Apply a queue's events in order; the result has one entry for each, in the same order.

    ``applied``: booked now. ``duplicate``: booked before, by an earlier send or by the online try whose key the event's
    id is. ``rejected``: it can't be booked, with the reason. ``review``: older than 72 hours, from the future, or with
    digits that were used or are of another time: kept for somebody of the shop to decide. Each event is a transaction
    of its own, so a repeat after a crash goes on where it stopped. Raises :class:`DeviceRevokedError`.
    """
    results = [_apply(counter, event, render_visit, render_redemption, render_refusal, document_of) for event in events]
    scope = counter.scope
    offset = int((sent_at - scope.now).total_seconds() * 1000)
    highest = max((event.sequence for event in events), default=0)
    mark = {"sequence": highest, "offset": offset, "now": scope.now, "device_id": scope.device_id}
    scope.run(lambda transaction: transaction.run(_MARK, mark))
    return results


def _apply(
    counter: Counter,
    event: QueuedEvent,
    render_visit: Render,
    render_redemption: Render,
    render_refusal: RenderRefusal,
    document_of: Callable[[QueuedEvent], dict[str, Any]],
) -> SyncResult:
    scope = counter.scope
    with scope.reading() as transaction:
        known = transaction.rows(_KNOWN, {"location_id": counter.location_id, "id": event.id})
    if known:
        first: str = known[0][0]
        told = {"approved": "duplicate", "refused": "rejected"}.get(first, first)
        return SyncResult(event.id, told, None, StoredRefusal(code=known[0][1]))
    try:
        if event.visit is not None:
            reply = record_visit(
                counter,
                event.visit,
                key=event.id,
                render=render_visit,
                render_refusal=render_refusal,
                oldest=OLDEST,
                source="queue",
            )
        elif event.redemption is not None:
            reply = redeem(
                counter,
                event.redemption,
                key=event.id,
                render=render_redemption,
                render_refusal=render_refusal,
                oldest=OLDEST,
            )
        else:
            raise ValueError("a queued event is a visit or a redemption")
    except DeviceRevokedError:
        raise
    except DomainError as error:
        status = "review" if isinstance(error, _REVIEWED) else "rejected"
        _note(counter, event, status, error, document_of)
        return SyncResult(event.id, status, None, error)
    body = json.loads(reply.body)
    if reply.status >= 400:
        refusal = StoredRefusal(code=str(body.get("type", "")).rsplit("/", 1)[-1], detail=body.get("detail"))
        status = "review" if refusal.params["code"] in {error.code for error in _REVIEWED} else "rejected"
        _note(counter, event, status, refusal, document_of)
        return SyncResult(event.id, status, None, refusal)
    return SyncResult(event.id, "duplicate" if reply.is_replay else "applied", body["transaction_id"])


def _note(
    counter: Counter,
    event: QueuedEvent,
    status: str,
    error: DomainError,
    document_of: Callable[[QueuedEvent], dict[str, Any]],
) -> None:
    row = {
        "location_id": counter.location_id,
        "id": event.id,
        "device_id": counter.scope.device_id,
        "sequence": event.sequence,
        "status": status,
        "reason": error.params.get("code", error.code),
        "event": json.dumps(document_of(event), ensure_ascii=False, default=str),
        "now": counter.scope.now,
    }

    def note(transaction: Transaction) -> None:
        transaction.run(_NOTE, row)

    counter.scope.run(note)
