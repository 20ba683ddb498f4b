"""What the database itself tells: its state, its tables, its rights, the jobs' notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory

from app.cli.doctor.findings import FAIL, OK, WARN, Finding, Patient, ago
from app.cli.migrating import MIGRATIONS
from app.common import health, outbox
from app.common.database import walls
from app.common.database.engines import APP_ROLE, OFFICE_ROLE
from app.common.sql import Statement
from app.common.types import decode_time
from app.jobs.schedule import JOBS, OUTBOX, OUTBOX_EXPECTED
from app.walls import wall_of

APPEND_ONLY = (
    *("ledger_transaction", "transfer", "audit_event", "consent_event", "programme_version"),
    *("platform_brand", "terms_version", "terms_acceptance"),
)
_OLDEST_POSTGRESQL = 130_000
_CLOCK_WARN, _CLOCK_FAIL = 5.0, 60.0
_NEWEST = Statement("SELECT occurred_at FROM audit_event ORDER BY id DESC LIMIT 1")
_NEWEST_JOB = Statement("SELECT max(started_at) FROM job_run")
_SERVER_TIME = Statement("SELECT clock_timestamp()", sqlite="SELECT NULL")
_SETTING = Statement("SELECT current_setting(:name)", sqlite="SELECT NULL")
_TRIGGERS = Statement(
    """
    SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname LIKE :like GROUP BY c.relname
    """,
    sqlite="SELECT tbl_name, count(*) FROM sqlite_schema WHERE type = 'trigger' AND name LIKE :like GROUP BY tbl_name",
)
_MAY_CHANGE = Statement(
    "SELECT current_user, has_table_privilege('ledger_transaction', 'UPDATE')"
    " OR has_table_privilege('transfer', 'DELETE') OR has_table_privilege('transfer', 'TRUNCATE')",
    sqlite="SELECT NULL, 0",
)
_RUNS = Statement("SELECT name, started_at, finished_at, error FROM job_run")
_WAITING = Statement("SELECT min(available_at) FROM outbox WHERE done_at IS NULL AND available_at <= :now")
_PARKED = Statement("SELECT count(*) FROM outbox WHERE done_at IS NULL AND available_at >= :parked")
_ENDPOINTS = Statement(
    "SELECT count(*), count(disabled_at) FROM webhook_endpoint WHERE is_active = :active OR disabled_reason IS NOT NULL"
)
_FAILED = Statement("SELECT count(*) FROM webhook_delivery WHERE status = 'failed' AND created_at > :since")


def database(patient: Patient) -> Finding:
    """Whether it answers, is whole, and keeps what it acknowledged through a power cut."""
    tx = patient.rows
    if tx.dialect == "sqlite":
        wrong = _pragma(patient, "quick_check(1)")
        if wrong != "ok":
            return Finding(
                "database", FAIL, f"The file is damaged: {wrong}.", "Stop, and restore the last good backup."
            )
        mode = _pragma(patient, "journal_mode")
        if mode != "wal":
            return Finding(
                "database", WARN, f"The journal mode is {mode}.", "Keep the file on a local disk, not on NFS."
            )
        return Finding("database", OK, "SQLite, whole, every commit synced; one process writes.")
    version = int(tx.rows(_SETTING, {"name": "server_version_num"})[0][0])
    if version < _OLDEST_POSTGRESQL:
        return Finding("database", FAIL, f"PostgreSQL {version // 10_000} is too old.", "Upgrade it to 13 or newer.")
    off = [name for name in ("fsync", "synchronous_commit") if tx.rows(_SETTING, {"name": name})[0][0] == "off"]
    if off:
        told = f"{' and '.join(off)} {'is' if len(off) == 1 else 'are'} off: a power cut may lose bookings."
        return Finding("database", patient.serious(), told, f"Set {', '.join(off)} to on in postgresql.conf.")
    return Finding("database", OK, f"PostgreSQL {version // 10_000}, every commit synced.")


def migrations(patient: Patient) -> Finding:
    """Whether the tables are those of this version."""
    found = health.schema_version(patient.rows)
    script = ScriptDirectory.from_config(Config(MIGRATIONS / "alembic.ini"))
    head = script.get_current_head()
    if found == head:
        return Finding("migrations", OK, f"The tables are at {head}.")
    known = {revision.revision for revision in script.walk_revisions()}
    if found is not None and found not in known:
        return Finding(
            "migrations", FAIL, f"The tables are newer ({found}) than this version.", "Install that version."
        )
    return Finding("migrations", FAIL, f"The tables are at {found}, this version needs {head}.", "zegel db upgrade")


def rights(patient: Patient) -> Finding:
    """Whether the database itself refuses to change a booking."""
    tx = patient.rows
    found: dict[str, int] = dict(tx.rows(_TRIGGERS, {"like": "%_refuses_%"}))
    open_ = [table for table in APPEND_ONLY if found.get(table, 0) < 2]
    if open_:
        return Finding(
            "rights",
            FAIL,
            f"Rows of {', '.join(open_)} can be changed: their triggers are missing or off.",
            "Run `zegel ledger verify`, find out who removed them, then restore a backup.",
        )
    role, may_change = tx.rows(_MAY_CHANGE, {})[0]
    if may_change:
        return Finding(
            "rights",
            WARN,
            f"The role {role} may change bookings: the triggers alone hold.",
            "Let the migrating login make roles (ALTER ROLE … CREATEROLE), then GRANT zegel_app TO the service.",
        )
    return Finding("rights", OK, "Bookings can't be changed or deleted.")


def shops_walls(patient: Patient) -> Finding:
    """Whether the database itself keeps the back office of one shop from another's rows."""
    if patient.settings.is_sqlite:
        return Finding("walls", OK, "SQLite has no row-level security: the service alone keeps shops apart.")
    missing = walls.missing_walls(patient.rows.session.connection(), wall_of)
    if missing is None:
        return Finding(
            "walls",
            WARN,
            f"The service may not take on the role {OFFICE_ROLE}: it alone keeps shops apart, the database does not.",
            f"As a superuser: CREATE ROLE {OFFICE_ROLE} NOLOGIN; GRANT {OFFICE_ROLE} TO {APP_ROLE}; and to the service"
            f" GRANT {APP_ROLE}; then `zegel db upgrade`, and start the service anew.",
        )
    if missing:
        told = f"The database does not keep shops apart in {', '.join(missing)}."
        return Finding("walls", FAIL, told, "zegel db upgrade")
    return Finding("walls", OK, "The database itself keeps each shop's back office to its own rows.")


