"""Passkeys: added to a member, used to sign in or to end a session's wait, taken away."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update

from app.cards import attempts, numbers, passkeys, personal_data, security, waiting
from app.cards.errors import PasskeyRefusedError
from app.cards.models import Card, Member, Passkey, PasskeyChallenge, PasskeyCredential
from app.cards.profiles import own_key, read_profile
from app.cards.queries import member_in
from app.common import audit
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.settings import Settings
from app.common.sql import Statement
from app.members.passkeys import PasskeyView, is_secured, passkeys_in, sealed_field
from app.wallet import limits
from app.wallet.errors import SignInFailedError
from app.wallet.service.arriving import arrive
from app.wallet.service.profiles import read_name
from app.wallet.service.sessions import Session

MOST = 20  # passkeys of one member
# Of two answers to one challenge only one finds it there.
_TAKE = Statement("DELETE FROM passkey_challenge WHERE id = :id AND expires_at > :now")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser is to have made or signed: ``public_key`` is the options' JSON form."""

    challenge_id: str
    public_key: dict[str, Any]


def list_passkeys(scope: Scope) -> list[PasskeyView]:
    """The scope's member's passkeys, the newest first."""
    with scope.reading() as tx:
        return passkeys_in(tx, scope, scope.member_id or "")


def start_adding_passkey(scope: Scope, *, settings: Settings) -> Challenge:
    """What a browser needs to make a passkey, for five minutes. Each call gives another challenge.

    Raises ``PasskeysNotOfferedError`` where the service has no host name, ``SpendingWaitsError``, and ``InvalidError``
    for more than twenty.
    """
    site = passkeys.site_of(settings.public_url)
    waiting.require_no_wait(scope)
    member_id = scope.member_id or ""
    with scope.transaction() as tx:
        known = tx.session.scalars(select(Passkey.credential_id).where(Passkey.member_id == member_id)).all()
        if len(known) >= MOST:
            raise InvalidError(errors={"_schema": ["too_many_passkeys"]})
        made = _challenge(tx, scope, member_id)
        options = passkeys.creation_options(
            site,
            challenge=made[1],
            user_id=UUID(member_id).bytes,
            user_name=_shown_name(tx, scope, member_id),
            known=[bytes(one) for one in known],
            town=brand_of(scope.database).name,
        )
    return Challenge(made[0], options)


def add_passkey(
    scope: Scope, *, challenge_id: str, credential: Mapping[str, Any], name: str | None, settings: Settings
) -> PasskeyView:
    """Keep the passkey that a browser made for a challenge. The member can sign in with it from now on, and counts as
    claimed. A challenge is good once.

    Raises ``PasskeyRefusedError`` for anything but a genuine answer to this member's challenge,
    ``PasskeysNotOfferedError``, ``SpendingWaitsError``, ``InvalidError`` for a name of more than 80 characters.
    """
    site = passkeys.site_of(settings.public_url)
    waiting.require_no_wait(scope)
    shown = None if name is None else read_name(name)
    member_id = scope.member_id or ""
    challenge = scope.run(lambda tx: _take(tx, scope, challenge_id, member_id))
    if challenge is None:
        raise PasskeyRefusedError
    made = passkeys.read_new(site, challenge, credential)

    def keep(tx: Transaction) -> PasskeyView:
        # An authenticator that tells another's id would take over that one's signing in.
        if tx.session.scalar(select(exists().where(PasskeyCredential.credential_id == made.credential_id))):
            raise PasskeyRefusedError
        passkey_id = new_id()
        sealed = None
        if shown is not None:
            key = own_key(tx, scope, member_id)
            sealed = personal_data.encrypt_text(key, member_id, sealed_field(passkey_id), shown)
        tx.session.execute(
            insert(PasskeyCredential).values(
                credential_id=made.credential_id, member_id=member_id, passkey_id=passkey_id
            )
        )
        tx.session.execute(
            insert(Passkey).values(
                member_id=member_id,
                id=passkey_id,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                name=sealed,
                created_at=scope.now,
            )
        )
        tx.session.execute(update(Member).where(Member.id == member_id).values(status="claimed"))
        audit.record(tx, scope, "member.passkey_added", "member", member_id)
        security.tell(tx, scope.now, member_id, "passkey_added", passkey_id=passkey_id)
        return PasskeyView(passkey_id, shown, scope.now, None)

    return scope.run(keep)


