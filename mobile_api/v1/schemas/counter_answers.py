"""Shapes of what tablets and tills are answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mobile_api.fields import Identifier, Instant


class ShopAnswer(Schema):
    """The location that a device belongs to."""

    location_id = Identifier(required=True)
    name = fields.String(required=True)
    street = fields.String(allow_none=True)
    postcode = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    country = fields.String()
    timezone = fields.String(required=True)


class MerchantAnswer(Schema):
    """The merchant that a device belongs to."""

    merchant_id = Identifier(required=True)
    name = fields.String(required=True, attribute="merchant_name")
    category = fields.String()
    currency = fields.String(required=True)
    hue = fields.Integer(metadata={"description": "The merchant's colour, in degrees"})
    logo_svg = fields.String(allow_none=True)


class PairAnswer(Schema):
    """A new device. The token is told this once."""

    device_id = Identifier(required=True)
    device_token = fields.String(required=True)
    location = fields.Nested(ShopAnswer, required=True)
    merchant = fields.Nested(MerchantAnswer, required=True)


class ClaimApprovalAnswer(Schema):
    """Until when the card's number alone claims it."""

    approved_until = Instant(required=True)


class CardAnswer(Schema):
    """A card as a shop may see it."""

    number_masked = fields.String(required=True)
    status = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["printed", "digital", "foreign"]))
    has_pin = fields.Boolean(metadata={"description": "Of a printed card: whether its member can redeem by PIN"})


class PersonAnswer(Schema):
    """The member, as far as she lets this shop know."""

    display_name = fields.String(required=True, allow_none=True)
    is_new = fields.Boolean(required=True)
    greeting = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "`first_visit`, `birthday`, `welcome_back`, or null"},
    )


class AccountAnswer(Schema):
    """A balance in one programme."""

    programme_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    unit = fields.String(required=True)
    asks = fields.String(required=True, validate=validate.OneOf(["amount", "items", "visit"]))
    counted = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
        metadata={"description": "The products that count by the piece, each by its `category` or `sku`"},
    )
    balance = fields.Integer(required=True)
    owed = fields.Integer(required=True)
    goal = fields.Integer(required=True, allow_none=True)
    to_next_reward = fields.Integer(required=True, allow_none=True)
    tier = fields.String(required=True, allow_none=True)


class RewardAnswer(Schema):
    """A reward of the catalogue. ``value`` is what a till applies; ``needs`` what redeeming it takes besides."""

    reward_id = Identifier(required=True)
    programme_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    cost = fields.Integer(required=True)
    value = fields.Dict(required=True)
    redeemable = fields.Boolean(required=True, attribute="is_redeemable")
    needs = fields.List(fields.String(), required=True)


class VoucherAnswer(Schema):
    """A voucher that the member holds here."""

    voucher_id = Identifier(required=True)
    voucher_code = fields.String(
        required=True,
        allow_none=True,
        attribute="code",
        metadata={"description": "Redeems it alone; null where `needs` must be met with the card first"},
    )
    reward_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    value = fields.Dict(required=True)
    expires_at = Instant(required=True, allow_none=True)
    held = fields.Boolean(required=True, attribute="is_held")
    needs = fields.List(fields.String(), required=True)


class PromotionAnswer(Schema):
    """A promotion that runs now."""

    promotion_id = Identifier(required=True)
    programme_id = Identifier(required=True)
    name = fields.String(required=True)


class ScanAnswer(Schema):
    """Who stands at the counter. ``scan_id`` stands for the code on this device for ten minutes."""

    scan_id = fields.String(required=True)
    expires_at = Instant(required=True)
    card = fields.Nested(CardAnswer, required=True)
    member = fields.Nested(PersonAnswer, required=True)
    accounts = fields.List(fields.Nested(AccountAnswer), required=True)
    rewards = fields.List(fields.Nested(RewardAnswer), required=True)
    vouchers = fields.List(fields.Nested(VoucherAnswer), required=True)
    promotions = fields.List(fields.Nested(PromotionAnswer), required=True)
    currency = fields.String(required=True)
    proof = fields.String(required=True, validate=validate.OneOf(["rotating", "static", "lookup"]))


class EarnedAnswer(Schema):
    """What a visit earned in one programme, and which rules gave it."""

    programme_id = Identifier(required=True)
    units = fields.Integer(required=True)
    reason = fields.String(required=True)
    parts = fields.List(fields.Dict(), required=True)
    limited = fields.List(fields.Dict(), required=True)


class BalanceAnswer(Schema):
    """A balance after the booking."""

    programme_id = Identifier(required=True)
    balance = fields.Integer(required=True)
    owed = fields.Integer(required=True)


class UnlockedAnswer(Schema):
    """A voucher that the visit issued."""

    voucher_id = Identifier(required=True)
    voucher_code = fields.String(required=True)
    reward_id = Identifier(required=True)
    name = fields.String(required=True)


