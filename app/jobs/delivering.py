"""Sending webhook deliveries: a few endpoints at a time, so that a slow one keeps nobody else waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

from app.jobs.context import JobContext
from app.merchants import deliveries
from app.merchants.deliveries import Delivery

log = logging.getLogger("zegel.jobs")

THREADS = 4


class Dispatcher:
    """Takes due deliveries and sends them on threads of its own, one endpoint's group after the other on each. The
    threads are daemons: a call under way may be cut off by the end of the process, and is made again later."""

    def __init__(self, context: JobContext, threads: int = THREADS) -> None:
        self._context = context
        self._most = threads
        self._waiting: deque[tuple[str, Sequence[Delivery]]] = deque()
        self._running: list[threading.Thread] = []
        self._ended = threading.Event()

    def dispatch(self) -> bool:
        """Take what is due, if a thread is free for it, and start. Returns whether anything is under way."""
        self._ended.clear()
        self._running = [thread for thread in self._running if thread.is_alive()]
        if not self._waiting and len(self._running) < self._most:
            self._waiting.extend(deliveries.claim(self._context.scope()).items())
        while self._waiting and len(self._running) < self._most:
            thread = threading.Thread(target=self._send, args=self._waiting.popleft(), name="webhook", daemon=True)
            thread.start()
            self._running.append(thread)
        return bool(self._running)

    def wait(self, timeout: float) -> None:
        """Until a group that was under way has ended, or the time is over."""
        self._ended.wait(timeout)

    def close(self, timeout: float) -> None:
        """Begin nothing more, give back what was not begun, and wait a while for what is under way."""
        while self._waiting:
            deliveries.hold_back(self._context.scope(), *self._waiting.popleft(), pause=timedelta(0))
        deadline = time.monotonic() + timeout
        for thread in self._running:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _send(self, endpoint_id: str, group: Sequence[Delivery]) -> None:
        try:
            send_group(self._context, endpoint_id, group)
        except Exception:
            # The database may be away: the lease runs out, and the group is taken again.
            log.exception("webhook deliveries to %s broke off", endpoint_id)
        finally:
            self._ended.set()


def deliver_due(context: JobContext) -> int:
    """Send all that is due, and return how many deliveries were tried, when nothing due is left."""
    tried = 0
    while groups := deliveries.claim(context.scope()):
        for endpoint_id, group in groups.items():
            send_group(context, endpoint_id, group)
            tried += len(group)
    return tried


def send_group(context: JobContext, endpoint_id: str, group: Sequence[Delivery]) -> None:
    """Send deliveries to one endpoint in order. Where it does not answer at all, the rest is given back."""
    scope = context.scope()
    for place, delivery in enumerate(group):
        if context.stopping.is_set():
            deliveries.hold_back(scope, endpoint_id, group[place:], pause=timedelta(0))
            return
        try:
            outcome = deliveries.send(scope, delivery, context.reach())
        except Exception as error:
            # The secret's key is gone, say. The delivery waits like any other that failed.
            log.exception("webhook delivery %s could not be sent", delivery.id)
            outcome = deliveries.Outcome(None, f"{type(error).__name__} on our side")
        deliveries.note(scope, delivery, outcome)
        if outcome.is_silent or outcome.status == deliveries.GONE:
            if group[place + 1 :]:
                deliveries.hold_back(scope, endpoint_id, group[place + 1 :])
            return
