"""Where a member is signed in: seen, ended, and, on the phone that she had before, trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.cards import waiting
from app.cards.errors import SpendingWaitsError
from app.cards.models import MemberSession
from app.cards.tokens import REFRESH_LIFE
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.wallet.service.sessions import end_family, end_phone


@dataclass(frozen=True, slots=True)
class SessionView:
    """One phone or browser in which the member is signed in. Until ``waits_until`` it may not spend; ``is_this``: it is
    the one that asks."""

    session_id: str
    began: str
    created_at: datetime
    last_used_at: datetime
    waits_until: datetime | None
    is_this: bool


def list_sessions(scope: Scope) -> list[SessionView]:
    """The scope's member's open sessions, the newest first."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(
                MemberSession.id,
                MemberSession.began,
                MemberSession.created_at,
                MemberSession.last_used_at,
                MemberSession.waits_until,
            )
            .where(
                MemberSession.member_id == scope.member_id,
                MemberSession.ended_at.is_(None),
                MemberSession.last_used_at > scope.now - REFRESH_LIFE,
            )
            .order_by(MemberSession.id.desc())
        ).all()
    return [
        SessionView(
            row.id,
            row.began,
            row.created_at,
            row.last_used_at,
            row.waits_until if row.waits_until is not None and row.waits_until > scope.now else None,
            row.id == scope.session_id,
        )
        for row in rows
    ]


def end_session(scope: Scope, *, session_id: str) -> None:
    """End one of the member's sessions; the digits of its phone are dead at once.

    Raises ``NotFoundError`` (a repeat too), and ``SpendingWaitsError`` in a session that waits and would end another.
    """
    if session_id != scope.session_id:
        waiting.require_no_wait(scope)
    with scope.transaction() as tx:
        _find(tx, scope, session_id)
        end_family(tx, scope, scope.member_id or "", session_id)
        end_phone(tx, scope, scope.member_id or "", session_id)
        audit.record(tx, scope, "member.session_ended", "member", scope.member_id)


def trust_session(scope: Scope, *, session_id: str) -> None:
    """End the wait of another of the member's sessions, from one that was there before it. A repeat changes nothing.

    Raises ``NotFoundError``, and ``SpendingWaitsError`` where the session that asks is no older, or is itself not
    beyond doubt.
    """
    waiting.require_no_wait(scope)
    with scope.transaction() as tx:
        other = _find(tx, scope, session_id)
        own = _find(tx, scope, scope.session_id or "")
        is_settled = own.settled_at is not None or own.waits_until is not None
        if not is_settled or own.id == other.id or own.created_at > other.created_at:
            raise SpendingWaitsError
        waiting.end_wait(tx, scope.now, scope.member_id or "", session_id)
        audit.record(tx, scope, "member.session_trusted", "member", scope.member_id)


def _find(tx: Transaction, scope: Scope, session_id: str) -> MemberSession:
    found = tx.session.scalars(
        select(MemberSession).where(
            MemberSession.member_id == scope.member_id,
            MemberSession.id == session_id,
            MemberSession.ended_at.is_(None),
        )
    ).first()
    if found is None:
        raise NotFoundError(what="session")
    return found
