"""Ids and quarters as limits of time, so that a look at what is new reads nothing of what is old."""

from __future__ import annotations

import uuid
from datetime import datetime


def id_from(moment: datetime) -> str:
    """The least UUIDv7 of a moment: whatever was made from then on has a greater one, give or take a millisecond."""
    milliseconds = max(int(moment.timestamp() * 1000), 0)
    return str(uuid.UUID(int=milliseconds << 80))


def quarter_of(moment: datetime) -> int:
    """The quarter of the year, counted from the year nought: year * 4 + 0 to 3."""
    return moment.year * 4 + (moment.month - 1) // 3
