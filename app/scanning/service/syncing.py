"""A tablet's queue, applied event by event: each exactly once, each with an answer, one bad event never in the way of
the rest. The same call is the tablet's sign of life, and ends the reservations that it lets go of."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.cards import codes
from app.cards.codes import CodeKind
from app.common.database import Transaction
from app.common.errors import DomainError, KeyReusedError, Kind
from app.common.sql import Statement
from app.merchants import gaps
from app.merchants.errors import TrialVisitsUsedUpError
from app.rewards import releasing
from app.rewards.undecided import undecided_vouchers
from app.scanning.counter import Counter
from app.scanning.errors import (
    CodeTooOldError,
    CodeUsedError,
    DeviceRevokedError,
    EarningPausedError,
    LimitReachedError,
    ScanOverError,
    StaffNeededError,
    StaffUnknownError,
    TooFarAheadError,
    TooOldError,
)
from app.scanning.replies import Render, RenderRefusal
from app.scanning.requests import QueuedEvent, TabletFacts
from app.scanning.results import Synced, SyncResult
from app.scanning.service.redemptions import redeem
from app.scanning.service.visits import record_visit

OLDEST = timedelta(hours=72)
_REVIEWED = (
    TooOldError,
    TooFarAheadError,
    CodeTooOldError,
    CodeUsedError,
    ScanOverError,
    StaffNeededError,
    StaffUnknownError,
    LimitReachedError,  # the customer was told that it counts: somebody of the shop knows whether it does
    EarningPausedError,  # the customer was told that it counts: kept until earning goes on
    TrialVisitsUsedUpError,  # the customer was told that it counts: kept until the shop is approved, or has room
)
_REVIEWED_CODES = frozenset(error.code for error in _REVIEWED)
# Not what becomes of the event but of the request: the tablet keeps the event and sends it again.
_OF_THE_REQUEST = frozenset({Kind.UNAUTHENTICATED, Kind.TOO_MANY})
_KNOWN = Statement(
    "SELECT status, reason, transaction_id FROM offline_event WHERE location_id = :location_id AND id = :id"
)
_NOTE = Statement(
    """
    INSERT INTO offline_event (location_id, id, device_id, sequence, status, reason, event, voucher_code, received_at)
    VALUES (:location_id, :id, :device_id, :sequence, :status, :reason, :event, :voucher_code, :now)
    ON CONFLICT (location_id, id) DO NOTHING
    """
)
_LOCK = Statement(
    "SELECT synced_sequence, revoked_at FROM device WHERE id = :device_id FOR UPDATE",
    sqlite="SELECT synced_sequence, revoked_at FROM device WHERE id = :device_id",  # one writer
)
_MARK = Statement(
    """
    UPDATE device SET synced_sequence = :sequence, last_seen_at = :now, clock_offset_ms = :clock_offset_ms,
        app_version = coalesce(:app_version, app_version), queue_length = coalesce(:queue_length, queue_length),
        is_storage_kept = coalesce(:is_storage_kept, is_storage_kept)
    WHERE id = :device_id
    """
)
_REVIEWS = Statement("SELECT count(*) FROM offline_event WHERE location_id = :location_id AND status = 'review'")


class StoredRefusal(DomainError):
    """What an event was refused for when it was first sent; its code and kind are that first refusal's."""


@dataclass(frozen=True, slots=True)
class _Queue:
    """What all events of one call share."""

    counter: Counter
    render_visit: Render
    render_redemption: Render
    render_refusal: RenderRefusal
    document_of: Callable[[QueuedEvent], dict[str, Any]]


