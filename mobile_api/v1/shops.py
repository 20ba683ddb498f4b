"""Where members can collect: the shops, the nearest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, request

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.extensions import platform
from app.merchants.queries import ShopSearch, ShopView, find_shop, list_shops
from app.rewards.queries import ProgrammeView, RewardView, Standing, list_programmes, standing
from app.rewards.service.content import report_content
from app.rewards.vouchers import value_of
from app.web import locale
from mobile_api import auth, documents, pagination
from mobile_api.addresses import network
from mobile_api.documents import route
from mobile_api.v1.pictures import picture
from mobile_api.v1.schemas.shops import NearQuery, ReportBody, ShopDetailAnswer, ShopsAnswer, ShopsQuery

blueprint = Blueprint("shops", __name__, url_prefix="/shops")
_SVG = "image/svg+xml"


@route(
    blueprint,
    "GET",
    "",
    summary="Shops, the nearest first",
    authentication=auth.member_if_any,
    query=ShopsQuery,
    answer=ShopsAnswer,
)
def search(scope: Scope, query: dict[str, Any]) -> documents.Reply:
    """Without `near` they come by name. Hidden shops are left out. Needs no token; with one, each says whether its
    member collects there and whether something waits for her."""
    stands = _standing(scope)
    found = list_shops(
        scope,
        ShopSearch(
            near=query.get("near"),
            radius=query.get("radius"),
            words=query.get("q", ""),
            category=query.get("category"),
            open_now=query.get("open_now", False),
            merchants=_wanted(stands, query),
            limit=query["limit"],
            cursor=query.get("cursor"),
        ),
    )
    # As it is: fifty shops through a schema would take longer than finding them.
    here = platform().settings.public_url
    page = pagination.page([summary(shop, stands, here) for shop in found.items], found.next)
    return documents.Reply(200, orjson.dumps(page).decode())


@route(
    blueprint,
    "GET",
    "/<id:location_id>",
    summary="One shop, with what one collects there and for what",
    authentication=auth.member_if_any,
    query=NearQuery,
    answer=ShopDetailAnswer,
    refuses=(404,),
)
def show(scope: Scope, query: dict[str, Any], location_id: str) -> dict[str, Any]:
    """Its story comes in the language of the request, where it has one. Needs no token."""
    shop = find_shop(scope, location_id, query.get("near"))
    return {
        **summary(shop, _standing(scope), platform().settings.public_url),
        "story": locale.choose(shop.story),
        "timezone": shop.timezone,
        "currency": shop.currency,
        "opening_hours": shop.opening_hours,
        "programmes": [
            _programme(programme, shop.currency)
            for programme in list_programmes(scope, shop.merchant_id, on_offer=True)
        ],
    }


@route(blueprint, "GET", "/<id:location_id>/logo.svg", summary="The shop's logo", media_type=_SVG, refuses=(404,))
def logo(location_id: str) -> documents.Reply:
    """A drawing of plain shapes. Needs no token, so that an `img` can show it."""
    shop = find_shop(platform().scope(), location_id)
    if shop.logo_svg is None:
        raise NotFoundError
    return documents.Reply(200, shop.logo_svg, {"Cache-Control": "public, max-age=3600"})


@route(
    blueprint,
    "POST",
    "/<id:location_id>/report",
    summary="Report what a shop shows",
    authentication=auth.member_if_any,
    body=ReportBody,
    status=204,
    refuses=(404, 429),
)
def report(scope: Scope, body: dict[str, Any], location_id: str) -> None:
    """Something that the shop shows is against the law, offends, misleads or is somebody else's: whoever runs the card
    looks at it. Needs no token, and who reports is not kept."""
    report_content(scope, location_id, **body, network=network(request))


def summary(shop: ShopView, stands: Standing | None, public_url: str) -> dict[str, Any]:
    """A shop as every list shows it; ``stands`` is None where nobody asks whom it could be told of."""
    return {
        "location_id": shop.location_id,
        "name": shop.name,
        "category": shop.category,
        "merchant": {
            "merchant_id": shop.merchant_id,
            "name": shop.merchant_name,
            "hue": shop.hue,
            "logo_url": f"/api/v1/shops/{shop.location_id}/logo.svg" if shop.has_logo else None,
        },
        "address": {
            "street": shop.street,
            "postcode": shop.postcode,
            "city": shop.city,
            "country": shop.country,
        },
        "lat": shop.lat,
        "lon": shop.lon,
        "distance_m": shop.distance_m,
        "is_open": shop.is_open,
        "hours_today": shop.hours_today,
        "earns_here": None if stands is None else shop.merchant_id in stands.earns,
        "reward_ready": None if stands is None else shop.merchant_id in stands.ready,
        "page_url": public_url + shop.path,
    }


def _standing(scope: Scope) -> Standing | None:
    return None if scope.member_id is None else standing(scope)


def _wanted(stands: Standing | None, query: Mapping[str, Any]) -> frozenset[str] | None:
    """The merchants that ``merchant_id``, ``earns_here`` and ``reward_ready`` leave; None where none of them is asked
    for. Nobody collects anywhere without a token."""
    sets: list[frozenset[str]] = [frozenset({query["merchant_id"]})] if "merchant_id" in query else []
    if query.get("earns_here", False):
        sets.append(frozenset() if stands is None else stands.earns)
    if query.get("reward_ready", False):
        sets.append(frozenset() if stands is None else stands.ready)
    return frozenset.intersection(*sets) if sets else None


def _programme(programme: ProgrammeView, currency: str) -> dict[str, Any]:
    return {
        **asdict(programme),
        "rewards": [_reward(reward, currency) for reward in programme.rewards],
        "promotions": [
            {
                "promotion_id": one.promotion_id,
                "name": locale.named(one.names, one.name),
                "ends_at": one.ends_at,
            }
            for one in programme.promotions
        ],
    }


def _reward(reward: RewardView, currency: str) -> dict[str, Any]:
    return {
        "reward_id": reward.reward_id,
        "name": locale.named(reward.names, reward.name),
        "text": locale.choose(reward.texts),
        "kind": reward.kind,
        "cost": reward.cost,
        "value": value_of(reward, currency),
        "tier": reward.tier,
        "picture": picture(reward.picture_id),
    }
