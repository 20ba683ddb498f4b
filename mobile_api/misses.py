"""Limiting look-ups that find nothing: whoever walks through numbers mostly finds nothing, a shop hardly ever.

Misses are counted in the database for each device. Who had too many is remembered in this process, so that a look-up
that finds something costs one look into a dict.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask import Flask, current_app

from app.cards import attempts
from app.cards.attempts import Limit
from app.cards.errors import TriesUsedUpError
from app.common.errors import DomainError
from app.common.scope import Scope

CODES = frozenset({"card_unknown", "voucher_unknown"})
LIMITS = (Limit("misses an hour", 60, timedelta(hours=1)), Limit("misses a day", 300, timedelta(days=1)))
_NAME = "zegel_misses"
_log = structlog.get_logger("zegel.api")


def check(scope: Scope) -> None:
    """Raises :class:`TriesUsedUpError` for a device that missed too often."""
    blocked: dict[str | None, datetime] = current_app.extensions[_NAME]
    until = blocked.get(scope.device_id)
    if until is None:
        return
    left = (until - scope.now).total_seconds()
    if left > 0:
        raise TriesUsedUpError(retry_after=int(left) + 1)
    blocked.pop(scope.device_id, None)


def count(scope: Scope, error: DomainError | None) -> None:
    """Count a miss, if ``error`` is one. Raises :class:`TriesUsedUpError` when it was one too many."""
    if error is None or (error.code not in CODES and "is_miss" not in error.params):
        return
    for limit in LIMITS:
        if attempts.count(scope, limit, str(scope.device_id)):
            continue
        current_app.extensions[_NAME][scope.device_id] = scope.now + limit.window
        _log.warning("too_many_misses", device_id=scope.device_id, location_id=scope.location_id, limit=limit.name)
        raise TriesUsedUpError(retry_after=int(limit.window.total_seconds()))


def init_app(flask_app: Flask) -> None:
    """Give an application its memory of who missed too often."""
    flask_app.extensions[_NAME] = {}
