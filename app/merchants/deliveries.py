"""Webhook deliveries: taken by workers for a while, signed, sent, tried again with growing delay, replayed.

Deliveries to one endpoint are taken a few at a time and never by two workers at once for the same row; a worker that
dies leaves its rows to be taken again when the lease has run out, so an event may arrive twice under the same
``webhook-id``, which is how its receiver knows it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from standardwebhooks import Webhook

from app.common import audit
from app.common.database import Transaction
from app.common.errors import DomainError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.keys import KeyRing
from app.common.outgoing import CallFailedError, Reach, UnsafeAddressError, ask
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time
from app.merchants.models import WebhookDelivery, WebhookEndpoint
from app.merchants.webhooks import own_endpoint, secret_of, set_active

# Before each try, counted from the one before it: as the Standard Webhooks specification proposes.
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TEST = "test"
LEASE = timedelta(minutes=5)  # longer than a whole group takes at its slowest
GROUP = 8  # deliveries to one endpoint taken at once
PAUSE = timedelta(minutes=1)  # for an endpoint that does not answer at all
GONE = 410
LONGEST_ANSWER = 2000  # bytes that are kept of what an endpoint says

_CLAIM = """
    SELECT d.id FROM (
        SELECT id, endpoint_id, next_at, row_number() OVER (PARTITION BY endpoint_id ORDER BY next_at, id) AS place
        FROM webhook_delivery WHERE status = 'pending' AND next_at <= :now
    ) d JOIN webhook_endpoint e ON e.id = d.endpoint_id
    WHERE e.is_active = :active AND d.place <= :group ORDER BY d.next_at, d.id LIMIT :count
"""
_RETURNING = "RETURNING webhook_delivery.id, endpoint_id, event_id, event_type, body, tries, next_at, created_at"
_CLAIMING = Statement(
    f"""
    WITH candidates AS MATERIALIZED ({_CLAIM}),
    due AS MATERIALIZED (
        SELECT w.id FROM webhook_delivery w JOIN candidates USING (id)
        WHERE w.status = 'pending' AND w.next_at <= :now FOR UPDATE OF w SKIP LOCKED
    )
    UPDATE webhook_delivery SET next_at = :until, tries = tries + 1 FROM due WHERE webhook_delivery.id = due.id
    {_RETURNING}
    """,  # noqa: S608  constants
    sqlite=f"UPDATE webhook_delivery SET next_at = :until, tries = tries + 1 WHERE id IN ({_CLAIM}) {_RETURNING}",  # noqa: S608
)
_ANY_DUE = Statement("SELECT 1 FROM webhook_delivery WHERE status = 'pending' AND next_at <= :now LIMIT 1")
_ENDPOINT = Statement("SELECT url, secret, is_active FROM webhook_endpoint WHERE id = :id")
_RELEASE = Statement(
    "UPDATE webhook_delivery SET next_at = :at, tries = tries - 1"
    " WHERE id = :id AND status = 'pending' AND tries = :tries AND tries > 0"
)
_HOLD_BACK = Statement(
    "UPDATE webhook_delivery SET next_at = :at"
    " WHERE endpoint_id = :endpoint_id AND status = 'pending' AND next_at <= :now"
)
_NOTE = Statement(
    """
    UPDATE webhook_delivery SET status = :status, next_at = :next_at, last_status = :last_status,
        last_error = :last_error, last_answer = :last_answer, delivered_at = :delivered_at
    WHERE id = :id AND status = 'pending' AND tries = :tries
    """
)
_PRUNE = Statement("DELETE FROM webhook_delivery WHERE status <> 'pending' AND created_at < :before")


class EndpointDisabledError(DomainError):
    """The endpoint is switched off: switch it on before replaying."""

    code = "webhook_endpoint_disabled"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. ``tries`` counts the one that is under way."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    body: str
    status: str
    tries: int
    next_at: datetime
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None
    last_answer: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try came to. ``is_silent``: no answer at all, so that more of the same would only cost time."""

    status: int | None
    error: str | None
    answer: str | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_silent(self) -> bool:
        return self.status is None


def claim(scope: Scope, *, count: int = 32, lease: timedelta = LEASE) -> dict[str, list[Delivery]]:
    """Take due deliveries, at most :data:`GROUP` for each endpoint, by endpoint, oldest first. Nobody else gets them
    before the lease has run out."""
    now = scope.now
    with scope.reading() as tx:
        if not tx.rows(_ANY_DUE, {"now": now}):
            return {}
    with scope.transaction() as tx:
        parameters = {"now": now, "until": now + lease, "active": True, "group": GROUP, "count": count}
        taken = sorted((_read(row) for row in tx.rows(_CLAIMING, parameters)), key=lambda each: each.event_id)
    groups: dict[str, list[Delivery]] = {}
    for delivery in taken:
        groups.setdefault(delivery.endpoint_id, []).append(delivery)
    return groups


