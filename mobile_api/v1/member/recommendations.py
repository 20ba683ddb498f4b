"""What the member can have, what she nearly has, and where."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.extensions import platform
from app.insights.recommending import Suggestion, recommend, wants_recommendations
from app.insights.service.choosing import choose_recommendations
from app.rewards.configuration import ProgrammeConfig, RewardConfig
from app.rewards.queries import standing
from app.rewards.vouchers import value_of
from app.wallet.queries.rewards import MemberReward, list_rewards
from app.web import locale
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.pictures import picture
from mobile_api.v1.schemas.recommendations import (
    MemberRewardsAnswer,
    NearQuery,
    RecommendationsAnswer,
    RecommendationsBody,
    RewardsQuery,
)
from mobile_api.v1.shops import summary


@route(
    me_blueprint,
    "GET",
    "/rewards",
    summary="What I can have",
    authentication=auth.member,
    query=RewardsQuery,
    answer=MemberRewardsAnswer,
    refuses=(404,),
)
def rewards(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """Rewards of every programme in which the member collects, or all of one merchant's; first what she can have now,
    then what she lacks the smallest part of. `POST /me/vouchers` takes one."""
    found = list_rewards(scope, merchant_id=query.get("merchant_id"), ready=query.get("ready"))
    return whole([_shown(one) for one in found])


@route(
    me_blueprint,
    "GET",
    "/recommendations",
    summary="What I could do next, and where",
    authentication=auth.member,
    query=NearQuery,
    answer=RecommendationsAnswer,
)
def recommendations(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """What waits for the member, what she nearly has, where she usually comes, and shops around that are new to her:
    around `near`, or around the shop where she was last. At most one for each merchant. Nothing that a shop pays or
    sets changes the order; with `is_personal` off nothing in it follows from what she or others do."""
    found = recommend(scope, near=query.get("near"))
    stands, here = standing(scope), platform().settings.public_url
    shown = [_suggested(one) | {"location": summary(one.shop, stands, here)} for one in found]
    return whole(shown) | {"is_personal": wants_recommendations(scope)}


@route(
    me_blueprint,
    "PUT",
    "/recommendations",
    summary="Have suggestions follow from what I do, or not",
    authentication=auth.member,
    body=RecommendationsBody,
    status=204,
)
def choose(scope: Scope, body: dict[str, Any]) -> None:
    """Holds from the next question on. A repeat changes nothing."""
    choose_recommendations(scope, is_on=body["is_personal"])


def _shown(one: MemberReward) -> dict[str, Any]:
    offer, reward = one.offer, one.offer.reward
    return {
        **_reward(offer.programme, reward, offer.currency),
        "merchant": one.merchant,
        "balance": offer.balance,
        "missing": offer.missing,
        "is_ready": offer.is_ready,
        "is_full_card": offer.programme.full_card_reward_id == reward.id,
        "is_flexible": reward.is_flexible,
        "is_sold_out": offer.is_sold_out,
        "is_open": offer.is_open,
        "limit_left": offer.limit_left,
        "needs_tier": offer.needs_tier,
        "expires_at": reward.valid_until,
        "voucher_days": reward.voucher_days,
    }


def _suggested(one: Suggestion) -> dict[str, Any]:
    reward = None
    if one.programme is not None and one.reward is not None:
        reward = _reward(one.programme, one.reward, one.shop.currency)
    return {
        "reward": reward,
        "reason": one.reason,
        "missing": one.missing,
        "voucher_id": one.voucher_id,
        "because": one.because,
        "product": one.product,
        "weekday": one.weekday,
        "fit": None
        if one.fit is None
        else {"kind": one.fit, "reward": None if one.fits is None else locale.named(one.fits.names, one.fits.name)},
    }


def _reward(programme: ProgrammeConfig, reward: RewardConfig, currency: str) -> dict[str, Any]:
    return {
        "reward_id": reward.id,
        "programme_id": programme.id,
        "programme_name": programme.name,
        "unit": programme.unit,
        "name": locale.named(reward.names, reward.name),
        "text": locale.choose(reward.texts),
        "kind": reward.kind,
        "value": value_of(reward, currency),
        "cost": reward.cost,
        "picture": picture(reward.picture_id),
        "is_online": reward.has_codes,
    }
