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

from app.admin.queries.watch import Watch
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
_sign_in_failures = Counter(
    "zegel_sign_in_failures", "Sign-ins that were refused, by who would have come in", ["face"], registry=_registry
)
# By pattern of the route: where somebody signs in, and as whom.
_SIGN_INS = {
    "/account/sign-in": "staff",
    "/account/second": "staff",
    "/account/passkey": "staff",
    "/admin/sign-in": "operator",
    "/admin/second-step": "operator",
    "/api/v1/auth/token": "member",
    "/api/v1/auth/passkey": "member",
    "/api/v1/auth/recovery": "member",
    "/api/v1/auth/transfer": "member",
}


def _watched(name: str, what: str, *labels: str) -> Gauge:
    return Gauge(name, what, labels, registry=_registry, multiprocess_mode="mostrecent")


_late = _watched("zegel_job_late_seconds", "Since when a job should have run; 0 where it did", "job")
_failing = _watched("zegel_jobs_failing", "Jobs whose last run failed")
_given_up = _watched("zegel_outbox_given_up", "Messages that were given up after many tries")
_offline = _watched("zegel_tablets_offline", "Tablets of open shops unheard of for an hour")
_tablets = _watched("zegel_tablets", "Tablets that are paired")
_backup_age = _watched("zegel_backup_age_seconds", "Age of the last backup; infinite where there is none")
_verified_age = _watched("zegel_ledger_verified_age_seconds", "Since the ledger was last recomputed and agreed")
_differences = _watched("zegel_ledger_differences", "Differences that the last recomputing of the ledger found")
_refused = _watched("zegel_mails_refused", "Mails of the last 24 hours that did not arrive")
_cases = _watched("zegel_risk_cases_open", "Cases of suspected fraud that nobody has decided")
_bytes = _watched("zegel_database_bytes", "Size of the database")
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
    if method == "POST" and 400 < status < 500 and route in _SIGN_INS:
        _sign_in_failures.labels(_SIGN_INS[route]).inc()


def visit_booked() -> None:
    """Count a visit that was booked now, not one whose answer was sent again."""
    _visits.inc()


def text(
    backlog: Backlog | None, age: float, in_use: int, idle: int, missing: int = 0, watch: Watch | None = None
) -> bytes:
    """All metrics in Prometheus' text format. ``backlog`` and ``watch`` are None when the database does not answer."""
    if watch is not None:
        _show(watch)
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


def _show(watch: Watch) -> None:
    for job, seconds in watch.late.items():
        _late.labels(job).set(seconds)
    _failing.set(watch.failing)
    _given_up.set(watch.given_up)
    _offline.set(watch.offline)
    _tablets.set(watch.tablets)
    _backup_age.set(watch.backup_age)
    _verified_age.set(watch.verified_age)
    _differences.set(watch.differences)
    _refused.set(watch.refused)
    _cases.set(watch.cases)
    _bytes.set(watch.database_bytes)
