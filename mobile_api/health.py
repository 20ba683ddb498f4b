"""``/healthz``, ``/readyz`` and ``/metrics``: for whoever runs the service. None of them tells a secret."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
import structlog
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app

from app.admin.queries.watch import Watch, read_watch
from app.common import health
from app.common.database import Transaction
from app.extensions import MIGRATIONS, Platform, platform
from app.scanning import service as scanning
from mobile_api import metrics
from mobile_api.fields import rfc3339

blueprint = Blueprint("health", __name__)
_HEADERS = {"Cache-Control": "no-store"}
WATCHED_FOR = timedelta(seconds=15)  # so long what alarms go off at is not asked for again
_WATCH = "zegel_watch"
_log = structlog.get_logger("zegel.health")


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return _json(200, {"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when the database answers and is migrated to this code's head, else 503. The jobs are told, no more."""
    here = platform()
    head = migrations_head()
    try:
        with here.database.reading() as tx:
            version = health.schema_version(tx)
            jobs = _jobs(here, health.jobs(tx)) if version == head else None
    except Exception as error:
        # Whatever it is, the database can't be worked with: missing, unreachable, or without our tables.
        _log.warning("not_ready", reason=type(error).__name__)
        return _json(503, {"status": "unready", "database": "unreachable or never migrated", "migrations": None})
    if version != head:
        told = {"at": version, "head": head}
        return _json(503, {"status": "unready", "database": "ok", "migrations": told})
    return _json(200, {"status": "ok", "database": "ok", "migrations": {"at": version, "head": head}, "jobs": jobs})


@blueprint.get("/metrics")
def metrics_text() -> Response:
    """Prometheus' text format."""
    here = platform()
    backlog, age, missing, watch = None, 0.0, 0, None
    try:
        with here.database.reading() as tx:
            backlog = health.backlog(tx)
            missing = scanning.missing(tx, here.clock()).numbers
            watch = _watch(here, tx)
        age = (here.clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    except Exception as error:
        _log.warning("metrics_without_database", reason=type(error).__name__)
    in_use, idle = here.database.pool_use()
    told = metrics.text(backlog, age, in_use, idle, missing, watch)
    return Response(told, headers=_HEADERS, content_type=metrics.MEDIA_TYPE)


@lru_cache(maxsize=1)
def migrations_head() -> str | None:
    """The newest migration that this code has."""
    return ScriptDirectory.from_config(Config(MIGRATIONS / "alembic.ini")).get_current_head()


def _jobs(here: Platform, jobs: health.Jobs) -> dict[str, Any]:
    oldest = jobs.backlog.oldest
    return {
        "waiting": jobs.backlog.waiting,
        "oldest_seconds": int((here.clock() - oldest).total_seconds()) if oldest else 0,
        "last_at": rfc3339(jobs.last_at) if jobs.last_at else None,
        "failing": list(jobs.failing),
    }


def _watch(here: Platform, tx: Transaction) -> Watch:
    """What alarms go off at, of this moment or of a few seconds ago."""
    now = here.clock()
    kept: tuple[datetime, Watch] | None = current_app.extensions.get(_WATCH)
    if kept is not None and timedelta(0) <= now - kept[0] < WATCHED_FOR:
        return kept[1]
    found = read_watch(tx, now, here.settings.var)
    current_app.extensions[_WATCH] = (now, found)
    return found


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), status, _HEADERS, content_type="application/json")
