"""Shapes of what the members' app is answered."""

from __future__ import annotations

from marshmallow import Schema, fields

from mobile_api.fields import Identifier, Instant
from mobile_api.v1.schemas.pictures import PictureAnswer


class MemberCardAnswer(Schema):
    """A card of the member's own. ``url`` is what its QR holds, without the digits of the moment."""

    card_id = Identifier(required=True)
    number = fields.String(required=True)
    url = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "`printed` or `digital`"})
    status = fields.String(required=True, metadata={"description": "`active`, `blocked` or `replaced`"})
    replaced_by = fields.String(required=True, allow_none=True)
    has_pin = fields.Boolean(required=True)
    has_installation = fields.Boolean(required=True)
    installation_id = Identifier(
        required=True, allow_none=True, metadata={"description": "Of the app that computes its digits now"}
    )
    issued_at = Instant(required=True)
    claimed_at = Instant(required=True, allow_none=True)
    blocked_at = Instant(required=True, allow_none=True)


class GooglePassAnswer(Schema):
    """Where a card is saved in Google Wallet."""

    url = fields.String(required=True, metadata={"description": "At `pay.google.com`; good for this card alone"})


class MovedAccountAnswer(Schema):
    """Units that came along in one programme."""

    programme_id = Identifier(required=True)
    name = fields.String(required=True)
    merchant_name = fields.String(required=True)
    unit = fields.String(required=True)
    units = fields.Integer(required=True)


class MovedAnswer(Schema):
    """What a merge brought: units by programme, vouchers that can still be used, and cards."""

    accounts = fields.List(fields.Nested(MovedAccountAnswer), required=True)
    vouchers = fields.Integer(required=True)
    cards = fields.Integer(required=True)


class ClaimedCardAnswer(MemberCardAnswer):
    """A card that is the member's own now. `moved` is what came with it, null where nothing had to be merged."""

    moved = fields.Nested(MovedAnswer, required=True, allow_none=True)


class TokenAnswer(Schema):
    """A session: a short access token, and the refresh token that gets the next one, once. `moved` is what came along
    from the member who was here before, null where nobody was merged."""

    moved = fields.Nested(MovedAnswer, required=True, allow_none=True)

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds"})


class AnonymousAnswer(TokenAnswer):
    """A new member's session and card. The recovery code is told this once."""

    card = fields.Nested(MemberCardAnswer, required=True)
    recovery_code = fields.String(required=True)


class RecoveredAnswer(TokenAnswer):
    """A session, and the next recovery code, told this once."""

    recovery_code = fields.String(required=True)


class RecoveryCodeAnswer(Schema):
    """A new recovery code, told this once; older ones stopped working."""

    recovery_code = fields.String(required=True)


class MeAnswer(Schema):
    """The member as she sees herself."""

    member_id = Identifier(required=True)
    status = fields.String(required=True, metadata={"description": "`anonymous`, or `claimed` once there is a login"})
    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    birthday = fields.String(required=True, allow_none=True)
    shows_name = fields.Boolean(required=True)
    locale = fields.String(required=True)
    is_spending_locked = fields.Boolean(required=True)
    ask_above = fields.String(required=True, allow_none=True)
    daily_cap = fields.String(required=True, allow_none=True)
    brakes_currency = fields.String(required=True)
    is_secured = fields.Boolean(
        required=True, metadata={"description": "Whether an e-mail address or a passkey leads back to her"}
    )
    has_passkey = fields.Boolean(required=True)
    spending_waits_until = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Until then this session may not spend; null where it may"},
    )
    created_at = Instant(required=True)


class ConsentAnswer(Schema):
    """The latest word on one channel of one merchant, with when and how it was given."""

    merchant_id = Identifier(required=True)
    merchant_name = fields.String(required=True)
    channel = fields.String(required=True)
    is_given = fields.Boolean(required=True)
    how = fields.String(required=True)
    wording = fields.String(required=True)
    occurred_at = Instant(required=True)


