"""Sessions: a short access token and a chain of refresh tokens, of which each is good for one use.

Each is one phone or browser, and knows how it began: what a mailed code began may have to wait
(:mod:`app.cards.waiting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select, update

from app.cards import waiting
from app.cards.models import Installation, Member, MemberSession, RefreshToken
from app.cards.queries import MemberView, member_in
from app.cards.tokens import (
    ACCESS_LIFE,
    REFRESH_LIFE,
    hash_refresh_token,
    issue_access_token,
    new_refresh_token,
    read_access_token,
)
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.wallet.errors import MemberGoneError, SessionOverError

Began = Literal["anonymous", "code", "passkey", "recovery", "transfer"]


@dataclass(frozen=True, slots=True)
class Session:
    """What an app is given when its member signs in. ``expires_in`` is the access token's life in seconds; ``merge_id``
    names the merge by which what was here before came along."""

    member_id: str
    session_id: str
    access_token: str
    refresh_token: str
    expires_in: int = int(ACCESS_LIFE.total_seconds())
    merge_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose an access token is, and in which session. Until ``waits_until`` that one may not spend."""

    member: MemberView
    session_id: str
    waits_until: datetime | None


# Of two that use one token at the same moment only one finds it unused.
_USE = Statement(
    "UPDATE refresh_token SET used_at = :now"
    " WHERE token_hash = :token_hash AND used_at IS NULL AND ended_at IS NULL AND expires_at > :now"
)


def open_session(scope: Scope, *, member_id: str, began: Began = "transfer") -> Session:
    """Begin a session for a member who has proven to be that. Each call begins another."""
    with scope.transaction() as tx:
        return begin(tx, scope, member_id, began=began, settled_at=scope.now)


def begin(
    tx: Transaction,
    scope: Scope,
    member_id: str,
    *,
    began: Began,
    waits_until: datetime | None = None,
    settled_at: datetime | None = None,
) -> Session:
    """Begin a session in the caller's transaction, waiting, settled, or neither yet."""
    session_id = new_id()
    tx.session.execute(
        insert(MemberSession).values(
            member_id=member_id,
            id=session_id,
            began=began,
            created_at=scope.now,
            last_used_at=scope.now,
            waits_until=waits_until,
            settled_at=settled_at,
        )
    )
    if waits_until is not None:
        waiting.reckon(tx, scope.now, member_id)
    return _tokens(tx, scope, member_id, session_id)


def go_on(tx: Transaction, scope: Scope, member_id: str, session_id: str) -> Session:
    """The next tokens of a session, in the caller's transaction."""
    tx.session.execute(
        update(MemberSession)
        .where(MemberSession.member_id == member_id, MemberSession.id == session_id)
        .values(last_used_at=scope.now)
    )
    return _tokens(tx, scope, member_id, session_id)


def _tokens(tx: Transaction, scope: Scope, member_id: str, session_id: str) -> Session:
    token = new_refresh_token()
    tx.session.execute(
        insert(RefreshToken).values(
            token_hash=hash_refresh_token(token),
            family_id=session_id,
            member_id=member_id,
            created_at=scope.now,
            expires_at=scope.now + REFRESH_LIFE,
        )
    )
    tx.session.execute(update(Member).where(Member.id == member_id).values(last_seen_at=scope.now))
    access = issue_access_token(scope.keys.secret, member_id=member_id, family_id=session_id, now=scope.now)
    return Session(member_id=member_id, session_id=session_id, access_token=access, refresh_token=token)


def authenticate(scope: Scope, *, access_token: str) -> SignedIn:
    """The member behind an access token (after a merge, the one who survived) and the session.

    Raises ``TokenRefusedError`` for a token that is forged or over, :class:`SessionOverError` for one whose session was
    ended, :class:`MemberGoneError` when the member has left.
    """
    claims = read_access_token(scope.keys.secret, access_token, scope.now)
    with scope.reading() as tx:
        member = member_in(tx.session, claims.member_id)
        if member is None or member.status == "erased":
            raise MemberGoneError
        found = tx.session.execute(
            select(MemberSession.waits_until).where(
                MemberSession.member_id == claims.member_id,
                MemberSession.id == claims.family_id,
                MemberSession.ended_at.is_(None),
            )
        ).first()
    if found is None:
        raise SessionOverError
    return SignedIn(member, claims.family_id, found.waits_until)


def refresh(scope: Scope, *, refresh_token: str) -> Session:
    """Exchange a refresh token for the next one and a new access token.

    A token that was used before was stolen from somebody, or by somebody: its whole family ends, and both must sign in
    again. Raises :class:`SessionOverError`.
    """
    session = scope.run(lambda tx: _refresh(tx, scope, refresh_token))
    if session is None:
        raise SessionOverError
    return session


def _refresh(tx: Transaction, scope: Scope, refresh_token: str) -> Session | None:
    token_hash = hash_refresh_token(refresh_token)
    used = tx.run(_USE, {"token_hash": token_hash, "now": scope.now})
    row = tx.session.execute(
        select(RefreshToken.family_id, RefreshToken.member_id, RefreshToken.used_at).where(
            RefreshToken.token_hash == token_hash
        )
    ).first()
    if row is None:
        return None
    if used != 1:
        if row.used_at is not None:
            end_family(tx, scope, row.member_id, row.family_id)
        return None
    member = member_in(tx.session, row.member_id)
    if member is None or member.status == "erased":
        return None
    return go_on(tx, scope, member.member_id, row.family_id)


def log_out(scope: Scope, *, refresh_token: str | None = None, access_token: str | None = None) -> None:
    """End the session of a token; its phone shows dead digits at once. Ending it again changes nothing."""
    families = set()
    if access_token is not None:
        claims = read_access_token(scope.keys.secret, access_token, scope.now)
        families.add((claims.member_id, claims.family_id))
    with scope.transaction() as tx:
        if refresh_token is not None:
            told = tx.session.execute(
                select(RefreshToken.member_id, RefreshToken.family_id).where(
                    RefreshToken.token_hash == hash_refresh_token(refresh_token)
                )
            ).first()
            if told is not None:
                families.add((told.member_id, told.family_id))
        for member_id, family_id in sorted(families):
            end_family(tx, scope, member_id, family_id)
            end_phone(tx, scope, member_id, family_id)


def end_family(tx: Transaction, scope: Scope, member_id: str, family_id: str) -> None:
    """End one session, whatever token of it is still out."""
    tx.session.execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.ended_at.is_(None))
        .values(ended_at=scope.now)
    )
    tx.session.execute(
        update(MemberSession)
        .where(MemberSession.member_id == member_id, MemberSession.id == family_id, MemberSession.ended_at.is_(None))
        .values(ended_at=scope.now)
    )
    waiting.reckon(tx, scope.now, member_id)


def end_phone(tx: Transaction, scope: Scope, member_id: str, family_id: str) -> None:
    """End the installations of one session: their digits are dead at once."""
    tx.session.execute(
        update(Installation)
        .where(
            Installation.member_id == member_id,
            Installation.session_id == family_id,
            Installation.ended_at.is_(None),
        )
        .values(ended_at=scope.now)
    )
