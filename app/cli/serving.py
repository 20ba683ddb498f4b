"""Serving over HTTP with granian: how many processes, how they start and stop, what runs beside them.

Knows nothing of the domain: it is handed the name of a WSGI application and numbers. The command `zegel serve` decides.
"""

import ctypes
import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing import util
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from app.cli.lan import Certificate
from app.cli.turnstile import Turnstile

# A container's runtime kills after ten seconds; the workers get the most of it, the rest is for the books.
DRAIN_SECONDS = 8
# Threads that read bodies, and how many requests a process works on at a time: one would be as quick, but then a
# request that takes a second would stop the counter.
THREADS = 32
PERMITS = 2
# What the settings have read by then. Granian copies the environment into every request's, where it has no business.
_SECRETS = ("SECRET_KEY", "LEDGER_KEY", "DATA_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "SENTRY_DSN")
_SECRET_GROUPS = ("STRIPE_", "APPLE_PASS_", "GOOGLE_WALLET_", "VAPID_")
_PR_SET_PDEATHSIG = 1

Stop = Callable[[], None]


def processes_for(database_url: str, asked: int | None) -> int:
    """How many processes may serve: on SQLite one, whatever was asked, since a second writer stalls both.

    On PostgreSQL `asked`, or without it one for each processor this process may use.
    """
    if database_url.startswith("sqlite"):
        return 1
    if asked is not None:
        return max(1, asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def serve(
    target: str,
    *,
    host: str,
    port: int,
    processes: int,
    certificate: Certificate | None = None,
    beside: Callable[[Any], Stop] | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serves the WSGI application `target` ("module:name") until SIGTERM or SIGINT, then drains and returns.

    Arguments: `processes` workers, all children of this process and in its process group; `certificate` turns on HTTPS;
    `beside` is a module-level function that every worker calls with the application once it is loaded, which starts
    something of its own and returns how to stop it (the job runner, where there is one process); `ready` is called
    once, when the socket is bound and before the workers start.

    On SIGTERM no new request is taken, those under way are answered, and what is not done within DRAIN_SECONDS is
    ended. A worker that dies is replaced; when it dies again at once, everything stops with exit code 1.
    Errors: OSError when the address can't be bound.
    """
    server = Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        workers_kill_timeout=DRAIN_SECONDS,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
        ssl_cert=certificate.certificate if certificate else None,
        ssl_key=certificate.key if certificate else None,
    )
    # It warns of so many threads; the turnstile is why they do no harm.
    logging.getLogger("_granian").addFilter(lambda record: "spawning up to" not in record.getMessage())
    if ready is not None:
        server.on_startup(ready)
    server.serve(target_loader=partial(_load, beside), wrap_loader=True)


def _load(beside: Callable[[Any], Stop] | None, target: str) -> Any:
    """Runs in each worker: ties it to its parent, loads the application, starts what runs beside it."""
    _die_with_parent()
    module, _, name = target.partition(":")
    application = getattr(importlib.import_module(module), name)
    if beside is not None:
        # The worker's process ends through multiprocessing, which runs finalizers and not atexit.
        util.Finalize(None, beside(application), exitpriority=10)
    for setting in list(os.environ):
        if setting in _SECRETS or setting.startswith(_SECRET_GROUPS):
            del os.environ[setting]
    return Turnstile(application, PERMITS)


def _die_with_parent() -> None:
    """Asks the kernel to end this worker when its parent is killed, so that no orphan keeps the port."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
