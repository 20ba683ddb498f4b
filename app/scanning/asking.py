"""Asking a member before something is spent at a counter: her word, given in her app, is good for this shop and this
reward, once, for ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.cards import security
from app.common.batch import Batch, Change
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards import brakes
from app.rewards.errors import SpendingRefusedError, SpendingUnconfirmedError

Result = TypeVar("Result")
LIFE = timedelta(minutes=10)

USE = Change("spending_request", 34, sets="status used_at", where="member_id id status")
_OPEN = Statement(
    """
    SELECT id, status FROM spending_request
    WHERE member_id = :member_id AND location_id = :location_id AND reward_id = :reward_id AND quantity = :quantity
        AND coalesce(CAST(voucher_id AS text), '') = coalesce(CAST(:voucher_id AS text), '')
        AND status <> 'used' AND expires_at > :now
    ORDER BY id DESC LIMIT 1
    """
)
_ASK = Statement(
    """
    INSERT INTO spending_request (member_id, id, merchant_id, location_id, reward_id, voucher_id, quantity, worth_minor,
        currency, status, asked_at, expires_at)
    VALUES (:member_id, :id, :merchant_id, :location_id, :reward_id, :voucher_id, :quantity, :worth_minor, :currency,
        'asked', :now, :expires_at)
    """
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be spent, of whom, and where. ``worth_minor`` in ``currency``; None where the shop never said."""

    member_id: str
    merchant_id: str
    location_id: str
    reward_id: str
    voucher_id: str | None
    quantity: int
    worth_minor: int | None
    currency: str


class UnaskedError(SpendingUnconfirmedError):
    """The same refusal, with what the member is to be asked once its transaction has been rolled back."""

    def __init__(self, wish: Wish) -> None:
        super().__init__()
        self.wish = wish


def require_confirmed(transaction: Transaction, batch: Batch, wish: Wish, now: datetime) -> None:
    """Use the member's word up, in the batch of what it is for. Raises :class:`SpendingUnconfirmedError` where there is
    none, :class:`SpendingRefusedError` where it was no. Of two that use one word at once, one finds it used."""
    rows = transaction.rows(_OPEN, _asked(wish, now))
    request_id, status = rows[0] if rows else (None, None)
    if status == "refused":
        raise SpendingRefusedError
    if status != "approved":
        raise UnaskedError(wish)
    batch.change(USE, ("used", now, wish.member_id, request_id, "approved"))


def asking(scope: Scope, act: Callable[[], Result]) -> Result:
    """What ``act`` gives. Where it is refused since the member has to say yes first, she is asked, once."""
    try:
        return act()
    except UnaskedError as unasked:
        wish = unasked.wish
        scope.run(lambda transaction: _ask(transaction, scope, wish))
        raise


def _ask(transaction: Transaction, scope: Scope, wish: Wish) -> None:
    now = scope.now
    # Locked, so that two tries at the same moment are one question.
    transaction.rows(brakes.LOCK, {"member_id": wish.member_id})
    asked = _asked(wish, now)
    if transaction.rows(_OPEN, asked):
        return
    request_id = new_id()
    transaction.run(
        _ASK,
        {
            **asked,
            "id": request_id,
            "merchant_id": wish.merchant_id,
            "worth_minor": wish.worth_minor,
            "currency": wish.currency,
            "expires_at": now + LIFE,
        },
    )
    security.tell(
        transaction,
        now,
        wish.member_id,
        "spending_asked",
        request_id=request_id,
        merchant_id=wish.merchant_id,
        reward_id=wish.reward_id,
    )


def _asked(wish: Wish, now: datetime) -> dict[str, Any]:
    return {
        "member_id": wish.member_id,
        "location_id": wish.location_id,
        "reward_id": wish.reward_id,
        "voucher_id": wish.voucher_id,
        "quantity": wish.quantity,
        "now": now,
    }