def sync(
    counter: Counter,
    events: Sequence[QueuedEvent],
    *,
    sent_at: datetime,
    render_visit: Render,
    render_redemption: Render,
    render_refusal: RenderRefusal,
    document_of: Callable[[QueuedEvent], dict[str, Any]],
    facts: TabletFacts | None = None,
    acks: Collection[str] = (),
    unread: Iterable[int] = (),
) -> Synced:
    """Apply a queue's events in order; there is one result for each, in the same order. Without events it is a sign of
    life. ``unread`` are the numbers of events that could not be read: they came too.

    ``applied``: booked now. ``duplicate``: booked before, by an earlier send or by the online try whose key the event's
    id is. ``rejected``: it can't be booked, with the reason. ``review``: older than 72 hours, from the future, with
    digits or a scan that were used or are of another time, or in the name of nobody who works here: kept for somebody
    of the shop to decide. Each event is a transaction of its own, so a repeat after a crash goes on where it stopped.

    ``acks`` are reservations that the tablet has put out of use, after it told all that it redeemed: they end now, if
    their end was asked for. Raises :class:`DeviceRevokedError`.
    """
    scope = counter.scope
    queue = _Queue(counter, render_visit, render_redemption, render_refusal, document_of)
    results = tuple(_apply(queue, event) for event in events)
    told = facts or TabletFacts()
    arrived = [*(event.sequence for event in events), *unread]
    mark = {
        "device_id": scope.device_id,
        "now": scope.now,
        "app_version": told.app_version,
        "queue_length": told.queue_length,
        "is_storage_kept": told.is_storage_kept,
        "clock_offset_ms": told.clock_offset_ms
        if told.clock_offset_ms is not None
        else int((sent_at - scope.now).total_seconds() * 1000),
    }

    def close(transaction: Transaction) -> Synced:
        device_id = scope.device_id or ""
        ((highest, revoked_at),) = transaction.rows(_LOCK, {"device_id": device_id})
        if revoked_at is not None:
            raise DeviceRevokedError
        highest, missing = gaps.note_arrivals(
            transaction, device_id, highest, arrived, scope.now, given_out=told.last_sequence or 0
        )
        transaction.run(_MARK, {**mark, "sequence": highest})
        if acks:
            # What somebody has to decide on was perhaps given away: until then it is nobody else's.
            undecided = undecided_vouchers(transaction, counter.location_id)
            releasing.release(transaction, scope, device_id, acks, keeping=undecided)
        ((reviews,),) = transaction.rows(_REVIEWS, {"location_id": counter.location_id})
        return Synced(
            results=results,
            received_at=scope.now,
            releases=tuple(releasing.asked_back(transaction, device_id)),
            missing=tuple(gaps.runs(missing)[: gaps.MOST_TOLD]),
            reviews=int(reviews),
        )

    return scope.run(close)


def _apply(queue: _Queue, event: QueuedEvent) -> SyncResult:
    counter = queue.counter
    with counter.scope.reading() as transaction:
        known = transaction.rows(_KNOWN, {"location_id": counter.location_id, "id": event.id})
    if known:
        first: str = known[0][0]
        told = {"approved": "duplicate", "refused": "rejected"}.get(first, first)
        if told == "duplicate":
            return SyncResult(event.id, told, known[0][2])
        return SyncResult(event.id, told, None, StoredRefusal(code=known[0][1]))
    try:
        if event.visit is not None:
            reply = record_visit(
                counter,
                event.visit,
                key=event.id,
                render=queue.render_visit,
                render_refusal=queue.render_refusal,
                oldest=OLDEST,
                source="queue",
            )
        elif event.redemption is not None:
            reply = redeem(
                counter,
                event.redemption,
                key=event.id,
                render=queue.render_redemption,
                render_refusal=queue.render_refusal,
                oldest=OLDEST,
            )
        else:
            raise ValueError("a queued event is a visit or a redemption")
    except DomainError as error:
        if error.kind in _OF_THE_REQUEST:
            raise
        status = "review" if isinstance(error, _REVIEWED) else "rejected"
        # The key is another event's, of which this must not become the record.
        if not isinstance(error, KeyReusedError):
            _note(queue, event, status, error)
        return SyncResult(event.id, status, None, error)
    body = json.loads(reply.body)
    if reply.status >= 400:
        refusal = StoredRefusal(code=str(body.get("type", "")).rsplit("/", 1)[-1], detail=body.get("detail"))
        status = "review" if refusal.params["code"] in _REVIEWED_CODES else "rejected"
        _note(queue, event, status, refusal)
        return SyncResult(event.id, status, None, refusal)
    return SyncResult(event.id, "duplicate" if reply.is_replay else "applied", body["transaction_id"])


def _note(queue: _Queue, event: QueuedEvent, status: str, error: DomainError) -> None:
    counter = queue.counter
    row = {
        "location_id": counter.location_id,
        "id": event.id,
        "device_id": counter.scope.device_id,
        "sequence": event.sequence,
        "status": status,
        "reason": error.params.get("code", error.code),
        "event": json.dumps(queue.document_of(event), ensure_ascii=False, default=str),
        "voucher_code": _voucher_code(counter, event),
        "now": counter.scope.now,
    }

    def note(transaction: Transaction) -> None:
        transaction.run(_NOTE, row)

    counter.scope.run(note)


def _voucher_code(counter: Counter, event: QueuedEvent) -> str | None:
    if event.redemption is None or event.redemption.voucher_code is None:
        return None
    try:
        code = codes.parse(event.redemption.voucher_code, counter.hosts)
    except DomainError:
        return None
    return code.number if code.kind is CodeKind.VOUCHER else None
