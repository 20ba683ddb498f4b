"""Bringing passes in phones' wallets up to date: Apple's phones are told and ask, Google's side is written to."""

from __future__ import annotations

from typing import Any

from app.cards.passes import kept
from app.common import outbox
from app.common.outbox import Message
from app.jobs.context import JobContext
from app.wallet.service import apple_devices, passes

TOPIC = kept.TOPIC


def refresh(context: JobContext) -> dict[str, Any]:
    """Note which passes changed since the last time; the outbox does the rest."""
    return {"passes": passes.note_changes(context.scope())}


def tell(context: JobContext, message: Message) -> None:
    """Do one message: tell the phones, or write to Google. Raises where it has to be tried again."""
    scope, card_id = context.scope(), message.payload["card_id"]
    if message.payload["kind"] == "apple":
        apple_devices.push_change(scope, context.settings, card_id=card_id)
    else:
        passes.bring_to_google(scope, context.settings, card_id=card_id)
    scope.run(lambda tx: outbox.complete(tx, message, now=scope.now))
