"""``zegel db``: bringing the database's tables to where this version needs them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

import config
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

    from app.common.database import Database
    from app.common.database.engines import open_engine
    from app.common.scope import Scope
    from app.merchants.listing import list_missing

    settings = config.load()
    engine = open_engine(settings.database_url)

    def revision() -> str | None:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": "schema_version"})
            return context.get_current_revision()

    try:
        is_new = revision() is None
        command.upgrade(Config(MIGRATIONS / "alembic.ini"), "head")
        if is_new:
            _begin_anew(settings)
        else:
            list_missing(Scope(Database(engine), settings.keys))
        report({"revision": revision()}, as_json)
    finally:
        engine.dispose()


def _begin_anew(settings: config.Settings) -> None:
    """A database that was just made has no accounts that older anchors could name: those of one that stood in the same
    place before are kept aside, where whoever wonders finds them."""
    from app.ledger import anchors

    folder = anchors.folder_of(settings.var, settings.database_url)
    name = f"before-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    beginning = datetime.min.replace(tzinfo=UTC)
    if anchors.set_aside(folder, settings.keys.ledger, since=beginning, name=name):
        click.echo(f"A database stood here before: its anchors are now under {folder / name}.", err=True)
