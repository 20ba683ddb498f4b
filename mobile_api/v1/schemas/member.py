"""Shapes of what the members' app sends."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.wallet.service import CHANNELS
from mobile_api.fields import Amount, Count, Identifier, Shape, Text, Whole
from mobile_api.pagination import LONGEST_CURSOR, MOST, USUAL

LONGEST_EMAIL = 254
LONGEST_NUMBER = 256
LONGEST_CODE = 64
LONGEST_TOKEN = 512


class Flag(fields.Boolean):
    """True or false: no text, no number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not true or false.")
        return value


class AnonymousBody(Shape):
    """Nothing but, if wanted, the language of mails and pages."""

    locale = Text(16)


class CodeBody(Shape):
    """Where a code is mailed to, and in which language."""

    email = Text(LONGEST_EMAIL, required=True)
    locale = Text(16)


class TokenBody(Shape):
    """An address and the code that was mailed to it."""

    email = Text(LONGEST_EMAIL, required=True)
    code = Text(16, required=True)
    locale = Text(16)


class RefreshBody(Shape):
    """The latest refresh token."""

    refresh_token = Text(LONGEST_TOKEN, required=True)


class LogoutBody(Shape):
    """The session to end; without a refresh token the one of the access token."""

    refresh_token = Text(LONGEST_TOKEN)


class RecoveryBody(Shape):
    """The code that was written down."""

    recovery_code = Text(128, required=True)


class MeBody(Shape):
    """What is to change. A name or birthday of null is taken away."""

    name = Text(200, allow_none=True)
    birthday = Text(10, allow_none=True, metadata={"description": "`YYYY-MM-DD`, or `--MM-DD` without the year"})
    shows_name = Flag(metadata={"description": "Whether shops may see the name"})
    locale = Text(16)
    is_spending_locked = Flag(metadata={"description": "While true, nothing can be redeemed"})
    ask_above = Amount(
        allow_none=True,
        metadata={"description": "A counter that would spend what is worth more has to ask; null for never"},
    )
    daily_cap = Amount(allow_none=True, metadata={"description": "No day spends more than this; null for no cap"})


class ConsentBody(Shape):
    """One consent, with the words that were shown."""

    merchant_id = Identifier(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    is_given = Flag(required=True)
    wording = Text(2000, required=True)
    how = Text(40, load_default="app")


class CardBody(Shape):
    """Empty for a new digital card; a number claims a printed one."""

    number = Text(LONGEST_NUMBER)
    claim_code = Text(LONGEST_CODE)
    pin = Text(16)

    @validates_schema
    def proof_goes_with_a_number(self, data: dict[str, Any], **_: Any) -> None:
        if "number" not in data and ("claim_code" in data or "pin" in data):
            raise ValidationError("A number is needed with it.", "number")


class PinBody(Shape):
    """A PIN of four to eight digits."""

    pin = Text(16, required=True)


class TakeBody(Shape):
    """The reward to take, and how often where it may be taken several times at once."""

    reward_id = Identifier(required=True)
    quantity = Whole(1, 1000, load_default=1)


class HoldBody(Shape):
    """The shop, and its tablet; without one it is the tablet that was heard of last."""

    location_id = Identifier(required=True)
    device_id = Identifier()


class ListQuery(Shape):
    """Which page."""

    limit = Count(1, MOST, load_default=USUAL)
    cursor = Text(LONGEST_CURSOR)


class ActivityQuery(ListQuery):
    """Which page, and at whose shops."""

    merchant_id = Identifier(metadata={"description": "Only what happened with this merchant"})


class VouchersQuery(ListQuery):
    """Which page, and of which vouchers."""

    status = fields.String(validate=validate.OneOf(("issued", "redeemed", "expired", "cancelled")))
