"""Somebody has proven to be a member: the session that follows, and what becomes of who was signed in here before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update

from app.cards import security, waiting
from app.cards.models import Card, Installation, MemberSession, Merge, RecoveryCode
from app.cards.queries import MemberView, member_in
from app.common.database import Transaction
from app.common.scope import Scope
from app.members.service import merge
from app.wallet.service.sessions import Began, Session, begin, go_on


def arrive(tx: Transaction, scope: Scope, member_id: str, *, began: Began, from_session: str | None = None) -> Session:
    """Sign the member in, in the caller's transaction.

    Where the scope's own session is that member's, it goes on. A scope's member without a login is merged into the
    other, so that nothing earned before signing in is lost; its phone comes along, and waits where the new session
    does: else whoever reads somebody's mail would bring a phone that may spend. For the same reason a session that is
    not beyond doubt brings no recovery code and no PIN. ``from_session``: the session of the same member that sends
    this one, whose state it inherits.
    """
    own = None if scope.member_id is None else member_in(tx.session, scope.member_id)
    if own is not None and own.member_id == member_id and scope.session_id is not None:
        if began == "passkey":
            waiting.end_wait(tx, scope.now, member_id, scope.session_id)
        return go_on(tx, scope, member_id, scope.session_id)
    waiting.lock(tx, member_id)
    waits_until, settled_at = _state(tx, scope, member_id, began, from_session)
    is_first = not waiting.has_installation(tx, member_id) and not _has_session(tx, member_id)
    merge_id: str | None = None
    phones: list[str] = []
    if own is not None and own.member_id != member_id and own.status == "anonymous":
        phones = _phones(tx, own)
        merge_id = merge(tx, scope, survivor_id=member_id, merged_id=own.member_id)
        if settled_at is None:
            _disarm(tx, member_id, merge_id)
    session = begin(tx, scope, member_id, began=began, waits_until=waits_until, settled_at=settled_at)
    if phones:
        _take_over(tx, scope, phones, session, waits_until)
    if not is_first:
        told: dict[str, Any] = {"session_id": session.session_id, "began": began, "waits": waits_until is not None}
        security.tell(tx, scope.now, member_id, "new_sign_in", **told)
    return replace(session, merge_id=merge_id)


def _state(
    tx: Transaction, scope: Scope, member_id: str, began: Began, from_session: str | None
) -> tuple[datetime | None, datetime | None]:
    """Until when the new session waits, and since when it is settled."""
    if from_session is not None:
        row = tx.session.execute(
            select(MemberSession.waits_until, MemberSession.settled_at).where(
                MemberSession.member_id == member_id, MemberSession.id == from_session
            )
        ).one()
        return (row.waits_until, None) if row.waits_until is not None else (None, row.settled_at)
    if began != "code":
        return None, scope.now
    return (scope.now + waiting.WAIT, None) if waiting.has_installation(tx, member_id) else (None, None)


def _disarm(tx: Transaction, member_id: str, merge_id: str) -> None:
    """What came by a merge opens and spends nothing by itself: its recovery codes are gone, and its cards' PINs."""
    cards, details = tx.session.execute(
        select(Merge.cards, Merge.details).where(Merge.member_id == member_id, Merge.id == merge_id)
    ).one()
    hashes = [bytes.fromhex(code_hash) for code_hash in details["recovery"]]
    tx.session.execute(delete(RecoveryCode).where(RecoveryCode.code_hash.in_(hashes)))
    tx.session.execute(
        update(Card).where(Card.member_id == member_id, Card.number.in_(cards)).values(pin_hash=None, pin_tries=0)
    )


def _phones(tx: Transaction, own: MemberView) -> list[str]:
    wanted = select(Installation.id).where(Installation.member_id == own.member_id, Installation.ended_at.is_(None))
    return list(tx.session.scalars(wanted))


def _take_over(
    tx: Transaction, scope: Scope, phones: Sequence[str], session: Session, waits_until: datetime | None
) -> None:
    tx.session.execute(
        update(Installation)
        .where(Installation.member_id == session.member_id, Installation.id.in_(phones))
        .values(session_id=session.session_id, waits_until=waits_until)
    )
    if waits_until is None:
        waiting.note_installation(tx, scope.now, session.member_id, session.session_id)


def _has_session(tx: Transaction, member_id: str) -> bool:
    is_open = exists().where(MemberSession.member_id == member_id, MemberSession.ended_at.is_(None))
    return bool(tx.session.scalar(select(is_open)))
