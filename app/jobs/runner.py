"""Running the jobs: huey keeps the time and the queue, threads empty the outbox, send webhooks and pushes, and
one follows the counters' bookings."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from app.common.settings import Settings
from app.jobs import backing_up, rounds
from app.jobs.context import JobContext
from app.jobs.delivering import Dispatcher
from app.jobs.draining import drain
from app.jobs.pushing import push_due
from app.jobs.rounds import Job
from app.jobs.schedule import JOBS, OUTBOX, OUTBOX_EXPECTED
from app.rewards.service import simulations
from app.rewards.service.shop_members import Follower
from app.risk.service import tries

log = logging.getLogger("zegel.jobs")

PAUSE_SECONDS = 1.0
STOP_SECONDS = 5.0
_BEAT_SECONDS = 60.0


class _QuietConsumer(Consumer):  # type: ignore[misc]  # huey publishes no types
    """huey's threads without its signal handlers: the process that runs them has its own."""

    def _set_signal_handlers(self) -> None:
        return


def make_huey(settings: Settings) -> Huey:
    """The queue: in Redis where one is set, else in a file under ``var/``. Its entries are signed, since reading one
    runs what it says."""
    common: dict[str, Any] = {
        "name": "zegel",
        "results": False,
        "serializer": SignedSerializer(secret=settings.keys.secret.derive("jobs").hex()),
    }
    if settings.redis_url is not None:
        return RedisHuey(url=settings.redis_url, **common)
    settings.var.mkdir(parents=True, exist_ok=True)
    # A queue that forgets its last second in a power cut loses nothing: each slot's note is in the database.
    return SqliteHuey(filename=str(settings.var / "jobs.sqlite3"), fsync=False, **common)


class Runner:
    """Runs all jobs on threads of this process, from :meth:`start` to :meth:`stop`.

    ``is_sole``: no other process runs jobs on this database (SQLite), so runs without an end are known to be dead.
    """

    def __init__(self, context: JobContext, *, is_sole: bool, jobs: tuple[Job, ...] = JOBS) -> None:
        self.context = context
        self._is_sole = is_sole
        self._wake = threading.Event()
        self._dispatcher = Dispatcher(context)
        self._follower = Follower()
        huey = make_huey(context.settings)
        self._expected = {OUTBOX: OUTBOX_EXPECTED, **{job.name: job.expected for job in jobs}}
        for job in jobs:
            self._register(huey, job)
        self._consumer = _QuietConsumer(huey, workers=1, max_delay=1.0, check_worker_health=False)
        self._threads = [
            threading.Thread(target=self._repeat, args=(work,), name=name, daemon=True)
            for name, work in (
                ("outbox", self._drain),
                ("webhooks", self._deliver),
                ("pushes", self._push),
                ("members", self._follow),
                ("simulations", self._simulate),
                ("backups", self._back_up),
            )
        ]
        self._beaten = float("-inf")

    def start(self) -> None:
        """Start the threads. Call once, in the process that is to run the jobs."""
        if self._is_sole:
            self.context.scope().run(rounds.free_unfinished)
            simulations.end_silent(self.context.scope(), before=self.context.clock())
        scope = self.context.scope()
        scope.run(lambda tx: rounds.note_plan(tx, self._expected, now=scope.now))
        self._consumer.start()
        for thread in self._threads:
            thread.start()
        log.info("jobs are running")

    def wake(self) -> None:
        """Look at the outbox now instead of within a second."""
        self._wake.set()

    def stop(self) -> None:
        """End in order: nothing new is begun, what is under way gets a few seconds. What is cut off after that is done
        again by whoever comes next. A repeat does nothing."""
        if self.context.stopping.is_set():
            return
        self.context.stopping.set()
        self._wake.set()
        self._consumer.stop_flag.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in (*self._threads, self._consumer.scheduler, *(each for _, each in self._consumer.worker_threads)):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._dispatcher.close(max(0.0, deadline - time.monotonic()))
        self._consumer.huey.storage.close()
        log.info("jobs have stopped")

    def _register(self, huey: Huey, job: Job) -> None:
        def work() -> None:
            rounds.run_if_due(self.context, job)

        # Every minute, since a slot may have been missed: whether it is due, the job's own note tells.
        huey.periodic_task(lambda _: True, name=f"run-{job.name}", expires=60)(work)

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self.context.stopping.is_set():
            try:
                work()
            except Exception:
                # The database may be away for a while; it is asked again until it is back.
                log.exception("%s: trying again", threading.current_thread().name)
            self._wake.wait(PAUSE_SECONDS)
            if not self.context.stopping.is_set():
                self._wake.clear()

    def _drain(self) -> None:
        drained = drain(self.context)
        if time.monotonic() - self._beaten >= _BEAT_SECONDS:
            scope = self.context.scope()
            result = {"done": drained.done, "failed": drained.failed}
            scope.run(lambda tx: rounds.beat(tx, OUTBOX, now=scope.now, result=result))
            self._beaten = time.monotonic()

    def _push(self) -> None:
        push_due(self.context)

    def _follow(self) -> None:
        self._follower.follow(self.context.scope())

    def _simulate(self) -> None:
        simulations.run_waiting(self.context.scope(), go_on=self._give_way)
        tries.run_waiting(self.context.scope(), go_on=self._give_way)

    def _back_up(self) -> None:
        backing_up.run_waiting(self.context)

    def _give_way(self) -> None:
        # Counting goes on for seconds: whoever stands at a counter meanwhile comes first.
        self.context.stopping.wait(0.005)
        self.context.go_on()

    def _deliver(self) -> None:
        while not self.context.stopping.is_set() and self._dispatcher.dispatch():
            self._dispatcher.wait(PAUSE_SECONDS)
