"""Running the shops' automations round by round."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.campaigns.service.automating import run_automations
from app.jobs.context import JobContext


def run(context: JobContext) -> dict[str, Any]:
    """Write to whoever an automation has reason to write to by now."""
    return asdict(run_automations(context.scope(), on_progress=context.go_on))
