"""An import from its first line to its last: read and checked, put in order, booked chunk by chunk.

Each chunk is one transaction that also notes its visits as imported. A killed import loses nothing and doubles nothing:
the next one reads the file again and passes over what is here already.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from itertools import islice
from pathlib import Path

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.scanning.importing.chunks import Outcome, book_chunk, check_chunk
from app.scanning.importing.ordering import Spool
from app.scanning.importing.places import Place, Places, take_cards_of
from app.scanning.importing.reading import VisitFile
from app.scanning.importing.records import Record, record_reader
from app.scanning.importing.rejecting import RejectedRows

CHUNK = 2_000  # visits in one transaction: other writers wait for it, on SQLite all of them
_BEGUN = Statement(
    "SELECT position FROM import_run WHERE source = :source AND file_hash = :hash AND finished_at IS NULL"
)
_NOTE = Statement(
    """
    INSERT INTO import_run (source, file_hash, position, totals, started_at, updated_at, finished_at)
    VALUES (:source, :hash, :position, :totals, :now, :now, :finished)
    ON CONFLICT (source, file_hash) DO UPDATE SET
        position = excluded.position, totals = excluded.totals, updated_at = excluded.updated_at,
        finished_at = excluded.finished_at
    """
)

# What is being done ("Reading", "Booking"), how much of it, of how much.
OnProgress = Callable[[str, int, int], None]


@dataclass(slots=True)
class ImportReport:
    """``read`` rows of the file are ``imported`` (booked by this run), ``duplicates`` (here before, or twice in the
    file) or ``rejected`` (in ``rejected_file``). ``resumed_at``: how far an earlier, unfinished run had come."""

    read: int = 0
    imported: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejected_file: Path | None = None
    resumed_at: int | None = None

    def totals(self) -> dict[str, int]:
        """The four counts, as they are reported."""
        return {
            "read": self.read,
            "imported": self.imported,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
        }


def import_visits(
    scope: Scope,
    path: Path,
    places: Places,
    *,
    source: str,
    zone: tzinfo | None = None,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import a file of visits in order of time; with ``dry_run`` only say what would come of it.

    References of visits, cards and shops are unique within ``source``. Each visit is judged by the rules in force when
    it happened, on the account as it then stands; what was booked before is not recomputed, also where this file's
    visits are earlier. ``zone`` is for times without an offset. A repeat changes nothing: every row is a duplicate.
    Raises :class:`ImportImpossibleError` before anything is changed.
    """
    tell: OnProgress = on_progress or (lambda what, done, total: None)
    file = VisitFile(path)
    report = ImportReport()
    spool = Spool()
    try:
        with RejectedRows(path) as rejected:
            first = _read(scope, file, spool, rejected, report, zone, tell)
            run = _Run(scope, source, file.hash, places, dry_run)
            report.resumed_at = run.begun()
            records = spool.records()
            done = 0
            while chunk := list(islice(records, CHUNK)):
                outcome = run.take(chunk, first, done + len(chunk), report)
                done += len(chunk)
                report.imported += outcome.imported
                report.duplicates += outcome.duplicates
                for record, reason in outcome.rejected:
                    rejected.add(record.line, reason, record.texts())
                rejected.flush()
                tell("Booking", done, spool.count)
            report.rejected = rejected.count
            report.rejected_file = rejected.path if rejected.count else None
            run.finish(done, report)
    finally:
        spool.close()
    return report


def _read(
    scope: Scope,
    file: VisitFile,
    spool: Spool,
    rejected: RejectedRows,
    report: ImportReport,
    zone: tzinfo | None,
    tell: OnProgress,
) -> dict[str, str]:
    """Fill the spool. Returns the currency of each shop's first readable row."""
    first: dict[str, str] = {}
    read = record_reader(scope.now, zone)
    for line, values, raw, problem in file.rows(partial(tell, "Reading")):
        report.read += 1
        if values is None:
            rejected.add(line, problem, None, raw)
            continue
        record = read(line, values)
        if isinstance(record, str):
            rejected.add(line, record, values)
            continue
        first.setdefault(record.location_ref, record.currency)
        spool.add(record)
    rejected.flush()
    return first


class _Run:
    """The chunks of one import."""

    def __init__(self, scope: Scope, source: str, file_hash: str, places: Places, dry_run: bool) -> None:
        self._scope = scope
        self._key = {"source": source, "hash": file_hash}
        self._source = source
        self._places = places
        self._known: dict[str, Place | str] = {}
        self._seen = _Seen() if dry_run else None

    def begun(self) -> int | None:
        with self._scope.reading() as tx:
            for (position,) in tx.rows(_BEGUN, self._key):
                return int(position)
        return None

    def take(self, chunk: Sequence[Record], first: Mapping[str, str], position: int, report: ImportReport) -> Outcome:
        wanted = dict.fromkeys(record.location_ref for record in chunk if record.location_ref not in self._known)
        if wanted:
            currencies = {reference: first[reference] for reference in wanted}
            found = self._places.resolve(self._scope, self._source, currencies, dry_run=self._seen is not None)
            self._known.update(found)
            if self._seen is None:
                owners = {place.merchant_id for place in found.values() if isinstance(place, Place)}
                take_cards_of(self._scope, self._source, {owner for owner in owners if owner is not None})
        here = {record.location_ref: self._known[record.location_ref] for record in chunk}
        if self._seen is not None:
            new = [record for record in chunk if self._seen.is_new(record.visit_id)]
            with self._scope.reading() as tx:
                outcome = check_chunk(tx, self._scope, self._source, new, here)
            outcome.duplicates += len(chunk) - len(new)
            return outcome

        def work(tx: Transaction) -> Outcome:
            outcome = book_chunk(tx, self._scope, self._source, chunk, here)
            self._note(tx, position, report, finished=False)
            return outcome

        return self._scope.run(work)

    def finish(self, position: int, report: ImportReport) -> None:
        if self._seen is None:
            self._scope.run(lambda tx: self._note(tx, position, report, finished=True))

    def _note(self, tx: Transaction, position: int, report: ImportReport, *, finished: bool) -> None:
        now = self._scope.now
        told = {"position": position, "totals": json.dumps(report.totals()), "now": now}
        tx.run(_NOTE, self._key | told | {"finished": now if finished else None})


class _Seen:
    """The visits that a dry run has met, in a temporary file, since nothing is noted in the database."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="zegel-import-", suffix=".seen")  # noqa: SIM115  goes with it
        self._table = sqlite3.connect(self._file.name, isolation_level=None)
        self._table.execute("PRAGMA journal_mode=OFF")
        self._table.execute("PRAGMA synchronous=OFF")
        self._table.execute("CREATE TABLE seen (reference TEXT PRIMARY KEY) WITHOUT ROWID")

    def is_new(self, reference: str) -> bool:
        return self._table.execute("INSERT OR IGNORE INTO seen VALUES (?)", (reference,)).rowcount == 1
