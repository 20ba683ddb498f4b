"""Making the backups that were asked for from the screen, and removing old ones."""

from __future__ import annotations

import logging
import time

from app.common import backup_runs
from app.common.backup_runs import Asked
from app.common.scope import Scope
from app.jobs.context import JobContext

log = logging.getLogger("zegel.jobs")

_TELL_SECONDS = 1.0


def run_waiting(context: JobContext) -> bool:
    """Make the backup that waits, if there is one, and remove what is too old. Returns whether one was made or tried: a
    failure is noted and logged, not raised. Does nothing in a process that was given no way to make one."""
    if context.back_up is None:
        return False
    scope = context.scope()
    asked = backup_runs.take(scope)
    if asked is None:
        return False
    try:
        _make(context, scope, asked)
    except Exception as failure:
        log.exception("the backup that was asked for failed")
        backup_runs.end(scope, asked.id, error=f"{type(failure).__name__}: {failure}")
    else:
        backup_runs.remove_old(scope, context.settings.var / backup_runs.FOLDER)
    return True


def _make(context: JobContext, scope: Scope, asked: Asked) -> None:
    assert context.back_up is not None
    folder = context.settings.var / backup_runs.FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"zegel-{scope.now:%Y%m%dT%H%M%SZ}-{asked.id[-6:]}.zip"
    told_at = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told_at
        context.go_on()
        if time.monotonic() - told_at >= _TELL_SECONDS:
            told_at = time.monotonic()
            backup_runs.tell(scope, asked.id, done, total)

    facts = context.back_up(context.settings, target, scope.now, progress)
    backup_runs.end(scope, asked.id, file=target.name, size=target.stat().st_size, facts=facts)
    log.info("backup done: %s", target.name)
