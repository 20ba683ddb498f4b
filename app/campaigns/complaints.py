"""When something that was said becomes a complaint, and by when it wants an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.campaigns.models import Feedback, FeedbackSetting
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement

LOWEST_CONTENT = 7  # of 10: who gives less is a detractor
USUAL_HOURS = 48
SOONEST, LATEST = 4, 336

_OPEN = Statement(
    """
    INSERT INTO complaint (member_id, id, merchant_id, location_id, opened_at, half_at, due_at)
    VALUES (:member_id, :id, :merchant_id, :location_id, :now, :half_at, :due_at) ON CONFLICT DO NOTHING
    """
)
_ANSWERED = Statement(
    """
    UPDATE complaint SET answered_at = :now, reward_id = :reward_id
    WHERE member_id = :member_id AND id = :id AND answered_at IS NULL
    """
)


def hours_of(tx: Transaction, merchant_id: str) -> int:
    """Within how many hours a shop answers complaints."""
    row = tx.session.get(FeedbackSetting, merchant_id)
    return USUAL_HOURS if row is None else row.answer_hours


def is_complaint(score: int, *, has_words: bool, is_marked: bool) -> bool:
    """Whether it wants an answer: a low score with words, or whatever its member calls a complaint and says why."""
    return has_words and (is_marked or score < LOWEST_CONTENT)


def open_complaint(tx: Transaction, scope: Scope, said: Feedback) -> bool:
    """Start the clock for something that was said, in the caller's transaction. A repeat starts no second one."""
    now: datetime = scope.now
    span = timedelta(hours=hours_of(tx, said.merchant_id))
    row: dict[str, Any] = {
        "member_id": said.member_id,
        "id": said.id,
        "merchant_id": said.merchant_id,
        "location_id": said.location_id,
        "now": now,
        "half_at": now + span / 2,
        "due_at": now + span,
    }
    return tx.run(_OPEN, row) == 1


def note_answer(tx: Transaction, scope: Scope, *, member_id: str, feedback_id: str, reward_id: str | None) -> bool:
    """Stop the clock: the shop has answered, and offers ``reward_id`` to make good. False where nobody complained."""
    row = {"member_id": member_id, "id": feedback_id, "now": scope.now, "reward_id": reward_id}
    return tx.run(_ANSWERED, row) == 1
