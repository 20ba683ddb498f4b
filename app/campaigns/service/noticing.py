"""Bringing a shop's notice to all its members, a few hundred at a time."""

from __future__ import annotations

from app.campaigns.kinds import SHOP_NOTICE
from app.campaigns.notices import TOPIC as NOTICE
from app.campaigns.telling import Told, hold_member, tell
from app.common import outbox
from app.common.scope import Scope
from app.common.sql import Statement

AT_ONCE = 500

_MEMBERS = Statement(
    """SELECT DISTINCT a.member_id FROM account a JOIN programme p ON p.id = a.programme_id
    WHERE p.merchant_id = :merchant_id AND a.member_id > :after ORDER BY a.member_id LIMIT :count"""
)
_FIRST = "00000000-0000-0000-0000-000000000000"


def spread_notice(scope: Scope, message: outbox.Message) -> int:
    """Put a shop's notice into the inboxes of the next members, and queue the rest, in one transaction that the caller
    may have open. Returns how many were told here. A repeat tells nobody twice."""
    merchant_id = message.merchant_id or ""
    payload = message.payload
    told = Told(
        SHOP_NOTICE,
        payload["source"],
        {"title": payload["title"], "text": payload["text"]},
        merchant_id,
        message.created_at,
    )
    count = 0
    with scope.transaction() as tx:
        params = {"merchant_id": merchant_id, "after": payload["after"] or _FIRST, "count": AT_ONCE}
        members = [str(row[0]) for row in tx.rows(_MEMBERS, params)]
        for member_id in members:
            standing = hold_member(tx, member_id)
            if standing is not None and tell(tx, scope, standing, told) is not None:
                count += 1
        if len(members) == AT_ONCE:
            rest = {**payload, "after": members[-1]}
            outbox.enqueue(tx, topic=NOTICE, payload=rest, merchant_id=merchant_id, now=scope.now)
    return count
