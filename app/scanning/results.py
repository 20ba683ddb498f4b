"""What the counter is answered, free of HTTP and JSON. Units are whole; money in minor units of ``currency``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.merchants.counter_settings import CounterSettings
from app.rewards.outcomes import Balance, Earned, Unlocked


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
    has_pin: bool  # the card
    reference: str | None = None  # of another system's card


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
class OpeningResult:
    """What entering an old card's units came to."""

    transaction_id: str
    accounts: tuple[Balance, ...]
    unlocked: tuple[Unlocked, ...]


@dataclass(frozen=True, slots=True)
class ClaimableVisit:
    """A booked visit that whoever knows ``number`` may claim until ``claim_until``."""

    visit_id: str
    transaction_id: str
    earned: tuple[Earned, ...]
    accounts: tuple[Balance, ...]
    number: str
    claim_until: datetime


@dataclass(frozen=True, slots=True)
class SwapResult:
    """The card that took another one's place, and what its member holds at this merchant."""

    number: str
    accounts: tuple[AccountView, ...]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of a queued event: ``applied``, ``duplicate``, ``rejected`` or ``review``. ``problem`` is the domain
    error behind the last two."""

    id: str | None  # None: the event had none that could be read
    status: str
    transaction_id: str | None = None
    problem: Exception | None = None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """An event of a queue on which somebody of the shop has to decide. ``kind`` is ``visit`` or ``redemption``;
    ``reason`` is the code of what it was not simply booked for."""

    event_id: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    reason: str
    number_masked: str | None
    amount_minor: int | None
    units: int | None
    staff_name: str | None
    device_name: str


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What was decided on an event: ``approved``, with what was booked, or ``refused``."""

    event_id: str
    status: str
    transaction_id: str | None


@dataclass(frozen=True, slots=True)
class Synced:
    """What a tablet is told at a sync. ``releases``: the reservations that it is to put out of use and then confirm.
    ``missing``: the numbers of its queue, first and last of each run, that never came. ``reviews``: how many events of
    the location somebody has to decide on."""

    results: tuple[SyncResult, ...]
    received_at: datetime
    releases: tuple[str, ...]
    missing: tuple[tuple[int, int], ...]
    reviews: int


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """A programme as a tablet needs it before it sees any card. ``asks`` and ``counted`` as in :class:`AccountView`;
    ``opening_units_most``: the most units of an old paper card that may be entered, 0 for none."""

    programme_id: str
    name: str
    kind: str
    unit: str
    goal: int | None
    asks: str
    counted: tuple[Mapping[str, str], ...]
    opening_units_most: int


@dataclass(frozen=True, slots=True)
class PlaceReward:
    """What a reserved voucher may be for. ``value`` is what a till applies. ``is_for_all``: nothing but units stands
    between any member and it."""

    reward_id: str
    name: str
    kind: str
    value: Mapping[str, Any]
    is_for_all: bool


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A device and the shop that it stands in. ``asks_sign_in``: nobody books here before signing in, and somebody can.
    ``reservation_key``: with which a tablet checks vouchers that were reserved for it; a till has none. ``pairs``: what
    ten members at least took in one visit, by the products' names, where the shop wants hints."""

    device_id: str
    name: str
    is_sandbox: bool
    settings: CounterSettings
    asks_sign_in: bool
    programmes: tuple[ProgrammeFacts, ...]
    rewards: tuple[PlaceReward, ...]
    has_staff_pins: bool
    takes_foreign_cards: bool
    reviews: int
    now: datetime
    earns_until: datetime | None  # from then on nothing is earned here
    pairs: tuple[tuple[str, str], ...]
    reservation_key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TransactionView:
    """A line of a location's list. ``units`` is per programme, negative where they left the member;
    ``refundable_minor`` is what of the amount was not refunded yet; ``is_reversible``: there is something of it left to
    undo here."""

    transaction_id: str
    kind: str
    number_masked: str | None
    units: Mapping[str, int]
    amount_minor: int | None
    currency: str | None
    refundable_minor: int | None
    occurred_at: datetime
    recorded_at: datetime
    staff_id: str | None
    staff_name: str | None
    device_id: str | None
    reverses: str | None
    reversed_by: tuple[str, ...]
    is_reversible: bool
    reward_name: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer under an idempotency key: the first one's status and body, whoever asks again."""

    status: int
    body: str
    is_replay: bool = False
