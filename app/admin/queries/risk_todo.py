"""Cases of risk that nobody has looked at."""

from __future__ import annotations

from datetime import timedelta

from app.admin.todo import ToDo
from app.common.scope import Scope
from app.risk.queries.cases import oldest_waiting

MOST = 50
WITHIN = timedelta(days=1)  # a case is looked at within a day
_URGENT = timedelta(hours=4)
PAGE = "/admin/risk/cases"
# As the queue calls them (app.admin.views.risk.words), where these sentences are marked for translation.
_WORDS = {
    "card_device": "One card, one tablet",
    "staff_card": "One cashier, one card",
    "far_apart": "Two shops too far apart",
    "reversed": "Reversed after redeeming",
    "night": "While the shop is shut",
    "guessing": "Guessing numbers",
    "offline_clock": "Offline batch, odd clock",
    "welcome": "Lives on welcome bonuses",
}


def waiting(scope: Scope) -> list[ToDo]:
    """The cases that wait for a first look, those that wait longest first, at most fifty. ``words`` are in English, to
    be put in the reader's language by whoever shows them."""
    return [
        ToDo(
            area="risk",
            kind="Risk",
            words=_WORDS[rule],
            about=merchant or "",
            due_at=opened_at + WITHIN,
            href=f"{PAGE}/{case_id}",
            act="Look",
            right="risk",
            is_urgent=opened_at + WITHIN - scope.now <= _URGENT,
        )
        for case_id, rule, opened_at, merchant in oldest_waiting(scope, MOST)
    ]
