"""Shapes of what tablets and tills send."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mobile_api.fields import Amount, Count, Currency, Flag, Identifier, Instant, Shape, Text, Whole
from mobile_api.pagination import LONGEST_CURSOR, MOST, USUAL

LONGEST_CODE = 256
LONGEST_SCAN = 2048
LONGEST_KEY = 255
MOST_ITEMS = 200
MOST_EVENTS = 500
LARGEST = 2**53 - 1  # the largest whole number that every JSON reader keeps exact


class PairBody(Shape):
    """A tablet's pairing code and what it is to be called."""

    pairing_code = Text(40, required=True)
    name = Text(80, required=True)


class ScanBody(Shape):
    """A card's number, its URL, or its URL with rotating digits; any case, spaces allowed."""

    code = Text(LONGEST_CODE, required=True)


class ClaimApprovalBody(Shape):
    """A printed card, as scanned or typed; ``staff_pin`` where nobody of the shop is signed in."""

    code = Text(LONGEST_CODE, required=True)
    staff_pin = Text(16)


class Who(Shape):
    """Whose card: exactly one of ``code`` and ``scan_id``."""

    code = Text(LONGEST_CODE)
    scan_id = Text(LONGEST_SCAN)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("code" in data) == ("scan_id" in data):
            raise ValidationError("Exactly one of code and scan_id is needed.", "code")


def refuse_at_kiosk(data: dict[str, Any]) -> None:
    """At a kiosk nobody sees to what is keyed in: it is one visit, and nothing is said of it."""
    if data.get("kiosk"):
        surplus = [name for name in ("amount", "units", "items") if name in data]
        if surplus:
            raise ValidationError("Not at a kiosk.", surplus[0])


_KIOSK = {"description": "Nobody stood by: one visit, and one alone within the shop's time for each member"}


class ItemBody(Shape):
    """A line of the receipt; ``amount`` is the whole line's."""

    sku = Text(64)
    name = Text(200)
    category = Text(64)
    quantity = Whole(1, 10_000)
    amount = Amount()


class VisitBody(Who):
    """A purchase or a check-in."""

    amount = Amount()
    currency = Currency()
    units = Whole(1, 100)
    programme_id = Identifier()
    items = fields.List(fields.Nested(ItemBody), validate=validate.Length(max=MOST_ITEMS))
    occurred_at = Instant()
    receipt_ref = Text(100)
    kiosk = Flag(metadata=_KIOSK)

    @validates_schema
    def nothing_at_a_kiosk(self, data: dict[str, Any], **_: Any) -> None:
        refuse_at_kiosk(data)


class RedemptionBody(Shape):
    """A reward for a card, a voucher by its code alone, or a voucher by its id with the card that holds it."""

    code = Text(LONGEST_CODE)
    scan_id = Text(LONGEST_SCAN)
    reward_id = Identifier()
    quantity = Whole(1, 1_000)
    voucher_code = Text(64)
    voucher_id = Identifier()
    member_pin = Text(16)
    staff_pin = Text(16)

    @validates_schema
    def a_card_or_a_voucher(self, data: dict[str, Any], **_: Any) -> None:
        if "voucher_code" in data:
            surplus = [name for name in ("code", "scan_id", "reward_id", "quantity", "voucher_id") if name in data]
            if surplus:
                raise ValidationError("Not beside a voucher_code.", surplus[0])
            return
        if ("reward_id" in data) == ("voucher_id" in data):
            raise ValidationError("A reward_id, a voucher_id or a voucher_code is needed.", "reward_id")
        if "voucher_id" in data and "quantity" in data:
            raise ValidationError("Not beside a voucher_id.", "quantity")
        if ("code" in data) == ("scan_id" in data):
            raise ValidationError("Exactly one of code and scan_id is needed.", "code")


class CounterHoldBody(Who):
    """A reward that a till will settle later."""

    reward_id = Identifier(required=True)
    quantity = Whole(1, 1_000)
    member_pin = Text(16)
    staff_pin = Text(16)


class ReverseBody(Shape):
    """Why, and how much of it was refunded; without an amount all of it."""

    reason = Text(200, required=True)
    amount = Amount()


class EmptyBody(Shape):
    """Nothing: ``{}`` or no body at all."""


class StaffSessionBody(Shape):
    """Who stands at the counter."""

    staff_pin = Text(16, required=True)


class LookupBody(Shape):
    """An e-mail address or a phone number, one of them."""

    email = Text(254)
    phone = Text(32)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Exactly one of email and phone is needed.", "email")


class SyncBody(Shape):
    """A tablet's queue, or without events a sign of life. Each event is judged by itself, so that a bad one never stops
    the rest."""

    sent_at = Instant(required=True)
    events = fields.List(
        fields.Raw(allow_none=True, metadata={"type": "object"}),
        required=True,
        validate=validate.Length(max=MOST_EVENTS),
    )
    acks = fields.List(
        Identifier(),
        validate=validate.Length(max=MOST_EVENTS),
        metadata={
            "description": "Reservations of `releases` that are out of use at the tablet, all that it redeemed before"
            " having been sent"
        },
    )
    clock_offset_ms = Whole(
        -LARGEST, LARGEST, metadata={"description": "By how much the tablet's clock is ahead, as far as it knows"}
    )
    app_version = Text(64)
    queue_length = Whole(0, LARGEST, metadata={"description": "How many events wait at the tablet, these among them"})
    is_storage_kept = Flag(metadata={"description": "Whether the browser promised not to clear the queue"})
    last_sequence = Whole(
        0,
        LARGEST,
        metadata={
            "description": "The highest number that the tablet ever gave out; only when nothing is left behind"
            " `events`, so that a number that didn't come is known to be lost"
        },
    )


class DecisionBody(Shape):
    """What becomes of an event under review."""

    decision = fields.String(required=True, validate=validate.OneOf(["approve", "refuse"]))


class _Event(Shape):
    id = fields.String(required=True, validate=validate.Regexp(r"^[\x20-\x7e]{1,255}\Z"))
    sequence = Whole(0, LARGEST, required=True)
    type = fields.String(required=True, validate=validate.OneOf(["visit", "redemption"]))
    occurred_at = Instant(required=True)
    staff_id = Identifier()


class VisitEvent(_Event):
    """A visit that waited in the queue."""

    code = Text(LONGEST_CODE)
    scan_id = Text(LONGEST_SCAN)
    amount = Amount()
    currency = Currency()
    units = Whole(1, 100)
    programme_id = Identifier()
    items = fields.List(fields.Nested(ItemBody), validate=validate.Length(max=MOST_ITEMS))
    receipt_ref = Text(100)
    kiosk = Flag(metadata=_KIOSK)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("code" in data) == ("scan_id" in data):
            raise ValidationError("Exactly one of code and scan_id is needed.", "code")

    @validates_schema
    def nothing_at_a_kiosk(self, data: dict[str, Any], **_: Any) -> None:
        refuse_at_kiosk(data)


class RedemptionEvent(_Event):
    """A voucher that was reserved for this tablet and redeemed without a network."""

    voucher_code = Text(64, required=True)
    hold_id = Identifier(
        metadata={"description": "The reservation it was redeemed under, for a tablet that was paired anew meanwhile"}
    )


class PageQuery(Shape):
    """Which part of a list."""

    limit = Count(1, MOST, load_default=USUAL)
    cursor = Text(LONGEST_CURSOR)
