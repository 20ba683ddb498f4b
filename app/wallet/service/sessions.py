"""Sessions: a short access token and a chain of refresh tokens, of which each is good for one use."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, insert, select, update

from app.cards.models import Member, RefreshToken
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


@dataclass(frozen=True, slots=True)
class Session:
    """What an app is given when its member signs in. ``expires_in`` is the access token's life in seconds."""

    member_id: str
    access_token: str
    refresh_token: str
    expires_in: int = int(ACCESS_LIFE.total_seconds())


# Of two that use one token at the same moment only one finds it unused.
_USE = Statement(
    "UPDATE refresh_token SET used_at = :now"
    " WHERE token_hash = :token_hash AND used_at IS NULL AND ended_at IS NULL AND expires_at > :now"
)


def open_session(scope: Scope, *, member_id: str) -> Session:
    """Begin a session for a member who has proven to be that. Each call begins another."""
    with scope.transaction() as tx:
        return begin(tx, scope, member_id)


def begin(tx: Transaction, scope: Scope, member_id: str, family_id: str | None = None) -> Session:
    """Begin a session in the caller's transaction, or go on with the one of ``family_id``."""
    family, token = family_id or new_id(), new_refresh_token()
    tx.session.execute(
        insert(RefreshToken).values(
            token_hash=hash_refresh_token(token),
            family_id=family,
            member_id=member_id,
            created_at=scope.now,
            expires_at=scope.now + REFRESH_LIFE,
        )
    )
    tx.session.execute(update(Member).where(Member.id == member_id).values(last_seen_at=scope.now))
    access = issue_access_token(scope.keys.secret, member_id=member_id, family_id=family, now=scope.now)
    return Session(member_id=member_id, access_token=access, refresh_token=token)


def authenticate(scope: Scope, *, access_token: str) -> MemberView:
    """The member behind an access token; after a merge, the one who survived.

    Raises ``TokenRefusedError`` for a token that is forged or over, :class:`SessionOverError` for one whose session was
    ended, :class:`MemberGoneError` when the member has left.
    """
    claims = read_access_token(scope.keys.secret, access_token, scope.now)
    with scope.reading() as tx:
        member = member_in(tx.session, claims.member_id)
        if member is None or member.status == "erased":
            raise MemberGoneError
        goes_on = tx.session.scalar(
            select(exists().where(RefreshToken.family_id == claims.family_id, RefreshToken.ended_at.is_(None)))
        )
    if not goes_on:
        raise SessionOverError
    return member


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
            end_family(tx, scope, row.family_id)
        return None
    member = member_in(tx.session, row.member_id)
    if member is None or member.status == "erased":
        return None
    return begin(tx, scope, member.member_id, row.family_id)


def log_out(scope: Scope, *, refresh_token: str | None = None, access_token: str | None = None) -> None:
    """End the session of a token. Ending an ended or unknown one changes nothing."""
    family_id = None
    if access_token is not None:
        family_id = read_access_token(scope.keys.secret, access_token, scope.now).family_id
    with scope.transaction() as tx:
        if refresh_token is not None:
            told = tx.session.scalar(
                select(RefreshToken.family_id).where(RefreshToken.token_hash == hash_refresh_token(refresh_token))
            )
            if told is not None:
                end_family(tx, scope, told)
        if family_id is not None:
            end_family(tx, scope, family_id)


def end_family(tx: Transaction, scope: Scope, family_id: str) -> None:
    """End one session, whatever token of it is still out."""
    tx.session.execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.ended_at.is_(None))
        .values(ended_at=scope.now)
    )


def end_sessions(tx: Transaction, scope: Scope, member_id: str) -> None:
    """End all sessions of a member."""
    tx.session.execute(
        update(RefreshToken)
        .where(RefreshToken.member_id == member_id, RefreshToken.ended_at.is_(None))
        .values(ended_at=scope.now)
    )
