"""Whether anything of the member's has changed: asked every second or two while a phone shows its card."""

from __future__ import annotations

import orjson
from flask import request

from app.campaigns.queries import read_pulse
from app.common.scope import Scope
from mobile_api import auth, documents
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.schemas.messages import PulseAnswer

_ANSWER = PulseAnswer()


@route(
    me_blueprint,
    "GET",
    "/pulse",
    summary="Whether anything has changed",
    authentication=auth.member,
    answer=_ANSWER,
    refuses=(304,),
)
def pulse(scope: Scope) -> documents.Reply:
    """Cheap, and with an `ETag`: sent back in `If-None-Match`, the answer is 304 while nothing has changed."""
    found = read_pulse(scope)
    # The state tells unread messages and open questions too, since both are part of what it is made from.
    tag = f'"{found.state}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.if_none_match.contains_weak(found.state):
        return documents.Reply(304, "", headers)
    return documents.Reply(200, orjson.dumps(_ANSWER.dump(found)).decode(), headers)
