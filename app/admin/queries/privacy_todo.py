"""What of the privacy desk waits for a person."""

from __future__ import annotations

from datetime import timedelta

from app.admin.todo import ToDo
from app.common.scope import Scope
from app.privacy.queries import list_requests

PAGE = "/admin/privacy/requests"
MOST = 50
_URGENT = timedelta(days=3)
_WORDS = {
    "access": "Somebody wants all her data",
    "erasure": "Somebody wants to be erased",
    "correction": "Somebody wants a correction",
    "objection": "Somebody objects",
}


def waiting(scope: Scope) -> list[ToDo]:
    """Open requests, soonest due first, at most fifty. ``words`` are in English, to be put in the reader's language by
    whoever shows them."""
    return [
        ToDo(
            area="privacy",
            kind="Erasure" if one.kind == "erasure" else "Privacy",
            words=_WORDS[one.kind],
            about=one.contact or "",
            due_at=one.due_at,
            href=f"{PAGE}/{one.request_id}",
            act="Look",
            right="support",
            is_urgent=one.due_at - scope.now <= _URGENT,
        )
        for one in list_requests(scope)[:MOST]
    ]
