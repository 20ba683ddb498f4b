"""Batches of printed cards that do not go on by themselves."""

from __future__ import annotations

from app.admin.queries.cards.batches import failed_batches
from app.admin.todo import ToDo
from app.common.scope import Scope

MOST = 50


def waiting(scope: Scope) -> list[ToDo]:
    """The batches that stopped, the oldest first. ``words`` and ``act`` are in English, for whoever shows them to
    translate."""
    return [
        ToDo(
            area="cards",
            kind="batch",
            words="Making or disabling printed cards has stopped",
            about=name,
            due_at=None,
            href=f"/admin/batches/{batch_id}",
            act="Look",
            right="administrator",
        )
        for batch_id, name, _at in failed_batches(scope, limit=MOST)
    ]
