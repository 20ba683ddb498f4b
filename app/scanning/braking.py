"""A member's brakes, held at the counter: what must be free before anything of hers is spent there."""

from __future__ import annotations

from datetime import datetime

from app.cards import waiting
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.counter_settings import ROTATING_CODE, STAFF_APPROVAL
from app.rewards import brakes
from app.rewards.brakes import Brakes
from app.rewards.configuration import MerchantConfig
from app.rewards.vouchers import VoucherRow
from app.scanning.approving import Approval
from app.scanning.asking import Wish, require_confirmed
from app.scanning.counter import Counter
from app.scanning.errors import ProofNeededError
from app.scanning.identifying import WAITING, KnownCard, Presented


def settle(transaction: Transaction, scope: Scope, card: KnownCard, proven: Presented, approved: Approval) -> None:
    """A phone that may not spend yet was shown to somebody of the shop who approved: its wait is over.

    Raises :class:`ProofNeededError` where nothing but its digits were to approve, which began to wait meanwhile."""
    if proven.proof != WAITING or proven.session_id is None:
        return
    if approved.how == ROTATING_CODE:
        raise ProofNeededError(needs=[STAFF_APPROVAL])
    if approved.how == STAFF_APPROVAL and approved.staff_id is not None:
        waiting.end_wait(transaction, scope.now, card.member_id, proven.session_id)


def require_free(transaction: Transaction, batch: Batch, own: Brakes, wish: Wish, now: datetime, timezone: str) -> None:
    """Whether the member's brakes let this be spent here and now; her word, where she gave one, is used up with it.

    Raises ``DailyCapReachedError``, ``SpendingUnconfirmedError``, ``SpendingRefusedError``."""
    worth = own.worth(wish.worth_minor, wish.currency)
    brakes.require_within_cap(transaction, own, member_id=wish.member_id, worth=worth, now=now, timezone=timezone)
    if own.asks(worth):
        require_confirmed(transaction, batch, wish, now)


def require_released(
    transaction: Transaction, counter: Counter, config: MerchantConfig, voucher: VoucherRow, batch: Batch
) -> None:
    """As :func:`require_free`, of a voucher. One that the member took herself was her own act, counted then; the
    others, which filling a card or a shop gave, are spent now."""
    own = brakes.brakes_of(transaction, voucher.member_id)
    brakes.require_unlocked(own)
    if voucher.source == brakes.TAKEN:
        return
    wish = Wish(
        member_id=voucher.member_id,
        merchant_id=config.id,
        location_id=counter.location_id,
        reward_id=voucher.reward_id,
        voucher_id=voucher.id,
        quantity=voucher.quantity,
        worth_minor=brakes.minor_of(voucher.value),
        currency=voucher.value.get("currency", config.currency),
    )
    timezone = config.any_programme(voucher.programme_id).timezone
    require_free(transaction, batch, own, wish, counter.scope.now, timezone)