def send(scope: Scope, delivery: Delivery, reach: Reach) -> Outcome:
    """One try: sign and POST. No transaction is open meanwhile. Changes nothing here; see :func:`note`."""
    with scope.reading() as tx:
        url, sealed, _ = tx.rows(_ENDPOINT, {"id": delivery.endpoint_id})[0]
    headers = signed_headers(scope.keys.data, delivery, bytes(sealed), scope.now)
    try:
        answer = ask("POST", url, delivery.body.encode(), headers, reach=reach, longest=LONGEST_ANSWER)
    except (CallFailedError, UnsafeAddressError) as error:
        return Outcome(None, str(error))
    status, said = answer.status, _readable(answer.body)
    if 200 <= status < 300:
        return Outcome(status, None, said)
    redirected = " (redirects are not followed)" if 300 <= status < 400 else ""
    return Outcome(status, f"it answered {status}{redirected}", said)


def signed_headers(data_keys: KeyRing, delivery: Delivery, sealed: bytes, now: datetime) -> dict[str, str]:
    """The Standard Webhooks headers of one try."""
    secret = secret_of(data_keys, delivery.endpoint_id, sealed)
    signature = Webhook(secret).sign(delivery.event_id, now, delivery.body)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Zegel-Webhooks/1",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def note(scope: Scope, delivery: Delivery, outcome: Outcome) -> bool:
    """Write down what a try came to: delivered, to be tried again later, or failed for good after the tenth try.

    An endpoint that answers 410 is switched off. False where the lease had run out and another worker took over: then
    nothing changes.
    """
    now = scope.now
    values: dict[str, Any] = {
        "id": delivery.id,
        "tries": delivery.tries,
        "last_status": outcome.status,
        "last_error": outcome.error,
        "last_answer": outcome.answer,
        "delivered_at": now if outcome.is_delivered else None,
        "next_at": now,
    }
    if outcome.is_delivered:
        values["status"] = "delivered"
    elif outcome.status == GONE or delivery.tries >= len(WAITS):
        values["status"] = "failed"
    else:
        values["status"] = "pending"
        values["next_at"] = now + wait_after(delivery.tries)
    with scope.transaction() as tx:
        noted = tx.run(_NOTE, values) == 1
        if noted and outcome.status == GONE:
            set_active(scope, delivery.endpoint_id, active=False, reason="it answered 410 Gone")
        return noted


def hold_back(scope: Scope, endpoint_id: str, untried: Sequence[Delivery], *, pause: timedelta = PAUSE) -> None:
    """Leave an endpoint that does not answer alone for a while: what was taken but not tried is given back without
    counting a try, and what else is due there waits too, so that others are not kept waiting by it."""
    until = scope.now + pause
    with scope.transaction() as tx:
        for delivery in untried:
            tx.run(_RELEASE, {"id": delivery.id, "tries": delivery.tries, "at": until})
        tx.run(_HOLD_BACK, {"endpoint_id": endpoint_id, "now": scope.now, "at": until})


def wait_after(tries: int) -> timedelta:
    """How long to wait after that many tries, up to a tenth longer at random, so that what failed together does not
    come back together."""
    return WAITS[tries] * random.uniform(1.0, 1.1)  # noqa: S311  spreads tries, guards nothing


def deliveries(
    scope: Scope,
    *,
    endpoint_id: str | None = None,
    status: str | None = None,
    limit: int = 50,
    before: str | None = None,
) -> list[Delivery]:
    """Deliveries of the scope's merchant, newest first; ``before`` is the id of the last one seen."""
    query = (
        select(WebhookDelivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookEndpoint.merchant_id == scope.merchant_id)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    )
    if endpoint_id is not None:
        query = query.where(WebhookDelivery.endpoint_id == endpoint_id)
    if status is not None:
        query = query.where(WebhookDelivery.status == status)
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    with scope.reading() as tx:
        return [_told(row) for row in tx.session.scalars(query)]


