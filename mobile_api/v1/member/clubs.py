"""Clubs and events of the shops where the member collects."""

from __future__ import annotations

from typing import Any

from app.campaigns.queries.clubs import ClubForMember, club_of_shop, clubs_of_member
from app.campaigns.service import clubs, places
from app.common.scope import Scope
from app.web import locale
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.clubs import (
    ClubAnswer,
    ClubsAnswer,
    EventPlaceAnswer,
    JoinBody,
    PassAnswer,
    PassBody,
    PassedAnswer,
)


@route(
    me_blueprint,
    "GET",
    "/clubs",
    summary="Clubs and events of my shops",
    authentication=auth.member,
    answer=ClubsAnswer,
)
def my_clubs(scope: Scope) -> dict[str, Any]:
    """Only of shops that have a club. Events that are not for me are not there."""
    return whole(clubs_of_member(scope, locale.language()))


@route(
    me_blueprint,
    "GET",
    "/clubs/<id:merchant_id>",
    summary="One shop's club and events",
    authentication=auth.member,
    answer=ClubAnswer,
    refuses=(404,),
)
def show_club(scope: Scope, merchant_id: str) -> ClubForMember:
    """Its events to come, the next first, and those at which I have a place."""
    return club_of_shop(scope, merchant_id, locale.language())


@route(
    me_blueprint,
    "PUT",
    "/clubs/<id:merchant_id>",
    summary="Join a club, or choose other interests",
    authentication=auth.member,
    body=JoinBody,
    status=204,
    refuses=(404, 409),
)
def join_club(scope: Scope, body: dict[str, Any], merchant_id: str) -> None:
    """The shop sees that I joined, and my interests. The wording is kept as evidence of what I agreed to."""
    clubs.join_club(scope, merchant_id=merchant_id, interests=body["interests"], wording=body["wording"])


@route(
    me_blueprint,
    "DELETE",
    "/clubs/<id:merchant_id>",
    summary="Leave a club",
    authentication=auth.member,
    status=204,
    refuses=(404,),
)
def leave_club(scope: Scope, merchant_id: str) -> None:
    """My interests are gone with it. Tickets that I have stay good."""
    clubs.leave_club(scope, merchant_id=merchant_id)


@route(
    me_blueprint,
    "POST",
    "/events/<id:event_id>/place",
    summary="Take a place, or wait for one",
    authentication=auth.member,
    answer=EventPlaceAnswer,
    status=201,
    refuses=(404, 409),
)
def take_place(scope: Scope, event_id: str) -> dict[str, str]:
    """Where no place is free, or others wait, I wait in the order in which we asked. Also takes a place that is offered
    to me. A repeat changes nothing."""
    return {"place": places.take(scope, event_id=event_id)}


@route(
    me_blueprint,
    "DELETE",
    "/events/<id:event_id>/place",
    summary="Give my place back, or wait no longer",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def give_place_back(scope: Scope, event_id: str) -> None:
    """Until the event begins. The ticket is void at once, and whoever waits first gets the place."""
    places.give_back(scope, event_id=event_id)


@route(
    me_blueprint,
    "POST",
    "/events/<id:event_id>/pass",
    summary="Make a code to pass my ticket on",
    authentication=auth.member,
    answer=PassAnswer,
    status=201,
    refuses=(404, 409),
)
def make_pass(scope: Scope, event_id: str) -> dict[str, Any]:
    """Good once, for seven days and until the event begins. A code that I made before is void."""
    code, until = places.make_pass(scope, event_id=event_id)
    return {"code": code, "expires_at": until}


@route(
    me_blueprint,
    "DELETE",
    "/events/<id:event_id>/pass",
    summary="Make that code void",
    authentication=auth.member,
    status=204,
    refuses=(404,),
)
def revoke_pass(scope: Scope, event_id: str) -> None:
    """A repeat changes nothing."""
    places.revoke_pass(scope, event_id=event_id)


@route(
    me_blueprint,
    "POST",
    "/tickets",
    summary="Take over a ticket that was passed on to me",
    authentication=auth.member,
    body=PassBody,
    answer=PassedAnswer,
    status=201,
    refuses=(404, 409),
)
def accept_ticket(scope: Scope, body: dict[str, Any]) -> dict[str, str]:
    """The other's ticket is void, and mine is among my vouchers. It is not passed on a second time."""
    event_id, merchant_id = places.accept_pass(scope, code=body["code"])
    return {"event_id": event_id, "merchant_id": merchant_id}
