"""Undoing a merge, while nothing of what was merged has been spent."""

from __future__ import annotations

from app.cards import waiting
from app.common.scope import Scope
from app.members import service as members


def undo_merge(scope: Scope, *, merge_id: str) -> None:
    """Give back what the scope's member got by a merge, as :func:`app.members.service.undo` does.

    Raises ``SpendingWaitsError`` (what goes back may be spent by whoever holds the other card), and what that raises.
    """
    waiting.require_no_wait(scope)
    scope.run(lambda tx: members.undo(tx, scope, member_id=scope.member_id or "", merge_id=merge_id))
