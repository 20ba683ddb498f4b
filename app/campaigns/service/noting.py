"""From what happened, as the outbox tells it, to messages in inboxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.campaigns.kinds import REWARD_UNLOCKED, SECURITY
from app.campaigns.news import FIRST_VISIT, NEWS, UNLOCKED
from app.campaigns.service.rewarding import settle
from app.campaigns.telling import Told, hold_member, tell
from app.cards import security
from app.common import outbox
from app.common.scope import Scope
from app.rewards.models import Reward

TOPICS = (NEWS, security.TOPIC)
# Of what a security event tells, what a message may keep: no address, no name, no network.
_KEPT = frozenset(
    {
        "merchant_id",
        "merchant_name",
        "location_name",
        "reward_id",
        "reward_name",
        "voucher_id",
        "request_id",
        "session_id",
        "passkey_id",
        "card_id",
        "number_masked",
        "worth",
        "currency",
        "began",
        "is_back",
    }
)


def note(scope: Scope, message: outbox.Message) -> None:
    """Turn one event of the outbox into what follows from it, in one transaction that the caller may have open.

    A repeat makes no second message. Events of who has left, or of a sandbox, are dropped. Raises ``ValueError`` for an
    event that there isn't.
    """
    event, member_id = message.payload["event"], message.payload["member_id"]
    params: Mapping[str, Any] = message.payload.get("params") or {}
    if message.topic == NEWS and event == FIRST_VISIT:
        settle(scope, member_id=member_id, merchant_id=message.merchant_id or "")
        return
    if message.topic == NEWS and event == UNLOCKED:
        told = Told(REWARD_UNLOCKED, f"voucher:{params['voucher_id']}", params, message.merchant_id, message.created_at)
    elif message.topic == security.TOPIC and event in SECURITY:
        kept = {name: value for name, value in params.items() if name in _KEPT and value is not None}
        if "reward_id" in kept:
            # Its name as it was then: a shop may call it otherwise later.
            with scope.reading() as tx:
                kept["reward_name"] = tx.session.scalar(select(Reward.name).where(Reward.id == kept["reward_id"]))
        told = Told(
            event, f"outbox:{message.id}", kept, message.merchant_id or kept.get("merchant_id"), message.created_at
        )
    else:
        raise ValueError(f"not an event: {message.topic} {event!r}")
    with scope.transaction() as tx:
        standing = hold_member(tx, member_id)
        if standing is not None:
            tell(tx, scope, standing, told)
