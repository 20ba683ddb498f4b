"""The database: engines set up so that races can't spend twice, and the one place that commits.

SQLite: WAL, ``synchronous=FULL``, foreign keys and recursive triggers on; every write transaction is ``BEGIN
IMMEDIATE`` and waits its turn at a lock of this process, since one process writes. PostgreSQL: READ COMMITTED with
short lock and statement time-outs; a transaction that lost a race is run again as a whole.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from psycopg import RawCursor, adapt
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app.common.sql import Params, Row, Statement

Result = TypeVar("Result")
APP_ROLE = "zegel_app"
_TRIES = 8
# Serialisation failure, deadlock, lock not available; and a unique key that a concurrent transaction took first.
_RETRIED = {"40001", "40P01", "55P03", "23505"}
_SHUT_DOWN = {"57P01", "57P02", "57P03"}


class LostRaceError(Exception):
    """Another transaction changed what this one had read; a new try reads it again."""


class _TextLoader(adapt.Loader):
    """UUIDs as their text: the domain handles ids as strings on both databases."""

    def load(self, data: adapt.Buffer) -> str:
        return bytes(data).decode()


def engine_options(url: str) -> dict[str, Any]:
    """``create_engine`` options for a database URL, the same for the service, the tests and the migrations."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {
            "connect_args": {
                "isolation_level": None,
                "timeout": 10,
                "check_same_thread": False,
                "detect_types": 1,  # sqlite3.PARSE_DECLTYPES: TIMESTAMP columns come back as aware datetimes
                "cached_statements": 512,
            },
            "pool_size": 8,
            "max_overflow": 24,
        }
    if parsed.get_backend_name() != "postgresql":
        raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    return {
        "connect_args": {
            "options": "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"
            " -c idle_in_transaction_session_timeout=60s",
            "prepare_threshold": 2,
        },
        "pool_size": 8,
        "max_overflow": 24,
        "pool_pre_ping": False,
    }


def prepare_engine(engine: Engine) -> Engine:
    """Attach what every connection of this engine needs. Call once for each engine; returns the same engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
    return engine


def open_engine(url: str) -> Engine:
    """An engine for ``url``, fully prepared."""
    return prepare_engine(create_engine(url, **engine_options(url)))


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # recursive_triggers: without it INSERT OR REPLACE deletes rows without firing the triggers that refuse it.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute("PRAGMA " + pragma)


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("zegel_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _prepare_postgresql(connection: Any, _: Any) -> None:
    connection.adapters.register_loader("uuid", _TextLoader)
    # One type for all integers: by default it follows the value, and each mix would be a prepared statement of its own.
    connection.adapters.register_dumper(int, Int8Dumper)
    # The service's own role may not change or delete ledger rows, whoever it signed in as (migration 0002 makes it).
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(rolname, 'MEMBER')"
            " AND to_regclass('public.ledger_transaction') IS NOT NULL"
            " AND has_table_privilege(rolname, to_regclass('public.ledger_transaction'), 'INSERT')",
            (APP_ROLE,),
        )
        if cursor.fetchone():
            cursor.execute(f"SET ROLE {APP_ROLE}")
    connection.commit()


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
        self._after: list[Callable[[], None]] = []

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

    def after_commit(self, act: Callable[[], None]) -> None:
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
        reading: dict[str, Any] = (
            {"zegel_reading": True}
            if self.dialect == "sqlite"
            else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        self._reader = engine.execution_options(**reading)
        # SQLite's own waiting is sleep and try again; a lock hands over at once and in about the order of arrival.
        self._writing = threading.Lock() if self.dialect == "sqlite" else None
        self._writer: int | None = None
        self._direct: Engine | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A write transaction: committed when the block ends, rolled back when it raises."""
        if self._writing is None:
            yield from self._transact(self.engine)
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
    def reading(self) -> Iterator[Transaction]:
        """A transaction for reading: it sees one snapshot and never waits for a writer."""
        yield from self._transact(self._reader)

    def _transact(self, engine: Engine) -> Iterator[Transaction]:
        with engine.connect() as connection, connection.begin():
            transaction = Transaction(connection, self.dialect, self.memory)
            try:
                yield transaction
                transaction._flush()
            finally:
                if transaction._session is not None:
                    transaction._session.close()
                transaction._cursor.close()
        for act in transaction._after:
            act()

    def run(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work`` in a write transaction, again as a whole when it lost a race, at most eight times.

        A unique violation counts as a lost race: the next try sees the row that the winner wrote. One that comes back
        each time is raised.
        """
        for attempt in range(_TRIES):
            try:
                with self.transaction() as transaction:
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

    def _run_directly(self, work: Callable[[Transaction], Result]) -> Result:
        if self._direct is None:
            url = self.engine.url
            self._direct = prepare_engine(
                create_engine(
                    url,
                    **engine_options(url.render_as_string(hide_password=False)),
                    isolation_level="AUTOCOMMIT",
                    pool_reset_on_return=None,
                )
            )
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
        engines = (self.engine,) if self._direct is None else (self.engine, self._direct)
        pools = [engine.pool for engine in engines if isinstance(engine.pool, QueuePool)]
        return sum(pool.checkedout() for pool in pools), sum(pool.checkedin() for pool in pools)

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()
        if self._direct is not None:
            self._direct.dispose()


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
