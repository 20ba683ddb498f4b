"""What waits for a person at the ledger: differences that the night found, and adjustments for a second person."""

from __future__ import annotations

from datetime import timedelta

from app.admin.queries.ledger.adjustments import list_adjustments
from app.admin.todo import ToDo
from app.common.scope import Scope
from app.ledger.checks import last_checks
from app.rewards.models.adjustments import WAITS

MOST = 50
PAGE = "/admin/ledger"
_SOON = timedelta(days=1)  # before it is over, it is urgent


def waiting(scope: Scope) -> list[ToDo]:
    """The last verification where it found differences, then the adjustments that somebody else must decide on, those
    that wait longest first, at most fifty. ``words`` are in English, for whoever shows them to translate."""
    found = [
        ToDo(
            area="ledger",
            kind="Ledger",
            words="The books differ from their rows. Stop adjusting, and look",
            about=str(check.mismatches),
            due_at=check.finished_at,
            href=PAGE,
            act="Look",
            right="operator",
            is_urgent=True,
        )
        for check in last_checks(scope, 1)
        if check.mismatches
    ]
    for one in reversed(list_adjustments(scope, status="open", count=MOST - len(found)).rows):
        due = one.created_at + WAITS
        if one.is_mine or due <= scope.now:
            continue
        found.append(
            ToDo(
                area="ledger",
                kind="Adjustment",
                words="Somebody asks for a second person’s approval",
                about=f"{one.units:+d} {one.merchant}, {one.asked_by}",
                due_at=due,
                href=f"{PAGE}/adjustments",
                act="Decide",
                right="support, finance",
                is_urgent=due - scope.now < _SOON,
            )
        )
    return found
