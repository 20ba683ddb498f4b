"""Signing in to the back office: one login, a session for each browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select, update

from app.common import audit
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import proofs, tokens
from app.merchants.errors import SignInRefusedError
from app.merchants.mails import mail
from app.merchants.models import Merchant, Staff, StaffLogin, StaffLoginSession, StaffPasskey

SESSION_LIFETIME = timedelta(days=14)
SECOND_WITHIN = timedelta(minutes=15)  # a right password waits so long for its second step
SEEN_EVERY = timedelta(minutes=5)  # a page must not cost a write
LONGEST_BROWSER = 200

_SEEN = Statement("UPDATE staff_login_session SET seen_at = :now WHERE token_hash = :token_hash AND seen_at < :before")
# On PostgreSQL a shop sees the logins of its own people only; of another's it is told the id.
_WITH_ADDRESS = Statement(
    "SELECT login_with_address(:address)", sqlite="SELECT id FROM staff_login WHERE email = :address"
)
_END = Statement("UPDATE staff_login_session SET ended_at = :now WHERE token_hash = :token_hash AND ended_at IS NULL")


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session's token, told this once, and whether its person still owes a second step."""

    token: str = field(repr=False)
    expires_at: datetime
    waits_for_second: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a session."""

    login_id: str
    email: str
    locale: str | None
    waits_for_second: bool
    has_totp: bool
    has_passkey: bool
    has_password: bool
    proved_at: datetime | None

    @property
    def has_second(self) -> bool:
        """Whether the password alone lets nobody in."""
        return self.has_totp or self.has_passkey


@dataclass(frozen=True, slots=True)
class SessionView:
    """A browser that is signed in. ``key`` names it to its own person and is no secret."""

    key: str
    browser: str | None
    created_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A business at which a login works, and as what. ``location_id``: only there."""

    merchant_id: str
    slug: str
    name: str
    hue: int
    status: str
    currency: str
    timezone: str
    staff_id: str
    staff_name: str
    role: str
    location_id: str | None


def sign_in(
    scope: Scope, *, email: str, password: str, browser: str | None = None, public_url: str | None = None
) -> OpenedSession:
    """Open a session for the login with this address and password. Tries are limited by
    :mod:`app.backoffice.service.signing_in`.

    Raises SignInRefusedError, the same for an unknown address and a wrong password and after the same time. Each call
    opens another session. With a ``public_url`` the person is told by mail of a browser that is new.
    """
    with scope.reading() as tx:
        login = tx.session.scalars(select(StaffLogin).where(StaffLogin.email == email.strip().lower())).first()
        login_id, stored = (None, None) if login is None else (login.id, login.password_hash)
    # Outside any transaction: hashing takes its time.
    if not proofs.is_password(stored, password) or login_id is None:
        raise SignInRefusedError
    return open_session(scope, login_id, browser=browser, public_url=public_url)


def open_session(
    scope: Scope,
    login_id: str,
    *,
    browser: str | None = None,
    is_proved: bool = True,
    is_second_proved: bool = False,
    public_url: str | None = None,
) -> OpenedSession:
    """Open a session for a login that has proved itself by its first step; one with a second step still owes that,
    unless ``is_second_proved``.

    Each call opens another one.
    """
    token = tokens.new_token(tokens.SESSION_PREFIX)
    seen_in = None if browser is None else browser[:LONGEST_BROWSER]

    def work(tx: Transaction) -> OpenedSession:
        login = tx.session.get_one(StaffLogin, login_id)
        now = scope.now
        known = tx.session.scalars(
            select(StaffLoginSession.browser).where(StaffLoginSession.login_id == login_id).distinct()
        ).all()
        row = StaffLoginSession(
            token_hash=tokens.token_hash(token),
            login_id=login_id,
            browser=seen_in,
            created_at=now,
            seen_at=now,
            proved_at=now if is_proved else None,
            waits_for_second=not is_second_proved and has_second_in(tx, login),
            expires_at=now + SESSION_LIFETIME,
        )
        tx.session.add(row)
        # The very first one is no news to anybody.
        if public_url is not None and known and seen_in not in known:
            tell(tx, scope, login, "new_browser", public_url)
        return OpenedSession(token, row.expires_at, row.waits_for_second)

    return scope.run(work)


