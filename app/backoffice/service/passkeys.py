"""Passkeys of people who sign in to the back office: added, used to sign in or as the second step, taken away."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update

from app.backoffice.service import limits
from app.cards import attempts, passkeys
from app.cards.errors import PasskeyRefusedError
from app.common import audit
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import service as merchants
from app.merchants.errors import SignInRefusedError
from app.merchants.models import StaffLogin, StaffPasskey, StaffPasskeyChallenge
from app.merchants.service import OpenedSession
from app.merchants.service.logins import end_sessions_in, has_second_in, tell
from app.merchants.service.second_steps import forget_recovery_in, make_recovery_codes_in

MOST = 20  # of one login
LONGEST_NAME = 80
# Of two answers to one challenge only one finds it there.
_TAKE = Statement("DELETE FROM staff_passkey_challenge WHERE id = :id AND expires_at > :now")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser is to have made or signed: ``public_key`` is the options' JSON form."""

    challenge_id: str
    public_key: dict[str, Any]


def start_adding_passkey(scope: Scope, login_id: str, *, public_url: str) -> Challenge:
    """What a browser needs to make a passkey, for five minutes. Each call gives another challenge.

    Raises ``PasskeysNotOfferedError`` where the service has no host name, ``InvalidError`` for more than twenty.
    """
    site = passkeys.site_of(public_url)
    with scope.transaction() as tx:
        known = tx.session.scalars(select(StaffPasskey.credential_id).where(StaffPasskey.login_id == login_id)).all()
        if len(known) >= MOST:
            raise InvalidError(errors={"_schema": ["too_many_passkeys"]})
        email = tx.session.get_one(StaffLogin, login_id).email
        challenge_id, challenge = _challenge(tx, scope, login_id)
        options = passkeys.creation_options(
            site,
            challenge=challenge,
            user_id=UUID(login_id).bytes,
            user_name=email,
            known=[bytes(one) for one in known],
            town=brand_of(scope.database).name,
        )
    return Challenge(challenge_id, options)


def add_passkey(
    scope: Scope,
    login_id: str,
    *,
    challenge_id: str,
    credential: Mapping[str, Any],
    name: str,
    token: str,
    public_url: str,
) -> list[str]:
    """Keep the passkey that a browser made for a challenge: it signs its person in from now on, and a password alone
    does not. Returns recovery codes, told this once, where the login had no second step before. Other browsers are
    signed out. A challenge is good once.

    Raises ``PasskeyRefusedError`` for anything but a genuine answer, ``PasskeysNotOfferedError``, ``InvalidError``.
    """
    site = passkeys.site_of(public_url)
    shown = " ".join(name.split())
    if not 0 < len(shown) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})
    challenge = scope.run(lambda tx: _take(tx, scope, challenge_id, login_id))
    if challenge is None:
        raise PasskeyRefusedError
    made = passkeys.read_new(site, challenge, credential)

    def keep(tx: Transaction) -> list[str]:
        login = tx.session.get_one(StaffLogin, login_id, with_for_update=True)
        # An authenticator that tells another's id would take over that one's signing in.
        if tx.session.scalar(select(exists().where(StaffPasskey.credential_id == made.credential_id))):
            raise PasskeyRefusedError
        had_second = has_second_in(tx, login)
        tx.session.execute(
            insert(StaffPasskey).values(
                id=new_id(),
                login_id=login_id,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                name=shown,
                created_at=scope.now,
            )
        )
        end_sessions_in(tx, scope, login_id, but=token)
        audit.record(tx, scope, "login.passkey_added", "login", login_id)
        tell(tx, scope, login, "passkey_added", public_url, name=shown)
        return [] if had_second else make_recovery_codes_in(tx, scope, login_id)

    return scope.run(keep)


def remove_passkey(scope: Scope, login_id: str, passkey_id: str, *, public_url: str) -> None:
    """Take one of a login's own passkeys away: it signs nobody in any more. Raises ``NotFoundError`` (a repeat too)."""

    def work(tx: Transaction) -> None:
        login = tx.session.get_one(StaffLogin, login_id, with_for_update=True)
        row = tx.session.get(StaffPasskey, passkey_id) if is_id(passkey_id) else None
        if row is None or row.login_id != login_id:
            raise NotFoundError(what="passkey")
        name = row.name
        tx.session.execute(delete(StaffPasskey).where(StaffPasskey.id == passkey_id))
        forget_recovery_in(tx, login)
        audit.record(tx, scope, "login.passkey_removed", "login", login_id)
        tell(tx, scope, login, "passkey_removed", public_url, name=name)

    scope.run(work)


