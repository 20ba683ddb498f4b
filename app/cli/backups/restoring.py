"""Putting a backup in the database's place: first beside it, proved to the last seal, and only then instead of it."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg import sql
from sqlalchemy import make_url

from app.cli.backups import archive
from app.cli.backups.making import HEADS, SQLITE_PART, connect_postgresql, counts_of, tables_of
from app.cli.backups.manifest import BackupError, Manifest, Part, digest_of_heads
from app.cli.migrating import MIGRATIONS, migrate
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.keys import Keys
from app.common.scope import Scope
from app.ledger import anchors
from app.ledger.verifying import verify

# A stage's name, what is done and what there is to do in all.
Progress = Callable[[str, int, int], None]
IN_USE = "The database is in use: stop `zegel serve` and `zegel worker`, then restore."


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: when it was made, its ledger's size, where the former database is now, and which anchors were
    set aside since they are younger."""

    made_at: str
    accounts: int
    transactions: int
    former: str | None
    anchors_set_aside: int


def restore(
    url: str, var: Path, keys: Keys, source: Path, *, now: datetime, progress: Progress, is_drill: bool = False
) -> Restored:
    """Replace the database at ``url`` by the backup ``source``.

    The backup is first written beside it, brought to this version's tables, and proved: every part's digest, the row
    counts, the heads of all accounts, the database's own checks, and the whole ledger with the anchors of its time.
    Until then nothing is replaced; the former database is kept under another name. A repeat restores again. Raises
    :class:`BackupError`, also while the database is in use.

    ``is_drill``: all of that but the last step. What was written is thrown away, nothing is replaced, and the service
    may go on meanwhile.
    """
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    with archive.reading(source) as opened:
        manifest = Manifest.opened(archive.manifest_of(opened), keys.ledger)
        if manifest.dialect != ("sqlite" if is_sqlite else "postgresql"):
            raise BackupError(
                f"This backup is from {manifest.dialect}, and DATABASE_URL names another kind: restore it there."
            )
        _check_version(manifest)
        site: _Sqlite | _Postgresql = _Sqlite(url) if is_sqlite else _Postgresql(url)
        stamp = f"{now:%Y%m%dT%H%M%S}"
        with site.beside():
            if not is_drill:
                site.refuse_while_in_use()
            size = sum(part.size for part in manifest.parts)
            done = 0

            def told(more: int) -> None:
                nonlocal done
                done += more
                progress("Unpacking", done, size)

            site.fill(manifest, lambda part: archive.blocks_of(opened, part, told))
            site.check(manifest, keys)
            transactions, accounts = _prove(site.url, anchors.folder_of(var, url), keys, manifest, progress)
            if is_drill:
                return Restored(manifest.made_at, accounts, transactions, None, 0)
            former = site.replace(stamp)
    aside = anchors.set_aside(
        anchors.folder_of(var, url),
        keys.ledger,
        since=datetime.fromisoformat(manifest.made_at),
        name=f"before-restore-{stamp}",
    )
    return Restored(manifest.made_at, accounts, transactions, former, len(aside))


def _check_version(manifest: Manifest) -> None:
    try:
        ScriptDirectory.from_config(Config(MIGRATIONS / "alembic.ini")).get_revision(manifest.schema_version)
    except CommandError:
        raise BackupError(
            f"This backup has the tables of a newer version ({manifest.schema_version}): install that version first."
        ) from None


def _prove(url: str, folder: Path, keys: Keys, manifest: Manifest, progress: Progress) -> tuple[int, int]:
    migrate(url, "head")
    made_at = datetime.fromisoformat(manifest.made_at)
    try:
        heads = anchors.read_heads(folder, keys.ledger, until=made_at)
    except anchors.AnchorsAlteredError as error:
        raise BackupError(f"The anchors under {folder} can't be trusted: {error}") from None
    database = Database(open_engine(url))
    try:
        found = verify(
            Scope(database, keys),
            anchored=heads,
            on_progress=lambda done, total: progress("Verifying", done, total),
        )
    finally:
        database.close()
    if found.mismatches:
        first = found.mismatches[0]
        raise BackupError(
            f"The backup's ledger differs in {len(found.mismatches)} places (the first: {first['detail']}):"
            " use another backup."
        )
    return found.transactions, found.accounts


def _check_content(manifest: Manifest, keys: Keys, counts: dict[str, int], heads: Any) -> None:
    wrong = [name for name, count in manifest.counts.items() if counts.get(name) != count]
    if wrong:
        raise BackupError(f"The backup does not hold what its manifest says ({', '.join(wrong)}): use another.")
    if digest_of_heads(keys.ledger, manifest.key_id, heads) != manifest.heads_digest:
        raise BackupError("The accounts in the backup are not those of its manifest: use another backup.")


Blocks = Callable[[Part], Iterator[bytes]]


