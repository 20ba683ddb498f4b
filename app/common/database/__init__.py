"""The database: the one place that commits.

On SQLite a write transaction waits its turn at a lock of this process, since one process writes. On PostgreSQL one that
lost a race is run again as a whole.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import structlog
from psycopg import RawCursor
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app.common.database.engines import OFFICE_ROLE, SETTING, engine_options, prepare_engine
from app.common.sql import Params, Row, Statement

Result = TypeVar("Result")
_log = structlog.get_logger("zegel.database")
_TRIES = 8
_OFFICES = 256  # merchants of which the memory is kept apart
_READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
# Serialisation failure, deadlock, lock not available; and a unique key that a concurrent transaction took first.
_RETRIED = {"40001", "40P01", "55P03", "23505"}
_SHUT_DOWN = {"57P01", "57P02", "57P03"}

_SHOP = f"SELECT set_config('{SETTING}', %s, true)"  # until the transaction ends
_HAS_WALLS = Statement(
    """
    SELECT to_regprocedure('public.own_merchant()') IS NOT NULL
    AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :role AND pg_has_role(session_user, oid, 'MEMBER'))
    """,
    sqlite="SELECT 0",
)


class LostRaceError(Exception):
    """Another transaction changed what this one had read; a new try reads it again."""


class Transaction:
    """One open database transaction. ``rows``, ``run`` and ``run_many`` speak to the driver; ``session`` is an ORM
    session on the same connection, made when first asked for."""

    __slots__ = ("_after", "_connection", "_cursor", "_session", "_text", "dialect", "memory")

    def __init__(self, connection: Connection, dialect: str, memory: dict[str, Any]) -> None:
        self._connection = connection
        self.dialect = dialect
        self.memory = memory  # what this process keeps of this database between transactions
        self._session: Session | None = None
        self._cursor: Any = connection.connection.cursor()
        self._text = "sqlite" if dialect == "sqlite" else "postgresql"
        self._after: list[Callable[[], object]] = []

    @property
    def locks(self) -> bool:
        """Whether a row that is read with a lock stays locked until the transaction ends. Where it doesn't, what is
        written must be guarded by what was read."""
        return True

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = Session(
                bind=self._connection, expire_on_commit=False, join_transaction_mode="conditional_savepoint"
            )
        return self._session

    def rows(self, statement: Statement, params: Params) -> list[Row]:
        self._flush()
        self._cursor.execute(getattr(statement, self._text), params)
        return cast("list[Row]", self._cursor.fetchall())

    def run(self, statement: Statement, params: Params) -> int:
        self._flush()
        self._cursor.execute(getattr(statement, self._text), params)
        return cast(int, self._cursor.rowcount)

    def run_many(self, statement: Statement, params: Sequence[Params]) -> None:
        if params:
            self._flush()
            self._cursor.executemany(getattr(statement, self._text), params)

    def cursor(self) -> Any:
        """The driver's own cursor, for batches and PostgreSQL's COPY."""
        self._flush()
        return self._cursor

    def writing(self) -> tuple[Any, bool]:
        """The cursor for writing a batch, and whether it takes numbered parameters (``$1``) without reading the text
        anew each time, as PostgreSQL's does."""
        self._flush()
        if self.dialect == "sqlite":
            return self._cursor, False
        return RawCursor(self._cursor.connection), True

    def after_commit(self, act: Callable[[], object]) -> None:
        """Call ``act`` once the transaction has been committed; never when it was rolled back."""
        self._after.append(act)

    def _flush(self) -> None:
        if self._session is not None:
            self._session.flush()


