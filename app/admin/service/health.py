"""What an administrator does about the service's own health: try messages again, drop them, ask for a backup."""

from __future__ import annotations

from app.admin.errors import BackupUnderWayError, MessageSettledError
from app.common import audit, backup_runs, outbox
from app.common.database import Transaction
from app.common.scope import Scope


def retry_message(scope: Scope, message_id: str) -> None:
    """Try a message that was given up once more, with all its tries. Raises :class:`MessageSettledError` for one that
    somebody dealt with, or that never was; so does a repeat."""

    def work(tx: Transaction) -> None:
        before = outbox.find_parked(tx, message_id)
        if before is None or not outbox.unpark_one(tx, message_id, now=scope.now):
            raise MessageSettledError
        told = {"topic": before.topic, "tries": before.tries}
        audit.record(tx, scope, "outbox_message.retried", "outbox_message", message_id, before=told, after={"tries": 0})

    scope.run(work)


def drop_message(scope: Scope, message_id: str) -> None:
    """Give a message up for good: it is never sent, and what it held is forgotten. Raises
    :class:`MessageSettledError` for one that somebody dealt with, or that never was; so does a repeat."""

    def work(tx: Transaction) -> None:
        before = outbox.find_parked(tx, message_id)
        if before is None or not outbox.drop(tx, message_id, now=scope.now):
            raise MessageSettledError
        told = {"topic": before.topic, "tries": before.tries, "status": "given up"}
        audit.record(
            tx, scope, "outbox_message.dropped", "outbox_message", message_id, before=told, after={"status": "dropped"}
        )

    scope.run(work)


def ask_backup(scope: Scope) -> str:
    """Ask for a backup, which the job runner makes. Returns its id. Raises :class:`BackupUnderWayError` while one waits
    or runs."""

    def work(tx: Transaction) -> str:
        backup_runs.give_up_silent(tx, now=scope.now)
        run_id = backup_runs.ask(tx, scope)
        if run_id is None:
            raise BackupUnderWayError
        audit.record(tx, scope, "backup.asked", "backup", run_id, before={}, after={"status": "waiting"})
        return run_id

    return scope.run(work)


def note_download(scope: Scope, run_id: str, file: str) -> None:
    """Note that the operator takes a backup's file away. Each call notes one more."""
    scope.run(lambda tx: audit.record(tx, scope, "backup.downloaded", "backup", run_id, after={"file": file}))
