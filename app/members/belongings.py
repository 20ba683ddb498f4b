"""What a member owns beside the ledger, handed from one member to another: cards, installations, vouchers, logins.

These rows begin with the member's id, which is what spreads them over nodes; so a row is not changed to another owner
but made again under the new one, with all else as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import DeclarativeBase

from app.cards.models import Card, CardReference, CodeUse, Installation, Login, RecoveryCode
from app.common.database import Transaction
from app.rewards.models import SpendingRequest, Voucher, VoucherCode

MOST_AT_ONCE = 500


def hand_over_cards(tx: Transaction, numbers: Sequence[str], *, giver: str, taker: str) -> None:
    """The cards, with their installations, used digits and foreign references, become the taker's."""
    for some in _slices(numbers):
        tx.session.execute(update(Card).where(Card.number.in_(some)).values(member_id=taker))
        tx.session.execute(update(CardReference).where(CardReference.number.in_(some)).values(member_id=taker))
        held = list(
            tx.session.scalars(
                select(Installation.id).where(Installation.member_id == giver, Installation.number.in_(some))
            )
        )
        _make_again(tx, Installation, "id", held, giver, taker)
        _make_again(tx, CodeUse, "installation_id", held, giver, taker)


def hand_over_vouchers(tx: Transaction, voucher_ids: Sequence[str], *, giver: str, taker: str) -> None:
    """The vouchers keep their ids and codes, and become the taker's; spent ones too, so that limits count them."""
    for some in _slices(voucher_ids):
        _make_again(tx, Voucher, "id", some, giver, taker)
        tx.session.execute(update(VoucherCode).where(VoucherCode.voucher_id.in_(some)).values(member_id=taker))


def hand_over_questions(tx: Transaction, *, giver: str, taker: str) -> None:
    """What the giver was asked before spending is the taker's to answer."""
    asked = tx.session.scalars(select(SpendingRequest.id).where(SpendingRequest.member_id == giver))
    for some in _slices(list(asked)):
        _make_again(tx, SpendingRequest, "id", some, giver, taker)


def hand_over_logins(tx: Transaction, blinds: Sequence[bytes], *, taker: str) -> None:
    """The logins open the taker's account from now on."""
    tx.session.execute(update(Login).where(Login.blind.in_(blinds)).values(member_id=taker))


def hand_over_recovery(tx: Transaction, code_hashes: Sequence[bytes], *, taker: str) -> None:
    """The recovery codes open the taker's account from now on."""
    tx.session.execute(update(RecoveryCode).where(RecoveryCode.code_hash.in_(code_hashes)).values(member_id=taker))


def _make_again(
    tx: Transaction, model: type[DeclarativeBase], column: str, keys: Sequence[str], giver: str, taker: str
) -> None:
    if not keys:
        return
    table: Any = model.__table__
    mine = (table.c.member_id == giver) & table.c[column].in_(keys)
    # Locked before they are copied: a voucher may be redeemed or reserved this very moment.
    found = tx.session.execute(select(table).where(mine).with_for_update()).mappings()
    rows = [{**row, "member_id": taker} for row in found]
    if rows:
        tx.session.execute(delete(table).where(mine))
        tx.session.execute(insert(table), rows)


def _slices(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[start : start + MOST_AT_ONCE] for start in range(0, len(keys), MOST_AT_ONCE)]