def has_second_in(tx: Transaction, login: StaffLogin) -> bool:
    """Whether a login has a second step, in the caller's transaction."""
    return login.totp_secret is not None or bool(
        tx.session.scalar(select(exists().where(StaffPasskey.login_id == login.id)))
    )


def tell(tx: Transaction, scope: Scope, login: StaffLogin, kind: str, public_url: str, **facts: str) -> None:
    """Tell a person by mail what happened to the sign-in, in the caller's transaction."""
    told = mail(kind, login.email, login.locale or scope.locale, forgotten=f"{public_url}/account/forgotten", **facts)
    queue_mail(tx, scope.keys.data, told, now=scope.now)


def resume_session(scope: Scope, token: str) -> SignedIn | None:
    """Who is behind a session's token; None for one that is unknown, ended or too old."""
    hashed = tokens.token_hash(token)
    with scope.reading() as tx:
        found = tx.session.execute(
            select(StaffLoginSession, StaffLogin, exists().where(StaffPasskey.login_id == StaffLogin.id))
            .join(StaffLogin, StaffLogin.id == StaffLoginSession.login_id)
            .where(StaffLoginSession.token_hash == hashed)
        ).first()
        if found is None:
            return None
        session, login, has_passkey = found
        if session.ended_at is not None or session.expires_at <= scope.now:
            return None
        if session.waits_for_second and session.created_at + SECOND_WITHIN <= scope.now:
            return None
        seen_at = session.seen_at
        signed_in = SignedIn(
            login_id=login.id,
            email=login.email,
            locale=login.locale,
            waits_for_second=session.waits_for_second,
            has_totp=login.totp_secret is not None,
            has_passkey=bool(has_passkey),
            has_password=login.password_hash is not None,
            proved_at=session.proved_at,
        )
    if scope.now - seen_at > SEEN_EVERY:
        before = scope.now - SEEN_EVERY
        scope.run(lambda tx: tx.run(_SEEN, {"token_hash": hashed, "now": scope.now, "before": before}))
    return signed_in


def end_session(scope: Scope, token: str) -> None:
    """Sign a browser out. A second time changes nothing."""
    scope.run(lambda tx: tx.run(_END, {"token_hash": tokens.token_hash(token), "now": scope.now}))


def pass_second(scope: Scope, token: str) -> OpenedSession:
    """Let a session in whose person has just proved the second step, under a new token: the old one is worth nothing
    any more. Raises SignInRefusedError for one that ended meanwhile."""
    return _renew(scope, token, waits_for_second=False)


def prove_again(scope: Scope, token: str) -> OpenedSession:
    """Note that the person behind a session has just proved it once more, and give the session a new token. Raises
    SignInRefusedError for one that ended meanwhile."""
    return _renew(scope, token)


def list_sessions(scope: Scope, login_id: str, token: str) -> list[SessionView]:
    """The browsers in which a login is signed in, this one (``token``) first, then those seen last."""
    this = tokens.token_hash(token)
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(StaffLoginSession)
            .where(
                StaffLoginSession.login_id == login_id,
                StaffLoginSession.ended_at.is_(None),
                StaffLoginSession.expires_at > scope.now,
                StaffLoginSession.waits_for_second.is_(False),
            )
            .order_by(StaffLoginSession.seen_at.desc())
        )
        found = [
            SessionView(row.token_hash.hex(), row.browser, row.created_at, row.seen_at, row.token_hash == this)
            for row in rows
        ]
    return sorted(found, key=lambda one: not one.is_this)


