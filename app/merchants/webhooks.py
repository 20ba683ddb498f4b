"""What merchants are told as it happens: the events, who wants to hear them, and how an event becomes deliveries.

An event names its member by a pseudonym that is this merchant's alone, so that two merchants can't find out by their
webhooks whom they share; names, addresses, card numbers and codes that could be spent are never in it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common import audit, outbox
from app.common.batch import Row
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.keys import KeyRing
from app.common.outgoing import Reach, UnsafeAddressError, check_url
from app.common.scope import Scope
from app.common.sealing import seal, unseal
from app.common.sql import Statement
from app.merchants.configuration import configuration_changed
from app.merchants.models import Merchant, WebhookEndpoint

TOPIC = "webhook"
LARGEST_BODY = 20_000  # bytes
MOST_ENDPOINTS = 10  # of one merchant
_SECRET_PURPOSE = "webhook secret"  # noqa: S105  a purpose, not a secret
_COMMON = {"member", "location_id", "programme_id", "transaction_id", "occurred_at"}
# What an event may tell. Whatever else its writer knows stays here.
EVENTS: Mapping[str, frozenset[str]] = {
    "visit.recorded": frozenset(
        _COMMON | {"visit_id", "amount", "currency", "units", "earned", "receipt_ref", "device_id", "is_sandbox"}
    ),
    "reward.unlocked": frozenset(_COMMON | {"voucher_id", "reward_id", "name", "expires_at", "visit_id"}),
    "voucher.redeemed": frozenset(
        _COMMON | {"redemption_id", "voucher_id", "reward_id", "name", "kind", "value", "device_id"}
    ),
    "transaction.reversed": frozenset(_COMMON | {"reverses", "kind", "amount", "currency", "reason", "visit_id"}),
    "member.joined": frozenset(_COMMON),
}

_LISTENING = Statement(
    "SELECT id, events FROM webhook_endpoint WHERE merchant_id = :merchant_id AND is_active = :active ORDER BY id"
)
_DELIVER = Statement(
    """
    INSERT INTO webhook_delivery (id, endpoint_id, event_id, event_type, body, next_at, created_at)
    VALUES (:id, :endpoint_id, :event_id, :event_type, :body, :now, :now)
    ON CONFLICT (endpoint_id, event_id) DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a merchant is told. ``secret`` (``whsec_…``) is there once, when the endpoint was made."""

    id: str
    url: str
    events: tuple[str, ...]
    is_active: bool
    created_at: datetime
    disabled_reason: str | None
    secret: str | None = None


def event_row(*, merchant_id: str, event: str, data: Mapping[str, Any], now: datetime) -> Row:
    """One event as a row for :data:`app.common.outbox.TABLE`, for use cases that write in batches.

    ``data`` holds ids and facts, the member as ``member_id``; what :data:`EVENTS` does not name is left out on the way.
    """
    return outbox.message(topic=TOPIC, payload={"type": event, "data": dict(data)}, merchant_id=merchant_id, now=now)


def announce(tx: Transaction, *, merchant_id: str, event: str, data: Mapping[str, Any], now: datetime) -> str:
    """Write one event in the caller's transaction (see :func:`event_row`). Returns its id."""
    return outbox.enqueue(
        tx, topic=TOPIC, payload={"type": event, "data": dict(data)}, merchant_id=merchant_id, now=now
    )


def pseudonym(data_keys: KeyRing, merchant_id: str, member_id: str) -> str:
    """A member's name at one merchant: 25 characters, always the same there, and other at every other merchant.

    Made with the ring's last, oldest key, so that adding a newer one changes no pseudonym.
    """
    oldest = list(data_keys.keys.values())[-1]
    key = hmac.digest(oldest, b"member pseudonym", hashlib.sha256)
    digest = hmac.digest(key, f"{merchant_id}/{member_id}".encode(), hashlib.sha256)
    return "mem_" + base64.b32encode(digest[:13]).decode().rstrip("=").lower()


def fan_out(scope: Scope, message: outbox.Message) -> int:
    """Turn one event of the outbox into a delivery for each endpoint that listens. Returns how many are new.

    A repeat makes no second delivery: the event's id is the outbox message's.
    """
    event = message.payload["type"]
    if message.merchant_id is None or event not in EVENTS:
        raise ValueError(f"not an event: {event!r}")
    with scope.transaction() as tx:
        listening = [
            endpoint_id
            for endpoint_id, events in tx.rows(_LISTENING, {"merchant_id": message.merchant_id, "active": True})
            if event in (json.loads(events) if isinstance(events, str) else events)
        ]
        if not listening:
            return 0
        body = _body(scope.keys.data, message)
        return sum(
            tx.run(
                _DELIVER,
                {
                    "id": new_id(),
                    "endpoint_id": endpoint_id,
                    "event_id": message.id,
                    "event_type": event,
                    "body": body,
                    "now": scope.now,
                },
            )
            for endpoint_id in listening
        )


