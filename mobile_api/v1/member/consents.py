"""What the member allowed and withdrew, word by word."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.wallet.service import list_consent_words
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import page
from mobile_api.v1.schemas.member import ListQuery
from mobile_api.v1.schemas.recommending import ConsentLogAnswer


@route(
    me_blueprint,
    "GET",
    "/consents/log",
    summary="Every consent I gave or withdrew",
    authentication=auth.member,
    query=ListQuery,
    answer=ConsentLogAnswer,
)
def consents_log(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """The newest first, each with the words that were shown. None is ever changed."""
    return page(
        query,
        lambda limit, before: list_consent_words(scope, limit=limit, before=before),
        lambda word: word.consent_id,
        lambda word: word,
    )
