"""What the doctor finds, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import config
from app.common.database import Transaction

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the check's name, ``ok``, ``warn`` or ``fail``, what was found, and what to do."""

    check: str
    state: str
    told: str
    remedy: str = ""

    def document(self) -> dict[str, str]:
        """For ``--json``."""
        return {"check": self.check, "state": self.state, "told": self.told, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class Patient:
    """The installation: its settings, the present moment, an address to try mail with, and where the check needs it an
    open reading transaction."""

    settings: config.Settings
    now: datetime
    mail_to: str | None = None
    tx: Transaction | None = None

    @property
    def rows(self) -> Transaction:
        """The open transaction."""
        assert self.tx is not None
        return self.tx

    def serious(self, state: str = FAIL) -> str:
        """``state`` in production, a warning elsewhere."""
        return state if self.settings.is_production else WARN


def ago(then: datetime, now: datetime) -> str:
    """How long ago, for people: "3 hours ago"."""
    seconds = int((now - then).total_seconds())
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if abs(seconds) >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''} ago"
    return "just now"