def replay(scope: Scope, delivery_id: str) -> Delivery:
    """Send an event of the scope's merchant again, from the first try on, under the same ``webhook-id``.

    Raises ``NotFoundError``, or :class:`EndpointDisabledError`. A repeat before it went out changes nothing more.
    """
    with scope.transaction() as tx:
        row, endpoint = _own(scope, tx, delivery_id)
        if not endpoint.is_active:
            raise EndpointDisabledError
        row.status, row.tries, row.next_at, row.delivered_at = "pending", 0, scope.now, None
        audit.record(tx, scope, "webhook_delivery.replayed", "webhook_delivery", row.id)
        return _told(row)


def replay_failed(scope: Scope, endpoint_id: str) -> int:
    """Send again all that failed for good at an endpoint of the scope's merchant. Returns how many.

    Raises as :func:`replay` does.
    """
    with scope.transaction() as tx:
        endpoint = tx.session.get(WebhookEndpoint, endpoint_id) if is_id(endpoint_id) else None
        if endpoint is None or endpoint.merchant_id != scope.merchant_id:
            raise NotFoundError
        if not endpoint.is_active:
            raise EndpointDisabledError
        failed = tx.session.scalars(
            update(WebhookDelivery)
            .where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.status == "failed")
            .values(status="pending", tries=0, next_at=scope.now)
            .returning(WebhookDelivery.id)
        ).all()
        after = {"replayed": len(failed)}
        audit.record(tx, scope, "webhook_endpoint.replayed", "webhook_endpoint", endpoint_id, after=after)
        return len(failed)


def get_delivery(scope: Scope, delivery_id: str) -> Delivery:
    """One delivery of the scope's merchant. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        return _told(_own(scope, tx, delivery_id)[0])


def send_test(scope: Scope, endpoint_id: str) -> Delivery:
    """Queue an event of the type ``test`` for an endpoint of the scope's merchant, signed and tried like any other.

    Raises ``NotFoundError``, or :class:`EndpointDisabledError`. Each call makes another one.
    """
    with scope.transaction() as tx:
        endpoint = own_endpoint(scope, tx, endpoint_id)
        if not endpoint.is_active:
            raise EndpointDisabledError
        body = json.dumps(
            {"type": TEST, "timestamp": scope.now.isoformat(), "data": {"endpoint_id": endpoint_id}},
            separators=(",", ":"),
        )
        row = WebhookDelivery(
            id=new_id(),
            endpoint_id=endpoint_id,
            event_id=new_id(),
            event_type=TEST,
            body=body,
            status="pending",
            tries=0,
            next_at=scope.now,
            created_at=scope.now,
        )
        tx.session.add(row)
        tx.session.flush()
        audit.record(tx, scope, "webhook_endpoint.tested", "webhook_endpoint", endpoint_id)
        return _told(row)


def prune(scope: Scope, *, before: datetime) -> int:
    """Delete deliveries that ended and were made before then. Returns how many."""
    with scope.transaction() as tx:
        return tx.run(_PRUNE, {"before": before})


def _own(scope: Scope, tx: Transaction, delivery_id: str) -> tuple[WebhookDelivery, WebhookEndpoint]:
    row = tx.session.get(WebhookDelivery, delivery_id) if is_id(delivery_id) else None
    endpoint = tx.session.get(WebhookEndpoint, row.endpoint_id) if row is not None else None
    if row is None or endpoint is None or endpoint.merchant_id != scope.merchant_id:
        raise NotFoundError
    return row, endpoint


def _readable(body: bytes) -> str | None:
    """The beginning of an answer as text that a page and both databases can hold."""
    said = body.decode("utf-8", "replace")
    return "".join(character for character in said if character.isprintable() or character in "\n\t").strip() or None


def _read(row: tuple[Any, ...]) -> Delivery:
    id_, endpoint_id, event_id, event_type, body, tries, next_at, created_at = row
    return Delivery(
        id=id_,
        endpoint_id=endpoint_id,
        event_id=event_id,
        event_type=event_type,
        body=body,
        status="pending",
        tries=int(tries),
        # SQLite does not tell the type of a column that RETURNING gives.
        next_at=decode_time(next_at) if isinstance(next_at, str) else next_at,
        last_status=None,
        last_error=None,
        created_at=decode_time(created_at) if isinstance(created_at, str) else created_at,
        delivered_at=None,
    )


def _told(row: WebhookDelivery) -> Delivery:
    return Delivery(
        id=row.id,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        event_type=row.event_type,
        body=row.body,
        status=row.status,
        tries=row.tries,
        next_at=row.next_at,
        last_status=row.last_status,
        last_error=row.last_error,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        last_answer=row.last_answer,
    )
