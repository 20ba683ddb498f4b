"""What a member is told for her own safety: written beside the change it tells of, made into messages afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from app.common import outbox
from app.common.batch import Row
from app.common.sql import Executor

TOPIC = "member.security"
Event = Literal[
    "new_sign_in",
    "card_blocked",
    "card_replaced",
    "spent",
    "email_changed",
    "passkey_added",
    "passkey_removed",
    "spending_asked",
]


def tell(tx: Executor, now: datetime, member_id: str, event: Event, **params: Any) -> None:
    """Tell a member in the caller's transaction. ``params`` are ids, numbers and codes: nothing personal, no secret.
    Each call tells once more."""
    outbox.enqueue(tx, topic=TOPIC, payload={"member_id": member_id, "event": event, "params": params}, now=now)


def told(now: datetime, member_id: str, event: Event, **params: Any) -> Row:
    """As :func:`tell`, as a row for ``batch.insert(outbox.TABLE, …)``."""
    return outbox.message(topic=TOPIC, payload={"member_id": member_id, "event": event, "params": params}, now=now)
