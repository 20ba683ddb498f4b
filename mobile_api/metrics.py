"""What Prometheus reads at ``/metrics``.

With several processes each counts into a file of its own under ``PROMETHEUS_MULTIPROC_DIR``, which ``zegel serve``
sets, and whichever is asked adds them all up.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from app.common.health import Backlog

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_registry = CollectorRegistry()
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library types it only in part

_requests = Counter("zegel_http_requests", "Requests answered", ["method", "route", "status"], registry=_registry)
_seconds = Histogram(
    "zegel_http_request_seconds", "Time to answer", ["method", "route"], buckets=_BUCKETS, registry=_registry
)
_visits = Counter("zegel_visits_booked", "Visits booked by tablets and tills", registry=_registry)
_waiting = Gauge("zegel_outbox_waiting", "Messages in the outbox", registry=_registry, multiprocess_mode="mostrecent")
_oldest = Gauge(
    "zegel_outbox_oldest_seconds",
    "Age of the oldest message in the outbox",
    registry=_registry,
    multiprocess_mode="mostrecent",
)
_missing = Gauge(
    "zegel_queue_events_missing",
    "Events of tablets' queues that never came, for longer than ten minutes",
    registry=_registry,
    multiprocess_mode="mostrecent",
)
_connections = Gauge(
    "zegel_database_connections",
    "Connections of the asked process's pool",
    ["state"],
    registry=_registry,
    multiprocess_mode="mostrecent",
)
# Finding a labelled metric costs more than counting with it.
_known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request. ``route`` is the pattern, never the address, which may hold a card's number."""
    found = _known.get((method, route, status))
    if found is None:
        found = _known[method, route, status] = (
            _requests.labels(method, route, str(status)),
            _seconds.labels(method, route),
        )
    found[0].inc()
    found[1].observe(seconds)


def visit_booked() -> None:
    """Count a visit that was booked now, not one whose answer was sent again."""
    _visits.inc()


def text(backlog: Backlog | None, age: float, in_use: int, idle: int, missing: int = 0) -> bytes:
    """All metrics in Prometheus' text format. ``backlog`` is None when the database does not answer."""
    if backlog is not None:
        _missing.set(missing)
        _waiting.set(backlog.waiting)
        _oldest.set(age)
    _connections.labels("in_use").set(in_use)
    _connections.labels("idle").set(idle)
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(_registry)
    gathered = CollectorRegistry()
    MultiProcessCollector(gathered)  # type: ignore[no-untyped-call]  # the library types it only in part
    return generate_latest(gathered)