class _SingleWrite(Transaction):
    """A transaction that reads, then writes one batch, and does nothing else: on PostgreSQL each is a round trip of its
    own, and the batch is all or nothing."""

    __slots__ = ("has_written",)

    def __init__(self, driver: Any, dialect: str, memory: dict[str, Any]) -> None:
        self.dialect = dialect
        self.memory = memory
        self._session = None
        self._cursor = driver.cursor()
        self._text = "sqlite" if dialect == "sqlite" else "postgresql"
        self._after = []
        self.has_written = False

    @property
    def locks(self) -> bool:
        return self.dialect == "sqlite"

    def is_lost(self, error: BaseException) -> bool:
        """Whether the connection has gone with that error."""
        return bool(getattr(self._cursor.connection, "closed", False)) or getattr(error, "sqlstate", "") in _SHUT_DOWN

    def rows(self, statement: Statement, params: Params) -> list[Row]:
        self._cursor.execute(getattr(statement, self._text), params)
        return cast("list[Row]", self._cursor.fetchall())

    def writing(self) -> tuple[Any, bool]:
        if self.has_written:
            raise RuntimeError("this transaction writes once")
        self.has_written = True
        return super().writing()

    def cursor(self) -> Any:
        raise RuntimeError("this transaction reads, and writes one batch")

    @property
    def session(self) -> Session:
        raise RuntimeError("this transaction reads, and writes one batch")

    def run(self, statement: Statement, params: Params) -> int:
        raise RuntimeError("this transaction reads, and writes one batch")

    def run_many(self, statement: Statement, params: Sequence[Params]) -> None:
        raise RuntimeError("this transaction reads, and writes one batch")


