"""Going through all checks, none of which may keep the next from being made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import config
from app.cli.doctor import inside, surroundings
from app.cli.doctor.findings import FAIL, OK, Finding, Patient
from app.common.clock import Clock, system_clock
from app.common.database import Database, open_engine

Check = Callable[[Patient], Finding]
AROUND: tuple[Check, ...] = (surroundings.keys, surroundings.tls, surroundings.mail, surroundings.disk)
FIRST: tuple[Check, ...] = (inside.database, inside.migrations)
# Only where the tables are this version's can the rest be asked.
INSIDE: tuple[Check, ...] = (
    inside.rights,
    inside.clock,
    surroundings.key_ids,
    inside.jobs,
    inside.waiting,
    inside.webhooks,
)
BESIDE: tuple[Check, ...] = (surroundings.backup, surroundings.anchored)


def examine(environ: Mapping[str, str] | None = None, *, clock: Clock = system_clock) -> list[Finding]:
    """All findings, in an order to read. ``environ`` stands for the process's own. Changes nothing."""
    try:
        settings = config.load(environ)
    except config.SettingsError as error:
        return [Finding("settings", FAIL, str(error), "Mend the environment, then ask again.")]
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    findings = [Finding("settings", OK, f"{settings.env}, {kind}, {settings.public_url}.")]
    patient = Patient(settings, clock())
    findings += [_made(check, patient) for check in AROUND]
    if settings.is_sqlite and not Path(settings.database_url.removeprefix("sqlite:///")).exists():
        # Opening it would make it.
        return [*findings, Finding("database", FAIL, "There is no database yet.", "zegel db upgrade")]
    database = Database(open_engine(settings.database_url))
    try:
        first = [_inside(check, patient, database) for check in FIRST]
        findings += first
        if all(finding.state != FAIL for finding in first):
            findings += [_inside(check, patient, database) for check in INSIDE]
    finally:
        database.close()
    return findings + [_made(check, patient) for check in BESIDE]


def _inside(check: Check, patient: Patient, database: Database) -> Finding:
    def opened(_: Patient) -> Finding:
        with database.reading() as tx:
            return check(dataclasses.replace(patient, tx=tx))

    return _made(opened, patient, name=check.__name__)


def _made(check: Check, patient: Patient, name: str | None = None) -> Finding:
    try:
        return check(patient)
    except Exception as error:
        told = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        remedy = "Check DATABASE_URL, and run `zegel db upgrade` if it is new." if name else "See docs/running.md."
        return Finding(name or check.__name__, FAIL, f"It can't be looked at: {told[0]}.", remedy)