def clock(patient: Patient) -> Finding:
    """Whether this machine's time can be believed."""
    tx = patient.rows
    ((server,),) = tx.rows(_SERVER_TIME, {})
    if server is not None:
        apart = abs((server - patient.now).total_seconds())
        if apart > _CLOCK_WARN:
            state = FAIL if apart > _CLOCK_FAIL else WARN
            told = f"This machine's clock and the database's are {apart:.0f} s apart."
            return Finding("clock", state, told, "Have both set by NTP: timedatectl set-ntp true")
    newest = [_time(value) for statement in (_NEWEST, _NEWEST_JOB) for (value,) in tx.rows(statement, {}) if value]
    ahead = max(newest, default=patient.now) - patient.now
    if ahead > timedelta(seconds=_CLOCK_FAIL):
        told = f"The clock is behind what was written already, by {ahead.total_seconds():.0f} s."
        return Finding("clock", FAIL, told, "Set it, by NTP: timedatectl set-ntp true")
    return Finding("clock", OK, f"{patient.now:%Y-%m-%d %H:%M:%S} UTC.")


def jobs(patient: Patient) -> Finding:
    """Whether each job ran when it should have, and well."""
    runs = {row[0]: row[1:] for row in patient.rows.rows(_RUNS, {})}
    runner = "`zegel serve`" if patient.settings.is_sqlite else "`zegel worker`"
    if not runs:
        return Finding("jobs", patient.serious(), "No job ever ran.", f"Start {runner}: it runs them.")
    failing = [f"{name} ({run[2]})" for name, run in sorted(runs.items()) if run[2] is not None]
    if failing:
        return Finding("jobs", FAIL, f"The last run failed of {'; '.join(failing)}.", "See the log; it is tried again.")
    expected = {job.name: job.expected for job in JOBS} | {OUTBOX: OUTBOX_EXPECTED}
    late = [
        f"{name} ({ago(_time(runs[name][0]), patient.now)})" if name in runs else f"{name} (never)"
        for name, age in expected.items()
        if name not in runs or patient.now - _time(runs[name][0]) > age
    ]
    if late:
        return Finding("jobs", patient.serious(), f"Late: {', '.join(late)}.", f"Is {runner} running?")
    return Finding("jobs", OK, f"All {len(expected)} ran when they should have.")


def waiting(patient: Patient) -> Finding:
    """Whether mails and events go out."""
    ((oldest,),) = patient.rows.rows(_WAITING, {"now": patient.now})
    ((parked,),) = patient.rows.rows(_PARKED, {"parked": outbox.PARKED})
    if oldest is not None:
        age = patient.now - _time(oldest)
        if age > timedelta(minutes=5):
            state = FAIL if age > timedelta(hours=1) else WARN
            told = f"The oldest mail or event is due since {ago(_time(oldest), patient.now)}."
            return Finding("outbox", state, told, "Are the jobs running?")
    if parked:
        return Finding(
            "outbox",
            WARN,
            f"{parked} messages were given up.",
            "See the log for why; `zegel worker --retry` tries again.",
        )
    return Finding("outbox", OK, "Nothing waits that should be gone.")


def webhooks(patient: Patient) -> Finding:
    """Whether merchants' endpoints take what they are sent."""
    ((count, disabled),) = patient.rows.rows(_ENDPOINTS, {"active": True})
    ((failed,),) = patient.rows.rows(_FAILED, {"since": patient.now - timedelta(days=7)})
    if failed or disabled:
        told = f"{failed} deliveries failed for good this week, {disabled} endpoints are off."
        return Finding(
            "webhooks", WARN, told, "Tell their merchants: `zegel webhook deliveries --status failed`, then `replay`."
        )
    return Finding("webhooks", OK, f"{count} endpoints, all deliveries taken." if count else "No endpoints.")


def _pragma(patient: Patient, name: str) -> Any:
    cursor = patient.rows.cursor()
    cursor.execute(f"PRAGMA {name}")
    row: Sequence[Any] = cursor.fetchone()
    return row[0]


def _time(value: datetime | str) -> datetime:
    return decode_time(value) if isinstance(value, str) else value
