"""What a counter refuses a card is noted with it, for whoever looks at what happened to the card later.

A booking that goes through pays nothing for it: a refusal is noted in the transaction that stores it as an answer, or
in one of its own after the refused one was rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from app.common.database import Transaction
from app.common.errors import DomainError, Kind
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards.errors import SpendingRefusedError, SpendingUnconfirmedError
from app.scanning.errors import CardUnknownError, ProofNeededError, StaffNeededError, StaffUnknownError

SCAN = "scan"
VISIT = "visit"
REDEMPTION = "redemption"
OPENING = "opening"
AGAIN = timedelta(minutes=1)  # a camera sees a card that stays before it many times

_NO_ANSWER = {Kind.MALFORMED, Kind.UNAUTHENTICATED, Kind.INVALID}
# A card that is not there has no timeline; the others are questions ("your PIN?"), or stand there already.
_NO_REFUSAL = (
    CardUnknownError,
    ProofNeededError,
    SpendingRefusedError,
    SpendingUnconfirmedError,
    StaffNeededError,
    StaffUnknownError,
)
_OF_CARD = Statement("SELECT member_id, NULL FROM card WHERE number = :shown AND member_id IS NOT NULL")
_OF_VOUCHER = Statement("SELECT member_id, voucher_id FROM voucher_code WHERE code = :shown")
_LATEST = Statement(
    """
    SELECT 1 FROM card_refusal WHERE member_id = :member_id AND device_id = :device_id AND act = :act AND code = :code
        AND refused_at > :since LIMIT 1
    """
)
_NOTE = Statement(
    """
    INSERT INTO card_refusal (member_id, id, number, voucher_id, merchant_id, location_id, device_id, staff_id, act,
        code, told, refused_at)
    VALUES (:member_id, :id, :number, :voucher_id, :merchant_id, :location_id, :device_id, :staff_id, :act, :code,
        :told, :now)
    """
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown at a counter, and for what: a card's number, or the code of a voucher."""

    act: str
    number: str | None = None
    voucher_code: str | None = None


def is_noted(error: DomainError) -> bool:
    """Whether an error says no to a card, and not that something could not be read or is still to be asked."""
    return error.kind not in _NO_ANSWER and not isinstance(error, _NO_REFUSAL)


def note(transaction: Transaction, scope: Scope, shown: Shown, error: DomainError) -> None:
    """Note in the caller's transaction that this was refused. The same of the same device within a minute is one."""
    if shown.number is not None:
        rows = transaction.rows(_OF_CARD, {"shown": shown.number})
    elif shown.voucher_code is not None:
        rows = transaction.rows(_OF_VOUCHER, {"shown": shown.voucher_code})
    else:
        return
    for member_id, voucher_id in rows:
        told = {"member_id": member_id, "device_id": scope.device_id, "act": shown.act, "code": error.code}
        if transaction.rows(_LATEST, {**told, "since": scope.now - AGAIN}):
            continue
        transaction.run(
            _NOTE,
            {
                **told,
                "id": new_id(),
                "number": shown.number,
                "voucher_id": voucher_id,
                "merchant_id": scope.merchant_id,
                "location_id": scope.location_id,
                "staff_id": scope.staff_id,
                "told": json.dumps(error.params, default=str),
                "now": scope.now,
            },
        )


@contextmanager
def noting(scope: Scope, shown: Shown) -> Iterator[None]:
    """Note, in a transaction of its own, what is refused inside. No transaction may be open."""
    try:
        yield
    except DomainError as error:
        if is_noted(error):
            refused = error
            scope.run(lambda transaction: note(transaction, scope, shown, refused))
        raise