class ConsentsAnswer(Schema):
    """All consents on which the member ever said a word."""

    items = fields.List(fields.Nested(ConsentAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class MemberCardsAnswer(Schema):
    """The member's cards, the newest first."""

    items = fields.List(fields.Nested(MemberCardAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class TotpAnswer(Schema):
    """What computes the digits (RFC 6238). The secret is in base32 without padding."""

    secret = fields.String(required=True)
    algorithm = fields.String(required=True)
    period = fields.Integer(required=True, metadata={"description": "Seconds"})
    digits = fields.Integer(required=True)


class InstallationAnswer(Schema):
    """A new installation. The secret is told this once."""

    installation_id = Identifier(required=True)
    number = fields.String(required=True)
    url = fields.String(required=True)
    totp = fields.Nested(TotpAnswer, required=True)


class MergeAnswer(Schema):
    """A merge by which the member got these cards."""

    merge_id = Identifier(required=True)
    numbers = fields.List(fields.String(), required=True)
    merged_at = Instant(required=True)
    undone_at = Instant(required=True, allow_none=True)


class MergesAnswer(Schema):
    """All merges, the latest first."""

    items = fields.List(fields.Nested(MergeAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class MemberMerchantAnswer(Schema):
    """A merchant in the member's lists."""

    merchant_id = Identifier(required=True)
    name = fields.String(required=True)
    slug = fields.String()
    category = fields.String()
    hue = fields.Integer(metadata={"description": "The merchant's colour, in degrees"})
    currency = fields.String()


class DrawnMerchantAnswer(MemberMerchantAnswer):
    """A merchant with its drawing, so that a phone can show it without a network."""

    logo_svg = fields.String(
        required=True, allow_none=True, metadata={"description": "Plain shapes, checked when it was handed in"}
    )


class ExpiringAnswer(Schema):
    """Units that will be gone at that moment."""

    units = fields.Integer(required=True)
    at = Instant(required=True)


class MemberAccountAnswer(Schema):
    """A balance in one programme."""

    programme_id = Identifier(required=True)
    name = fields.String(required=True)
    merchant = fields.Nested(DrawnMerchantAnswer, required=True)
    kind = fields.String(required=True)
    unit = fields.String(required=True)
    balance = fields.Integer(required=True)
    owed = fields.Integer(required=True)
    goal = fields.Integer(required=True, allow_none=True)
    to_next_reward = fields.Integer(required=True, allow_none=True)
    tier = fields.String(required=True, allow_none=True)
    visits = fields.Integer(required=True)
    last_visit_at = Instant(required=True, allow_none=True)
    expiring = fields.List(fields.Nested(ExpiringAnswer), required=True)
    earns_until = Instant(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a shop that stops or is paused: from then on nothing is earned there. Null: it stays"
        },
    )
    redeems_until = Instant(
        required=True, allow_none=True, metadata={"description": "From then on nothing is redeemed there either"}
    )


class MemberAccountsAnswer(Schema):
    """Every programme in which the member has an account."""

    items = fields.List(fields.Nested(MemberAccountAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class WhyAnswer(Schema):
    """Units that one rule gave or took. ``label`` is a promotion's or a reward's name."""

    rule = fields.String(required=True)
    units = fields.Integer(required=True)
    label = fields.String(required=True, allow_none=True)
    params = fields.Dict(required=True)


class EntryAnswer(Schema):
    """What changed in one programme; the units of ``why`` add up to ``units``."""

    programme_id = Identifier(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    units = fields.Integer(required=True)
    why = fields.List(fields.Nested(WhyAnswer), required=True)
    limited = fields.List(fields.Dict(), required=True)


class ActivityAnswer(Schema):
    """One booking."""

    transaction_id = Identifier(required=True)
    kind = fields.String(required=True)
    occurred_at = Instant(required=True)
    recorded_at = Instant(required=True)
    reverses = Identifier(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    merchant_id = Identifier(required=True, allow_none=True)
    merchant_name = fields.String(required=True, allow_none=True)
    location_id = Identifier(required=True, allow_none=True)
    location_name = fields.String(required=True, allow_none=True)
    visit_id = Identifier(required=True, allow_none=True)
    amount = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    is_reversed = fields.Boolean(required=True)
    voucher_id = Identifier(required=True, allow_none=True)
    reward_name = fields.String(required=True, allow_none=True)
    entries = fields.List(fields.Nested(EntryAnswer), required=True)


class ActivitiesAnswer(Schema):
    """What happened, the newest first."""

    items = fields.List(fields.Nested(ActivityAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ReservationAnswer(Schema):
    """That a voucher is for one tablet. `url` is shown to it as a QR; `release_at` is when its end was asked for."""

    hold_id = Identifier(required=True)
    device_id = Identifier(required=True)
    device_name = fields.String(required=True)
    location_id = Identifier(required=True)
    url = fields.String(required=True)
    release_at = Instant(required=True, allow_none=True)


class MemberVoucherAnswer(Schema):
    """A voucher. ``value`` is what a till applies. Its code alone redeems it: `code` and `hold` are null in a session
    that may not spend yet. One that `is_online` is for the shop's webshop: no counter takes it, and `webshop_code` is
    what is typed there, once it was asked for."""

    voucher_id = Identifier(required=True)
    code = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    reward_id = Identifier(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    value = fields.Dict(required=True)
    cost = fields.Integer(required=True)
    quantity = fields.Integer(required=True)
    source = fields.String(required=True)
    programme_id = Identifier(required=True)
    merchant = fields.Nested(MemberMerchantAnswer, required=True)
    issued_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    redeemed_at = Instant(required=True, allow_none=True)
    hold_location_id = Identifier(required=True, allow_none=True)
    hold_until = Instant(required=True, allow_none=True)
    hold = fields.Nested(ReservationAnswer, required=True, allow_none=True)
    picture = fields.Nested(PictureAnswer, required=True, allow_none=True)
    is_online = fields.Boolean(required=True)
    webshop_code = fields.String(required=True, allow_none=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why the shop gave it by hand, in its own words"}
    )


class MemberVouchersAnswer(Schema):
    """The member's vouchers, the newest first."""

    items = fields.List(fields.Nested(MemberVoucherAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
