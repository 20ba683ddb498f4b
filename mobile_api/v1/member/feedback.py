"""What the member says of her visits."""

from __future__ import annotations

from typing import Any

from app.campaigns import service as campaigns
from app.campaigns.queries import FeedbackView
from app.campaigns.service import complaining
from app.common.scope import Scope
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.recommending import FeedbackAnswer, FeedbackBody, FeedbacksAnswer, OfferAnswer, OutcomeBody


@route(
    me_blueprint,
    "GET",
    "/feedback",
    summary="What I am asked, and what I said",
    authentication=auth.member,
    answer=FeedbacksAnswer,
)
def feedback(scope: Scope) -> dict[str, Any]:
    """Open questions first (no `feedback_id`): each shop asks at most once in a quarter, for a fortnight."""
    return whole(campaigns.my_feedback(scope))


@route(
    me_blueprint,
    "POST",
    "/feedback",
    summary="Rate a visit",
    authentication=auth.member,
    body=FeedbackBody,
    answer=FeedbackAnswer,
    status=201,
    refuses=(404, 409),
)
def give(scope: Scope, body: dict[str, Any]) -> FeedbackView:
    """Once for each visit, within 90 days. The shop sees score and words, not who said them. The same again changes
    nothing; words may follow a score without any, until the shop has answered. Words with a score of 6 or less are a
    complaint, which the shop answers by `complaint.due_at`."""
    return campaigns.give_feedback(
        scope,
        visit_id=body["visit_id"],
        score=body["score"],
        words=body["text"],
        is_marked=body["is_complaint"],
    )


@route(
    me_blueprint,
    "POST",
    "/feedback/<id:feedback_id>/outcome",
    summary="Say whether an answer solved my complaint",
    authentication=auth.member,
    body=OutcomeBody,
    status=204,
    refuses=(404, 409),
)
def judge(scope: Scope, body: dict[str, Any], feedback_id: str) -> None:
    """Only after the shop has answered. Solved: the complaint is closed. A repeat changes nothing."""
    complaining.judge_answer(scope, feedback_id=feedback_id, is_solved=body["is_solved"])


@route(
    me_blueprint,
    "POST",
    "/feedback/<id:feedback_id>/voucher",
    summary="Take what a shop offers to make good",
    authentication=auth.member,
    answer=OfferAnswer,
    status=201,
    refuses=(404, 409),
)
def take_offer(scope: Scope, feedback_id: str) -> dict[str, str]:
    """The shop can learn by it who complained, so it is the member's to decide. A repeat gives the same voucher."""
    return {"voucher_id": complaining.take_offer(scope, feedback_id=feedback_id)}