class _Sqlite:
    """The file, and the one beside it."""

    def __init__(self, url: str) -> None:
        self._live = Path(str(make_url(url).database))
        self._side = self._live.with_name(f".{self._live.name}.restoring")
        self.url = f"sqlite:///{self._side}"

    @contextmanager
    def beside(self) -> Iterator[None]:
        self._clear()
        self._live.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield
        finally:
            self._clear()

    def refuse_while_in_use(self) -> None:
        with self._alone():
            return

    def fill(self, manifest: Manifest, blocks: Blocks) -> None:
        (part,) = [part for part in manifest.parts if part.name == SQLITE_PART]
        with os.fdopen(os.open(self._side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for block in blocks(part):
                file.write(block)

    def check(self, manifest: Manifest, keys: Keys) -> None:
        with closing(sqlite3.connect(self._side)) as database:
            wrong = database.execute("PRAGMA integrity_check").fetchone()[0]
            if wrong != "ok" or database.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupError("The database in the backup is damaged: use another backup.")
            _check_content(manifest, keys, counts_of(database, tables_of(database)), database.execute(HEADS))

    def replace(self, stamp: str) -> str | None:
        former = self._live.with_name(f"{self._live.name}.before-{stamp}")
        with self._alone() as live:
            if live is not None:
                live.execute("PRAGMA journal_mode=DELETE")  # what its log holds goes into the file that is kept
                self._live.rename(former)
            with self._side.open("rb") as file:
                os.fsync(file.fileno())
            self._side.rename(self._live)
            archive.settle(self._live.parent)
        return str(former) if live is not None else None

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection | None]:
        """The live file, held so that nobody else can have it open."""
        if not self._live.exists():
            yield None
            return
        with closing(sqlite3.connect(self._live, timeout=0, isolation_level=None)) as live:
            try:
                # In this mode the first look at the file takes its exclusive lock, which no other connection bears.
                live.execute("PRAGMA locking_mode=EXCLUSIVE")
                live.execute("BEGIN EXCLUSIVE")
                live.execute("END")
            except sqlite3.OperationalError:
                raise BackupError(IN_USE) from None
            yield live

    def _clear(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal", "-migrating"):
            self._side.with_name(self._side.name + ending).unlink(missing_ok=True)


class _Postgresql:
    """The database, and the one beside it on the same server."""

    def __init__(self, url: str) -> None:
        self._at = make_url(url)
        self._live = self._at.database or "postgres"
        self._side = f"{self._live[:50]}_restoring"
        self.url = self._at.set(database=self._side).render_as_string(hide_password=False)
        self._server = self._maintenance()

    @contextmanager
    def beside(self) -> Iterator[None]:
        try:
            self._drop_side()
            try:
                self._run("CREATE DATABASE {}", self._side)
            except psycopg.errors.InsufficientPrivilege:
                raise BackupError(
                    "The database's login may not make a database beside this one: ALTER ROLE … CREATEDB, then restore."
                ) from None
            yield
        finally:
            self._drop_side()
            self._server.close()

    def refuse_while_in_use(self) -> None:
        row = self._server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", (self._live,)
        ).fetchone()
        if row is not None and row[0]:
            raise BackupError(IN_USE)

    def fill(self, manifest: Manifest, blocks: Blocks) -> None:
        migrate(self.url, manifest.schema_version)
        with connect_postgresql(self.url) as connection, connection.transaction(), connection.cursor() as cursor:
            for part in manifest.parts:
                if part.table is None:
                    continue
                columns = sql.SQL(", ").join(map(sql.Identifier, part.columns))
                statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(part.table), columns)
                with cursor.copy(statement) as copy:
                    for block in blocks(part):
                        copy.write(block)
        with connect_postgresql(self.url) as connection:
            connection.execute("ANALYZE")

    def check(self, manifest: Manifest, keys: Keys) -> None:
        with connect_postgresql(self.url) as connection, connection.cursor() as cursor:
            counts: dict[str, int] = {}
            for name in manifest.counts:
                cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
                counts[name] = cursor.fetchall()[0][0]
            cursor.execute("SELECT id::text, seq, chain FROM account ORDER BY id")
            _check_content(manifest, keys, counts, cursor)

    def replace(self, stamp: str) -> str | None:
        exists = self._server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (self._live,)).fetchone()
        former = f"{self._live[:40]}_before_{re.sub('[^0-9]', '_', stamp)}"
        self.refuse_while_in_use()
        try:
            if exists:
                self._run("ALTER DATABASE {} RENAME TO {}", self._live, former)
        except psycopg.errors.ObjectInUse:
            raise BackupError(IN_USE) from None
        try:
            self._run("ALTER DATABASE {} RENAME TO {}", self._side, self._live)
        except psycopg.Error:
            if exists:
                self._run("ALTER DATABASE {} RENAME TO {}", former, self._live)
            raise
        return former if exists else None

    def _maintenance(self) -> psycopg.Connection[Any]:
        url = self._at.render_as_string(hide_password=False)
        for name in ("postgres", "template1"):
            if name != self._live:
                try:
                    return connect_postgresql(url, name)
                except psycopg.OperationalError as error:
                    told = str(error).strip().splitlines()[0]
        raise BackupError(f"The database server can't be reached through its own database: {told}")

    def _drop_side(self) -> None:
        self._run("DROP DATABASE IF EXISTS {}", self._side)

    def _run(self, text: str, *names: str) -> None:
        self._server.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
