"""What of support waits for a person: all unanswered questions as one, due when the first of them is."""

from __future__ import annotations

from datetime import timedelta

from app.admin.todo import ToDo
from app.common.scope import Scope
from app.support.queries import count_questions

PAGE = "/admin/support"
_URGENT = timedelta(hours=4)


def waiting(scope: Scope) -> list[ToDo]:
    """One entry for the unanswered questions, or none. ``words`` are in English, to be put in the reader's language by
    whoever shows them; ``about`` is how many there are."""
    counts = count_questions(scope)
    if not counts.open or counts.first_due is None:
        return []
    return [
        ToDo(
            area="support",
            kind="Support",
            words="Questions wait for an answer",
            about=str(counts.open),
            due_at=counts.first_due,
            href=PAGE,
            act="Answer",
            right="support",
            is_urgent=counts.first_due - scope.now <= _URGENT,
        )
    ]
