"""Sending webhook deliveries: a few endpoints at a time, so that a slow one keeps nobody else waiting."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta

from app.jobs.context import JobContext
from app.merchants import deliveries
from app.merchants.deliveries import Delivery

log = logging.getLogger("zegel.jobs")

THREADS = 4


class Dispatcher:
    """Takes due deliveries and sends them on threads of its own, one endpoint's group after the other on each."""

    def __init__(self, context: JobContext, threads: int = THREADS) -> None:
        self._context = context
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="webhook")
        self._under_way: dict[Future[None], tuple[str, Sequence[Delivery]]] = {}

    def dispatch(self) -> int:
        """Start on what is due, if a thread is free. Returns how many deliveries were taken."""
        self._under_way = {future: work for future, work in self._under_way.items() if not future.done()}
        if len(self._under_way) >= self._threads:
            return 0
        groups = deliveries.claim(self._context.scope())
        for endpoint_id, group in groups.items():
            future = self._pool.submit(send_group, self._context, endpoint_id, group)
            self._under_way[future] = (endpoint_id, group)
        return sum(map(len, groups.values()))

    def wait(self, timeout: float | None = None) -> None:
        """Until all that was started has ended, or the time is over."""
        wait(self._under_way, timeout=timeout)

    def close(self) -> None:
        """Start nothing more and give back what was not begun; what is under way ends within its time-out."""
        for future, (endpoint_id, group) in self._under_way.items():
            if future.cancel():
                deliveries.hold_back(self._context.scope(), endpoint_id, group, pause=timedelta(0))
        self._pool.shutdown(wait=False)


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
