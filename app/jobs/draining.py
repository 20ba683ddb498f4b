"""Emptying the outbox: each message goes to its topic's handler."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.common import mail, outbox
from app.common.outbox import Message
from app.jobs import mailing
from app.jobs.context import JobContext
from app.merchants import webhooks

log = logging.getLogger("zegel.jobs")

BATCH = 50
BATCH_SECONDS = 30.0


@dataclass(slots=True)
class Drained:
    """How many messages were done and how many failed and wait for their next try."""

    done: int = 0
    failed: int = 0


def drain(context: JobContext) -> Drained:
    """Do all that is due. Returns when nothing is left that is due, or when the process is about to end."""
    drained = Drained()
    scope = context.scope()
    while not context.stopping.is_set():
        with scope.reading() as tx:
            if not outbox.any_due(tx, now=scope.now):
                break
        messages = scope.run(lambda tx: outbox.claim(tx, now=scope.now, count=BATCH))
        events = [message for message in messages if message.topic == webhooks.TOPIC]
        if _fan_out(context, events):
            drained.done += len(events)
            events = []
        rest = [message for message in messages if message.topic != webhooks.TOPIC or message in events]
        # A mail server that hangs must not outlast the lease, nor keep events waiting: they come first in each batch.
        enough = time.monotonic() + BATCH_SECONDS
        while rest and time.monotonic() < enough and not context.stopping.is_set():
            _one(context, rest.pop(0), drained)
        if rest:
            with scope.transaction() as tx:
                outbox.release(tx, rest, now=scope.now)
    return drained


def _fan_out(context: JobContext, events: Sequence[Message]) -> bool:
    """Turn all events into deliveries in one transaction; False, and nothing changed, where one can't be."""
    if not events:
        return True
    scope = context.scope()
    try:
        with scope.transaction() as tx:
            for message in events:
                webhooks.fan_out(scope, message)
                outbox.complete(tx, message, now=scope.now)
    except Exception:
        log.exception("events could not be handed on together; trying one by one")
        return False
    return True


def _one(context: JobContext, message: Message, drained: Drained) -> None:
    scope = context.scope()
    handle = HANDLERS.get(message.topic)
    try:
        if handle is None:
            raise LookupError(f"nobody handles the topic {message.topic!r}")
        handle(context, message)
        drained.done += 1
    except Exception as error:
        drained.failed += 1
        final = isinstance(error, mailing.MailRefusedError)
        told = f"{type(error).__name__}: {error}"
        log.warning("outbox message %s (%s) failed at try %d: %s", message.id, message.topic, message.tries, told)
        scope.run(lambda tx: outbox.fail(tx, message, error=told, now=scope.now, final=final))


def _mail(context: JobContext, message: Message) -> None:
    # No transaction is open while the mail server is spoken to.
    sent = mailing.deliver(context.settings, message, now=context.clock())
    if not sent:
        log.warning("mail %s was not sent: its time was over", message.id)
    scope = context.scope()
    scope.run(lambda tx: outbox.complete(tx, message, now=scope.now, forget=True))


def _event(context: JobContext, message: Message) -> None:
    scope = context.scope()
    with scope.transaction() as tx:
        webhooks.fan_out(scope, message)
        outbox.complete(tx, message, now=scope.now)


Handler = Callable[[JobContext, Message], None]
HANDLERS: dict[str, Handler] = {mail.TOPIC: _mail, webhooks.TOPIC: _event}
