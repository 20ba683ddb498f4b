"""``zegel db``: bringing the database's tables to where this version needs them."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.reporting import json_option, report

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
@json_option
def upgrade(as_json: bool) -> None:
    """Run the migrations that are missing. A second time changes nothing."""
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext

    import config
    from app.common.database import open_engine

    settings = config.load()
    command.upgrade(Config(MIGRATIONS / "alembic.ini"), "head")
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": "schema_version"})
            report({"revision": context.get_current_revision()}, as_json)
    finally:
        engine.dispose()
