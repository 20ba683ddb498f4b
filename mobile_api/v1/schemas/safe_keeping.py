"""Shapes of passkeys, sessions, moves to another phone, and what a member is asked before something is spent."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mobile_api.fields import Identifier, Instant, Shape, Text
from mobile_api.v1.schemas.member_answers import MemberMerchantAnswer

LONGEST_NAME = 200


class PasskeySignInBody(Shape):
    """A challenge and the browser's answer to it, as `PublicKeyCredential.toJSON()` gives it."""

    challenge_id = Identifier(required=True)
    credential = fields.Dict(keys=fields.String(), required=True)


class PasskeyBody(PasskeySignInBody):
    """A new passkey, and what its member calls it."""

    name = Text(LONGEST_NAME, allow_none=True)


class MoveBody(Shape):
    """A code that another phone or browser of the member shows."""

    code = Text(64, required=True)


class ChallengeAnswer(Schema):
    """What the browser is to have made or signed, within five minutes and once."""

    challenge_id = Identifier(required=True)
    public_key = fields.Dict(
        required=True,
        metadata={"description": "For `parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`"},
    )


class PasskeyAnswer(Schema):
    """A passkey of the member's own."""

    passkey_id = Identifier(required=True)
    name = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    last_used_at = Instant(required=True, allow_none=True)


class PasskeysAnswer(Schema):
    """The member's passkeys, the newest first."""

    items = fields.List(fields.Nested(PasskeyAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class MoveAnswer(Schema):
    """A code to go on with elsewhere, told this once; `url` opens the app with it."""

    code = fields.String(required=True, metadata={"example": "7K3M9-QX2D4"})
    url = fields.String(required=True)
    expires_at = Instant(required=True)


class SessionAnswer(Schema):
    """A phone or browser in which the member is signed in. Until `waits_until` it may not spend."""

    session_id = Identifier(required=True)
    began = fields.String(
        required=True,
        validate=validate.OneOf(("anonymous", "code", "passkey", "recovery", "transfer")),
        metadata={"description": "`code`: by a mailed code"},
    )
    created_at = Instant(required=True)
    last_used_at = Instant(required=True)
    waits_until = Instant(required=True, allow_none=True)
    is_this = fields.Boolean(required=True)


class SessionsAnswer(Schema):
    """The member's open sessions, the newest first."""

    items = fields.List(fields.Nested(SessionAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class SpendingRequestAnswer(Schema):
    """What a counter wants to spend. `worth` is null where the shop never said what it is worth."""

    request_id = Identifier(required=True)
    merchant = fields.Nested(MemberMerchantAnswer, required=True)
    location_name = fields.String(required=True)
    reward_name = fields.String(required=True)
    worth = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True)
    asked_at = Instant(required=True)
    expires_at = Instant(required=True)
    status = fields.String(required=True, validate=validate.OneOf(("asked", "approved", "refused", "used", "expired")))


class SpendingRequestsAnswer(Schema):
    """What the member was asked within a day, the newest first."""

    items = fields.List(fields.Nested(SpendingRequestAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
