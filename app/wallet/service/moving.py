"""Going on in another browser or on another phone: a short code, shown here and given there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, insert, select

from app.cards import attempts, numbers
from app.cards.data_keys import data_keys
from app.cards.models import MemberSession, MoveCode
from app.cards.queries import member_in
from app.cards.secret_codes import hash_code, hashes_of_code
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.wallet import limits
from app.wallet.errors import SignInFailedError
from app.wallet.service.arriving import arrive
from app.wallet.service.sessions import Session

MOVE_LIFE = timedelta(minutes=10)
_PURPOSE = "move"
# Of two that use one code at the same moment only one finds it there.
_USE = Statement("DELETE FROM move_code WHERE code_hash = :code_hash AND expires_at > :now")


@dataclass(frozen=True, slots=True)
class Move:
    """A code to go on with elsewhere, in fives, and until when. It is told this once."""

    code: str
    expires_at: datetime


def start_move(scope: Scope) -> Move:
    """Make a code by which the scope's session goes on elsewhere: ten minutes, once. The session here stays; one that
    waits sends its wait along. A new code ends the last one of the same session. Raises ``TriesUsedUpError``."""
    attempts.spend(scope, limits.MOVES_OF_MEMBER, scope.member_id or "")
    code = numbers.new_move_code()
    until = scope.now + MOVE_LIFE
    with scope.transaction() as tx:
        tx.session.execute(
            delete(MoveCode).where(MoveCode.member_id == scope.member_id, MoveCode.session_id == scope.session_id)
        )
        tx.session.execute(
            insert(MoveCode).values(
                code_hash=hash_code(data_keys(scope.keys.data), _PURPOSE, code),
                member_id=scope.member_id,
                session_id=scope.session_id,
                created_at=scope.now,
                expires_at=until,
            )
        )
    return Move(code=f"{code[:5]}-{code[5:]}", expires_at=until)


def finish_move(scope: Scope, *, code: str, network: str | None = None) -> Session:
    """Exchange a code for a session of the member who made it. A scope's own member without a login comes along.

    Raises :class:`SignInFailedError` for a code that is unknown, used, over, or of a session that has ended, and
    ``TriesUsedUpError`` for a network with many wrong ones.
    """
    if network is not None:
        attempts.check(scope, limits.WRONG_MOVES_OF_NETWORK, network)
    session = scope.run(lambda tx: _finish(tx, scope, numbers.normalise(code[:64])))
    if session is None:
        if network is not None:
            attempts.count(scope, limits.WRONG_MOVES_OF_NETWORK, network)
        raise SignInFailedError
    return session


def _finish(tx: Transaction, scope: Scope, code: str) -> Session | None:
    hashes = hashes_of_code(data_keys(scope.keys.data), _PURPOSE, code)
    row = tx.session.execute(
        select(MoveCode.code_hash, MoveCode.member_id, MoveCode.session_id).where(MoveCode.code_hash.in_(hashes))
    ).first()
    if row is None or tx.run(_USE, {"code_hash": bytes(row.code_hash), "now": scope.now}) != 1:
        return None
    member = member_in(tx.session, row.member_id)
    goes_on = exists().where(
        MemberSession.member_id == row.member_id,
        MemberSession.id == row.session_id,
        MemberSession.ended_at.is_(None),
    )
    if member is None or member.member_id != row.member_id or not tx.session.scalar(select(goes_on)):
        return None
    return arrive(tx, scope, member.member_id, began="transfer", from_session=row.session_id)
