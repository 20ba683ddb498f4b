"""Shapes of cards over the counter: first PINs, swaps, old cards' stamps, visits to be claimed, and practising."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mobile_api.fields import Amount, Currency, Identifier, Instant, Shape, Text, Whole
from mobile_api.v1.schemas.counter import LONGEST_CODE, LONGEST_SCAN, MOST_ITEMS, ItemBody, Who
from mobile_api.v1.schemas.counter_answers import (
    AccountAnswer,
    BalanceAnswer,
    EarnedAnswer,
    MerchantAnswer,
    ShopAnswer,
    UnlockedAnswer,
)

LONGEST_PIN = 16


class CounterPinBody(Shape):
    """The PIN that whoever holds the card has typed; ``staff_pin`` where nobody who may approve is signed in."""

    scan_id = Text(LONGEST_SCAN, required=True)
    pin = Text(LONGEST_PIN, required=True)
    staff_pin = Text(LONGEST_PIN)


class CounterPinAnswer(Schema):
    """The card has a PIN now."""

    has_pin = fields.Boolean(required=True)


class SwapBody(Shape):
    """The old card, as scanned or typed, and the new printed one. ``pin`` is the old card's; another system's card is
    swapped by staff approval: ``staff_pin`` where nobody who may approve is signed in."""

    code = Text(LONGEST_CODE, required=True)
    new_code = Text(LONGEST_CODE, required=True)
    pin = Text(LONGEST_PIN)
    staff_pin = Text(LONGEST_PIN)


class SwapAnswer(Schema):
    """The new card, and what its member holds at this shop."""

    number_masked = fields.String(required=True)
    accounts = fields.List(fields.Nested(AccountAnswer), required=True)


class OpeningBody(Who):
    """What an old paper card holds in one programme; ``staff_pin`` where nobody who may approve is signed in."""

    programme_id = Identifier(required=True)
    units = Whole(1, 100_000, required=True)
    staff_pin = Text(LONGEST_PIN)


class OpeningAnswer(Schema):
    """What was booked, and the vouchers of the cards that it filled."""

    transaction_id = Identifier(required=True)
    accounts = fields.List(fields.Nested(BalanceAnswer), required=True)
    unlocked = fields.List(fields.Nested(UnlockedAnswer), required=True)


class VisitClaimBody(Shape):
    """A purchase or a check-in of somebody without a card at hand."""

    amount = Amount()
    currency = Currency()
    units = Whole(1, 100)
    programme_id = Identifier()
    items = fields.List(fields.Nested(ItemBody), validate=validate.Length(max=MOST_ITEMS))
    receipt_ref = Text(100)


class VisitClaimAnswer(Schema):
    """A booked visit, and the address and QR code by which a phone claims it until ``claim_until``."""

    visit_id = Identifier(required=True)
    transaction_id = Identifier(required=True)
    earned = fields.List(fields.Nested(EarnedAnswer), required=True)
    accounts = fields.List(fields.Nested(BalanceAnswer), required=True)
    url = fields.String(required=True)
    qr_svg = fields.String(required=True)
    claim_until = Instant(required=True)


class PracticeCardAnswer(Schema):
    """A card that is worth nothing, and the state it is in."""

    code = fields.String(required=True)
    what = fields.String(required=True, validate=validate.OneOf(["new", "half", "almost_full", "voucher", "blocked"]))


class TrainingAnswer(Schema):
    """A sandbox of the shop: with this token everything works as it does there, and nothing is real."""

    device_token = fields.String(required=True)
    location = fields.Nested(ShopAnswer, required=True)
    merchant = fields.Nested(MerchantAnswer, required=True)
    cards = fields.List(fields.Nested(PracticeCardAnswer), required=True)
