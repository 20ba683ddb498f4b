"""What of the town's settings needs a person: reports about what shops show."""

from __future__ import annotations

from datetime import timedelta

from app.admin.todo import ToDo
from app.common.scope import Scope
from app.rewards.queries.content import list_reports

MOST = 50
WITHIN = timedelta(days=2)  # so long at most something that may be wrong stands there unlooked at
# Put in the reader's language by whoever shows it: see app.admin.views.settings.start.
_WORDS = {
    "logo": "A logo was reported",
    "story": "A text was reported",
    "reward": "A reward was reported",
    "picture": "A picture was reported",
}


def waiting(scope: Scope) -> list[ToDo]:
    """The reports that nobody has decided on, the oldest first."""
    return [
        ToDo(
            area="settings",
            kind="content",
            words=_WORDS[one.what],
            about=one.shop,
            due_at=one.created_at + WITHIN,
            href=f"/admin/settings/content/{one.report_id}",
            act="Look",
            right="support",
            is_urgent=one.reason == "illegal" or one.created_at + WITHIN <= scope.now,
        )
        for one in list_reports(scope, limit=MOST)
    ]
