"""The Flask extensions, made without an application, and what one application runs with (its ``Platform``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from app.common.branding import Brand, brand_of
from app.common.clock import Clock
from app.common.database import Database
from app.common.database.engines import engine_options, prepare_engine
from app.common.keys import Keys
from app.common.model import Model
from app.common.scope import Scope
from app.common.settings import Settings

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_NAME = "zegel"
_ANSWERS = "zegel_error_answers"
Answer = Callable[[Exception], Response]

db = SQLAlchemy(metadata=Model.metadata)
migrate = Migrate()


@dataclass(frozen=True, slots=True)
class Platform:
    """What one application runs with: settings, keys, clock, and its one database."""

    settings: Settings
    database: Database
    keys: Keys
    clock: Clock

    @property
    def brand(self) -> Brand:
        """How the town's card is called and looks."""
        return brand_of(self.database)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts under which cards were ever issued: the settings' own, and those that the brand names."""
        settings = self.settings
        return tuple(dict.fromkeys((settings.host, *settings.former_hosts, *self.brand.former_hosts)))

    def scope(self, **who: Any) -> Scope:
        """A scope for one request: ``who`` names the actor and whose rows are there (see :class:`Scope`)."""
        return Scope(self.database, self.keys, clock=self.clock, **who)


def platform() -> Platform:
    """The current application's platform."""
    found: Platform = current_app.extensions[_NAME]
    return found


def answer_errors(flask_app: Flask, prefix: str, answer: Answer) -> None:
    """Let ``answer`` make the answer to every exception of a request whose path begins with ``prefix``."""
    flask_app.extensions.setdefault(_ANSWERS, {})[prefix] = answer


def answer_for(flask_app: Flask, path: str) -> Answer | None:
    """Who answers errors under this path; ``None``: the application itself."""
    answers: dict[str, Answer] = flask_app.extensions.get(_ANSWERS, {})
    return next((answer for prefix, answer in answers.items() if path.startswith(prefix)), None)


def init_app(flask_app: Flask, settings: Settings, clock: Clock) -> Platform:
    """Bind the extensions to an application and give its platform. The one engine is Flask-SQLAlchemy's, prepared
    like every other engine of the service, and wrapped by the platform's database."""
    flask_app.config.update(
        SECRET_KEY=settings.keys.secret.derive("flask-session"),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
    )
    db.init_app(flask_app)
    migrate.init_app(flask_app, db, directory=str(MIGRATIONS))
    with flask_app.app_context():
        database = Database(prepare_engine(db.engine))
    made = Platform(
        settings=settings,
        database=database,
        keys=settings.keys,
        clock=clock,
    )
    flask_app.extensions[_NAME] = made
    return made
