"""``/healthz``, ``/readyz`` and ``/metrics``: for whoever runs the service. None of them tells a secret."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
import structlog
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Response

from app.common import health
from app.extensions import MIGRATIONS, Platform, platform
from app.scanning import service as scanning
from mobile_api import metrics
from mobile_api.fields import rfc3339

blueprint = Blueprint("health", __name__)
_HEADERS = {"Cache-Control": "no-store"}
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
    backlog, age, missing = None, 0.0, 0
    try:
        with here.database.reading() as tx:
            backlog = health.backlog(tx)
            missing = scanning.missing(tx, here.clock()).numbers
        age = (here.clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    except Exception as error:
        _log.warning("metrics_without_database", reason=type(error).__name__)
    in_use, idle = here.database.pool_use()
    told = metrics.text(backlog, age, in_use, idle, missing)
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


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), status, _HEADERS, content_type="application/json")
