"""The nightly clock of retention: who has been silent for years is told, and a month later erased."""

from __future__ import annotations

from typing import Any

from app.common.mail import FOLDER
from app.jobs.context import JobContext
from app.privacy.service import keep_retention


def keep(context: JobContext) -> dict[str, Any]:
    """Erase who was told and stayed silent, then tell who is due."""
    kept = keep_retention(
        context.scope(),
        public_url=context.settings.public_url,
        mail_folder=context.settings.var / FOLDER,
        on_progress=context.go_on,
    )
    return {"told": kept.told, "erased": kept.erased, "came_back": kept.came_back}
