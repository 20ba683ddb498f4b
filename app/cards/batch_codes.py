"""Claim codes of a batch on their way to the print shop.

Of a card only the hash of its claim code is kept. So that a batch can be printed after it was made, its codes wait
here, sealed by the platform's data key slice by slice, and are destroyed after their time: see
docs/decisions/0055-claim-codes-of-a-batch-wait-sealed.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from app.cards.models import CardBatchCodes
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sealing import seal, unseal

_PURPOSE = "claim codes of a batch"


@dataclass(frozen=True, slots=True)
class PrintableCard:
    """A card as a print shop needs it."""

    number: str
    claim_code: str


def keep(tx: Transaction, scope: Scope, batch_id: str, first: int, cards: Iterable[PrintableCard]) -> None:
    """Seal the codes of one slice, whose first card stands at the place ``first``."""
    plain = json.dumps([[card.number, card.claim_code] for card in cards]).encode()
    sealed = seal(scope.keys.data, _PURPOSE, plain, bound=f"{batch_id} {first}")
    tx.session.execute(insert(CardBatchCodes).values(batch_id=batch_id, first=first, sealed=sealed))


def open_all(tx: Transaction, scope: Scope, batch_id: str) -> list[PrintableCard]:
    """All cards of a batch in the order in which they were made; none where the codes are gone."""
    rows = tx.session.execute(
        select(CardBatchCodes.first, CardBatchCodes.sealed)
        .where(CardBatchCodes.batch_id == batch_id)
        .order_by(CardBatchCodes.first)
    ).all()
    return [
        PrintableCard(number, code)
        for first, sealed in rows
        for number, code in json.loads(
            unseal(scope.keys.data, _PURPOSE, bytes(sealed), bound=f"{batch_id} {first}").decode()
        )
    ]


def destroy(tx: Transaction, batch_id: str) -> None:
    """Nobody reads these codes again. Whoever holds a card still claims it with what stands on it."""
    tx.session.execute(delete(CardBatchCodes).where(CardBatchCodes.batch_id == batch_id))
