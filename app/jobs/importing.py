"""Taking over the lists that shops bring along, a few seconds at a time."""

from __future__ import annotations

from typing import Any

from app.backoffice.service.members import importing
from app.common import outbox
from app.common.outbox import Message
from app.jobs.context import JobContext

TOPIC = importing.TOPIC


def go_on(context: JobContext, message: Message) -> None:
    """Do some of an import's rows; the rest has a message of its own."""
    scope = context.scope()
    importing.go_on(scope, message.payload["import_id"])
    scope.run(lambda tx: outbox.complete(tx, message, now=scope.now))


def forget_left(context: JobContext) -> dict[str, Any]:
    """Throw away lists that nobody went on with."""
    return {"imports": importing.forget_left(context.scope())}
