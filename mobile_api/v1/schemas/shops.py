"""Shapes of the shops that members look for."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.rewards.service.content import LONGEST_WORDS, REASONS, WHATS
from mobile_api.fields import Count, Identifier, Instant, Shape, Text
from mobile_api.pagination import LONGEST_CURSOR, MOST, USUAL
from mobile_api.v1.schemas.pictures import PictureAnswer

_PLACE = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,12})?),\s*(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)", re.ASCII)
LARGEST_RADIUS = 20_100_000  # metres: half the earth's girth


class Place(fields.Field[tuple[float, float]]):
    """``LAT,LON`` in degrees."""

    def __init__(self, **options: Any) -> None:
        options["metadata"] = {"type": "string", "example": "51.0500,3.7250", **options.get("metadata", {})}
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> tuple[float, float]:
        match = _PLACE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None or abs(float(match[1])) > 90 or abs(float(match[2])) > 180:
            raise ValidationError("Not a place such as 51.0500,3.7250 (latitude, longitude).")
        return float(match[1]), float(match[2])


class Switch(fields.Boolean):
    """``true`` or ``false`` (``1`` or ``0``) in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if value not in ("true", "false", "1", "0"):
            raise ValidationError("Not true or false.")
        return value in ("true", "1")


class ShopsQuery(Shape):
    """What one looks for."""

    near = Place(metadata={"description": "From where distances are measured; the nearest comes first"})
    radius = Count(1, LARGEST_RADIUS, metadata={"description": "In metres, with `near`"})
    q = Text(80, shortest=0, metadata={"description": "Words that occur in name, trade or address"})
    merchant_id = Identifier(metadata={"description": "Only shops of this merchant"})
    category = Text(40, metadata={"description": "The trade, such as `bakery`"})
    open_now = Switch(metadata={"description": "Only shops that are open at this moment"})
    earns_here = Switch(metadata={"description": "Only shops where the token's member collects already"})
    reward_ready = Switch(metadata={"description": "Only shops where a reward or a voucher waits for her"})
    limit = Count(1, MOST, load_default=USUAL)
    cursor = fields.String(validate=validate.Length(max=LONGEST_CURSOR))


class ReportBody(Shape):
    """What a shop shows, and what is wrong with it. `reward_id` names the reward, or the reward whose picture it is."""

    what = fields.String(required=True, validate=validate.OneOf(WHATS))
    reward_id = Identifier(load_default=None)
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    words = Text(LONGEST_WORDS, load_default=None)


class NearQuery(Shape):
    """From where the distance is measured."""

    near = Place()


class AddressAnswer(Schema):
    """Where a shop is."""

    street = fields.String(required=True, allow_none=True)
    postcode = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    country = fields.String(required=True)


class ShopMerchantAnswer(Schema):
    """Whose shop it is."""

    merchant_id = Identifier(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True, metadata={"description": "The merchant's colour, in degrees (OKLCH)"})
    logo_url = fields.String(required=True, allow_none=True)


class ShopSummaryAnswer(Schema):
    """A shop in the list."""

    location_id = Identifier(required=True)
    name = fields.String(required=True)
    category = fields.String(required=True)
    merchant = fields.Nested(ShopMerchantAnswer, required=True)
    address = fields.Nested(AddressAnswer, required=True)
    lat = fields.Float(required=True, allow_none=True)
    lon = fields.Float(required=True, allow_none=True)
    distance_m = fields.Integer(required=True, allow_none=True, metadata={"description": "Metres from `near`"})
    is_open = fields.Boolean(required=True, allow_none=True, metadata={"description": "Null: the hours are unknown"})
    hours_today = fields.List(
        fields.List(fields.String()),
        required=True,
        metadata={"description": "Spans of this local day", "example": [["08:00", "18:00"]]},
    )
    earns_here = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Whether the member collects here; null without token"}
    )
    reward_ready = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether a reward or a voucher waits for the member here; null without token"},
    )
    page_url = fields.String(required=True, metadata={"description": "The shop's public page, to share"})


class ShopsAnswer(Schema):
    """Shops, the nearest first."""

    items = fields.List(fields.Nested(ShopSummaryAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ShopRewardAnswer(Schema):
    """What can be had for how many units."""

    reward_id = Identifier(required=True)
    name = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    cost = fields.Integer(required=True)
    value = fields.Dict(required=True)
    tier = fields.String(required=True, allow_none=True)
    picture = fields.Nested(PictureAnswer, required=True, allow_none=True)


class ShopPromotionAnswer(Schema):
    """What is on."""

    promotion_id = Identifier(required=True)
    name = fields.String(required=True)
    ends_at = Instant(required=True, allow_none=True)


class ShopProgrammeAnswer(Schema):
    """How one collects there."""

    programme_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    unit = fields.String(required=True)
    goal = fields.Integer(required=True, allow_none=True)
    rules = fields.Dict(required=True)
    rewards = fields.List(fields.Nested(ShopRewardAnswer), required=True)
    promotions = fields.List(fields.Nested(ShopPromotionAnswer), required=True)


class ShopDetailAnswer(ShopSummaryAnswer):
    """One shop, with its story, hours and programmes."""

    story = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True)
    currency = fields.String(required=True)
    opening_hours = fields.Dict(required=True)
    programmes = fields.List(fields.Nested(ShopProgrammeAnswer), required=True)