def end_session_of(scope: Scope, login_id: str, key: str) -> None:
    """Sign one of a login's own browsers out, by the ``key`` of its view. What is another's, or there no more, changes
    nothing."""
    try:
        hashed = bytes.fromhex(key)
    except ValueError:
        return
    scope.run(
        lambda tx: tx.session.execute(
            update(StaffLoginSession)
            .where(
                StaffLoginSession.token_hash == hashed,
                StaffLoginSession.login_id == login_id,
                StaffLoginSession.ended_at.is_(None),
            )
            .values(ended_at=scope.now)
        )
    )


def end_sessions_in(tx: Transaction, scope: Scope, login_id: str, *, but: str | None = None) -> None:
    """Sign a login out everywhere in the caller's transaction; ``but`` is the token of the browser that stays."""
    ending = (
        update(StaffLoginSession)
        .where(StaffLoginSession.login_id == login_id, StaffLoginSession.ended_at.is_(None))
        .values(ended_at=scope.now)
    )
    if but is not None:
        ending = ending.where(StaffLoginSession.token_hash != tokens.token_hash(but))
    tx.session.execute(ending)


def end_other_sessions(scope: Scope, login_id: str, token: str) -> None:
    """Sign a login out everywhere but here. A second time changes nothing."""
    scope.run(lambda tx: end_sessions_in(tx, scope, login_id, but=token))


def list_places(scope: Scope, login_id: str) -> list[Place]:
    """The businesses at which a login works now, by name; closed ones last."""
    with scope.reading() as tx:
        return [_place(merchant, staff) for merchant, staff in tx.session.execute(_places(login_id))]


def find_place(scope: Scope, login_id: str, slug: str) -> Place | None:
    """The business with this address at which a login works; None where there is none, or it does not work there."""
    with scope.reading() as tx:
        found = tx.session.execute(_places(login_id).where(Merchant.slug == slug)).first()
        return None if found is None else _place(found[0], found[1])


def login_of(tx: Transaction, scope: Scope, address: str) -> str:
    """The id of the login with a checked address, made where there is none yet."""
    known = tx.rows(_WITH_ADDRESS, {"address": address})
    if known and known[0][0] is not None:
        return str(known[0][0])
    login = StaffLogin(id=new_id(), email=address, created_at=scope.now)
    tx.session.add(login)
    tx.session.flush()
    audit.record(tx, scope, "login.created", "login", login.id)
    return login.id


def _renew(scope: Scope, token: str, **changes: bool) -> OpenedSession:
    fresh = tokens.new_token(tokens.SESSION_PREFIX)

    def work(tx: Transaction) -> OpenedSession:
        row = tx.session.execute(
            update(StaffLoginSession)
            .where(StaffLoginSession.token_hash == tokens.token_hash(token), StaffLoginSession.ended_at.is_(None))
            .values(token_hash=tokens.token_hash(fresh), proved_at=scope.now, seen_at=scope.now, **changes)
            .returning(StaffLoginSession.expires_at, StaffLoginSession.waits_for_second)
        ).first()
        if row is None:
            raise SignInRefusedError
        return OpenedSession(fresh, row.expires_at, bool(row.waits_for_second))

    return scope.run(work)


def _places(login_id: str) -> Select[Merchant, Staff]:
    return (
        select(Merchant, Staff)
        .join(Staff, Staff.merchant_id == Merchant.id)
        .where(Staff.login_id == login_id, Staff.is_active, Staff.invited_at.is_(None), Merchant.sandbox_of.is_(None))
        .order_by(Merchant.status == "closed", Merchant.name, Merchant.id)
    )


def _place(merchant: Merchant, staff: Staff) -> Place:
    return Place(
        merchant_id=merchant.id,
        slug=merchant.slug,
        name=merchant.name,
        hue=merchant.hue,
        status=merchant.status,
        currency=merchant.currency,
        timezone=merchant.timezone,
        staff_id=staff.id,
        staff_name=staff.name,
        role=staff.role,
        location_id=staff.location_id,
    )
