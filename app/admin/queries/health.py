"""How the service itself does: jobs, the outbox, webhooks, mails, tablets, the database and its backups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.common import health, outbox, sizes
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time
from app.insights.tablets import Offline, count_unheard, list_offline
from app.rewards.configuration import document

BACKUP_LATE = timedelta(hours=26)
DRILL_LATE = timedelta(days=31)
LAST_BACKUP, LAST_DRILL = "last-backup.json", "last-drill.json"  # under var/, as the command line writes them
SHOWN = 50
_HISTORY = timedelta(days=90)
_GROWTH = timedelta(days=30)
_WEEK = timedelta(days=7)

_RUNS = Statement("SELECT name, started_at, finished_at, result, error FROM job_run")
_PLAN = Statement("SELECT name, expected_seconds, noted_at FROM job_plan")
_BY_TOPIC = Statement(
    """
    SELECT topic, count(*), min(created_at) FROM outbox WHERE done_at IS NULL AND available_at < :parked
    GROUP BY topic ORDER BY 2 DESC, topic
    """
)
_PARKED = Statement(
    """
    SELECT o.id, o.topic, o.created_at, o.tries, o.last_error, m.id, m.name FROM outbox o
    LEFT JOIN merchant m ON m.id = o.merchant_id
    WHERE o.done_at IS NULL AND o.available_at >= :parked ORDER BY o.created_at, o.id LIMIT :most
    """
)
_PARKED_COUNT = Statement("SELECT count(*) FROM outbox WHERE done_at IS NULL AND available_at >= :parked")
_WEBHOOKS = Statement(
    """
    SELECT e.id, m.id, m.name, e.url, e.is_active, e.disabled_reason,
        sum(CASE WHEN d.status = 'failed' AND d.created_at > :since THEN 1 ELSE 0 END),
        sum(CASE WHEN d.status = 'pending' THEN 1 ELSE 0 END),
        min(d.created_at), max(d.last_status)
    FROM webhook_endpoint e JOIN merchant m ON m.id = e.merchant_id JOIN webhook_delivery d ON d.endpoint_id = e.id
    WHERE d.status IN ('failed', 'pending') AND d.tries > 0 AND (d.status = 'pending' OR d.created_at > :since)
    GROUP BY e.id, m.id, m.name, e.url, e.is_active, e.disabled_reason ORDER BY 7 DESC, 8 DESC, m.name LIMIT :most
    """
)
_BOUNCES = Statement(
    """
    SELECT domain, count(*), max(told), max(bounced_at) FROM mail_bounce WHERE bounced_at > :since
    GROUP BY domain ORDER BY 2 DESC, domain LIMIT :most
    """
)
_SENT = Statement("SELECT coalesce(sum(mails), 0) FROM platform_day WHERE day > :since")
_SIZES = Statement("SELECT day, bytes, tables FROM database_day WHERE day >= :since ORDER BY day")
_BACKUPS = Statement(
    """
    SELECT b.id, b.status, b.asked_at, b.started_at, b.ended_at, b.done, b.total, b.file, b.bytes, b.facts, b.error,
        o.name
    FROM backup_run b LEFT JOIN operator o ON o.id = b.asked_by ORDER BY b.asked_at DESC, b.id DESC LIMIT 10
    """
)
_ONE_BACKUP = Statement("SELECT file FROM backup_run WHERE id = :id AND status = 'done'")


@dataclass(frozen=True, slots=True)
class JobState:
    """A job and its last run. ``late_by`` is zero where it ran when it should have; ``has_run`` is false for one that
    never did."""

    name: str
    has_run: bool
    started_at: datetime | None
    seconds: float | None
    is_running: bool
    result: Mapping[str, Any]
    error: str | None
    late_by: timedelta

    @property
    def is_bad(self) -> bool:
        return self.error is not None or bool(self.late_by)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was given up after many tries."""

    id: str
    topic: str
    created_at: datetime
    tries: int
    error: str | None
    merchant_id: str | None
    merchant: str | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A shop's webhook that does not take what it is sent. ``host`` without the path, which may hold a secret."""

    merchant_id: str
    merchant: str
    host: str
    is_active: bool
    reason: str | None
    failed: int
    waiting: int
    since: datetime
    last_status: int | None


