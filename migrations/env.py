"""Alembic's entry: migrates the database that the settings name, or the connection that the caller hands in."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import config
from app.common.database import walls
from app.common.database.engines import open_engine
from app.tables import metadata
from app.walls import wall_of

_MIGRATION_LOCK = 7_391_204_551  # any number that no other lock of this service uses


def _migrate(connection: Connection) -> None:
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        # Two starting processes must not migrate at once; a migration that waits for a busy table gives up instead of
        # making everybody queue behind it.
        connection.execute(text("RESET ROLE"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=False,
        render_as_batch=False,  # a batch on SQLite copies the table and silently drops its triggers
        transaction_per_migration=True,
        version_table="schema_version",
    )
    script = ScriptDirectory.from_config(context.config)
    head = script.get_current_head()

    def is_newest() -> bool:
        return context.get_context().get_current_revision() == head

    try:
        if postgresql:
            if not (is_newest() and context.get_revision_argument() == head) and walls.has_walls(connection):
                walls.lower_walls(connection)  # what they name can't be changed while they stand
            connection.commit()
        with context.begin_transaction():
            context.run_migrations()
        # They name tables of every revision, so only the newest tables have them.
        if postgresql and is_newest():
            walls.raise_walls(connection, wall_of)
            connection.commit()
    finally:
        if postgresql:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATION_LOCK})
            connection.execute(text("RESET lock_timeout"))
            connection.commit()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Let one process at a time migrate an SQLite file: each reads which migrations are missing before it begins."""
    path = connection.engine.url.database
    if connection.dialect.name != "sqlite" or not path:
        yield
        return
    with open(f"{path}-migrating", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    with _alone(handed_in):
        _migrate(handed_in)
else:
    engine = open_engine(config.load().database_url)
    with engine.connect() as own, _alone(own):
        _migrate(own)
    engine.dispose()
