"""The move itself: hold the source, fill the target, compare both, recompute the ledger, and only then say so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from app.cli.backups.making import SCHEMA_TABLE
from app.cli.migrating import MIGRATIONS, UNPROVED
from app.cli.moving.errors import MoveError
from app.cli.moving.rows import Digest, Row, Shape
from app.cli.moving.sources import Source, held, opened
from app.cli.moving.targets import Target, target_at
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.keys import Keys
from app.common.scope import Scope
from app.ledger import anchors
from app.ledger.verifying import verify
from app.tables import metadata

# A stage's name, what is done and what there is to do in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Table:
    """What was moved of one table: its rows, and the digest that is the same on both sides."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: every table, the size of the ledger that was recomputed, and how many anchors went along."""

    tables: dict[str, Table]
    accounts: int
    transactions: int
    anchors: int

    @property
    def rows(self) -> int:
        """How many rows in all."""
        return sum(table.rows for table in self.tables.values())


def move(url: str, to: str, var: Path, keys: Keys, *, is_replaced: bool, now: datetime, progress: Progress) -> Moved:
    """Copy the database at ``url`` into the empty one at ``to``, with every id, seal and moment as it is.

    The source is held so that nobody writes to it, and is never changed. The target is brought to this version's
    tables, filled table by table in the order of their foreign keys, compared row by row on either side, and its whole
    ledger is recomputed with the anchors, which go along. Until all that is done it stays marked, and no service takes
    it for ready; ``is_replaced`` clears what a move that was broken off left there. Raises :class:`MoveError`; a repeat
    after success is refused, since the target is not empty any more.
    """
    if same_place(url, to):
        raise MoveError("URL names the database that is moved: name another.")
    target = target_at(to)
    shapes = [Shape.of(table) for table in metadata.sorted_tables]
    with held(url) as source:
        head = _check(source, shapes)
        target.refuse(is_replaced=is_replaced)
        target.begin(make_url(url).render_as_string(hide_password=True))
        read = _fill(source, target, shapes, progress)
        found = _look_again(target, shapes, progress)
        differing = [name for name, table in read.items() if found[name] != table]
        if differing:
            raise MoveError(f"{', '.join(differing)} came out differently: keep the source, and report this.")
        folder = anchors.folder_of(var, url)
        transactions, accounts = _prove(target.url, folder, keys, progress)
        went = _take_anchors_along(folder, anchors.folder_of(var, to), keys, now)
        target.finish(head)
    return Moved(read, accounts, transactions, went)


def same_place(one: str, other: str) -> bool:
    """Whether two URLs name one database."""
    first, second = make_url(one), make_url(other)
    if first.get_backend_name() != second.get_backend_name():
        return False
    if first.get_backend_name() == "sqlite":
        return Path(str(first.database)).resolve() == Path(str(second.database)).resolve()
    return (first.host, first.port or 5432, first.database) == (second.host, second.port or 5432, second.database)


def _check(source: Source, shapes: list[Shape]) -> str:
    """The version of the source's tables. Raises :class:`MoveError` where they are not this version's."""
    head = ScriptDirectory.from_config(Config(MIGRATIONS / "alembic.ini")).get_current_head()
    found = source.version()
    if found == UNPROVED:
        raise MoveError("DATABASE_URL names what a move that was broken off left: set it to the former database.")
    if head is None or found != head:
        raise MoveError(f"The tables are at {found}, this version needs {head}: run `zegel db upgrade` first.")
    unknown = source.tables() - {shape.name for shape in shapes} - {SCHEMA_TABLE}
    if unknown:
        raise MoveError(f"This version does not know {', '.join(sorted(unknown))}, which would stay behind.")
    return head


def _fill(source: Source, target: Target, shapes: list[Shape], progress: Progress) -> dict[str, Table]:
    total = sum(source.count(shape.name) for shape in shapes)
    read: dict[str, Table] = {}
    done = 0

    def counted(slices: Iterable[list[Row]], digest: Digest) -> Iterator[list[Row]]:
        nonlocal done
        for rows in slices:
            digest.add(rows)
            done += len(rows)
            progress("Copying", done, total)
            yield rows

    with target.filling([shape.name for shape in shapes]) as write:
        for shape in shapes:
            digest = Digest(shape)
            try:
                write(shape, counted(source.slices(shape), digest))
            except psycopg.Error as error:
                told = str(error).strip().splitlines()[0]
                raise MoveError(f"A row of {shape.name} can't be written there: {told}.") from error
            read[shape.name] = Table(digest.rows, digest.told())
    return read


def _look_again(target: Target, shapes: list[Shape], progress: Progress) -> dict[str, Table]:
    found: dict[str, Table] = {}
    with opened(target.url) as written:
        for place, shape in enumerate(shapes):
            progress("Comparing", place, len(shapes))
            digest = Digest(shape)
            for rows in written.slices(shape):
                digest.add(rows)
            found[shape.name] = Table(digest.rows, digest.told())
    return found


def _prove(url: str, folder: Path, keys: Keys, progress: Progress) -> tuple[int, int]:
    try:
        heads = anchors.read_heads(folder, keys.ledger)
    except anchors.AnchorsAlteredError as error:
        raise MoveError(f"The anchors under {folder} can't be trusted: {error}") from None
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
        first = found.mismatches[0]["detail"]
        raise MoveError(
            f"The ledger differs in {len(found.mismatches)} places (the first: {first}), and did so before the move:"
            " run `zegel ledger verify`, mend it, then move."
        )
    return found.transactions, found.accounts


def _take_anchors_along(folder: Path, to: Path, keys: Keys, now: datetime) -> int:
    """Copy the anchors to where the target's are kept; those of a database that stood there before are set aside."""
    beginning = datetime.min.replace(tzinfo=UTC)
    try:
        anchors.set_aside(to, keys.ledger, since=beginning, name=f"before-move-{now:%Y%m%dT%H%M%S}")
    except anchors.AnchorsAlteredError as error:
        raise MoveError(f"The anchors under {to} can't be trusted: {error}. Take them away, then move.") from None
    files = sorted(folder.glob("????-??-??.jsonl.gz"))
    if files:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in files:
        part = to / f".{file.name}.part"
        shutil.copyfile(file, part)
        part.replace(to / file.name)
    return len(files)
