"""What keeps the data: that it can be read with the keys, and that the backups can be restored."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.cards.data_keys import data_keys
from app.cards.personal_data import unwrap_data_key
from app.cli.backups import archive
from app.cli.backups.making import DRILL, LAST
from app.cli.backups.manifest import BackupError, Manifest
from app.cli.doctor.findings import FAIL, OK, WARN, Finding, Patient, ago
from app.common.sql import Statement
from app.ledger.seals import Sealer

_BACKUP_WARN, _BACKUP_FAIL = timedelta(hours=26), timedelta(days=7)
_DRILL_WARN = timedelta(days=35)
_LARGE = 2 << 30  # above it only the manifest and the list of parts are looked at
_NIGHTLY = "Run `zegel backup FILE` every night, and keep FILE on another machine."
_SEAL_KEYS = Statement("SELECT DISTINCT seal_key FROM account")
_BOOKED_KEYS = Statement("SELECT DISTINCT seal_key FROM ledger_transaction")
_BOOKING = Statement(
    "SELECT member_id, id, kind, merchant_id, location_id, device_id, staff_id, visit_id, voucher_id,"
    " reverses_member_id, reverses_id, reason, occurred_at, recorded_at, seal FROM ledger_transaction"
    " WHERE seal_key = :key_id LIMIT 1"
)
# A wrapped key begins with a format byte, the length of its key's id, and the id.
_ID_LENGTHS = Statement("SELECT DISTINCT substr(wrapped, 2, 1) FROM member_key")
_DATA_KEYS = Statement(
    "SELECT DISTINCT substr(wrapped, 3, CAST(:length AS integer)) FROM member_key WHERE substr(wrapped, 2, 1) = :mark"
)
_WRAPPED = Statement(
    "SELECT member_id, wrapped FROM member_key WHERE substr(wrapped, 2, 1) = :mark"
    " AND substr(wrapped, 3, CAST(:length AS integer)) = :key_id LIMIT 1"
)


def key_ids(patient: Patient) -> Finding:
    """Whether the rings hold every key that stored rows were made with, those keys open them, and which are of use."""
    rings = patient.settings.keys
    used = {"LEDGER_KEY": _ledger_ids(patient), "DATA_KEY": _data_ids(patient)}
    held = {"LEDGER_KEY": set(rings.ledger.keys), "DATA_KEY": set(rings.data.keys)}
    missing = [f"{name} {key_id}" for name, ids in used.items() for key_id in sorted(ids - held[name])]
    if missing:
        return Finding(
            "key-ids",
            FAIL,
            f"Rows were made with keys that are not set: {', '.join(missing)}.",
            "Add the old keys behind the present ones: LEDGER_KEY=k2:…,k1:…",
        )
    wrong = [f"LEDGER_KEY {key_id}" for key_id in sorted(used["LEDGER_KEY"]) if not _fits_ledger(patient, key_id)]
    wrong += [f"DATA_KEY {key_id}" for key_id in sorted(used["DATA_KEY"]) if not _fits_data(patient, key_id)]
    if wrong:
        return Finding(
            "key-ids",
            FAIL,
            f"What was sealed can't be opened with {', '.join(wrong)}: another key has that id now.",
            "Put back the key of that id; give a new key a new id, in front: LEDGER_KEY=k2:…,k1:…",
        )
    active = {"LEDGER_KEY": rings.ledger.active, "DATA_KEY": rings.data.active}
    older = {name: sorted(ids - {active[name]}) for name, ids in held.items()}
    needed = [f"{name} {key_id}" for name, ids in older.items() for key_id in ids if key_id in used[name]]
    if needed:
        return Finding(
            "key-ids", OK, f"Every key that a row names is there, and fits. Still needed: {', '.join(needed)}."
        )
    return Finding("key-ids", OK, "Every key that a row names is there, and fits.")


def _ledger_ids(patient: Patient) -> set[str]:
    return {row[0] for statement in (_SEAL_KEYS, _BOOKED_KEYS) for row in patient.rows.rows(statement, {})}


def _data_ids(patient: Patient) -> set[str]:
    found: set[str] = set()
    for (mark,) in patient.rows.rows(_ID_LENGTHS, {}):
        values = {"length": bytes(mark)[0], "mark": bytes(mark)}
        found |= {bytes(key_id).decode("ascii", "replace") for (key_id,) in patient.rows.rows(_DATA_KEYS, values)}
    return found


def _fits_ledger(patient: Patient, key_id: str) -> bool:
    sealer = Sealer(patient.settings.keys.ledger)
    rows = patient.rows.rows(_BOOKING, {"key_id": key_id})
    return all(sealer.transaction(key_id, tuple(row[:14])) == bytes(row[14]) for row in rows)


def _fits_data(patient: Patient, key_id: str) -> bool:
    name = key_id.encode()
    values = {"mark": bytes([len(name)]), "length": len(name), "key_id": name}
    try:
        for member_id, wrapped in patient.rows.rows(_WRAPPED, values):
            unwrap_data_key(data_keys(patient.settings.keys.data), member_id, bytes(wrapped))
    except Exception:
        return False  # whatever it is, it could not be opened
    return True


def backup(patient: Patient) -> Finding:
    """How old the last backup is, and whether it is whole."""
    try:
        last = _note(patient, LAST)
        at, file = datetime.fromisoformat(last["at"]), Path(last["file"])
    except FileNotFoundError:
        return Finding("backup", patient.serious(), "No backup was ever made here.", _NIGHTLY)
    except (OSError, ValueError, KeyError, TypeError):
        return Finding("backup", WARN, "The note of the last backup can't be read.", _NIGHTLY)
    age = patient.now - at
    told = f"The last backup is from {ago(at, patient.now)}: {file}."
    if age > _BACKUP_FAIL:
        return Finding("backup", patient.serious(), told, _NIGHTLY)
    if not file.exists():
        return Finding("backup", WARN if age > _BACKUP_WARN else OK, f"{told} It has been moved since.", _NIGHTLY)
    try:
        is_whole = _is_whole(patient, file)
    except BackupError as error:
        return Finding("backup", FAIL, f"The last backup is of no use: {error}", "Make one: `zegel backup FILE`.")
    if age > _BACKUP_WARN:
        return Finding("backup", WARN, told, _NIGHTLY)
    return Finding("backup", OK, f"{told} {'It is whole.' if is_whole else 'It is large: `zegel restore --drill` it.'}")


def drill(patient: Patient) -> Finding:
    """Whether somebody tried lately that a backup can be restored."""
    remedy = "Run `zegel restore FILE --drill` every month: it proves the backup and replaces nothing."
    try:
        last = _note(patient, DRILL)
        at = datetime.fromisoformat(last["at"])
    except FileNotFoundError:
        state = WARN if patient.settings.is_production else OK
        return Finding("drill", state, "No backup was ever restored for practice.", remedy)
    except (OSError, ValueError, KeyError, TypeError):
        return Finding("drill", WARN, "The note of the last drill can't be read.", remedy)
    state = OK if patient.now - at < _DRILL_WARN else WARN
    return Finding("drill", state, f"A backup was last restored for practice {ago(at, patient.now)}.", remedy)


def _is_whole(patient: Patient, file: Path) -> bool:
    """Whether every part is as the manifest says; False where the file is too large to be read for that. Raises
    ``BackupError``."""
    with archive.reading(file) as opened:
        manifest = Manifest.opened(archive.manifest_of(opened), patient.settings.keys.ledger)
        missing = {part.name for part in manifest.parts} - set(opened.namelist())
        if missing:
            raise BackupError(f"{', '.join(sorted(missing))} is missing from it.")
        if file.stat().st_size > _LARGE:
            return False
        for part in manifest.parts:
            for _ in archive.blocks_of(opened, part, lambda _: None):
                pass
    return True


def _note(patient: Patient, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((patient.settings.var / name).read_text())
    return read
