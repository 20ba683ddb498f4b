"""Signing up: from an address and a few words about a shop to a shop that scans.

Nothing is made before the address is proved by a mailed code, but for one row that goes within the hour. Nobody learns
here whether an address signs somebody in: the answer is the same, and the mail says the rest.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select, update

from app.backoffice.countries import COUNTRIES
from app.backoffice.queries.first_steps import KEY as FIRST_STEPS
from app.backoffice.sign_up_mails import code_mail, known_mail
from app.backoffice.trades import Trade, trade
from app.cards import attempts
from app.cards.attempts import Limit
from app.cards.data_keys import data_keys
from app.cards.secret_codes import hash_code, hashes_of_code
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.mail import queue_mail
from app.common.money import parse_amount
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import proofs, tokens
from app.merchants import service as merchants
from app.merchants.errors import ShopInvitationOverError, SignUpCodeWrongError, SignUpOverError
from app.merchants.models import Merchant, ShopInvitation, SignUp, StaffLogin
from app.merchants.service.shop_invitations import use_invitation
from app.merchants.service.terms import accept_on_signing_up
from app.rewards import service as rewards

LIFETIME = timedelta(hours=1)
TRIES = 5
_HOUR = timedelta(hours=1)
SIGN_UPS_OF_NETWORK = Limit("sign-ups of network", 30, _HOUR)
SIGN_UPS_OF_ADDRESS = Limit("sign-ups of address", 5, _HOUR)
SHOPS_OF_LOGIN = Limit("new shops of login", 10, timedelta(days=1))
_DIGITS = 6
_PREFIX = "zg_new_"
_LOCALES = ("nl", "fr", "en", "de")

# Counted before the code is looked at, so that many tries at once are no more than one after the other.
_TRY = Statement(
    "UPDATE sign_up SET tries = tries + 1 WHERE token_hash = :token_hash AND tries < :most AND expires_at > :now"
)


@dataclass(frozen=True, slots=True)
class NewShop:
    """What somebody says about a shop that is to be. ``trade`` names a template, ``country`` one of the countries of
    :mod:`app.backoffice.countries`; ``lat`` and ``lon`` in degrees, both or neither; ``locale`` is the owner's.
    ``invitation``: the hash in hex of the link by which somebody came, where there was one."""

    name: str
    trade: str
    country: str = "BE"
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    lat: float | None = None
    lon: float | None = None
    locale: str = "nl"
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-up that waits for its code, by the token that the browser keeps."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a sign-up's page tells: where the code went, and for which shop."""

    email: str
    shop: str


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new shop, and the session of its owner, whose token is told this once."""

    merchant_id: str
    slug: str
    login_id: str
    session: merchants.OpenedSession = field(repr=False)


def sign_up(
    scope: Scope, shop: NewShop, *, email: str, password: str, public_url: str, network: str | None = None
) -> Started:
    """Begin: keep what was said for an hour and mail a code to the address; an address that signs somebody in already
    gets a mail that says so instead.

    Each call begins another one. Raises InvalidError for a bad field, PasswordTooShortError, TriesUsedUpError.
    """
    address = _address(email)
    _check(shop)
    hashed = proofs.hash_password(password)
    if network is not None:
        attempts.spend(scope, SIGN_UPS_OF_NETWORK, network)
    attempts.spend(scope, SIGN_UPS_OF_ADDRESS, address)
    token, code = tokens.new_token(_PREFIX), _new_code()
    keys = data_keys(scope.keys.data)

    def work(tx: Transaction) -> Started:
        now = scope.now
        tx.session.execute(delete(SignUp).where(SignUp.expires_at < now))
        row = SignUp(
            token_hash=tokens.token_hash(token),
            email=address,
            password_hash=hashed,
            code_hash=hash_code(keys, _purpose(tokens.token_hash(token)), code),
            shop=asdict(shop),
            created_at=now,
            expires_at=now + LIFETIME,
        )
        tx.session.add(row)
        tx.session.flush()
        _mail(tx, scope, row, token, code, public_url)
        return Started(token)

    return scope.run(work)


def send_again(scope: Scope, token: str, *, public_url: str) -> None:
    """Mail another code for a sign-up that waits; the last one ends, wrong tries are forgotten.

    Raises SignUpOverError, TriesUsedUpError.
    """
    hashed, code = tokens.token_hash(token), _new_code()
    attempts.spend(scope, SIGN_UPS_OF_ADDRESS, find_sign_up(scope, token).email)

    def work(tx: Transaction) -> None:
        row = tx.session.get(SignUp, hashed)
        if row is None:
            raise SignUpOverError
        row.code_hash, row.tries = hash_code(data_keys(scope.keys.data), _purpose(hashed), code), 0
        row.expires_at = scope.now + LIFETIME
        tx.session.flush()
        _mail(tx, scope, row, token, code, public_url)

    scope.run(work)


def find_sign_up(scope: Scope, token: str) -> Waiting:
    """The sign-up that waits behind a token. Raises SignUpOverError for one that is used, unknown or too old."""
    with scope.reading() as tx:
        row = tx.session.get(SignUp, tokens.token_hash(token))
        if row is None or row.expires_at <= scope.now or row.tries >= TRIES:
            raise SignUpOverError
        return Waiting(row.email, str(row.shop["name"]))


def confirm_sign_up(scope: Scope, token: str, code: str, *, browser: str | None = None) -> SignedUp:
    """Prove the address: make the login, the shop on trial with all that its trade begins with, and a session.

    All in one transaction, once: a second time it is over. Raises SignUpCodeWrongError while tries are left,
    SignUpOverError after five wrong ones or an hour, or where the address got a password elsewhere meanwhile.
    """
    hashed = tokens.token_hash(token)
    typed = "".join(character for character in code if character.isdigit())
    counted = scope.run(lambda tx: tx.run(_TRY, {"token_hash": hashed, "now": scope.now, "most": TRIES}))
    if counted != 1:
        raise SignUpOverError
    known = hashes_of_code(data_keys(scope.keys.data), _purpose(hashed), typed)

    def work(tx: Transaction) -> SignedUp | None:
        row = tx.session.get(SignUp, hashed)
        if row is None or row.expires_at <= scope.now:
            raise SignUpOverError
        if row.code_hash not in known:
            return None
        email, password_hash, shop = row.email, row.password_hash, NewShop(**row.shop)
        # Of two at once one finds the row; the other waits for it and finds none.
        used = tx.session.scalars(delete(SignUp).where(SignUp.token_hash == hashed).returning(SignUp.email)).all()
        if not used or _signs_in(tx, email):
            raise SignUpOverError
        return _begin(tx, scope, shop, email, password_hash, browser)

    made = scope.run(work)
    if made is None:
        raise SignUpCodeWrongError
    return made


def sign_up_invited(
    scope: Scope,
    token: str,
    shop: NewShop,
    *,
    email: str,
    password: str,
    network: str | None = None,
    browser: str | None = None,
) -> SignedUp | None:
    """Sign up by an invitation's link. It was mailed to the address, so it proves it as a code would: the shop is made
    at once, as by :func:`confirm_sign_up`. None, and nothing done, where somebody signs up with another address than
    the invitation went to, or with one that signs somebody in: then :func:`sign_up` asks for a code.

    Raises InvalidError, PasswordTooShortError, TriesUsedUpError, and ShopInvitationOverError: a link works once.
    """
    address = _address(email)
    _check(shop)
    hashed = proofs.hash_password(password)
    if network is not None:
        attempts.spend(scope, SIGN_UPS_OF_NETWORK, network)

    def work(tx: Transaction) -> SignedUp | None:
        token_hash = tokens.token_hash(token)
        row = tx.session.scalars(select(ShopInvitation).where(ShopInvitation.token_hash == token_hash)).first()
        if row is None or row.email != address or _signs_in(tx, address):
            return None
        made = _begin(tx, scope, replace(shop, invitation=None), address, hashed, browser)
        # Of two at once, and after it was called off, nothing of the shop stays.
        if not use_invitation(tx, scope, token_hash, made.merchant_id):
            raise ShopInvitationOverError
        return made

    return scope.run(work)


def add_business(scope: Scope, shop: NewShop, *, login_id: str) -> str:
    """Give somebody who is signed in one more business, on trial, and return its name in addresses.

    Each call makes another. Raises InvalidError, TriesUsedUpError.
    """
    _check(shop)
    attempts.spend(scope, SHOPS_OF_LOGIN, login_id)

    def work(tx: Transaction) -> str:
        return _make(tx, scope, shop, tx.session.get_one(StaffLogin, login_id).email)[1]

    return scope.run(work)


def _signs_in(tx: Transaction, email: str) -> bool:
    login = tx.session.scalars(select(StaffLogin).where(StaffLogin.email == email)).first()
    return login is not None and login.password_hash is not None


def _begin(
    tx: Transaction, scope: Scope, shop: NewShop, email: str, password_hash: str, browser: str | None
) -> SignedUp:
    merchant_id, slug = _make(tx, scope, shop, email)
    # Made by adding its owner, where it was not there.
    login_id = tx.session.scalars(
        update(StaffLogin)
        .where(StaffLogin.email == email, StaffLogin.password_hash.is_(None))
        .values(password_hash=password_hash, locale=shop.locale)
        .returning(StaffLogin.id)
    ).one()
    return SignedUp(merchant_id, slug, login_id, merchants.open_session(scope, login_id, browser=browser))


def _make(tx: Transaction, scope: Scope, shop: NewShop, email: str) -> tuple[str, str]:
    template = trade(shop.trade)
    currency, timezone = COUNTRIES[shop.country]
    merchant_id = merchants.create_merchant(
        scope,
        name=shop.name.strip(),
        category=template.category,
        country=shop.country,
        currency=currency,
        timezone=timezone,
        hue=template.hue,
        story=template.story,
        settings={FIRST_STEPS: {}},
        is_approved=False,
    )
    merchants.add_location(
        scope, merchant_id, street=shop.street, postcode=shop.postcode, city=shop.city, lat=shop.lat, lon=shop.lon
    )
    name = email.partition("@")[0].replace(".", " ").replace("_", " ").title()[:80]
    staff_id = merchants.add_staff(scope, merchant_id, name=name, role="owner", email=email)
    accept_on_signing_up(tx, scope, merchant_id, staff_id)
    _fill(scope, merchant_id, template, shop.locale, currency)
    if shop.invitation is not None:
        # Where it is over meanwhile, the shop came by itself.
        use_invitation(tx, scope, bytes.fromhex(shop.invitation), merchant_id)
    slug = tx.session.get_one(Merchant, merchant_id).slug
    audit.record(
        tx,
        scope,
        "merchant.signed_up",
        "merchant",
        merchant_id,
        merchant_id=merchant_id,
        after={"trade": shop.trade, "country": shop.country},
    )
    return merchant_id, slug


def _fill(scope: Scope, merchant_id: str, template: Trade, locale: str, currency: str) -> None:
    """The programme, the rewards and the welcome of a trade, called in the owner's language."""
    programme_id = rewards.create_programme(
        scope, merchant_id, name=_text(template.programme, locale), kind=template.kind, rules=template.rules
    )
    full = None
    for position, one in enumerate(template.rewards):
        reward_id = rewards.create_reward(
            scope,
            programme_id,
            name=_text(one.name, locale),
            names=dict(one.name),
            texts=dict(one.text),
            cost=one.cost,
            kind=one.kind,
            amount_minor=None if one.worth is None else parse_amount(one.worth, currency),
            percent=one.percent,
            position=position,
        )
        full = full or reward_id
    if template.kind == "stamps":
        rewards.change_programme(scope, programme_id, full_card_reward_id=full)
    rewards.create_promotion(scope, programme_id, name=_text(template.welcome, locale), rule=template.welcome_rule)


