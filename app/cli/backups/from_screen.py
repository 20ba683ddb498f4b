"""What the job runner is handed to make the backups that were asked for from the screen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from app.cli.backups import making
from app.cli.backups.making import Progress
from app.common.settings import Settings


def make_asked(settings: Settings, target: Path, now: datetime, progress: Progress) -> dict[str, Any]:
    """Make a backup at ``target`` and note it as the last one. Returns what it holds. Raises ``BackupError``."""
    manifest = making.make(settings.database_url, target, settings.keys.ledger, now=now, progress=progress)
    making.remember(settings.var, target, manifest)
    return {
        "schema_version": manifest.schema_version,
        "rows": sum(manifest.counts.values()),
        "accounts": manifest.counts["account"],
        "transactions": manifest.counts["ledger_transaction"],
        "heads_digest": manifest.heads_digest,
    }
