"""Becoming somebody: a card without a name, a code by mail, a recovery code.

Nobody learns here whether an address is known: a code is mailed to whoever asks, and the answer is the same.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.cards import attempts, numbers, security, waiting
from app.cards.data_keys import data_keys
from app.cards.models import AuthCode, Login, Member, RecoveryCode
from app.cards.personal_data import blind_index, blind_indexes, normalise_email
from app.cards.profiles import read_profile, write_profile
from app.cards.queries import MemberView, member_in
from app.cards.secret_codes import hash_code, hashes_of_code, verify_code
from app.cards.service import issue_anonymous_member
from app.common.database import Transaction
from app.common.mail import forget_mails, queue_mail, remove_written
from app.common.scope import Scope
from app.common.sql import Statement
from app.members.sessions import end_phones, end_sessions
from app.wallet import limits
from app.wallet.errors import SignInFailedError
from app.wallet.mails import changed_address_mail, code_mail
from app.wallet.service.arriving import arrive
from app.wallet.service.sessions import Session, begin

CODE_LIFE = timedelta(minutes=10)
_DIGITS = 6
_RECOVERY = "recovery"

_STORE_CODE = Statement(
    """
    INSERT INTO auth_code (blind, code_hash, tries, expires_at) VALUES (:blind, :code_hash, 0, :expires_at)
    ON CONFLICT (blind) DO UPDATE
    SET code_hash = excluded.code_hash, tries = 0, expires_at = excluded.expires_at
    """
)


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new member without a name. The recovery code is told this once."""

    session: Session
    card_id: str
    recovery_code: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """A member who came back by a recovery code, with the next one."""

    session: Session
    recovery_code: str


def sign_up_anonymously(scope: Scope, *, locale: str = "nl", network: str | None = None) -> SignedUp:
    """Make a member with a digital card and a session, without asking for anything.

    ``network`` is the caller's address, for the limit. Each call makes another member. Raises ``TriesUsedUpError``.
    """
    if network is not None:
        attempts.spend(scope, limits.NEW_MEMBERS_OF_NETWORK, network)
    with scope.transaction() as tx:
        member = issue_anonymous_member(scope, locale=locale)
        code = _new_recovery_code(tx, scope, member.member_id)
        session = begin(tx, scope, member.member_id, began="anonymous", settled_at=scope.now)
    return SignedUp(session=session, card_id=member.card_id, recovery_code=code)


def mail_code(scope: Scope, *, email: str, locale: str = "nl", network: str | None = None) -> None:
    """Mail a six-digit code, good for ten minutes and once, to any address; a new one ends the last one.

    After five in an hour an address gets no more mail, and the last code stays good; that is not told either. Raises
    ``EmailInvalidError``, and ``TriesUsedUpError`` for a network that asks for very many.
    """
    address = normalise_email(email)
    if network is not None:
        attempts.spend(scope, limits.CODES_OF_NETWORK, network)
    is_within = attempts.count(scope, limits.CODES_OF_ADDRESS, address)
    keys = data_keys(scope.keys.data)
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    blind = blind_index(keys, "email", address)
    until = scope.now + CODE_LIFE
    row = {"blind": blind, "code_hash": hash_code(keys, _purpose(blind), code), "expires_at": until}
    if not is_within:
        return
    with scope.transaction() as tx:
        tx.run(_STORE_CODE, row)
        queue_mail(tx, scope.keys.data, code_mail(address, code, locale), now=scope.now, until=until)


def sign_in_with_code(
    scope: Scope,
    *,
    email: str,
    code: str,
    locale: str = "nl",
    network: str | None = None,
    mail_folder: Path | None = None,
) -> Session:
    """Exchange a mailed code for a session.

    An address that nobody has yet becomes the scope's own member's, in place of the one that it had, or a new member's.
    When it is another member's, that one is signed in; a scope's member without a login is merged into it
    (:func:`app.wallet.service.arriving.arrive`). A code works once; five wrong tries end it. Wrong ones are limited for
    an address and for a network, known or not. ``mail_folder`` is where mails are written while no mail server is set:
    what stands there for an address that is given up goes. Raises :class:`SignInFailedError` whatever was wrong,
    ``EmailInvalidError``, ``TriesUsedUpError``, and ``SpendingWaitsError`` where a session that waits would change the
    address: then the code stays good.
    """
    address = normalise_email(email)
    if network is not None:
        attempts.spend(scope, limits.SIGN_INS_OF_NETWORK, network)
        attempts.check(scope, limits.WRONG_CODES_OF_NETWORK, network)
    # Counted before it is tried, so that many tries at once are no more than one after the other.
    attempts.spend(scope, limits.WRONG_CODES_OF_ADDRESS, address)
    session = scope.run(lambda tx: _sign_in(tx, scope, address, code, locale, mail_folder))
    if session is None:
        if network is not None:
            attempts.count(scope, limits.WRONG_CODES_OF_NETWORK, network)
        raise SignInFailedError
    attempts.forget(scope, limits.WRONG_CODES_OF_ADDRESS, address)
    return session


