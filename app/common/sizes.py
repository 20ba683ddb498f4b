"""How large the database is, and its tables: measured once a day, so that growth can be seen before a disk is full."""

from __future__ import annotations

import json
from datetime import UTC, date, timedelta

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement

LARGEST = 10
KEPT = timedelta(days=800)

_BYTES = Statement(
    "SELECT pg_database_size(current_database())",
    sqlite="SELECT p.page_count * s.page_size FROM pragma_page_count() p, pragma_page_size() s",
)
_TABLES = Statement(
    """
    SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 2 DESC, 1 LIMIT :count
    """,
    # An index counts to its table.
    sqlite="""
    SELECT s.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name
    WHERE d.aggregate = TRUE GROUP BY s.tbl_name ORDER BY 2 DESC, 1 LIMIT :count
    """,
)
_NOTE = Statement(
    """
    INSERT INTO database_day (day, bytes, tables, measured_at) VALUES (:day, :bytes, :tables, :now)
    ON CONFLICT (day) DO UPDATE SET bytes = :bytes, tables = :tables, measured_at = :now
    """
)
_FORGET = Statement("DELETE FROM database_day WHERE day < :before")


def size(tx: Transaction) -> int:
    """The bytes that the database takes now: cheap enough for a page."""
    return int(tx.rows(_BYTES, {})[0][0])


def largest(tx: Transaction) -> dict[str, int]:
    """The ten largest tables with their indexes, in bytes. Reads every page of a SQLite file: for a job, not a page."""
    return {name: int(taken) for name, taken in tx.rows(_TABLES, {"count": LARGEST})}


def measure(scope: Scope) -> dict[str, int]:
    """Note today's size. Returns it; a repeat on the same day replaces the note."""
    with scope.reading() as tx:
        taken, tables = size(tx), largest(tx)
    today: date = scope.now.astimezone(UTC).date()
    values = {"day": today.isoformat(), "bytes": taken, "tables": json.dumps(tables), "now": scope.now}

    def write(tx: Transaction) -> None:
        tx.run(_NOTE, values)
        tx.run(_FORGET, {"before": (today - KEPT).isoformat()})

    scope.run(write)
    return {"bytes": taken}
