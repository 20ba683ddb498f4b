"""What of the service's own health waits for a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from app.admin.queries.health import failing_webhooks, job_states, parked, read_backups
from app.admin.todo import ToDo
from app.common.scope import Scope

PAGE = "/admin/health"
MOST = 50
_NAMED = 3
_MANY = 10  # deliveries that failed, before an operator should write to the shop
_DAY = timedelta(days=1)


def waiting(scope: Scope) -> list[ToDo]:
    """What waits, soonest due first, at most fifty: jobs that failed or are late, messages that were given up, webhooks
    that take nothing. ``words`` are in English, to be put in the reader's language by whoever shows them."""
    now = scope.now
    found: list[ToDo] = []
    late: list[tuple[datetime, str]] = []
    with scope.reading() as tx:
        for job in job_states(tx, now):
            if job.error is not None:
                # That the books differ is told by the ledger's own area.
                if "differences" not in job.result:
                    due = (job.started_at or now) + timedelta(hours=4)
                    found.append(_todo("Job", "A job failed", job.name, due, "jobs"))
            elif job.late_by:
                late.append((now - job.late_by + timedelta(hours=4), job.name))
        if late:
            # When the jobs stand still all of them are late: that is one thing to do.
            words = "A job has not run when it should have"
            if len(late) > 1:
                words = "Jobs have not run when they should have"
            names = ", ".join(name for _, name in late[:_NAMED]) + (" …" if len(late) > _NAMED else "")
            found.append(_todo("Job", words, names, min(late)[0], "jobs"))
        given_up = parked(tx)
        if given_up:
            found.append(
                _todo("Outbox", "Messages were given up after many tries", str(given_up), now + _DAY, "letters")
            )
        found.extend(
            _todo("Webhook", "A shop's till takes nothing that is sent", one.merchant, now + _DAY, "webhooks")
            for one in failing_webhooks(tx, now)
            if one.failed >= _MANY or not one.is_active
        )
    found.sort(key=lambda one: one.due_at or now)
    return found[:MOST]


def backups_waiting(scope: Scope, var: Path) -> list[ToDo]:
    """The same of backups, of which the notes lie in the service's folder ``var``."""
    now = scope.now
    with scope.reading() as tx:
        backups = read_backups(tx, now, var)
    found = []
    if backups.is_late:
        words, told = "There is no backup yet", ""
        if backups.last_at is not None:
            words, told = "The last backup is too old", f"{backups.last_at:%Y-%m-%d %H:%M} UTC"
        found.append(_todo("Backup", words, told, now + timedelta(hours=6), "backups"))
    if backups.drilled_at is not None and not backups.is_drill_good:
        found.append(_todo("Backup", "The last backup could not be restored", "", now, "backups", is_urgent=True))
    return found


def _todo(kind: str, words: str, about: str, due: datetime, anchor: str, *, is_urgent: bool = False) -> ToDo:
    return ToDo(
        area="health",
        kind=kind,
        words=words,
        about=about,
        due_at=due,
        href=f"{PAGE}#{anchor}",
        act="Look",
        right="operator",
        is_urgent=is_urgent,
    )
