"""What the counter is answered, free of HTTP and JSON. Units are whole; money in minor units of ``currency``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.rewards.outcomes import Balance


@dataclass(frozen=True, slots=True)
class AccountView:
    """A member's account in one of the merchant's programmes, as a tablet shows it. ``asks`` is what booking a visit
    needs to earn anything: the ``amount``, the ``items`` that count, or only that there was a ``visit``. ``counted``
    names those items, each by its ``category`` or ``sku``."""

    programme_id: str
    name: str
    kind: str
    unit: str
    asks: str
    counted: tuple[Mapping[str, str], ...]
    balance: int
    owed: int
    goal: int | None
    to_next_reward: int | None
    tier: str | None


@dataclass(frozen=True, slots=True)
class RewardView:
    """A reward of the catalogue for this member: ``needs`` lists what redeeming it takes (``member_pin``,
    ``staff_approval``); empty when nothing more. ``value`` is what a till applies."""

    reward_id: str
    programme_id: str
    name: str
    kind: str
    cost: int
    value: Mapping[str, Any]
    is_redeemable: bool
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher that the member holds at this merchant. Its ``code`` alone redeems it, so it is told only where nothing
    more is needed; else ``needs`` lists what redeeming it with the card takes, as for a reward."""

    voucher_id: str
    code: str | None
    reward_id: str
    name: str
    kind: str
    value: Mapping[str, Any]
    expires_at: datetime | None
    is_held: bool
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromotionView:
    """A promotion that runs now."""

    promotion_id: str
    programme_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Who stands at the counter, as far as this shop may know."""

    scan_id: str
    expires_at: datetime
    number: str
    card_kind: str
    card_status: str
    display_name: str | None
    is_new: bool
    greeting: str | None  # first_visit, birthday, welcome_back
    accounts: tuple[AccountView, ...]
    rewards: tuple[RewardView, ...]
    vouchers: tuple[VoucherView, ...]
    promotions: tuple[PromotionView, ...]
    proof: str  # rotating, static, lookup
    currency: str


@dataclass(frozen=True, slots=True)
class RedemptionResult:
    """A reward that was given, or is held until ``hold_until``."""

    redemption_id: str
    transaction_id: str
    reward_id: str
    name: str
    kind: str
    value: Mapping[str, Any]
    accounts: tuple[Balance, ...]
    hold_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReversalResult:
    """A booked reversal."""

    transaction_id: str
    reverses: str
    accounts: tuple[Balance, ...]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of a queued event: ``applied``, ``duplicate``, ``rejected`` or ``review``. ``problem`` is the domain
    error behind the last two."""

    id: str | None  # None: the event had none that could be read
    status: str
    transaction_id: str | None = None
    problem: Exception | None = None


@dataclass(frozen=True, slots=True)
class TransactionView:
    """A line of a location's list. ``units`` is per programme, negative where they left the member."""

    transaction_id: str
    kind: str
    number_masked: str | None
    units: Mapping[str, int]
    amount_minor: int | None
    currency: str | None
    occurred_at: datetime
    recorded_at: datetime
    staff_id: str | None
    device_id: str | None
    reverses: str | None
    reversed_by: tuple[str, ...]
    reward_name: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer under an idempotency key: the first one's status and body, whoever asks again."""

    status: int
    body: str
    is_replay: bool = False
