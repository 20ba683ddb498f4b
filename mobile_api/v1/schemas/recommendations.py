"""Shapes of what a member can have, and of what she could do next."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.insights.recommending import ORDER
from mobile_api.fields import Identifier, Instant, Shape
from mobile_api.v1.schemas.member_answers import MemberMerchantAnswer
from mobile_api.v1.schemas.pictures import PictureAnswer
from mobile_api.v1.schemas.shops import NearQuery, ShopSummaryAnswer, Switch


class RewardsQuery(Shape):
    """Whose rewards, and whether those that can be had now."""

    merchant_id = Identifier(
        metadata={"description": "All of this shop's; without, of every programme of the member's"}
    )
    ready = Switch(metadata={"description": "Only what she can have now (`1`), or only what she can't (`0`)"})


class MemberRewardAnswer(Schema):
    """A reward, and how far the member is from it."""

    reward_id = Identifier(required=True)
    programme_id = Identifier(required=True)
    programme_name = fields.String(required=True)
    unit = fields.String(required=True)
    merchant = fields.Nested(MemberMerchantAnswer, required=True)
    name = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, metadata={"description": "`item`, `amount_off` or `percent_off`"})
    value = fields.Dict(required=True, metadata={"description": "What a till applies"})
    cost = fields.Integer(required=True)
    balance = fields.Integer(required=True)
    missing = fields.Integer(required=True, metadata={"description": "Units that she lacks"})
    is_ready = fields.Boolean(required=True, metadata={"description": "Whether she can have it now"})
    is_full_card = fields.Boolean(
        required=True, metadata={"description": "Whether a full card gives it by itself, as a voucher"}
    )
    is_flexible = fields.Boolean(
        required=True, metadata={"description": "Whether it may be taken several times at once"}
    )
    is_sold_out = fields.Boolean(required=True)
    is_open = fields.Boolean(required=True, metadata={"description": "Whether units may be redeemed today"})
    limit_left = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How often she may still have it; null: no limit"}
    )
    needs_tier = fields.String(required=True, allow_none=True, metadata={"description": "The tier that she lacks"})
    expires_at = Instant(required=True, allow_none=True, metadata={"description": "When the offer ends"})
    picture = fields.Nested(PictureAnswer, required=True, allow_none=True)
    is_online = fields.Boolean(required=True, metadata={"description": "Whether its voucher is a code of the webshop"})
    voucher_days = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How long its voucher lives; null: for good"}
    )


class MemberRewardsAnswer(Schema):
    """First what she can have, then what she lacks the smallest part of."""

    items = fields.List(fields.Nested(MemberRewardAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class SuggestedRewardAnswer(Schema):
    """What is suggested."""

    reward_id = Identifier(required=True)
    programme_id = Identifier(required=True)
    programme_name = fields.String(required=True)
    unit = fields.String(required=True)
    name = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    value = fields.Dict(required=True)
    cost = fields.Integer(required=True)
    picture = fields.Nested(PictureAnswer, required=True, allow_none=True)
    is_online = fields.Boolean(required=True, metadata={"description": "Whether its voucher is a code of the webshop"})


class FitAnswer(Schema):
    """Why this reward and none of the shop's others."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(["had", "near"]),
        metadata={"description": "`had`: she had it before; `near`: those who had `reward` had it too"},
    )
    reward = fields.String(
        required=True, allow_none=True, metadata={"description": "The reward of hers that is the reason"}
    )


class RecommendationsBody(Shape):
    """Whether suggestions may follow from what the member and others do."""

    is_personal = fields.Boolean(required=True)


class RecommendationAnswer(Schema):
    """A shop, what is to be had there, and why it is suggested."""

    location = fields.Nested(ShopSummaryAnswer, required=True)
    reward = fields.Nested(SuggestedRewardAnswer, required=True, allow_none=True)
    reason = fields.String(
        required=True,
        validate=validate.OneOf(ORDER),
        metadata={
            "description": "`ready` and `nearly`: her own units. `again`: she usually comes on `weekday`. `goes_with`:"
            " `product` goes with `because`, which she buys. `similar`: those who go to her shop `because` go there"
            " too. `popular_near` and `new_near`: around",
            "example": "ready",
        },
    )
    missing = fields.Integer(required=True, metadata={"description": "Units that she lacks for it"})
    voucher_id = Identifier(
        required=True, allow_none=True, metadata={"description": "Her voucher, where it is one that she holds already"}
    )
    because = fields.String(
        required=True, allow_none=True, metadata={"description": "The shop or product of her own that is the reason"}
    )
    product = fields.String(required=True, allow_none=True, metadata={"description": "What goes with `because`"})
    weekday = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The day on which she usually comes; 0 is Monday"}
    )
    fit = fields.Nested(FitAnswer, required=True, allow_none=True)


class RecommendationsAnswer(Schema):
    """What waits, what is nearly there, and what is new around."""

    items = fields.List(fields.Nested(RecommendationAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
    is_personal = fields.Boolean(
        required=True, metadata={"description": "Whether some of it follows from what she and others do; `PUT` says so"}
    )


__all__ = ["MemberRewardsAnswer", "NearQuery", "RecommendationsAnswer", "RecommendationsBody", "RewardsQuery"]