def remove_passkey(scope: Scope, *, passkey_id: str) -> None:
    """Take a passkey away: it signs nobody in any more. Raises ``NotFoundError`` (a repeat too),
    ``SpendingWaitsError``."""
    waiting.require_no_wait(scope)
    member_id = scope.member_id or ""
    with scope.transaction() as tx:
        row = tx.session.execute(
            select(Passkey.credential_id)
            .where(Passkey.member_id == member_id, Passkey.id == passkey_id)
            .with_for_update()
        ).first()
        if row is None:
            raise NotFoundError(what="passkey")
        tx.session.execute(delete(PasskeyCredential).where(PasskeyCredential.credential_id == row.credential_id))
        tx.session.execute(delete(Passkey).where(Passkey.member_id == member_id, Passkey.id == passkey_id))
        if not is_secured(tx, member_id):
            tx.session.execute(update(Member).where(Member.id == member_id).values(status="anonymous"))
        audit.record(tx, scope, "member.passkey_removed", "member", member_id)
        security.tell(tx, scope.now, member_id, "passkey_removed", passkey_id=passkey_id)


def start_passkey_sign_in(scope: Scope, *, settings: Settings, network: str | None = None) -> Challenge:
    """What a browser needs to sign in with a passkey, for five minutes; it names nobody. Each call gives another
    challenge. Raises ``PasskeysNotOfferedError``, ``TriesUsedUpError``."""
    site = passkeys.site_of(settings.public_url)
    if network is not None:
        attempts.spend(scope, limits.PASSKEYS_OF_NETWORK, network)
    with scope.transaction() as tx:
        challenge_id, challenge = _challenge(tx, scope, None)
    return Challenge(challenge_id, passkeys.request_options(site, challenge=challenge))


def sign_in_with_passkey(
    scope: Scope,
    *,
    challenge_id: str,
    credential: Mapping[str, Any],
    settings: Settings,
    network: str | None = None,
) -> Session:
    """Exchange a passkey's signature for a session. In a session of the same member that one goes on, and its wait is
    over; a scope's member without a login comes along.

    A challenge is good once. Raises :class:`SignInFailedError` whatever was wrong, ``PasskeysNotOfferedError``,
    ``TriesUsedUpError``.
    """
    site = passkeys.site_of(settings.public_url)
    if network is not None:
        attempts.check(scope, limits.WRONG_CODES_OF_NETWORK, network)
    challenge = scope.run(lambda tx: _take(tx, scope, challenge_id, None))
    session = None
    if challenge is not None:
        session = scope.run(lambda tx: _sign_in(tx, scope, site, challenge, credential))
    if session is None:
        if network is not None:
            attempts.count(scope, limits.WRONG_CODES_OF_NETWORK, network)
        raise SignInFailedError
    return session


def _sign_in(
    tx: Transaction, scope: Scope, site: passkeys.Site, challenge: bytes, credential: Mapping[str, Any]
) -> Session | None:
    try:
        credential_id = passkeys.credential_id(credential)
        row = tx.session.execute(
            select(Passkey.member_id, Passkey.id, Passkey.public_key, Passkey.sign_count)
            .join(
                PasskeyCredential,
                (PasskeyCredential.member_id == Passkey.member_id) & (PasskeyCredential.passkey_id == Passkey.id),
            )
            .where(PasskeyCredential.credential_id == credential_id)
            .with_for_update(of=Passkey)
        ).first()
        if row is None:
            return None
        sign_count = passkeys.verify(
            site, challenge, credential, public_key=bytes(row.public_key), sign_count=row.sign_count
        )
    except PasskeyRefusedError:
        return None
    member = member_in(tx.session, row.member_id)
    if member is None or member.status == "erased":
        return None
    tx.session.execute(
        update(Passkey)
        .where(Passkey.member_id == row.member_id, Passkey.id == row.id)
        .values(sign_count=sign_count, last_used_at=scope.now)
    )
    return arrive(tx, scope, member.member_id, began="passkey")


def _challenge(tx: Transaction, scope: Scope, member_id: str | None) -> tuple[str, bytes]:
    challenge_id, challenge = new_id(), secrets.token_bytes(passkeys.CHALLENGE_BYTES)
    tx.session.execute(
        insert(PasskeyChallenge).values(
            id=challenge_id,
            challenge=challenge,
            member_id=member_id,
            expires_at=scope.now + passkeys.CHALLENGE_LIFE,
        )
    )
    return challenge_id, challenge


def _take(tx: Transaction, scope: Scope, challenge_id: str, member_id: str | None) -> bytes | None:
    """Use a challenge up, whatever becomes of the answer to it."""
    if not is_id(challenge_id):
        return None
    row = tx.session.execute(
        select(PasskeyChallenge.challenge, PasskeyChallenge.member_id).where(PasskeyChallenge.id == challenge_id)
    ).first()
    if row is None or row.member_id != member_id or tx.run(_TAKE, {"id": challenge_id, "now": scope.now}) != 1:
        return None
    return bytes(row.challenge)


def _shown_name(tx: Transaction, scope: Scope, member_id: str) -> str:
    profile = read_profile(tx, scope, member_id)
    number = tx.session.scalar(
        select(Card.number).where(Card.member_id == member_id, Card.status == "active").order_by(Card.id).limit(1)
    )
    nameless = numbers.mask_number(number)[-4:] if number else brand_of(scope.database).name
    return profile.email or profile.name or nameless
