"""What was said of visits at a shop, and the shop's answers."""

from __future__ import annotations

from typing import Any

from app.campaigns import service as campaigns
from app.campaigns.queries import list_shop_feedback
from app.common.scope import Scope
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.pages import page
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.schemas.recommending import FeedbackQuery, ReplyBody, ShopFeedbacksAnswer


@route(
    blueprint,
    "GET",
    "/feedback",
    summary="What was said of visits here",
    authentication=auth.device,
    query=FeedbackQuery,
    answer=ShopFeedbacksAnswer,
)
def list_feedback(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """The newest first. Who said it is not told."""
    return page(
        query,
        lambda limit, before: list_shop_feedback(scope, limit=limit, before=before),
        lambda one: one.feedback_id,
        lambda one: one,
    )


@route(
    blueprint,
    "POST",
    "/feedback/<id:feedback_id>/answer",
    summary="Answer what was said",
    authentication=auth.device,
    body=ReplyBody,
    status=204,
    refuses=(403, 404, 409),
)
def answer(scope: Scope, body: dict[str, Any], feedback_id: str) -> None:
    """By a manager or the owner, signed in. It comes to who said it as a message. The same again changes nothing."""
    campaigns.answer_feedback(scope, feedback_id=feedback_id, words=body["text"])