def _text(texts: Mapping[str, str], locale: str) -> str:
    return texts.get(locale) or texts["en"]


def _mail(tx: Transaction, scope: Scope, row: SignUp, token: str, code: str, public_url: str) -> None:
    name, locale, base = str(row.shop["name"]), str(row.shop["locale"]), public_url.rstrip("/")
    login = tx.session.scalars(select(StaffLogin).where(StaffLogin.email == row.email)).first()
    if login is not None and login.password_hash is not None:
        mail = known_mail(
            row.email, shop=name, url=f"{base}/account/sign-in?next=/account/sign-up", locale=login.locale or locale
        )
    else:
        url = f"{base}/account/sign-up/{token}?code={code}"
        mail = code_mail(row.email, shop=name, code=code, url=url, locale=locale)
    queue_mail(tx, scope.keys.data, mail, now=scope.now, until=row.expires_at)


def _check(shop: NewShop) -> None:
    errors: dict[str, list[str]] = {}
    try:
        trade(shop.trade)
    except KeyError:
        errors["trade"] = ["not_one_of"]
    if shop.country not in COUNTRIES:
        errors["country"] = ["country_expected"]
    if shop.locale not in _LOCALES:
        errors["locale"] = ["not_one_of"]
    # It stands in the subject of a mail that goes to an address which nobody has proved.
    printable: Any = shop.name.strip()
    if not 0 < len(printable) <= 80 or not printable.isprintable() or "://" in printable:
        errors["name"] = ["name_expected"]
    if errors:
        raise InvalidError(errors=errors)


def _address(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise InvalidError(errors={"email": ["email_expected"]}) from None


def _new_code() -> str:
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def _purpose(token_hash: bytes) -> str:
    """A code's hash is bound to its sign-up."""
    return f"sign-up {token_hash.hex()}"
