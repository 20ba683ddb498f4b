"""Ending what a member is signed in with, all at once."""

from __future__ import annotations

from sqlalchemy import update

from app.cards import waiting
from app.cards.models import Installation, MemberSession, RefreshToken
from app.common.database import Transaction
from app.common.scope import Scope


def end_phones(tx: Transaction, scope: Scope, member_id: str) -> None:
    """End all installations of a member: the digits of a lost phone are dead at once, its wallet's too."""
    tx.session.execute(
        update(Installation)
        .where(Installation.member_id == member_id, Installation.ended_at.is_(None))
        .values(ended_at=scope.now)
    )


def end_sessions(tx: Transaction, scope: Scope, member_id: str) -> None:
    """End all sessions of a member."""
    for table in (RefreshToken, MemberSession):
        tx.session.execute(
            update(table).where(table.member_id == member_id, table.ended_at.is_(None)).values(ended_at=scope.now)
        )
    waiting.reckon(tx, scope.now, member_id)