@dataclass(frozen=True, slots=True)
class Bounced:
    """Mails to one domain that did not arrive this week."""

    domain: str
    count: int
    told: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its bytes, and how many they were a month ago (None: not known)."""

    name: str
    bytes: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the database is, by day, and how fast it grows: bytes a day over the last month at most."""

    bytes: int
    days: tuple[tuple[date, int], ...]
    per_day: float | None
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was asked for from the screen. ``is_there``: its file is on this machine."""

    id: str
    status: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int
    file: str | None
    bytes: int | None
    facts: Mapping[str, Any]
    error: str | None
    asked_by: str | None
    is_there: bool


@dataclass(frozen=True, slots=True)
class Backups:
    """``last_at``: when the last one was made, from the screen or by the command line; ``drilled_at``: when one was
    last proved by restoring it, and whether that went well."""

    runs: tuple[Backup, ...]
    last_at: datetime | None
    drilled_at: datetime | None
    is_drill_good: bool
    is_late: bool
    is_drill_late: bool

    @property
    def open(self) -> Backup | None:
        """The one that waits or runs."""
        return next((one for one in self.runs if one.status in ("waiting", "running")), None)


@dataclass(frozen=True, slots=True)
class Health:
    """All of it."""

    jobs: tuple[JobState, ...]
    backlog: health.Backlog
    topics: tuple[tuple[str, int, datetime], ...]
    parked: int
    letters: tuple[Letter, ...]
    webhooks: tuple[Endpoint, ...]
    bounces: tuple[Bounced, ...]
    sent: int
    tablets: tuple[Offline, ...]
    unheard: int  # tablets that were paired and never heard of since
    sizes: Sizes
    backups: Backups


def read_health(scope: Scope, var: Path) -> Health:
    """Everything on the page. ``var`` is the folder of the service's files."""
    now = scope.now
    with scope.reading() as tx:
        letters = tx.rows(_PARKED, {"parked": outbox.PARKED, "most": SHOWN})
        return Health(
            jobs=job_states(tx, now),
            backlog=health.backlog(tx),
            topics=tuple(
                (topic, int(count), _instant(oldest))
                for topic, count, oldest in tx.rows(_BY_TOPIC, {"parked": outbox.PARKED})
            ),
            parked=parked(tx),
            letters=tuple(Letter(one[0], one[1], _instant(one[2]), int(one[3]), *one[4:]) for one in letters),
            webhooks=failing_webhooks(tx, now),
            bounces=tuple(
                Bounced(domain, int(count), told, _instant(at))
                for domain, count, told, at in tx.rows(_BOUNCES, {"since": now - _WEEK, "most": SHOWN})
            ),
            sent=int(tx.rows(_SENT, {"since": (now - _WEEK).date().isoformat()})[0][0]),
            tablets=tuple(list_offline(tx, now)),
            unheard=count_unheard(tx, now),
            sizes=_sizes(tx, now),
            backups=read_backups(tx, now, var),
        )


def job_states(tx: Transaction, now: datetime) -> tuple[JobState, ...]:
    """Every job, those that need somebody first."""
    plan = {name: (timedelta(seconds=int(age)), _instant(noted)) for name, age, noted in tx.rows(_PLAN, {})}
    runs = {row[0]: row[1:] for row in tx.rows(_RUNS, {})}
    found = []
    for name in sorted(plan.keys() | runs.keys()):
        started, finished, result, error = runs.get(name, (None, None, None, None))
        begun, ended = _maybe(started), _maybe(finished)
        late = timedelta(0)
        if name in plan:
            expected, noted = plan[name]
            # One that never ran is late once it should have since the jobs were started.
            late = max(timedelta(0), now - (begun or noted) - expected)
        seconds = None if begun is None or ended is None else (ended - begun).total_seconds()
        told = document(result) or {}
        is_running = begun is not None and ended is None
        found.append(JobState(name, begun is not None, begun, seconds, is_running, told, error, late))
    return tuple(sorted(found, key=lambda one: (one.error is None, not one.late_by, one.name)))