def start_passkey(scope: Scope, *, network: str, public_url: str) -> Challenge:
    """What a browser needs to sign in with a passkey, for five minutes; it names nobody. Each call gives another
    challenge. Raises ``PasskeysNotOfferedError``, ``TriesUsedUpError``."""
    site = passkeys.site_of(public_url)
    attempts.spend(scope, limits.PASSKEYS_OF_NETWORK, network)
    with scope.transaction() as tx:
        challenge_id, challenge = _challenge(tx, scope, None)
    return Challenge(challenge_id, passkeys.request_options(site, challenge=challenge))


def sign_in_with_passkey(
    scope: Scope,
    *,
    challenge_id: str,
    credential: Mapping[str, Any],
    browser: str | None,
    public_url: str,
) -> OpenedSession:
    """Open a session by a passkey's signature. A passkey has asked for a face, a finger or a code, so it is both steps
    at once. A challenge is good once. Raises SignInRefusedError whatever was wrong, ``PasskeysNotOfferedError``."""
    login_id = _proved(scope, challenge_id, credential, public_url)
    return merchants.open_session(scope, login_id, browser=browser, is_second_proved=True, public_url=public_url)


def pass_with_passkey(
    scope: Scope,
    login_id: str,
    token: str,
    *,
    challenge_id: str,
    credential: Mapping[str, Any],
    public_url: str,
) -> OpenedSession:
    """Prove the person behind a session by a passkey: as the second step, or once more. Its token is another one
    afterwards. Raises SignInRefusedError whatever was wrong, also for somebody else's passkey."""
    if _proved(scope, challenge_id, credential, public_url) != login_id:
        raise SignInRefusedError
    return merchants.pass_second(scope, token)


def _proved(scope: Scope, challenge_id: str, credential: Mapping[str, Any], public_url: str) -> str:
    site = passkeys.site_of(public_url)
    challenge = scope.run(lambda tx: _take(tx, scope, challenge_id, None))
    found = None
    if challenge is not None:
        known = challenge
        found = scope.run(lambda tx: _signer(tx, scope, site, known, credential))
    if found is None:
        raise SignInRefusedError
    return found


def _signer(
    tx: Transaction, scope: Scope, site: passkeys.Site, challenge: bytes, credential: Mapping[str, Any]
) -> str | None:
    try:
        credential_id = passkeys.credential_id(credential)
        row = tx.session.scalars(
            select(StaffPasskey).where(StaffPasskey.credential_id == credential_id).with_for_update()
        ).first()
        if row is None:
            return None
        sign_count = passkeys.verify(
            site, challenge, credential, public_key=bytes(row.public_key), sign_count=row.sign_count
        )
    except PasskeyRefusedError:
        return None
    tx.session.execute(
        update(StaffPasskey).where(StaffPasskey.id == row.id).values(sign_count=sign_count, last_used_at=scope.now)
    )
    return row.login_id


def _challenge(tx: Transaction, scope: Scope, login_id: str | None) -> tuple[str, bytes]:
    challenge_id, challenge = new_id(), secrets.token_bytes(passkeys.CHALLENGE_BYTES)
    tx.session.execute(
        insert(StaffPasskeyChallenge).values(
            id=challenge_id, challenge=challenge, login_id=login_id, expires_at=scope.now + passkeys.CHALLENGE_LIFE
        )
    )
    return challenge_id, challenge


def _take(tx: Transaction, scope: Scope, challenge_id: str, login_id: str | None) -> bytes | None:
    """Use a challenge up, whatever becomes of the answer to it."""
    if not is_id(challenge_id):
        return None
    row = tx.session.execute(
        select(StaffPasskeyChallenge.challenge, StaffPasskeyChallenge.login_id).where(
            StaffPasskeyChallenge.id == challenge_id
        )
    ).first()
    if row is None or row.login_id != login_id or tx.run(_TAKE, {"id": challenge_id, "now": scope.now}) != 1:
        return None
    return bytes(row.challenge)
