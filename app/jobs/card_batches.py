"""Making print runs and disabling them, a few seconds at a time."""

from __future__ import annotations

from app.cards.service import batches
from app.common import outbox
from app.common.outbox import Message
from app.jobs.context import JobContext

TOPIC = batches.TOPIC
TRIES = 5  # then an operator is asked to look


def go_on(context: JobContext, message: Message) -> None:
    """Make or disable some of a batch's cards; the rest has a message of its own. What fails is tried again, and after
    five tries noted on the batch, where an operator sees it."""
    scope = context.scope()
    batch_id = message.payload["batch_id"]
    try:
        batches.go_on(scope, batch_id)
    except Exception as error:
        if message.tries < TRIES:
            raise
        batches.note_failure(scope, batch_id=batch_id, error=f"{type(error).__name__}: {error}")
    scope.run(lambda tx: outbox.complete(tx, message, now=scope.now))