class Database:
    """One database, on one engine. Threads share it; each transaction has a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self.memory: dict[str, Any] = {}
        reading: dict[str, Any] = {"zegel_reading": True} if self.dialect == "sqlite" else _READING
        self._reader = engine.execution_options(**reading)
        # SQLite's own waiting is sleep and try again; a lock hands over at once and in about the order of arrival.
        self._writing = threading.Lock() if self.dialect == "sqlite" else None
        self._writer: int | None = None
        self._direct: Engine | None = None
        self._office: Engine | None = None
        self._has_walls: bool | None = False if self.dialect == "sqlite" else None
        self._offices: dict[str, dict[str, Any]] = {}
        self._opening = threading.Lock()

    @contextmanager
    def transaction(self, shop: str | None = None) -> Iterator[Transaction]:
        """A write transaction: committed when the block ends, rolled back when it raises.

        With ``shop``, a merchant's id, only that merchant's rows are there, and can be written, where the database
        holds such walls: see :mod:`app.common.database.walls`.
        """
        if self._writing is None:
            office = None if shop is None else self._open_office()
            yield from self._transact(office or self.engine, None if office is None else shop)
            return
        if self._writer == threading.get_ident():
            raise RuntimeError("this thread has a write transaction open: join it through its scope")
        with self._writing:
            self._writer = threading.get_ident()
            try:
                yield from self._transact(self.engine)
            finally:
                self._writer = None

    @contextmanager
    def reading(self, shop: str | None = None) -> Iterator[Transaction]:
        """A transaction for reading: it sees one snapshot and never waits for a writer. ``shop`` as for
        :meth:`transaction`."""
        office = None if shop is None else self._open_office()
        if office is None:
            yield from self._transact(self._reader)
        else:
            yield from self._transact(office.execution_options(**_READING), shop)

    def _transact(self, engine: Engine, shop: str | None = None) -> Iterator[Transaction]:
        with engine.connect() as connection, connection.begin():
            transaction = Transaction(connection, self.dialect, self.memory if shop is None else self._memory_of(shop))
            try:
                if shop is not None:
                    transaction._cursor.execute(_SHOP, (shop,))
                yield transaction
                transaction._flush()
            finally:
                if transaction._session is not None:
                    transaction._session.close()
                transaction._cursor.close()
        for act in transaction._after:
            act()

    def _open_office(self) -> Engine | None:
        """The engine whose connections have the back office's role, with a pool of its own: pages can't take the
        counter's connections. None where the database holds no walls."""
        if self._has_walls is None:
            with self._opening:
                if self._has_walls is None:
                    self._has_walls = self._look_for_walls()
        return self._office

    def _look_for_walls(self) -> bool:
        with self.reading() as tx:
            ((found,),) = tx.rows(_HAS_WALLS, {"role": OFFICE_ROLE})
        if found:
            self._office = prepare_engine(_same(self.engine), is_office=True)
        else:
            _log.warning("database_without_walls", role=OFFICE_ROLE, see="zegel doctor")
        return bool(found)

    def _memory_of(self, shop: str) -> dict[str, Any]:
        # What was read behind a wall is not the whole, and must not be taken for it elsewhere.
        known = self._offices.get(shop)
        if known is None:
            while len(self._offices) >= _OFFICES:
                self._offices.pop(next(iter(self._offices)), None)
            known = self._offices[shop] = {}
        return known

    def run(self, work: Callable[[Transaction], Result], shop: str | None = None) -> Result:
        """Run ``work`` in a write transaction, again as a whole when it lost a race, at most eight times. ``shop`` as
        for :meth:`transaction`.

        A unique violation counts as a lost race: the next try sees the row that the winner wrote. One that comes back
        each time is raised.
        """
        for attempt in range(_TRIES):
            try:
                with self.transaction(shop) as transaction:
                    return work(transaction)
            except Exception as error:
                if attempt == _TRIES - 1 or not lost_race(error):
                    raise
            time.sleep(random.uniform(0, 0.002 * 2**attempt))  # noqa: S311  spreads tries, guards nothing
        raise AssertionError("unreachable")

    def run_single(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work``, which reads what it needs and then writes one batch, at the least cost: without locks and
        without a transaction held open on PostgreSQL, without SQLAlchemy on both.

        The batch's guards find whatever changed since it was read; then ``work`` is run again by :meth:`run`, with
        locks. On SQLite it is a write transaction like any other.
        """
        try:
            return self._run_directly(work) if self._writing is None else self._run_alone(work, self._writing)
        except Exception as error:
            if not lost_race(error):
                raise
        return self.run(work)

    def look(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work``, which only reads, by statements that need not see one moment together: nothing is begun and
        ended around them, which on PostgreSQL saves two of three round trips. Each is a snapshot of its own."""
        if self._writing is None:
            return self._run_directly(work)
        connection = self.engine.raw_connection()
        try:
            return work(_SingleWrite(connection.driver_connection, self.dialect, self.memory))
        finally:
            connection.close()

    def _run_directly(self, work: Callable[[Transaction], Result]) -> Result:
        if self._direct is None:
            self._direct = prepare_engine(_same(self.engine, isolation_level="AUTOCOMMIT", pool_reset_on_return=None))
        for is_last in (False, True):
            connection = self._direct.raw_connection()
            transaction = _SingleWrite(connection.driver_connection, self.dialect, self.memory)
            try:
                result = work(transaction)
                break
            except BaseException as error:
                if not transaction.is_lost(error):
                    raise
                connection.invalidate()
                self._direct.dispose()  # the others were opened to the same server, which has gone
                if is_last or transaction.has_written:
                    raise
            finally:
                connection.close()
        for act in transaction._after:
            act()
        return result

    def _run_alone(self, work: Callable[[Transaction], Result], writing: threading.Lock) -> Result:
        if self._writer == threading.get_ident():
            raise RuntimeError("this thread has a write transaction open: join it through its scope")
        with writing:
            self._writer = threading.get_ident()
            connection = self.engine.raw_connection()
            try:
                transaction = _SingleWrite(connection.driver_connection, self.dialect, self.memory)
                transaction._cursor.execute("BEGIN IMMEDIATE")
                result = work(transaction)
                transaction._cursor.execute("COMMIT")
            finally:
                self._writer = None
                connection.close()  # the pool rolls back what was not committed
        for act in transaction._after:
            act()
        return result

    def pool_use(self) -> tuple[int, int]:
        """How many connections of this process are in use, and how many wait in its pool."""
        engines = [engine for engine in (self.engine, self._direct, self._office) if engine is not None]
        pools = [engine.pool for engine in engines if isinstance(engine.pool, QueuePool)]
        return sum(pool.checkedout() for pool in pools), sum(pool.checkedin() for pool in pools)

    def close(self) -> None:
        """Close all pooled connections."""
        for engine in (self.engine, self._direct, self._office):
            if engine is not None:
                engine.dispose()


def _same(engine: Engine, **options: Any) -> Engine:
    url = engine.url
    return create_engine(url, **engine_options(url.render_as_string(hide_password=False)), **options)


def lost_race(error: Exception) -> bool:
    """Whether a transaction failed only because another one was faster, so that a new try may succeed."""
    if isinstance(error, LostRaceError):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return state in _RETRIED
    name = getattr(cause, "sqlite_errorname", "")
    return name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT")
