"""What a shop must tell all its members: begun in the change's own transaction, told a few hundred at a time later."""

from __future__ import annotations

from collections.abc import Mapping

from app.campaigns.kinds import SHOP_NOTICE
from app.campaigns.telling import Told, hold_member, tell
from app.common import outbox
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Executor

TOPIC = "shop.notice"


def announce(
    tx: Executor,
    scope: Scope,
    *,
    merchant_id: str,
    source: str,
    title: Mapping[str, str],
    text: Mapping[str, str],
) -> None:
    """Tell every member of a merchant, in the caller's transaction, as a message that comes whether or not they want
    news. ``title`` and ``text`` are by locale. ``source`` names the cause: of one cause a member gets one message.

    Members of a sandbox, and of a shop on trial, are told nothing.
    """
    payload = {"source": source, "title": dict(title), "text": dict(text), "after": None}
    outbox.enqueue(tx, topic=TOPIC, payload=payload, merchant_id=merchant_id, now=scope.now)


def tell_member(
    tx: Transaction, scope: Scope, member_id: str, *, source: str, title: Mapping[str, str], text: Mapping[str, str]
) -> None:
    """Tell one member something on behalf of the whole town, in the caller's transaction: what an operator did for
    them. ``title`` and ``text`` are by locale and hold nothing personal. ``source`` names the cause: of one cause there
    is one message. Who has left, or is of a sandbox, is told nothing.
    """
    standing = hold_member(tx, member_id)
    if standing is not None:
        tell(tx, scope, standing, Told(SHOP_NOTICE, source, {"title": dict(title), "text": dict(text)}))