def parked(tx: Transaction) -> int:
    """How many messages were given up and wait for somebody."""
    return int(tx.rows(_PARKED_COUNT, {"parked": outbox.PARKED})[0][0])


def failing_webhooks(tx: Transaction, now: datetime) -> tuple[Endpoint, ...]:
    """The shops' webhooks of which deliveries failed this week, or are being tried again."""
    return tuple(
        Endpoint(
            merchant_id,
            merchant,
            urlsplit(url).netloc,
            bool(is_active),
            reason,
            int(failed),
            int(waiting),
            _instant(since),
            last,
        )
        for _, merchant_id, merchant, url, is_active, reason, failed, waiting, since, last in tx.rows(
            _WEBHOOKS, {"since": now - _WEEK, "most": SHOWN}
        )
    )


def read_backups(tx: Transaction, now: datetime, var: Path) -> Backups:
    """The backups: those of the screen, and what the command line noted."""
    folder = var / "backups"
    runs = []
    for row in tx.rows(_BACKUPS, {}):
        key, status, asked, started, ended, done, total, file, size, facts, error, who = row
        runs.append(
            Backup(
                key,
                status,
                _instant(asked),
                _maybe(started),
                _maybe(ended),
                int(done),
                int(total),
                file,
                size,
                document(facts) or {},
                error,
                who,
                file is not None and (folder / Path(file).name).is_file(),
            )
        )
    made = [one.ended_at for one in runs if one.status in ("done", "removed") and one.ended_at is not None]
    noted, drill = _note(var / LAST_BACKUP), _note(var / LAST_DRILL)
    last_at = max([*made, *([noted[0]] if noted else [])], default=None)
    drilled_at = drill[0] if drill else None
    return Backups(
        tuple(runs),
        last_at,
        drilled_at,
        bool(drill and drill[1].get("ok", True)),
        last_at is None or now - last_at > BACKUP_LATE,
        drilled_at is None or now - drilled_at > DRILL_LATE,
    )


def find_backup(scope: Scope, run_id: str, var: Path) -> Path | None:
    """The file of a backup that was made from the screen; None where there is none, or not on this machine."""
    with scope.reading() as tx:
        found = tx.rows(_ONE_BACKUP, {"id": run_id})
    if not found or found[0][0] is None:
        return None
    path = var / "backups" / Path(found[0][0]).name
    return path if path.is_file() else None


def _sizes(tx: Transaction, now: datetime) -> Sizes:
    today = now.astimezone(UTC).date()
    rows = tx.rows(_SIZES, {"since": (today - _HISTORY).isoformat()})
    days = tuple((date.fromisoformat(day), int(taken)) for day, taken, _ in rows)
    month = [row for row in rows if row[0] >= (today - _GROWTH).isoformat()]
    per_day = None
    if len(month) > 1:
        span = (date.fromisoformat(month[-1][0]) - date.fromisoformat(month[0][0])).days
        per_day = (int(month[-1][1]) - int(month[0][1])) / span
    tables: dict[str, int] = document(rows[-1][2]) if rows else {}
    before: dict[str, int] = document(month[0][2]) if len(month) > 1 else {}
    largest = sorted(tables.items(), key=lambda one: (-one[1], one[0]))
    return Sizes(sizes.size(tx), days, per_day, tuple(Table(name, taken, before.get(name)) for name, taken in largest))


def _note(path: Path) -> tuple[datetime, dict[str, Any]] | None:
    """What the command line noted in a file: when, and the rest."""
    try:
        told = json.loads(path.read_text())
        return datetime.fromisoformat(told["at"]), told
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _instant(value: datetime | str) -> datetime:
    return decode_time(value) if isinstance(value, str) else value


def _maybe(value: datetime | str | None) -> datetime | None:
    return None if value is None else _instant(value)
