"""What a job runs with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.common.clock import Clock, system_clock
from app.common.database import Database
from app.common.outgoing import Reach, reach_of
from app.common.scope import Scope
from app.common.settings import Settings

# Makes a backup of the database at a path, as of a moment, and tells how far it is; gives what the backup holds.
BackUp = Callable[[Settings, Path, datetime, Callable[[int, int], None]], Mapping[str, Any]]


class StoppedError(Exception):
    """The process is about to end: a long job gives up, and is done again by whoever comes next."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """Settings, database and clock of the process that runs the jobs. On SQLite the database is the serving process's
    own object, since its lock is what keeps writers in line. ``back_up``: how this process makes a backup, if it can.
    """

    settings: Settings
    database: Database
    clock: Clock = system_clock
    stopping: threading.Event = field(default_factory=threading.Event)
    back_up: BackUp | None = None

    def scope(self) -> Scope:
        """The system's scope: sees every merchant and member."""
        return Scope(self.database, self.settings.keys, clock=self.clock)

    def reach(self) -> Reach:
        """How far webhooks and pushes may go."""
        return reach_of(self.settings)

    def go_on(self, *_: object) -> None:
        """For a long job to call now and then, as its progress callback. Raises :class:`StoppedError` at the end."""
        if self.stopping.is_set():
            raise StoppedError
