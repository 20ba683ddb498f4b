"""Leaving: the person goes, the books stay.

Destroyed are the key and the data it sealed, logins, sessions, recovery codes, code secrets, PINs, and the references
by which other systems know the member or her receipts. Cards are blocked, open vouchers cancelled. The ledger's rows
stay as they are: they hold ids alone, and no sum changes.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update

from app.cards.models import (
    AuthCode,
    Card,
    CardReference,
    CodeUse,
    Installation,
    Login,
    Member,
    Merge,
    RecoveryCode,
    RefreshToken,
)
from app.cards.profiles import destroy_profile
from app.cards.queries import aliases
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.rewards.models import Visit, Voucher


def erase_me(scope: Scope) -> None:
    """Erase the scope's member and all that were merged into it. It can't be undone; a repeat finds nobody.

    Raises ``NotFoundError`` for a member who has left.
    """
    with scope.transaction() as tx:
        member_id = scope.member_id or ""
        status = tx.session.scalar(select(Member.status).where(Member.id == member_id).with_for_update())
        if status in (None, "erased", "merged"):
            raise NotFoundError(what="member")
        erase(tx, scope, member_id)


def erase(tx: Transaction, scope: Scope, member_id: str) -> None:
    """As :func:`erase_me`, in the caller's transaction, for a member who is there."""
    everybody = aliases(tx.session, member_id)
    blinds = select(Login.blind).where(Login.member_id.in_(everybody))
    tx.session.execute(delete(AuthCode).where(AuthCode.blind.in_(blinds)))
    destroy_profile(tx, everybody)
    for table in (Login, RefreshToken, RecoveryCode, Installation, CodeUse, CardReference):
        tx.session.execute(delete(table).where(table.member_id.in_(everybody)))
    cards = update(Card).where(Card.member_id.in_(everybody))
    tx.session.execute(cards.values(pin_hash=None, claim_code_hash=None, claim_approved_until=None))
    tx.session.execute(cards.where(Card.status == "active").values(status="blocked", blocked_at=scope.now))
    tx.session.execute(
        update(Voucher)
        .where(Voucher.member_id.in_(everybody), Voucher.status == "issued")
        .values(
            status="cancelled",
            ended_at=scope.now,
            hold_location_id=None,
            hold_device_id=None,
            hold_until=None,
        )
    )
    # A receipt's number leads to the till's own records, and from there perhaps to a name.
    tx.session.execute(update(Visit).where(Visit.member_id.in_(everybody)).values(receipt_ref=None))
    # What undoing a merge would need names logins by their hashes, and nobody will undo it now.
    tx.session.execute(update(Merge).where(Merge.member_id.in_(everybody)).values(details={}))
    tx.session.execute(
        update(Member).where(Member.id == member_id).values(status="erased", is_spending_locked=True, last_seen_at=None)
    )
    audit.record(tx, scope, "member.erased", "member", member_id)
