"""Backups that were asked for from the screen: one at a time, done by the job runner, the last few kept.

The file itself is made by whoever starts the runner (see ``zegel backup``); here is who asked, how far it is and what
came of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement

FOLDER = "backups"  # under var/
KEPT = 7
LANE = "one"
SILENT = timedelta(minutes=10)  # without a sign of life for so long it is given up

_ASK = Statement(
    """
    INSERT INTO backup_run (id, status, lane, asked_by, asked_at) VALUES (:id, 'waiting', :lane, :asked_by, :now)
    ON CONFLICT DO NOTHING
    """
)
_WAITING = Statement("SELECT id, asked_by FROM backup_run WHERE status = 'waiting' LIMIT 1")
_TAKE = Statement(
    "UPDATE backup_run SET status = 'running', started_at = :now, seen_at = :now WHERE id = :id AND status = 'waiting'"
)
_TELL = Statement(
    "UPDATE backup_run SET done = :done, total = :total, seen_at = :now WHERE id = :id AND status = 'running'"
)
_END = Statement(
    """
    UPDATE backup_run SET status = :status, lane = NULL, ended_at = :now, file = :file, bytes = :bytes, facts = :facts,
        error = :error
    WHERE id = :id AND status = 'running'
    """
)
_GIVE_UP = Statement(
    """
    UPDATE backup_run SET status = 'failed', lane = NULL, ended_at = :now, error = 'its process ended'
    WHERE status = 'running' AND seen_at < :before
    """
)
_MADE = Statement("SELECT id, file FROM backup_run WHERE status = 'done' ORDER BY ended_at DESC, id DESC")
_REMOVED = Statement("UPDATE backup_run SET status = 'removed', file = NULL WHERE id = :id AND status = 'done'")


@dataclass(frozen=True, slots=True)
class Asked:
    """A backup that was taken on."""

    id: str
    asked_by: str | None


def ask(tx: Transaction, scope: Scope) -> str | None:
    """Ask for a backup in the caller's transaction. Returns its id; None where one waits or runs already."""
    run_id = new_id()
    values = {"id": run_id, "lane": LANE, "asked_by": scope.actor_id, "now": scope.now}
    return run_id if tx.run(_ASK, values) else None


def take(scope: Scope) -> Asked | None:
    """Take on the backup that waits, if there is one; of two who try, one gets it. What another took on and was never
    heard of again is given up first."""
    with scope.reading() as tx:
        waiting = tx.rows(_WAITING, {})
    if not waiting:
        return None
    run_id, asked_by = waiting[0]
    taken = scope.run(lambda tx: tx.run(_TAKE, {"id": run_id, "now": scope.now}))
    return Asked(run_id, asked_by) if taken else None


def give_up_silent(tx: Transaction, *, now: datetime) -> int:
    """End what has shown no sign of life for ten minutes: its process is gone. Returns how many."""
    return tx.run(_GIVE_UP, {"now": now, "before": now - SILENT})


def tell(scope: Scope, run_id: str, done: int, total: int) -> None:
    """Note how far it is, which is a sign of life too."""
    scope.run(lambda tx: tx.run(_TELL, {"id": run_id, "done": done, "total": total, "now": scope.now}))


def end(
    scope: Scope,
    run_id: str,
    *,
    file: str | None = None,
    size: int | None = None,
    facts: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """Note what came of it: a file, or an error (cut to 500 characters). False where it was ended already."""
    values = {
        "id": run_id,
        "status": "failed" if error is not None else "done",
        "file": file,
        "bytes": size,
        "facts": None if facts is None else json.dumps(dict(facts)),
        "error": None if error is None else error[:500],
        "now": scope.now,
    }
    return scope.run(lambda tx: tx.run(_END, values)) == 1


def remove_old(scope: Scope, folder: Path, *, kept: int = KEPT) -> int:
    """Remove the files of all but the last few that were made from the screen, and note so. Other files stay. Returns
    how many; a repeat removes nothing more."""
    with scope.reading() as tx:
        old = tx.rows(_MADE, {})[kept:]
    for run_id, file in old:
        if file is not None:
            (folder / Path(file).name).unlink(missing_ok=True)
        with scope.transaction() as tx:
            tx.run(_REMOVED, {"id": run_id})
    return len(old)
