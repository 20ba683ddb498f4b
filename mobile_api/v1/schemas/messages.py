"""Shapes of messages, of what members want to hear, and of push."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.campaigns.kinds import CHANNELS, KINDS
from mobile_api.fields import Flag, Identifier, Instant, Shape, Text

LONGEST_ENDPOINT = 2000


class MessageMerchantAnswer(Schema):
    """The merchant that a message is about."""

    merchant_id = Identifier(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True, metadata={"description": "The merchant's colour, in degrees"})


class MessageAnswer(Schema):
    """One message, in the language of the request. `link` is a place in the app, such as `#/vouchers/…`."""

    message_id = Identifier(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    title = fields.String(required=True)
    text = fields.String(required=True)
    merchant = fields.Nested(MessageMerchantAnswer, required=True, allow_none=True)
    link = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    read_at = Instant(required=True, allow_none=True)


class MessagesAnswer(Schema):
    """The inbox, the newest first."""

    items = fields.List(fields.Nested(MessageAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ReadBody(Shape):
    """The newest message that was seen: it and all before it are read."""

    until = Identifier(required=True)


class MessageSettingAnswer(Schema):
    """Whether one kind of message comes by one channel. `is_fixed`: it can't be changed."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    is_on = fields.Boolean(required=True)
    is_fixed = fields.Boolean(required=True)


class MessageSettingsAnswer(Schema):
    """Every kind by every channel."""

    items = fields.List(fields.Nested(MessageSettingAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class MessageSettingBody(Shape):
    """What is to come by which channel."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    is_on = Flag(required=True)


class PushKeysBody(Shape):
    """The browser's keys, as `PushSubscription.toJSON()` gives them."""

    p256dh = Text(128, required=True)
    auth = Text(64, required=True)


class PushSubscriptionBody(Shape):
    """A browser's push subscription. `locale` is the language of what is pushed; else the member's."""

    endpoint = Text(LONGEST_ENDPOINT, required=True)
    keys = fields.Nested(PushKeysBody, required=True)
    locale = Text(16)


class PushEndpointBody(Shape):
    """The address of the subscription that is to end."""

    endpoint = Text(LONGEST_ENDPOINT, required=True)


class PulseAnswer(Schema):
    """Whether anything changed. `state` is opaque: it differs from the one before whenever a balance, voucher, card or
    message does. `unread` counts to 100."""

    state = fields.String(required=True)
    unread = fields.Integer(required=True)
    spending_requests = fields.Integer(required=True)


class PassesAnswer(Schema):
    """Which wallets cards can be put in here."""

    apple = fields.Boolean(required=True)
    google = fields.Boolean(required=True)


class BrandAnswer(Schema):
    """How the town's card is called and looks."""

    name = fields.String(required=True)
    hue = fields.Integer(required=True, metadata={"description": "The town's colour, in degrees"})
    logo_url = fields.String(required=True)
    support_address = fields.String(required=True, allow_none=True)


class AppAnswer(Schema):
    """What the app must know of this platform before anybody signs in. `hosts` are those of the cards' codes, former
    ones too."""

    hosts = fields.List(fields.String(), required=True)
    tile_url = fields.String(required=True, allow_none=True)
    tile_attribution = fields.String(required=True, allow_none=True)
    push_public_key = fields.String(
        required=True, allow_none=True, metadata={"description": "For `applicationServerKey`, in base64url"}
    )
    passkeys = fields.Boolean(required=True)
    passes = fields.Nested(PassesAnswer, required=True)
    now = Instant(required=True)
    terms_url = fields.String(required=True, allow_none=True)
    privacy_url = fields.String(required=True, allow_none=True)
    brand = fields.Nested(BrandAnswer, required=True)
