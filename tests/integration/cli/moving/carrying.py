"""What is moved in the tests, and how it is looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.cli.moving import moving
from app.cli.moving.moving import Moved
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope
from app.common.sql import Statement
from app.tables import metadata
from config import Settings
from tests.clocks import FixedClock

ODD_TEXT = "'; \"\\N\\\t\n\r é 🧾 \u202e \\x00 end "
ODD_DOCUMENT = {"z": [1, 1.5, 1e-300, 12345678901234567890, None, True, "é\n\\u0041"], "a": {"": {}}, "B": 0.1}
ODD_TIMES = (datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, 0, 1, UTC), datetime(9999, 12, 30, tzinfo=UTC))
ODD_NAMES = ("Zebra", "apple", "_x", "émile", "a b", "a-b", "aa", "10", "9")


def make_holder_alone(scope: Scope) -> str:
    """A member without a key of its own yet."""
    with scope.transaction() as tx:
        rows = tx.rows(
            Statement("SELECT id FROM member WHERE id NOT IN (SELECT member_id FROM member_key) ORDER BY id LIMIT 1"),
            {},
        )
    return str(rows[0][0])


def move(
    settings: Settings, to: str, clock: FixedClock, *, is_replaced: bool = False, progress: Any = lambda *_: None
) -> Moved:
    return moving.move(
        settings.database_url,
        to,
        settings.var,
        settings.keys,
        is_replaced=is_replaced,
        now=clock(),
        progress=progress,
    )


def rows_of(url: str) -> dict[str, list[Any]]:
    """Every row of every table as the application reads it, by way of its models and not of what moved them."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }
    finally:
        engine.dispose()


def scope_on(url: str, settings: Settings, clock: FixedClock) -> Scope:
    return Scope(Database(open_engine(url)), settings.keys, clock=clock)
