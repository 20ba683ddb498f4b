"""A member's word on whether suggestions may follow from what she and others do."""

from __future__ import annotations

from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights.neighbours import is_wanted

_CHOOSE = Statement(
    """
    INSERT INTO recommendation_choice (member_id, is_on, changed_at) VALUES (:member_id, :is_on, :now)
    ON CONFLICT (member_id) DO UPDATE SET is_on = :is_on, changed_at = :now
    """
)


def choose_recommendations(scope: Scope, *, is_on: bool) -> None:
    """Switch personal suggestions on or off for the scope's member. Off, she is told at once only of what she has and
    nearly has and of what is around, and from the next time that pairs are made she counts in none. A repeat changes
    nothing."""

    def work(tx: Transaction) -> None:
        everybody = aliases(tx.session, scope.member_id or "")
        if is_wanted(tx, everybody) is is_on:
            return
        # A word against it that came along with a merged card is taken back with hers.
        tx.run_many(_CHOOSE, [{"member_id": one, "is_on": is_on, "now": scope.now} for one in everybody])

    scope.run(work)
