"""Where members can collect: the shops, the nearest first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from app import messages
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.extensions import platform
from app.merchants.queries import ShopSearch, ShopView, find_shop, list_shops
from app.rewards.queries import ProgrammeView, list_programmes
from app.rewards.vouchers import value_of
from mobile_api import auth, documents, pagination
from mobile_api.documents import route
from mobile_api.v1.schemas.shops import NearQuery, ShopDetailAnswer, ShopsAnswer, ShopsQuery

blueprint = Blueprint("shops", __name__, url_prefix="/shops")
_SVG = "image/svg+xml"


@route(
    blueprint,
    "GET",
    "",
    summary="Shops, the nearest first",
    authentication=auth.member,
    query=ShopsQuery,
    answer=ShopsAnswer,
)
def search(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """Without `near` they come by name. Hidden shops are left out."""
    found = list_shops(
        scope,
        ShopSearch(
            near=query.get("near"),
            radius=query.get("radius"),
            words=query.get("q", ""),
            category=query.get("category"),
            open_now=query.get("open_now", False),
            limit=query["limit"],
            cursor=query.get("cursor"),
        ),
    )
    return pagination.page([_summary(shop) for shop in found.items], found.next)


@route(
    blueprint,
    "GET",
    "/<id:location_id>",
    summary="One shop, with what one collects there and for what",
    authentication=auth.member,
    query=NearQuery,
    answer=ShopDetailAnswer,
    refuses=(404,),
)
def show(scope: Scope, query: dict[str, Any], location_id: str) -> dict[str, Any]:
    """Its story comes in the language of the request, where it has one."""
    shop = find_shop(scope, location_id, query.get("near"))
    return {
        **_summary(shop),
        "story": _told(shop),
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


def _summary(shop: ShopView) -> dict[str, Any]:
    return {
        "location_id": shop.location_id,
        "name": shop.name,
        "category": shop.category,
        "merchant": {
            "merchant_id": shop.merchant_id,
            "name": shop.merchant_name,
            "hue": shop.hue,
            "logo_url": f"/api/v1/shops/{shop.location_id}/logo.svg" if shop.logo_svg else None,
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
    }


def _told(shop: ShopView) -> str | None:
    for locale in (messages.language(), "en", "nl", *shop.story):
        if locale in shop.story:
            return shop.story[locale]
    return None


def _programme(programme: ProgrammeView, currency: str) -> dict[str, Any]:
    return {
        **asdict(programme),
        "rewards": [
            {
                "reward_id": reward.reward_id,
                "name": reward.name,
                "kind": reward.kind,
                "cost": reward.cost,
                "value": value_of(reward, currency),
                "tier": reward.tier,
            }
            for reward in programme.rewards
        ],
        "promotions": [
            {"promotion_id": one.promotion_id, "name": one.name, "ends_at": one.ends_at} for one in programme.promotions
        ],
    }
