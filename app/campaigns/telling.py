"""Putting a message into a member's inbox. Its cause waits for no more: mail and push come after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.campaigns.models import SECURITY
from app.cards.queries import member_in
from app.common import outbox
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.trial import is_approved

NEWS_FOR = timedelta(days=3)
TOPIC = "message"
"""The outbox topic under which a message of an inbox is brought by mail and push: ``{member_id, message_id}``."""

_PUT = Statement(
    """
    INSERT INTO member_message (member_id, id, kind, merchant_id, params, source, created_at)
    VALUES (:member_id, :id, :kind, :merchant_id, :params, :source, :now)
    ON CONFLICT (member_id, source) DO NOTHING
    """
)
# Held until the transaction ends, so that nobody is erased or merged meanwhile.
_HOLD = Statement(
    "SELECT status, is_sandbox FROM member WHERE id = :member_id FOR KEY SHARE",
    sqlite="SELECT status, is_sandbox FROM member WHERE id = :member_id",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell. ``source`` names its cause: of one cause a member gets one message. ``at`` is when it
    happened; now unless told."""

    kind: str
    source: str
    params: Mapping[str, Any]
    merchant_id: str | None = None
    at: datetime | None = None


def hold_member(tx: Transaction, member_id: str) -> str | None:
    """The id under which a member stands now (after a merge the survivor's), held until the transaction ends; None for
    one who has left, and for those of a sandbox."""
    while True:
        found = member_in(tx.session, member_id)
        if found is None:
            return None
        rows = tx.rows(_HOLD, {"member_id": found.member_id})
        if rows and rows[0][0] != "merged":
            status, is_sandbox = rows[0]
            return None if status == "erased" or is_sandbox else found.member_id
        member_id = found.member_id


def tell(tx: Transaction, scope: Scope, member_id: str, told: Told) -> str | None:
    """Put a message into the inbox of a member who stands and is held, in the caller's transaction.

    Returns its id, or None where its cause was told before: then nothing changes. What is no news any more stands in
    the inbox alone. Of a shop on trial nothing is told but what concerns the member's safety: its names and words are
    anybody's until somebody has looked at it.
    """
    if told.kind not in SECURITY and told.merchant_id is not None and not is_approved(tx, told.merchant_id):
        return None
    message_id, at = new_id(), told.at or scope.now
    row = {
        "member_id": member_id,
        "id": message_id,
        "kind": told.kind,
        "merchant_id": told.merchant_id,
        "params": json.dumps(dict(told.params), ensure_ascii=False, separators=(",", ":")),
        "source": told.source,
        "now": at,
    }
    if tx.run(_PUT, row) != 1:
        return None
    if at < scope.now - NEWS_FOR:
        return message_id
    outbox.enqueue(tx, topic=TOPIC, payload={"member_id": member_id, "message_id": message_id}, now=scope.now)
    return message_id
