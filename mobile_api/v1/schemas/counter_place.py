"""The shape of what a device is told about its shop."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.merchants.counter_settings import WAYS
from mobile_api.fields import Identifier, Instant
from mobile_api.v1.schemas.counter_answers import MerchantAnswer, ShopAnswer


class PlaceDeviceAnswer(Schema):
    """The device that asks."""

    device_id = Identifier(required=True)
    name = fields.String(required=True)
    is_sandbox = fields.Boolean(required=True)


class CounterSettingsAnswer(Schema):
    """How the shop wants its counters to work."""

    sign_in = fields.Boolean(
        required=True,
        metadata={"description": "Nobody books on a tablet before signing in; never where nobody has a PIN"},
    )
    lock_after = fields.Integer(required=True, metadata={"description": "Seconds without a touch"})
    approves = fields.List(
        fields.String(validate=validate.OneOf(list(WAYS))),
        required=True,
        metadata={"description": "What redeeming may be approved by"},
    )
    cashier_approves = fields.Boolean(
        required=True, metadata={"description": "Else a manager's or owner's approval is needed"}
    )
    kiosk_wait = fields.Integer(
        required=True, metadata={"description": "Minutes between two visits of one member at a kiosk"}
    )
    opening_units_most = fields.Integer(required=True, allow_none=True)
    hints = fields.Boolean(
        required=True, metadata={"description": "After a scan, one line of what is nearly reached or taken together"}
    )


class ProgrammeFactsAnswer(Schema):
    """A programme, before any card is seen."""

    programme_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    unit = fields.String(required=True)
    goal = fields.Integer(required=True, allow_none=True)
    asks = fields.String(required=True, validate=validate.OneOf(["amount", "items", "visit"]))
    counted = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
        metadata={"description": "The products that count by the piece, each by its `category` or `sku`"},
    )
    opening_units_most = fields.Integer(
        required=True, metadata={"description": "The most units that may be entered from an old paper card; 0: none"}
    )


class PlaceRewardAnswer(Schema):
    """What a reserved voucher may be for."""

    reward_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    value = fields.Dict(required=True)
    is_for_all = fields.Boolean(
        required=True, metadata={"description": "Whether nothing but units stands between any member and it"}
    )


class PlaceAnswer(Schema):
    """Everything that a tablet needs to know about its shop; none of it is about a member."""

    device = fields.Nested(PlaceDeviceAnswer, required=True)
    location = fields.Nested(ShopAnswer, required=True)
    merchant = fields.Nested(MerchantAnswer, required=True)
    settings = fields.Nested(CounterSettingsAnswer, required=True)
    programmes = fields.List(fields.Nested(ProgrammeFactsAnswer), required=True)
    rewards = fields.List(fields.Nested(PlaceRewardAnswer), required=True)
    has_staff_pins = fields.Boolean(
        required=True, metadata={"description": "Without any, a tap on the shop's own tablet approves"}
    )
    takes_foreign_cards = fields.Boolean(
        required=True, metadata={"description": "Whether another system's cards, imported by this shop, are taken"}
    )
    reservation_key = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Base64 of 32 bytes: with them this tablet checks, without a network, vouchers that a phone"
            " reserved for it. Null for a till's key"
        },
    )
    join_url = fields.String(required=True, metadata={"description": "The address that makes a phone's own card"})
    join_qr_svg = fields.String(required=True, metadata={"description": "Its QR code"})
    reviews = fields.Integer(required=True, metadata={"description": "Events that wait for somebody to decide"})
    earns_until = Instant(
        required=True,
        allow_none=True,
        metadata={
            "description": "From then on visits are refused here, and what is held can be redeemed. Null: not in sight"
        },
    )
    pairs = fields.List(
        fields.List(fields.String()),
        required=True,
        metadata={"description": "Products, by name, that are often taken in one visit; empty without `hints`"},
    )
    now = Instant(required=True, metadata={"description": "The service's clock"})
