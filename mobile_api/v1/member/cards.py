"""The member's cards."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from app.cards import qr, service
from app.cards.codes import card_url
from app.cards.passes import apple
from app.cards.queries import CardView, get_card, list_cards
from app.common.scope import Scope
from app.extensions import platform
from app.wallet import service as wallet
from app.wallet.queries import MergeView, find_moved, list_merges
from mobile_api import auth, documents
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.member import CardBody, PinBody
from mobile_api.v1.schemas.member_answers import (
    ClaimedCardAnswer,
    GooglePassAnswer,
    InstallationAnswer,
    MemberCardAnswer,
    MemberCardsAnswer,
    MergesAnswer,
)

_SVG = "image/svg+xml"


@route(
    me_blueprint,
    "GET",
    "/cards",
    summary="My cards",
    authentication=auth.member,
    answer=MemberCardsAnswer,
)
def cards(scope: Scope) -> dict[str, Any]:
    """The newest first; blocked and replaced ones too."""
    return whole([shown_card(card) for card in list_cards(scope, member_id=scope.member_id or "")])


@route(
    me_blueprint,
    "POST",
    "/cards",
    summary="A new digital card, or a printed one claimed",
    authentication=auth.member,
    body=CardBody,
    optional_body=True,
    answer=ClaimedCardAnswer,
    status=201,
    refuses=(403, 404, 409, 429),
)
def add(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """A printed card that has never earned is claimed by its number alone. One that has earned asks for the code under
    its scratch field, its PIN, or a confirmation on a shop's tablet; what is on it is merged, to the unit."""
    if "number" not in body:
        made = service.issue_digital_card(scope, member_id=scope.member_id or "")
        return {**shown_card(get_card(scope, card_id=made)), "moved": None}
    claimed = wallet.claim_card(scope, **body)
    moved = find_moved(scope, member_id=scope.member_id or "", merge_id=claimed.merge_id)
    return {**shown_card(claimed.card), "moved": moved}


@route(
    me_blueprint,
    "POST",
    "/cards/<id:card_id>/block",
    summary="Block a lost card",
    authentication=auth.member,
    answer=MemberCardAnswer,
    refuses=(404, 409),
)
def block(scope: Scope, card_id: str) -> dict[str, Any]:
    """It is dead at once; the balances stay."""
    return shown_card(service.block_card(scope, card_id=card_id))


@route(
    me_blueprint,
    "POST",
    "/cards/<id:card_id>/replace",
    summary="Replace a card",
    authentication=auth.member,
    body=CardBody,
    optional_body=True,
    answer=MemberCardAnswer,
    status=201,
    refuses=(403, 404, 409, 429),
)
def replace(scope: Scope, body: dict[str, Any], card_id: str) -> dict[str, Any]:
    """By a new digital card, or by a printed one that is claimed for it. The old one is dead at once. Answers the new
    one."""
    return shown_card(wallet.replace_own_card(scope, card_id=card_id, **body))


@route(
    me_blueprint,
    "PUT",
    "/cards/<id:card_id>/pin",
    summary="Set the PIN of a printed card",
    authentication=auth.member,
    body=PinBody,
    answer=MemberCardAnswer,
    refuses=(404, 409),
)
def set_pin(scope: Scope, body: dict[str, Any], card_id: str) -> dict[str, Any]:
    """Redeeming with a printed card asks for it."""
    return shown_card(service.set_pin(scope, card_id=card_id, pin=body["pin"]))


@route(
    me_blueprint,
    "DELETE",
    "/cards/<id:card_id>/pin",
    summary="Take the PIN of a printed card away",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def remove_pin(scope: Scope, card_id: str) -> None:
    """Redeeming with it asks for staff approval from then on."""
    service.remove_pin(scope, card_id=card_id)


@route(
    me_blueprint,
    "POST",
    "/cards/<id:card_id>/installations",
    summary="Let this phone show the card",
    authentication=auth.member,
    answer=InstallationAnswer,
    status=201,
    refuses=(404, 409),
)
def install(scope: Scope, card_id: str) -> dict[str, Any]:
    """The secret is told this once, and the last installation's digits are dead from now on."""
    started = service.start_installation(scope, card_id=card_id)
    return {**asdict(started), "url": card_url(platform().settings.host, started.number)}


@route(
    me_blueprint,
    "GET",
    "/cards/<id:card_id>/qr.svg",
    summary="A card's QR code",
    authentication=auth.member,
    media_type=_SVG,
    refuses=(404,),
)
def picture(scope: Scope, card_id: str) -> documents.Reply:
    """The code without digits: it earns. What redeems is computed on the phone."""
    card = get_card(scope, card_id=card_id)
    address = card_url(platform().settings.host, card.number)
    return documents.Reply(200, qr.as_svg(qr.encode(address, qr.Level.SCREEN), title=card.number))


@route(
    me_blueprint,
    "GET",
    "/cards/<id:card_id>/apple.pkpass",
    summary="A card for Apple Wallet",
    authentication=auth.member,
    media_type=apple.MEDIA_TYPE,
    refuses=(404, 409),
)
def apple_pass(scope: Scope, card_id: str) -> Response:
    """A signed file that the phone opens. Its code has no digits: it earns, and what redeems stays in the app. 404 also
    where this service signs none."""
    made = wallet.apple_pass(scope, card_id=card_id, settings=platform().settings)
    return Response(
        made, mimetype=apple.MEDIA_TYPE, headers={"Content-Disposition": 'attachment; filename="zegel.pkpass"'}
    )


@route(
    me_blueprint,
    "GET",
    "/cards/<id:card_id>/google-wallet",
    summary="A card for Google Wallet",
    authentication=auth.member,
    answer=GooglePassAnswer,
    refuses=(404, 409),
)
def google_pass(scope: Scope, card_id: str) -> dict[str, Any]:
    """The link to open. Its code has no digits: it earns, and what redeems stays in the app. 404 also where this
    service signs none. `POST` puts the card there with a code that changes."""
    return {"url": wallet.google_link(scope, card_id=card_id, settings=platform().settings)}


@route(
    me_blueprint,
    "POST",
    "/cards/<id:card_id>/google-wallet",
    summary="Put a card in Google Wallet",
    authentication=auth.member,
    answer=GooglePassAnswer,
    status=201,
    refuses=(404, 409),
)
def put_in_google(scope: Scope, card_id: str) -> dict[str, Any]:
    """With a code that changes, which redeems as the app's does; the one that it had there before is dead. Answers the
    link to open. 404 also where this service signs none."""
    return {"url": wallet.put_in_google(scope, card_id=card_id, settings=platform().settings)}


@route(
    me_blueprint,
    "GET",
    "/merges",
    summary="Cards that were merged into mine",
    authentication=auth.member,
    answer=MergesAnswer,
)
def merges(scope: Scope) -> dict[str, Any]:
    """The latest first."""
    found: list[MergeView] = list_merges(scope)
    return whole(found)


@route(
    me_blueprint,
    "POST",
    "/merges/<id:merge_id>/undo",
    summary="Undo a merge",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def undo_merge(scope: Scope, merge_id: str) -> None:
    """While nothing of what came has been spent."""
    wallet.undo_merge(scope, merge_id=merge_id)


def shown_card(card: CardView) -> dict[str, Any]:
    """A card with its address."""
    return {**asdict(card), "url": card_url(platform().settings.host, card.number)}
