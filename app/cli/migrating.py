"""Bringing a database's tables to a version: what several commands stand on."""

from __future__ import annotations

from pathlib import Path

from app.common.database.engines import open_engine

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
UNPROVED = "moving"  # stands where a migration's number does until `zegel db move` has proved what it wrote


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` to a revision. A repeat changes nothing."""
    from alembic import command
    from alembic.config import Config

    settings = Config(MIGRATIONS / "alembic.ini")
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, revision)
    finally:
        engine.dispose()
