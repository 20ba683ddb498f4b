"""The member's inbox, what she wants to hear where, and the browsers that are told."""

from __future__ import annotations

from typing import Any

from app import messages as sentences
from app.campaigns import service as campaigns
from app.campaigns import vapid
from app.campaigns.queries import list_messages, list_settings
from app.common.outgoing import reach_of
from app.common.scope import Scope
from app.extensions import platform
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import page, whole
from mobile_api.v1.schemas.member import ListQuery
from mobile_api.v1.schemas.messages import (
    MessagesAnswer,
    MessageSettingBody,
    MessageSettingsAnswer,
    PushEndpointBody,
    PushSubscriptionBody,
    ReadBody,
)


@route(
    me_blueprint,
    "GET",
    "/messages",
    summary="My messages",
    authentication=auth.member,
    query=ListQuery,
    answer=MessagesAnswer,
)
def messages(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """The newest first, in the language of the request."""
    locale = sentences.language()
    return page(
        query,
        lambda limit, before: list_messages(scope, locale=locale, limit=limit, before=before),
        lambda message: message.message_id,
        lambda message: message,
    )


@route(
    me_blueprint,
    "POST",
    "/messages/read",
    summary="Mark messages as read",
    authentication=auth.member,
    body=ReadBody,
    status=204,
    refuses=(404,),
)
def read(scope: Scope, body: dict[str, Any]) -> None:
    """The one named and all before it. A repeat changes nothing."""
    campaigns.mark_read(scope, until=body["until"])


@route(
    me_blueprint,
    "GET",
    "/message-settings",
    summary="What comes by push and mail",
    authentication=auth.member,
    answer=MessageSettingsAnswer,
)
def settings(scope: Scope) -> dict[str, Any]:
    """Every kind by every channel. Who gets at the account or a card is always mailed, where there is an address."""
    return whole(list_settings(scope))


@route(
    me_blueprint,
    "PUT",
    "/message-settings",
    summary="Have one kind of message come by one channel, or not",
    authentication=auth.member,
    body=MessageSettingBody,
    status=204,
    refuses=(409,),
)
def set_setting(scope: Scope, body: dict[str, Any]) -> None:
    """Mails of a kind that `is_fixed` can't be switched off: 409. The inbox keeps everything."""
    campaigns.set_setting(scope, **body)


@route(
    me_blueprint,
    "PUT",
    "/push-subscription",
    summary="Tell this browser",
    authentication=auth.member,
    body=PushSubscriptionBody,
    status=204,
    refuses=(409,),
)
def subscribe(scope: Scope, body: dict[str, Any]) -> None:
    """What `PushSubscription.toJSON()` gives, made with `push_public_key` of `GET /app`. A repeat renews it."""
    here = platform().settings
    campaigns.subscribe(
        scope,
        endpoint=body["endpoint"],
        p256dh=body["keys"]["p256dh"],
        auth=body["keys"]["auth"],
        locale=body.get("locale") or scope.locale,
        reach=reach_of(here),
        is_offered=vapid.read(here.vapid) is not None,
    )


@route(
    me_blueprint,
    "DELETE",
    "/push-subscription",
    summary="Tell this browser nothing any more",
    authentication=auth.member,
    body=PushEndpointBody,
    status=204,
)
def unsubscribe(scope: Scope, body: dict[str, Any]) -> None:
    """A repeat changes nothing."""
    campaigns.end_subscription(scope, endpoint=body["endpoint"])