class VisitAnswer(Schema):
    """A booked visit."""

    visit_id = Identifier(required=True)
    transaction_id = Identifier(required=True)
    earned = fields.List(fields.Nested(EarnedAnswer), required=True)
    accounts = fields.List(fields.Nested(BalanceAnswer), required=True)
    unlocked = fields.List(fields.Nested(UnlockedAnswer), required=True)


class PreviewAnswer(VisitAnswer):
    """What a visit would earn: nothing is booked, so there are no ids."""

    visit_id = Identifier(required=True, allow_none=True)
    transaction_id = Identifier(required=True, allow_none=True)


class GivenAnswer(Schema):
    """The reward that was given, with the value that a till applies."""

    reward_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    value = fields.Dict(required=True)


class RedemptionAnswer(Schema):
    """A reward that was given, or is held until ``hold_until``."""

    redemption_id = Identifier(required=True)
    transaction_id = Identifier(required=True)
    reward = fields.Nested(GivenAnswer, required=True)
    accounts = fields.List(fields.Nested(BalanceAnswer), required=True)
    hold_until = Instant(allow_none=True)


class ReversalAnswer(Schema):
    """A booked reversal."""

    transaction_id = Identifier(required=True)
    reverses = Identifier(required=True)
    accounts = fields.List(fields.Nested(BalanceAnswer), required=True)


class SyncedAnswer(Schema):
    """What became of one event. Only such an answer removes it from the tablet's queue."""

    id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(["applied", "duplicate", "rejected", "review"]))
    transaction_id = Identifier()
    problem = fields.Dict(metadata={"description": "A problem as RFC 9457 has it"})


class SyncAnswer(Schema):
    """One result for each event, in order, and what the tablet has to know besides."""

    results = fields.List(fields.Nested(SyncedAnswer), required=True)
    received_at = Instant(required=True, metadata={"description": "The service's clock"})
    releases = fields.List(
        Identifier(),
        required=True,
        metadata={"description": "Reservations to put out of use here, then to send as `acks`"},
    )
    missing = fields.List(
        fields.List(fields.Integer(), validate=validate.Length(equal=2)),
        required=True,
        metadata={"description": "Numbers of the queue that never came: first and last of each run, at most 100 runs"},
    )
    reviews = fields.Integer(
        required=True, metadata={"description": "Events of this location that wait for somebody to decide"}
    )


class ReviewAnswer(Schema):
    """An event of a tablet's queue that somebody has to decide on."""

    id = fields.String(required=True, attribute="event_id")
    type = fields.String(required=True, attribute="kind", validate=validate.OneOf(["visit", "redemption"]))
    occurred_at = Instant(required=True)
    received_at = Instant(required=True)
    reason = fields.String(required=True, metadata={"description": "Such as `too_old`, `too_far_ahead`, `code_used`"})
    detail = fields.String(required=True, metadata={"description": "What happened and what to do"})
    number_masked = fields.String(required=True, allow_none=True)
    amount = fields.String(required=True, allow_none=True)
    units = fields.Integer(required=True, allow_none=True)
    staff_name = fields.String(required=True, allow_none=True)
    device_name = fields.String(required=True)


class ReviewsAnswer(Schema):
    """A page of the shop's inbox, the oldest first."""

    items = fields.List(fields.Nested(ReviewAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class DecisionAnswer(Schema):
    """What was decided, and what was booked."""

    status = fields.String(required=True, validate=validate.OneOf(["approved", "refused"]))
    transaction_id = Identifier(required=True, allow_none=True)


class StaffSessionAnswer(Schema):
    """Who stands at the counter; the token goes beside the device's as ``X-Staff-Token``."""

    staff_token = fields.String(required=True, attribute="token")
    staff_id = Identifier(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    expires_at = Instant(required=True)


class TransactionAnswer(Schema):
    """A line of a location's list. ``units`` by programme, negative where they left the member."""

    transaction_id = Identifier(required=True)
    kind = fields.String(required=True)
    number_masked = fields.String(required=True, allow_none=True)
    units = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    amount = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    refundable = fields.String(
        required=True, allow_none=True, metadata={"description": "What of the amount has not been refunded"}
    )
    occurred_at = Instant(required=True)
    recorded_at = Instant(required=True)
    staff_id = Identifier(required=True, allow_none=True)
    staff_name = fields.String(required=True, allow_none=True)
    device_id = Identifier(required=True, allow_none=True)
    reverses = Identifier(required=True, allow_none=True)
    reversed_by = fields.List(Identifier(), required=True)
    is_reversible = fields.Boolean(
        required=True, metadata={"description": "Whether something of it is left that can be undone here"}
    )
    reward_name = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class TransactionsAnswer(Schema):
    """A page of a location's latest transactions."""

    items = fields.List(fields.Nested(TransactionAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
