"""What a shop must tell all its members: begun in the change's own transaction, told a few hundred at a time later."""

from __future__ import annotations

from collections.abc import Mapping

from app.common import outbox
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
