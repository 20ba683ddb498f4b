"""What the member would like of a shop, and what others would like too."""

from __future__ import annotations

from typing import Any

from app.campaigns.queries.ideas import Ideas, list_ideas
from app.campaigns.service import ideas as service
from app.common.scope import Scope
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.schemas.ideas import IdeaBody, IdeaMadeAnswer, IdeasAnswer


@route(
    me_blueprint,
    "GET",
    "/shops/<id:merchant_id>/ideas",
    summary="A shop's ideas",
    authentication=auth.member,
    answer=IdeasAnswer,
    refuses=(404,),
)
def ideas(scope: Scope, merchant_id: str) -> Ideas:
    """What the shop let through, and my own that wait for it. Nothing where the shop asks for no ideas."""
    return list_ideas(scope, merchant_id)


@route(
    me_blueprint,
    "POST",
    "/shops/<id:merchant_id>/ideas",
    summary="Propose something to a shop",
    authentication=auth.member,
    body=IdeaBody,
    answer=IdeaMadeAnswer,
    status=201,
    refuses=(404, 409),
)
def propose(scope: Scope, body: dict[str, Any], merchant_id: str) -> dict[str, str]:
    """For who has been there; three at a time. Others see it once the shop has let it through. The same words again are
    the same idea."""
    return {"idea_id": service.propose_idea(scope, merchant_id=merchant_id, words=body["text"])}


@route(
    me_blueprint,
    "PUT",
    "/ideas/<id:idea_id>/vote",
    summary="Vote for an idea",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def vote(scope: Scope, idea_id: str) -> None:
    """Once; a repeat changes nothing."""
    service.vote(scope, idea_id=idea_id, is_for=True)


@route(
    me_blueprint,
    "DELETE",
    "/ideas/<id:idea_id>/vote",
    summary="Take a vote back",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def unvote(scope: Scope, idea_id: str) -> None:
    """A repeat changes nothing."""
    service.vote(scope, idea_id=idea_id, is_for=False)
