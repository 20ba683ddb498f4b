"""Shapes of clubs, events and places."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.campaigns.service.clubs import LONGEST_INTEREST, LONGEST_WORDING, MOST_INTERESTS
from mobile_api.fields import Identifier, Instant, Shape, Text
from mobile_api.v1.schemas.messages import MessageMerchantAnswer


class EventAnswer(Schema):
    """An event, in the language of the request where the shop wrote so. `place` is my own: `held` with the voucher that
    is the ticket, `offered` until `offered_until`, `waiting` with so many `ahead`, or null."""

    event_id = Identifier(required=True)
    status = fields.String(required=True, metadata={"description": "`open` or `cancelled`"})
    title = fields.String(required=True)
    text = fields.String(required=True)
    where = fields.String(required=True)
    price = fields.String(required=True, allow_none=True, metadata={"description": "In words; nothing is paid here"})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    timezone = fields.String(required=True)
    left = fields.Integer(required=True, metadata={"description": "Places that are free"})
    is_bookable = fields.Boolean(required=True)
    opens_at = Instant(required=True, allow_none=True)
    closes_at = Instant(required=True)
    place = fields.String(required=True, allow_none=True)
    voucher_id = Identifier(required=True, allow_none=True)
    offered_until = Instant(required=True, allow_none=True)
    ahead = fields.Integer(required=True, allow_none=True)
    may_pass_on = fields.Boolean(required=True)
    passing_until = Instant(required=True, allow_none=True)


class ClubAnswer(Schema):
    """A shop's club. `is_on` false: the shop has none, or I do not collect there; the rest is empty then. `chosen` are
    my own interests."""

    merchant = fields.Nested(MessageMerchantAnswer, required=True)
    is_on = fields.Boolean(required=True)
    name = fields.String(required=True)
    about = fields.String(required=True)
    interests = fields.List(fields.String(), required=True)
    is_joined = fields.Boolean(required=True)
    chosen = fields.List(fields.String(), required=True)
    events = fields.List(fields.Nested(EventAnswer), required=True)


class ClubsAnswer(Schema):
    """The clubs of the shops where I collect, by the shop's name."""

    items = fields.List(fields.Nested(ClubAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class JoinBody(Shape):
    """My interests, of those that the club asks for, and the words that I was shown before I agreed."""

    interests = fields.List(Text(LONGEST_INTEREST), required=True, validate=validate.Length(max=MOST_INTERESTS))
    wording = Text(LONGEST_WORDING, required=True)


class EventPlaceAnswer(Schema):
    """What I have now: `held` or `waiting`."""

    place = fields.String(required=True)


class PassAnswer(Schema):
    """A code by which somebody else can take my ticket over: it is told this once."""

    code = fields.String(required=True)
    expires_at = Instant(required=True)


class PassBody(Shape):
    """The code that I was given."""

    code = Text(64, required=True)


class PassedAnswer(Schema):
    """The event whose ticket is mine now, and its shop."""

    event_id = Identifier(required=True)
    merchant_id = Identifier(required=True)