def add_endpoint(scope: Scope, *, url: str, events: Sequence[str], reach: Reach) -> Endpoint:
    """Have the scope's merchant told of ``events`` at ``url``. The answer alone holds the secret.

    Raises ``NotFoundError`` for a merchant that is not there, ``InvalidError`` for an address that may not be called,
    events that do not exist, or an eleventh endpoint. A repeat makes another endpoint.
    """
    try:
        check_url(url, reach)
    except UnsafeAddressError as error:
        raise InvalidError(errors={"url": [str(error)]}) from None
    wanted = tuple(event for event in EVENTS if event in set(events))
    if not wanted or set(events) - set(EVENTS):
        raise InvalidError(errors={"events": [f"one or more of {', '.join(EVENTS)}"]})
    secret = secrets.token_bytes(32)
    endpoint_id = new_id()
    with scope.transaction() as tx:
        merchant_id = _merchant(scope, tx)
        count = len(tx.session.scalars(select(WebhookEndpoint.id).filter_by(merchant_id=merchant_id)).all())
        if count >= MOST_ENDPOINTS:
            raise InvalidError(errors={"url": [f"a merchant has at most {MOST_ENDPOINTS} endpoints"]})
        endpoint = WebhookEndpoint(
            id=endpoint_id,
            merchant_id=merchant_id,
            url=url,
            secret=seal(scope.keys.data, _SECRET_PURPOSE, secret, bound=endpoint_id),
            events=list(wanted),
            is_active=True,
            created_at=scope.now,
        )
        tx.session.add(endpoint)
        configuration_changed(tx, merchant_id)
        after = {"url": url, "events": list(wanted)}
        audit.record(
            tx, scope, "webhook_endpoint.added", "webhook_endpoint", endpoint_id, merchant_id=merchant_id, after=after
        )
        return _told(endpoint, secret=f"whsec_{base64.b64encode(secret).decode()}")


def endpoints(scope: Scope) -> list[Endpoint]:
    """The endpoints of the scope's merchant, oldest first, without their secrets."""
    with scope.reading() as tx:
        rows = select(WebhookEndpoint).filter_by(merchant_id=scope.merchant_id).order_by(WebhookEndpoint.id)
        return [_told(endpoint) for endpoint in tx.session.scalars(rows)]


def set_active(scope: Scope, endpoint_id: str, *, active: bool, reason: str | None = None) -> Endpoint:
    """Switch an endpoint of the scope's merchant on or off. What waits for it stays, and goes on when it is back.

    Raises ``NotFoundError``. A repeat changes nothing.
    """
    with scope.transaction() as tx:
        endpoint = own_endpoint(scope, tx, endpoint_id)
        if endpoint.is_active != active:
            endpoint.is_active = active
            endpoint.disabled_at = None if active else scope.now
            endpoint.disabled_reason = None if active else reason
            configuration_changed(tx, endpoint.merchant_id)
            action = "webhook_endpoint.enabled" if active else "webhook_endpoint.disabled"
            after = {"is_active": active, "reason": reason}
            audit.record(
                tx, scope, action, "webhook_endpoint", endpoint.id, merchant_id=endpoint.merchant_id, after=after
            )
        return _told(endpoint)


def renew_secret(scope: Scope, endpoint_id: str) -> Endpoint:
    """Give an endpoint of the scope's merchant another signing secret, which the answer alone holds. What goes out from
    now on is signed with it. Raises ``NotFoundError``. Each call makes another one."""
    secret = secrets.token_bytes(32)
    with scope.transaction() as tx:
        endpoint = own_endpoint(scope, tx, endpoint_id)
        endpoint.secret = seal(scope.keys.data, _SECRET_PURPOSE, secret, bound=endpoint_id)
        audit.record(
            tx,
            scope,
            "webhook_endpoint.secret_renewed",
            "webhook_endpoint",
            endpoint_id,
            merchant_id=endpoint.merchant_id,
        )
        return _told(endpoint, secret=f"whsec_{base64.b64encode(secret).decode()}")


def own_endpoint(scope: Scope, tx: Transaction, endpoint_id: str) -> WebhookEndpoint:
    """The endpoint if it is the scope's merchant's (any, for the system). Raises ``NotFoundError``."""
    endpoint = tx.session.get(WebhookEndpoint, endpoint_id) if is_id(endpoint_id) else None
    if endpoint is None or (scope.merchant_id is not None and endpoint.merchant_id != scope.merchant_id):
        raise NotFoundError
    return endpoint


def secret_of(data_keys: KeyRing, endpoint_id: str, sealed: bytes) -> bytes:
    """The signing secret of an endpoint. Raises :class:`~app.common.sealing.UnreadableSecretError`."""
    return unseal(data_keys, _SECRET_PURPOSE, sealed, bound=endpoint_id)


def _body(data_keys: KeyRing, message: outbox.Message) -> str:
    event: str = message.payload["type"]
    known = dict(message.payload["data"])
    member_id = known.get("member_id")
    if member_id is not None and message.merchant_id is not None:
        known["member"] = pseudonym(data_keys, message.merchant_id, member_id)
    data = {name: known[name] for name in sorted(EVENTS[event]) if known.get(name) is not None}
    body = _json(event, message.created_at, data)
    if len(body.encode()) >= LARGEST_BODY:
        # What is long can be asked for by its id; the event itself must arrive.
        short = {name: value for name, value in data.items() if len(json.dumps(value)) <= 200}
        body = _json(event, message.created_at, {**short, "is_shortened": True})
    return body


def _json(event: str, at: datetime, data: Mapping[str, Any]) -> str:
    return json.dumps(
        {"type": event, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False, separators=(",", ":")
    )


def _merchant(scope: Scope, tx: Transaction) -> str:
    if scope.merchant_id is None or not is_id(scope.merchant_id) or not tx.session.get(Merchant, scope.merchant_id):
        raise NotFoundError
    return scope.merchant_id


def _told(endpoint: WebhookEndpoint, secret: str | None = None) -> Endpoint:
    return Endpoint(
        id=endpoint.id,
        url=endpoint.url,
        events=tuple(endpoint.events),
        is_active=endpoint.is_active,
        created_at=endpoint.created_at,
        disabled_reason=endpoint.disabled_reason,
        secret=secret,
    )
