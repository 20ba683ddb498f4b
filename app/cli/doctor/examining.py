"""Going through all checks, none of which may keep the next from being made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import config
from app.cli.doctor import inside, keeping, outside, surroundings, tablets
from app.cli.doctor.findings import FAIL, OK, Finding, Patient
from app.common.clock import Clock, system_clock
from app.common.database import Database
from app.common.database.engines import open_engine

Check = Callable[[Patient], Finding]
AROUND: Mapping[str, Check] = {
    "keys": surroundings.keys,
    "tls": outside.tls,
    "https": outside.https,
    "time": outside.time,
    "proxy": outside.proxy,
    "mail": surroundings.mail,
    "queue": surroundings.queue,
    "passes": surroundings.passes,
    "pushes": surroundings.pushes,
    "disk": surroundings.disk,
}
FIRST: Mapping[str, Check] = {"database": inside.database, "migrations": inside.migrations}
# Only where the tables are this version's can the rest be asked.
INSIDE: Mapping[str, Check] = {
    "rights": inside.rights,
    "walls": inside.shops_walls,
    "clock": inside.clock,
    "key-ids": keeping.key_ids,
    "jobs": inside.jobs,
    "outbox": inside.waiting,
    "webhooks": inside.webhooks,
    "tablets": tablets.tablets,
}
BESIDE: Mapping[str, Check] = {"backup": keeping.backup, "drill": keeping.drill, "anchors": surroundings.anchored}


def examine(
    environ: Mapping[str, str] | None = None, *, clock: Clock = system_clock, mail_to: str | None = None
) -> list[Finding]:
    """All findings, in an order to read. ``environ`` stands for the process's own. Changes nothing; with ``mail_to`` a
    trial mail goes there."""
    try:
        settings = config.load(environ)
    except config.SettingsError as error:
        return [Finding("settings", FAIL, str(error), "Mend the environment, then ask again.")]
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    findings = [Finding("settings", OK, f"{settings.env}, {kind}, {settings.public_url}.")]
    patient = Patient(settings, clock(), mail_to)
    findings += [_made(name, check, patient) for name, check in AROUND.items()]
    if settings.is_sqlite and not Path(settings.database_url.removeprefix("sqlite:///")).exists():
        # Opening it would make it.
        return [*findings, Finding("database", FAIL, "There is no database yet.", "zegel db upgrade")]
    database = Database(open_engine(settings.database_url))
    try:
        first = [_inside(name, check, patient, database) for name, check in FIRST.items()]
        findings += first
        if all(finding.state != FAIL for finding in first):
            findings += [_inside(name, check, patient, database) for name, check in INSIDE.items()]
    finally:
        database.close()
    return findings + [_made(name, check, patient) for name, check in BESIDE.items()]


def _inside(name: str, check: Check, patient: Patient, database: Database) -> Finding:
    def opened(_: Patient) -> Finding:
        with database.reading() as tx:
            return check(dataclasses.replace(patient, tx=tx))

    return _made(name, opened, patient, "Check DATABASE_URL, and run `zegel db upgrade` if it is new.")


def _made(name: str, check: Check, patient: Patient, remedy: str = "") -> Finding:
    try:
        return check(patient)
    except Exception as error:
        told = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        return Finding(name, FAIL, f"It can't be looked at: {told[0]}.", remedy)
