"""Keeping what members are worth to their shops up to date, by night."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.insights import service as insights
from app.jobs.context import JobContext

_WAIT = 0.005  # seconds between two short transactions: whoever stands at a counter comes first


def refresh(context: JobContext) -> dict[str, Any]:
    """Work out what members are worth where something happened since, or a week went by."""

    def go_on() -> None:
        context.stopping.wait(_WAIT)
        context.go_on()

    return asdict(insights.refresh(context.scope(), go_on=go_on, workers=1))
