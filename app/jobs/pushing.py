"""Sending pushes: several at a time, on threads of their own: a push service that hangs keeps no mail waiting."""

from __future__ import annotations

import logging
import threading
import time

from app.campaigns import service as campaigns
from app.campaigns.service.pushing_news import push_news
from app.campaigns.vapid import read as read_vapid
from app.common import outbox
from app.common.outbox import Message
from app.jobs.context import JobContext

log = logging.getLogger("zegel.jobs")

THREADS = 8
GRACE_SECONDS = 5.0  # beyond the time that a push may take


def push_due(context: JobContext) -> int:
    """Send all pushes that are due, and return how many were tried, when nothing due is left or the process ends."""
    scope, tried = context.scope(), 0
    while not context.stopping.is_set():
        with scope.reading() as tx:
            if not outbox.any_due(tx, now=scope.now, calls=True):
                break
        messages = scope.run(lambda tx: outbox.claim(tx, now=scope.now, count=THREADS, calls=True))
        # Daemons: one under way may be cut off by the end of the process; its lease runs out, and it is sent again.
        threads = [
            threading.Thread(target=_one, args=(context, message), name="push", daemon=True) for message in messages
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + campaigns.PUSH_SECONDS + GRACE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        tried += len(messages)
    return tried


def _one(context: JobContext, message: Message) -> None:
    scope = context.scope()
    try:
        if "contact_id" in message.payload:
            push_news(scope, message, vapid=read_vapid(context.settings.vapid), reach=context.reach())
            return
        campaigns.push(scope, message, vapid=read_vapid(context.settings.vapid), reach=context.reach())
        scope.run(lambda tx: outbox.complete(tx, message, now=scope.now))
    except Exception as error:
        is_final = isinstance(error, campaigns.PushRefusedError)
        told = f"{type(error).__name__}: {error}"
        log.warning("push %s failed at try %d: %s", message.id, message.tries, told)
        scope.run(lambda tx: outbox.fail(tx, message, error=told, now=scope.now, final=is_final))