def _sign_in(
    tx: Transaction, scope: Scope, address: str, code: str, locale: str, mail_folder: Path | None
) -> Session | None:
    keys = data_keys(scope.keys.data)
    blinds = blind_indexes(keys, "email", address)
    row = tx.session.execute(
        select(AuthCode.blind, AuthCode.code_hash, AuthCode.tries, AuthCode.expires_at)
        .where(AuthCode.blind.in_(blinds))
        .with_for_update()
    ).first()
    # The comparison is made in any case, so that an address without a code takes as long.
    blind, stored = (bytes(row.blind), bytes(row.code_hash)) if row is not None else (blinds[0], b"")
    is_right = verify_code(keys, _purpose(blind), stored, code)
    is_good = row is not None and row.expires_at > scope.now and row.tries < limits.TRIES_OF_CODE
    if not (is_right and is_good):
        # Written in any case, for the same reason.
        tx.session.execute(update(AuthCode).where(AuthCode.blind == blind).values(tries=AuthCode.tries + 1))
        return None
    known = tx.session.scalar(select(Login.member_id).where(Login.blind.in_(blinds)).limit(1))
    own = None if scope.member_id is None else member_in(tx.session, scope.member_id)
    if known is None and own is not None:
        waiting.require_no_wait(scope)
    tx.session.execute(delete(AuthCode).where(AuthCode.blind == blind))
    if known is not None:
        member_id = known
    elif own is not None:
        member_id = own.member_id
        _tell_change(tx, scope, own, mail_folder)
        give_address(tx, scope, member_id, address)
    else:
        member_id = issue_anonymous_member(scope, locale=locale, status="claimed").member_id
        give_address(tx, scope, member_id, address)
    return arrive(tx, scope, member_id, began="code")


def _tell_change(tx: Transaction, scope: Scope, own: MemberView, mail_folder: Path | None) -> None:
    """Whoever had a login is told that it changes, at the old address too: the new one may be a thief's. Nothing else
    is kept for that address: once she leaves, nobody would know that it was hers."""
    if own.status != "claimed":
        return
    old = read_profile(tx, scope, own.member_id).email
    if old is not None:
        gone: dict[str, Any] = {"addresses": {old}, "member_ids": ()}
        forget_mails(tx, scope.keys.data, now=scope.now, **gone)
        if mail_folder is not None:
            tx.after_commit(lambda: remove_written(mail_folder, **gone))
        queue_mail(tx, scope.keys.data, changed_address_mail(old, own.locale), now=scope.now, member_id=own.member_id)
    security.tell(tx, scope.now, own.member_id, "email_changed", had_one=old is not None)


def give_address(tx: Transaction, scope: Scope, member_id: str, address: str) -> None:
    """The address, which somebody has proven to be the member's, becomes the only one."""
    tx.session.execute(delete(Login).where(Login.member_id == member_id, Login.kind == "email"))
    tx.session.execute(
        insert(Login).values(
            blind=blind_index(data_keys(scope.keys.data), "email", address),
            kind="email",
            member_id=member_id,
            verified_at=scope.now,
        )
    )
    tx.session.execute(update(Member).where(Member.id == member_id).values(status="claimed"))
    write_profile(tx, scope, member_id, {"email": address})


def recover(scope: Scope, *, recovery_code: str, network: str | None = None) -> Recovered:
    """Exchange a recovery code for a session on another phone; all other sessions end. A code works once, and the
    answer holds the next one. The phones of those sessions show no digits that are good any more. Raises
    :class:`SignInFailedError`, ``TriesUsedUpError``."""
    if network is not None:
        attempts.spend(scope, limits.SIGN_INS_OF_NETWORK, network)
    found = scope.run(lambda tx: _recover(tx, scope, numbers.normalise(recovery_code[:128])))
    if found is None:
        raise SignInFailedError
    return found


def _recover(tx: Transaction, scope: Scope, code: str) -> Recovered | None:
    hashes = hashes_of_code(data_keys(scope.keys.data), _RECOVERY, code)
    row = tx.session.execute(
        select(RecoveryCode.code_hash, RecoveryCode.member_id)
        .where(RecoveryCode.code_hash.in_(hashes), RecoveryCode.used_at.is_(None))
        .with_for_update()
    ).first()
    member = None if row is None else member_in(tx.session, row.member_id)
    if row is None or member is None or member.status == "erased":
        return None
    tx.session.execute(update(RecoveryCode).where(RecoveryCode.code_hash == row.code_hash).values(used_at=scope.now))
    end_sessions(tx, scope, member.member_id)
    end_phones(tx, scope, member.member_id)
    return Recovered(
        session=arrive(tx, scope, member.member_id, began="recovery"),
        recovery_code=_new_recovery_code(tx, scope, member.member_id),
    )


def renew_recovery_code(scope: Scope) -> str:
    """Make a new recovery code for the scope's member; older ones stop working. It is told this once. Raises
    ``SpendingWaitsError``: it would be a way around the wait."""
    waiting.require_no_wait(scope)
    with scope.transaction() as tx:
        return _new_recovery_code(tx, scope, scope.member_id or "")


def _new_recovery_code(tx: Transaction, scope: Scope, member_id: str) -> str:
    code = numbers.new_recovery_code()
    tx.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member_id))
    tx.session.execute(
        insert(RecoveryCode).values(
            code_hash=hash_code(data_keys(scope.keys.data), _RECOVERY, code),
            member_id=member_id,
            created_at=scope.now,
        )
    )
    return numbers.format_number(code)


def _purpose(blind: bytes) -> str:
    """A code's hash is bound to its address."""
    return f"sign-in {blind.hex()}"
