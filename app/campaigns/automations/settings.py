"""What a shop can set of an automation, as it is kept in its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.campaigns.models import SERVED


@dataclass(frozen=True, slots=True)
class Settings:
    """``days`` means what the automation says it means (:class:`app.campaigns.automations.catalogue.Ready`), ``hours``
    is how long after a visit. ``hour`` is the local hour of the day to write at; None: when this member usually comes.
    ``groups`` are the relationship groups it is for; who is in none yet counts as a stranger. Between two messages of
    one automation to one member lie at least ``pause_days``. ``since``: when it was turned on, so that nothing from
    before is made up for. ``edition`` counts the tips that were written."""

    days: int | None = None
    hours: int | None = None
    hour: int | None = None
    groups: tuple[str, ...] = SERVED
    pause_days: int = 0
    since: datetime | None = None
    edition: int = 1

    @property
    def is_for_all(self) -> bool:
        """Whether every group is meant."""
        return set(self.groups) == set(SERVED)

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "days": self.days,
            "hours": self.hours,
            "hour": self.hour,
            "groups": list(self.groups),
            "pause_days": self.pause_days,
            "since": None if self.since is None else self.since.isoformat(),
            "edition": self.edition,
        }


def read_settings(document: Mapping[str, Any], standard: Settings) -> Settings:
    """Settings as they were kept; what is missing or makes no sense is as in ``standard``."""
    groups = document.get("groups")
    since = document.get("since")
    return replace(
        standard,
        days=_number(document, "days", standard.days, 0, 3650),
        hours=_number(document, "hours", standard.hours, 0, 240),
        hour=None if document.get("hour", 0) is None else _number(document, "hour", standard.hour, 0, 23),
        groups=tuple(one for one in SERVED if one in groups) if isinstance(groups, list) else standard.groups,
        pause_days=_number(document, "pause_days", standard.pause_days, 0, 3650) or 0,
        since=datetime.fromisoformat(since) if isinstance(since, str) else None,
        edition=_number(document, "edition", 1, 1, 10**6) or 1,
    )


def _number(document: Mapping[str, Any], name: str, standard: int | None, least: int, most: int) -> int | None:
    value = document.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    return standard
