"""Invitations: the member's own, one that was sent to her, and accepting it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from app.campaigns import service as campaigns
from app.common.scope import Scope
from app.extensions import platform
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.recommending import (
    AcceptBody,
    AcceptedAnswer,
    InvitationsAnswer,
    OpenInvitationAnswer,
)

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")


@route(
    me_blueprint,
    "GET",
    "/invitations",
    summary="My invitations",
    authentication=auth.member,
    answer=InvitationsAnswer,
)
def invitations(scope: Scope) -> dict[str, Any]:
    """One for each merchant where I collect and that gives something for it. `rewarded` counts what led to gifts."""
    return whole([_shown(one) for one in campaigns.my_invitations(scope)])


@route(
    me_blueprint,
    "POST",
    "/invitations",
    summary="Accept an invitation",
    authentication=auth.member,
    body=AcceptBody,
    answer=AcceptedAnswer,
    status=201,
    refuses=(404, 409),
)
def accept(scope: Scope, body: dict[str, Any]) -> campaigns.OpenInvitation:
    """Both get what the merchant gives after the first visit there. Not for old customers, and not one's own."""
    return campaigns.accept(scope, code=body["code"])


@route(
    blueprint,
    "GET",
    "/<code>",
    summary="An invitation that was sent",
    answer=OpenInvitationAnswer,
    refuses=(404,),
)
def look_at(code: str) -> campaigns.OpenInvitation:
    """Needs no token: whoever has the link may see who invites, and what for."""
    return campaigns.look_at(platform().scope(), code=code)


def _shown(one: campaigns.InvitationView) -> dict[str, Any]:
    return {
        "merchant": one.merchant,
        "url": f"{platform().settings.public_url}/I/{one.code}",
        "gives": one.gives,
        "invited": one.invited,
        "rewarded": one.rewarded,
    }
