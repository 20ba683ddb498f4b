"""A login's password and address: forgotten, set anew, changed by mails that only their reader can follow."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select, update

from app.common import audit
from app.common.database import Transaction
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import proofs, tokens
from app.merchants.addresses import checked_address
from app.merchants.errors import LoginLinkSpentError, SignInRefusedError
from app.merchants.mails import mail
from app.merchants.models import Staff, StaffLogin, StaffLoginLink
from app.merchants.service.logins import end_sessions_in, tell

PASSWORD_LINK = timedelta(hours=1)
ADDRESS_LINK = timedelta(days=1)
LOCALES = ("nl", "fr", "en", "de")

# Guarded, not read and then written: a link opened twice at once does one thing.
_USE = Statement(
    "UPDATE staff_login_link SET used_at = :now"
    " WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > :now"
)


def ask_for_password(scope: Scope, email: str, *, public_url: str) -> None:
    """Send a link by which a new password is set to the login with this address. Where there is none nothing happens,
    and nobody is told that. Links before this one end."""

    def work(tx: Transaction) -> None:
        login = tx.session.scalars(select(StaffLogin).where(StaffLogin.email == email.strip().lower())).first()
        if login is None:
            return
        link = password_link_in(tx, scope, login.id, lifetime=PASSWORD_LINK)
        told = mail("password_link", login.email, login.locale or scope.locale, link=f"{public_url}{link}")
        queue_mail(tx, scope.keys.data, told, now=scope.now, until=scope.now + PASSWORD_LINK)
        audit.record(tx, scope, "login.password_asked", "login", login.id)

    scope.run(work)


def password_link_in(tx: Transaction, scope: Scope, login_id: str, *, lifetime: timedelta) -> str:
    """The path of a link by which the reader of the login's mails sets a password, in the caller's transaction."""
    return "/account/new-password/" + _link(tx, scope, login_id, "password", None, lifetime)


def reset_password(scope: Scope, token: str, password: str, *, public_url: str) -> None:
    """Set the password of the login whose mailed link this is. All its browsers are signed out; a second step stays.

    Raises LoginLinkSpentError for a link that is unknown, used or too old, PasswordTooShortError (the link stays good).
    """
    hashed = proofs.hash_password(password)

    def work(tx: Transaction) -> None:
        login = _used(tx, scope, token, "password")[0]
        _set_password(tx, scope, login, hashed, public_url)
        end_sessions_in(tx, scope, login.id)

    scope.run(work)


def change_password(scope: Scope, login_id: str, *, old: str, new: str, token: str, public_url: str) -> None:
    """Change one's own password. Every other browser is signed out (``token`` is this one's).

    Raises SignInRefusedError where ``old`` is not the present one, PasswordTooShortError.
    """
    with scope.reading() as tx:
        stored = tx.session.get_one(StaffLogin, login_id).password_hash
    # Outside any transaction: hashing takes its time.
    if not proofs.is_password(stored, old):
        raise SignInRefusedError
    hashed = proofs.hash_password(new)

    def work(tx: Transaction) -> None:
        _set_password(tx, scope, tx.session.get_one(StaffLogin, login_id), hashed, public_url)
        end_sessions_in(tx, scope, login_id, but=token)

    scope.run(work)


def ask_for_address(scope: Scope, login_id: str, email: str, *, public_url: str) -> None:
    """Send a link to the address that is wanted, which takes it once it is followed; the present address is told.

    An address that already signs somebody else in gets no link, and nobody is told that it does. Raises InvalidError
    for what is no address. Links before this one end.
    """
    address = checked_address(email)

    def work(tx: Transaction) -> None:
        login = tx.session.get_one(StaffLogin, login_id)
        if address == login.email:
            return
        locale = login.locale or scope.locale
        if tx.session.scalars(select(StaffLogin.id).where(StaffLogin.email == address)).first() is None:
            link = _link(tx, scope, login_id, "address", address, ADDRESS_LINK)
            told = mail("address_link", address, locale, link=f"{public_url}/account/new-address/{link}")
            queue_mail(tx, scope.keys.data, told, now=scope.now, until=scope.now + ADDRESS_LINK)
        tell(tx, scope, login, "address_asked", public_url, address=address)
        audit.record(tx, scope, "login.address_asked", "login", login_id)

    scope.run(work)


def take_address(scope: Scope, token: str) -> None:
    """Take the address to which this link was mailed. Whoever follows it need not be signed in: reading the mail is the
    proof. The old address is told.

    Raises LoginLinkSpentError for a link that is unknown, used or too old, or an address that somebody took meanwhile.
    """

    def work(tx: Transaction) -> None:
        login, address = _used(tx, scope, token, "address")
        if address is None or tx.session.scalars(select(StaffLogin.id).where(StaffLogin.email == address)).first():
            raise LoginLinkSpentError
        old, login.email = login.email, address
        # At each shop the person is known under it too.
        tx.session.execute(update(Staff).where(Staff.login_id == login.id).values(email=address))
        queue_mail(
            tx,
            scope.keys.data,
            mail("address_changed", old, login.locale or scope.locale, address=address),
            now=scope.now,
        )
        audit.record(tx, scope, "login.address_changed", "login", login.id)

    scope.run(work)


def choose_language(scope: Scope, login_id: str, locale: str) -> None:
    """Speak this language to the person from now on, on pages and in mails. What is none of ours changes nothing."""
    if locale in LOCALES:
        scope.run(
            lambda tx: tx.session.execute(update(StaffLogin).where(StaffLogin.id == login_id).values(locale=locale))
        )


def _set_password(tx: Transaction, scope: Scope, login: StaffLogin, hashed: str, public_url: str) -> None:
    was_set = login.password_hash is not None
    login.password_hash = hashed
    # Links that lie in the mailbox are worth nothing any more.
    tx.session.execute(
        update(StaffLoginLink)
        .where(StaffLoginLink.login_id == login.id, StaffLoginLink.used_at.is_(None))
        .values(used_at=scope.now)
    )
    audit.record(tx, scope, "login.password_set", "login", login.id)
    if was_set:
        tell(tx, scope, login, "password_changed", public_url)


def _link(tx: Transaction, scope: Scope, login_id: str, kind: str, address: str | None, lifetime: timedelta) -> str:
    token = tokens.new_token(tokens.LOGIN_LINK_PREFIX)
    tx.session.execute(
        update(StaffLoginLink)
        .where(StaffLoginLink.login_id == login_id, StaffLoginLink.kind == kind, StaffLoginLink.used_at.is_(None))
        .values(used_at=scope.now)
    )
    tx.session.execute(
        insert(StaffLoginLink).values(
            token_hash=tokens.token_hash(token),
            login_id=login_id,
            kind=kind,
            address=address,
            created_at=scope.now,
            expires_at=scope.now + lifetime,
        )
    )
    return token


def _used(tx: Transaction, scope: Scope, token: str, kind: str) -> tuple[StaffLogin, str | None]:
    link = tx.session.get(StaffLoginLink, tokens.token_hash(token))
    if link is None or link.kind != kind:
        raise LoginLinkSpentError
    if tx.run(_USE, {"token_hash": link.token_hash, "now": scope.now}) != 1:
        raise LoginLinkSpentError
    return tx.session.get_one(StaffLogin, link.login_id), link.address
