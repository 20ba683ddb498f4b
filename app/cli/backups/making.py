"""Making a backup while the service goes on."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.cli.backups import archive
from app.cli.backups.manifest import BackupError, Manifest, digest_of_heads
from app.common.keys import KeyRing
from app.tables import metadata

SQLITE_PART = "database.sqlite3"
LAST = "last-backup.json"
DRILL = "last-drill.json"
NAMED = "zegel-{:%Y%m%dT%H%M%S}.zip"
_NAMES = re.compile(r"zegel-\d{8}T\d{6}\.zip", re.ASCII)
SCHEMA_TABLE = "schema_version"
HEADS = "SELECT id, seq, chain FROM account ORDER BY id"
_PAGES = 2048  # a step; between steps the progress is told
Progress = Callable[[int, int], None]


def make(url: str, target: Path, ring: KeyRing, *, now: datetime, progress: Progress) -> Manifest:
    """Copy the database at ``url``, as it is at one moment, to the file ``target``, which a repeat replaces.

    Readers and writers go on meanwhile. ``progress`` is told what is done and the total, in pages or tables. Raises
    :class:`BackupError`.
    """
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent}.")
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(Path(str(make_url(url).database)), target, ring, now, progress)
    return _postgresql(url, target, ring, now, progress)


def remember(var: Path, target: Path, manifest: Manifest) -> None:
    """Note the last backup for ``zegel doctor``."""
    _note(var / LAST, {"at": manifest.made_at, "file": str(target.resolve())})


def remember_drill(var: Path, source: Path, *, made_at: str, now: datetime) -> None:
    """Note the last backup that was restored for practice, for ``zegel doctor``."""
    _note(var / DRILL, {"at": now.isoformat(), "file": str(source.resolve()), "made_at": made_at})


def _note(path: Path, facts: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.part")
    made.write_text(json.dumps(facts))
    made.replace(path)


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Delete the oldest backups that were named by their moment, all but ``keep``. Returns them; other files stay."""
    older = _named_in(folder)[:-keep]
    for path in older:
        path.unlink()
    return older


def newest_in(folder: Path) -> Path | None:
    """The newest backup in a folder of those that were named by their moment."""
    return next(reversed(_named_in(folder)), None)


def _named_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _NAMES.fullmatch(path.name))


def connect_postgresql(url: str, database: str | None = None) -> psycopg.Connection[Any]:
    """A connection of its own, as the login that the URL names, without the service's time-outs."""
    parts = make_url(url).set(drivername="postgresql")
    if database is not None:
        parts = parts.set(database=database)
    return psycopg.connect(parts.render_as_string(hide_password=False), autocommit=True, connect_timeout=10)


def _sqlite(path: Path, target: Path, ring: KeyRing, now: datetime, progress: Progress) -> Manifest:
    if not path.exists():
        raise BackupError(f"There is no database at {path} yet: run `zegel db upgrade` first.")
    copy = target.with_name(f".{target.name}.sqlite3")
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    try:
        _copy_sqlite(path, copy, progress)
        with closing(sqlite3.connect(copy)) as database:
            wrong = database.execute("PRAGMA quick_check").fetchone()[0]
            if wrong != "ok":
                raise BackupError(f"The database is damaged ({wrong}): restore the last good backup.")
            tables = tables_of(database)
            _check_schema(tables)
            counts = counts_of(database, tables)
            schema = database.execute("SELECT version_num FROM schema_version").fetchone()[0]
            heads = digest_of_heads(ring, ring.active, database.execute(HEADS))
        with archive.writing(target) as writer:
            with copy.open("rb") as file:
                writer.part(SQLITE_PART, archive.blocks(file))
            return _manifest(writer, "sqlite", schema, counts, heads, ring, now)
    finally:
        copy.unlink(missing_ok=True)


def tables_of(database: sqlite3.Connection) -> list[str]:
    """The names of a SQLite database's own tables."""
    rows = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [row[0] for row in rows if not row[0].startswith("sqlite_")]


def counts_of(database: sqlite3.Connection, tables: Collection[str]) -> dict[str, int]:
    """How many rows each of these tables of a SQLite database has."""
    return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _copy_sqlite(path: Path, copy: Path, progress: Progress) -> None:
    def told(_: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)

    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as source,
        closing(sqlite3.connect(copy)) as made,
    ):
        # The copy follows this transaction's snapshot: without one, every write meanwhile would make it begin again.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(made, pages=_PAGES, progress=told, sleep=0)
        made.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def _postgresql(url: str, target: Path, ring: KeyRing, now: datetime, progress: Progress) -> Manifest:
    with connect_postgresql(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction(), connection.cursor() as cursor:
            tables = _tables(cursor)
            schema = _one(cursor, "SELECT version_num FROM schema_version")
            counts: dict[str, int] = {}
            with archive.writing(target) as writer:
                for place, (name, columns) in enumerate(tables.items()):
                    progress(place, len(tables))
                    counts[name] = _one(cursor, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
                    writer.part(f"tables/{name}", _rows(cursor, name, columns), table=name, columns=columns)
                with connection.cursor(name="heads") as heads:
                    heads.itersize = 10_000
                    heads.execute("SELECT id::text, seq, chain FROM account ORDER BY id")
                    digest = digest_of_heads(ring, ring.active, heads)
                progress(len(tables), len(tables))
                return _manifest(writer, "postgresql", schema, counts, digest, ring, now)


def _tables(cursor: psycopg.Cursor[Any]) -> dict[str, tuple[str, ...]]:
    """All tables with their columns, referenced tables before those that name them."""
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        " AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    known = [table.name for table in metadata.sorted_tables if table.name in found]
    _check_schema(found)
    order = known + [name for name in found if name not in known and name != SCHEMA_TABLE]
    return {name: tuple(found[name]) for name in order}


def _rows(cursor: psycopg.Cursor[Any], name: str, columns: tuple[str, ...]) -> Iterator[bytes]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with cursor.copy(sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(name), names)) as copy:
        gathered = bytearray()
        for piece in copy:
            gathered += piece
            if len(gathered) >= archive.BLOCK:
                yield bytes(gathered)
                gathered.clear()
        yield bytes(gathered)


def _one(cursor: psycopg.Cursor[Any], query: str | sql.Composed) -> Any:
    row = cursor.execute(query).fetchone()
    assert row is not None
    return row[0]


def _check_schema(tables: Collection[str]) -> None:
    if SCHEMA_TABLE not in tables:
        raise BackupError("The database has no tables yet: run `zegel db upgrade` first.")


def _manifest(
    writer: archive.Writer,
    dialect: str,
    schema: str,
    counts: dict[str, int],
    heads: str,
    ring: KeyRing,
    now: datetime,
) -> Manifest:
    manifest = Manifest(
        made_at=now.isoformat(),
        dialect=dialect,
        schema_version=schema,
        counts={name: count for name, count in sorted(counts.items()) if name != SCHEMA_TABLE},
        heads_digest=heads,
        key_id=ring.active,
        parts=tuple(writer.parts),
    )
    writer.manifest(manifest.sealed(ring))
    return manifest
