"""What a command runs with: the settings of the environment, and a scope on the one database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import config
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope


@dataclass(frozen=True, slots=True)
class Running:
    """The settings, and the system's own scope, which sees everything."""

    settings: config.Settings
    scope: Scope


@contextmanager
def running() -> Iterator[Running]:
    """Open the database that the settings name, and close it when the block ends.

    Under ``flask --app wsgi`` it is the application's own. A command needs no more of the application than that, so
    none is made for it.
    """
    settings = config.load()
    flask = sys.modules.get("flask")
    if flask is not None and flask.has_app_context():
        from app.extensions import platform

        yield Running(settings, platform().scope())
        return
    database = Database(open_engine(settings.database_url))
    try:
        yield Running(settings, Scope(database, settings.keys))
    finally:
        database.close()
