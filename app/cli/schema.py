"""``zegel db``: bringing the database's tables to where this version needs them."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import make_url

import config
from app.cli.migrating import MIGRATIONS, UNPROVED
from app.cli.reporting import json_option, progress, report


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
        at = revision()
        if at == UNPROVED:
            raise click.ClickException(
                "A move to this database was broken off: set DATABASE_URL to the former one,"
                " or move again with --replace."
            )
        is_new = at is None
        command.upgrade(Config(MIGRATIONS / "alembic.ini"), "head")
        if is_new:
            _begin_anew(settings)
        else:
            list_missing(Scope(Database(engine), settings.keys))
        report({"revision": revision()}, as_json)
    finally:
        engine.dispose()


@db.command()
@click.argument("url")
@click.option("--replace", is_flag=True, help="Clear what a move to URL that was broken off left there.")
@json_option
def move(url: str, replace: bool, as_json: bool) -> None:
    """Copy everything into the empty database at URL: from SQLite to PostgreSQL, or back.

    Stop `zegel serve` and `zegel worker` first. Every row is compared afterwards on either side and the whole ledger is
    recomputed; only then it says what to set DATABASE_URL to. The present database is never changed.
    """
    import os

    from app.cli.moving import moving
    from app.cli.moving.errors import MoveError
    from app.common.clock import system_clock

    settings = config.load()
    to = config.load({**os.environ, "DATABASE_URL": url}).database_url
    with progress("Moving") as advance:
        try:
            moved = moving.move(
                settings.database_url,
                to,
                settings.var,
                settings.keys,
                is_replaced=replace,
                now=system_clock(),
                progress=lambda _, done, total: advance(done=done, total=total),
            )
        except MoveError as error:
            raise click.ClickException(f"{error} The present database is as it was.") from None
    facts = {
        "tables": len(moved.tables),
        "rows": moved.rows,
        "accounts": moved.accounts,
        "transactions": moved.transactions,
        "anchors": moved.anchors,
    }
    if as_json:
        each = {name: {"rows": table.rows, "sha256": table.sha256} for name, table in moved.tables.items()}
        report({**facts, "each": each, "database_url": make_url(to).render_as_string(hide_password=True)}, as_json)
        return
    report(facts, as_json)
    click.echo("Every row is the same on both sides, and the ledger agrees. Now set:")
    click.echo(f"DATABASE_URL={to}")


def _begin_anew(settings: config.Settings) -> None:
    """A database that was just made has no accounts that older anchors could name: those of one that stood in the same
    place before are kept aside, where whoever wonders finds them."""
    from app.ledger import anchors

    folder = anchors.folder_of(settings.var, settings.database_url)
    name = f"before-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    beginning = datetime.min.replace(tzinfo=UTC)
    if anchors.set_aside(folder, settings.keys.ledger, since=beginning, name=name):
        click.echo(f"A database stood here before: its anchors are now under {folder / name}.", err=True)
