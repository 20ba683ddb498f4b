"""Engines set up so that races can't spend twice.

SQLite: WAL, ``synchronous=FULL``, foreign keys and recursive triggers on; every write transaction is ``BEGIN
IMMEDIATE``. PostgreSQL: READ COMMITTED with short lock and statement time-outs.
"""

from __future__ import annotations

from typing import Any

from psycopg import adapt
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

APP_ROLE = "zegel_app"
SETTING = "zegel.merchant_id"  # for whom a transaction of the back office is
OFFICE_ROLE = "zegel_office"  # sees and writes one merchant's rows only: see app.common.database.walls


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


def prepare_engine(engine: Engine, *, is_office: bool = False) -> Engine:
    """Attach what every connection of this engine needs. Call once for each engine; returns the same engine.

    ``is_office``: on PostgreSQL its connections have the back office's role, which sees nothing until a transaction
    says for which merchant it is.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql_office if is_office else _prepare_postgresql)
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


def _adapt_postgresql(connection: Any) -> None:
    connection.adapters.register_loader("uuid", _TextLoader)
    # One type for all integers: by default it follows the value, and each mix would be a prepared statement of its own.
    connection.adapters.register_dumper(int, Int8Dumper)


def _prepare_postgresql_office(connection: Any, _: Any) -> None:
    _adapt_postgresql(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {OFFICE_ROLE}")
    connection.commit()


def _prepare_postgresql(connection: Any, _: Any) -> None:
    _adapt_postgresql(connection)
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
