"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any


class FixedClock:
    """Call it for the time. Begins on Wednesday 4 March 2026 at noon in UTC: 13:00 in Brussels."""

    def __init__(self, now: datetime = datetime(2026, 3, 4, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, when: datetime) -> None:
        """Move to an aware instant."""
        assert when.tzinfo is not None
        self.now = when.astimezone(UTC)

    def advance(self, **units: Any) -> None:
        """Move by ``timedelta``'s units: ``clock.advance(days=3)``."""
        self.now += timedelta(**units)
