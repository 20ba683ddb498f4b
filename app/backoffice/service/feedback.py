"""Answering what members said, from the back office."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from app.campaigns.models import LocationFeedback
from app.campaigns.service import answer_feedback
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.merchants.models import Location


def answer(scope: Scope, feedback_id: str, words: str, *, reward_id: str | None = None) -> None:
    """Answer what somebody said of a visit at one of the scope's locations. The same again changes nothing.
    To a complaint the reward ``reward_id`` may be offered.

    Raises NotFoundError for feedback of another business or location, and what ``answer_feedback`` raises.
    """
    with scope.transaction() as tx:
        places = select(Location.id).where(Location.merchant_id == scope.merchant_id)
        if scope.location_id is not None:
            places = places.where(Location.id == scope.location_id)
        location_id = (
            tx.session.scalar(
                select(LocationFeedback.location_id).where(
                    LocationFeedback.location_id.in_(places), LocationFeedback.feedback_id == feedback_id
                )
            )
            if is_id(feedback_id)
            else None
        )
        if location_id is None:
            raise NotFoundError(what="feedback")
        answer_feedback(
            replace(scope, location_id=location_id), feedback_id=feedback_id, words=words, reward_id=reward_id
        )
