"""What a tablet or a till asks for, already checked for shape by its face."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.rewards.evaluator import Item


@dataclass(frozen=True, slots=True)
class Identification:
    """Whose card: the code as scanned or typed, or a ``scan_id`` that stands for it. Exactly one is set."""

    code: str | None = None
    scan_id: str | None = None


@dataclass(frozen=True, slots=True)
class VisitRequest:
    """A purchase or check-in. ``amount_minor`` in the merchant's currency; ``occurred_at`` aware, none means now."""

    who: Identification
    amount_minor: int | None = None
    currency: str | None = None
    units: int | None = None
    programme_id: str | None = None
    items: tuple[Item, ...] = ()
    occurred_at: datetime | None = None
    receipt_ref: str | None = None
    staff_id: str | None = None  # a queued event's claim
    is_kiosk: bool = False  # nobody stood by: no amount, units or items


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """A reward for units (``who`` and ``reward_id``, ``quantity`` times a flexible one), a voucher by its code, or one
    that the card in front of us holds (``who`` and ``voucher_id``)."""

    who: Identification | None = None
    reward_id: str | None = None
    quantity: int = 1
    voucher_code: str | None = None
    voucher_id: str | None = None
    member_pin: str | None = None
    staff_pin: str | None = None
    occurred_at: datetime | None = None
    staff_id: str | None = None
    hold_id: str | None = None  # the reservation that a queued one was given under


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """Undo a transaction of this location, whole or by a refunded amount."""

    transaction_id: str
    reason: str
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class TabletFacts:
    """What a tablet tells about itself: how many milliseconds its clock is ahead of ours, as far as it knows, which
    version it runs, how many events wait in its queue, whether its browser promised to keep them, and, when nothing is
    left behind this call, the highest number that it ever gave out."""

    clock_offset_ms: int | None = None
    app_version: str | None = None
    queue_length: int | None = None
    is_storage_kept: bool | None = None
    last_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """One entry of a tablet's queue; ``id`` is the idempotency key of the online try that timed out."""

    id: str
    sequence: int
    visit: VisitRequest | None = None
    redemption: RedemptionRequest | None = None
