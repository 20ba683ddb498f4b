"""People behind the counter and behind the platform, and the links by which they set their passwords."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import proofs, tokens
from app.merchants.addresses import checked_address
from app.merchants.configuration import configuration_changed
from app.merchants.errors import (
    LastOwnerError,
    SetupLinkSpentError,
    StaffExistsError,
    StaffPinTakenError,
)
from app.merchants.mails import mail
from app.merchants.models import Merchant, Operator, Staff, StaffLogin
from app.merchants.models import SetupLink as SetupLinkRow
from app.merchants.rows import location_of, merchant_of, staff_of
from app.merchants.service.logins import login_of

ROLES = ("owner", "manager", "cashier")
LINK_LIFETIME = timedelta(hours=72)
LONGEST_NAME = 80

# Guarded, not read and then written: a link opened twice at once sets one password.
_USE_LINK = Statement(
    "UPDATE setup_link SET used_at = :now WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > :now"
)
_END_LINKS = Statement(
    """UPDATE setup_link SET used_at = :now
    WHERE (staff_id = :staff_id OR operator_id = :operator_id) AND used_at IS NULL"""
)


@dataclass(frozen=True, slots=True)
class SetupLink:
    """A one-time token, told this once, for the page ``/setup/TOKEN``, and when it ends."""

    token: str = field(repr=False)
    expires_at: datetime


def add_staff(
    scope: Scope,
    merchant_id: str,
    *,
    name: str,
    role: str,
    email: str | None = None,
    location_id: str | None = None,
    pin: str | None = None,
) -> str:
    """Give a merchant one more member of staff and return the id.

    ``role`` is owner, manager or cashier; without a ``location_id`` the person works at every location; ``pin`` is for
    the tablet (four to eight digits) and unlike every colleague's. Raises NotFoundError, InvalidError,
    StaffExistsError, StaffPinInvalidError, StaffPinTakenError.
    """
    if role not in ROLES:
        raise InvalidError(errors={"role": ["not_one_of"]})
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})
    address = None if email is None else checked_address(email)
    if pin is not None:
        proofs.check_staff_pin(pin)
    staff_id = new_id()

    def work(tx: Transaction) -> str:
        merchant_of(tx, scope, merchant_id)
        if location_id is not None and location_of(tx, scope, location_id).merchant_id != merchant_id:
            raise InvalidError(errors={"location_id": ["of_another_merchant"]})
        if (
            address is not None
            and tx.session.scalars(
                select(Staff.id).where(Staff.merchant_id == merchant_id, Staff.email == address)
            ).first()
        ):
            raise StaffExistsError
        tx.session.add(
            Staff(
                id=staff_id,
                merchant_id=merchant_id,
                location_id=location_id,
                email=address,
                login_id=None if address is None else login_of(tx, scope, address),
                name=name.strip(),
                role=role,
                pin_hash=None if pin is None else _free_pin(tx, scope, merchant_id, staff_id, pin),
                is_active=True,
                created_at=scope.now,
            )
        )
        tx.session.flush()
        configuration_changed(tx, merchant_id)
        audit.record(tx, scope, "staff.created", "staff", staff_id, merchant_id=merchant_id, after={"role": role})
        return staff_id

    return scope.run(work)


def set_staff_pin(scope: Scope, staff_id: str, pin: str) -> None:
    """Give a member of staff another PIN. Raises NotFoundError, StaffPinInvalidError, StaffPinTakenError."""
    proofs.check_staff_pin(pin)

    def work(tx: Transaction) -> None:
        staff = staff_of(tx, scope, staff_id)
        staff.pin_hash = _free_pin(tx, scope, staff.merchant_id, staff_id, pin)
        tx.session.flush()
        configuration_changed(tx, staff.merchant_id)  # whether anybody has one is part of it
        audit.record(tx, scope, "staff.pin_set", "staff", staff_id, merchant_id=staff.merchant_id)

    scope.run(work)


def stop_staff(scope: Scope, staff_id: str, *, public_url: str | None = None) -> None:
    """End somebody's access at once, open staff sessions too. A second time changes nothing.

    With a ``public_url`` the person is told by mail. Raises NotFoundError, and LastOwnerError where nobody would be
    left who owns the business and can sign in.
    """

    def work(tx: Transaction) -> None:
        staff = staff_of(tx, scope, staff_id)
        if not staff.is_active:
            return
        require_other_owner(tx, staff)
        staff.is_active = False
        staff.revision += 1
        tx.session.flush()
        configuration_changed(tx, staff.merchant_id)
        audit.record(tx, scope, "staff.stopped", "staff", staff_id, merchant_id=staff.merchant_id)
        if public_url is not None and staff.invited_at is None:
            write_to_staff(tx, scope, staff, "stopped", link=f"{public_url}/account")

    scope.run(work)


def require_other_owner(tx: Transaction, staff: Staff) -> None:
    """Hold the business's owners until the transaction ends, so that two can't end each other at once. Raises
    LastOwnerError where ``staff`` is the only one who owns it and can sign in."""
    if staff.role != "owner" or staff.login_id is None or staff.invited_at is not None:
        return
    tx.session.execute(select(Merchant.id).where(Merchant.id == staff.merchant_id).with_for_update())
    others = tx.session.scalar(
        select(func.count())
        .select_from(Staff)
        .where(
            Staff.merchant_id == staff.merchant_id,
            Staff.role == "owner",
            Staff.is_active,
            Staff.login_id.is_not(None),
            Staff.invited_at.is_(None),
            Staff.id != staff.id,
        )
    )
    if not others:
        raise LastOwnerError


def write_to_staff(tx: Transaction, scope: Scope, staff: Staff, kind: str, **facts: str) -> None:
    """Mail somebody about the work at this shop, in the caller's transaction; nothing where there is no address."""
    login = None if staff.login_id is None else tx.session.get(StaffLogin, staff.login_id)
    if login is None:
        return
    shop = tx.session.get_one(Merchant, staff.merchant_id).name
    told = mail(kind, login.email, login.locale or scope.locale, shop=shop, name=staff.name, **facts)
    queue_mail(tx, scope.keys.data, told, now=scope.now, merchant_id=staff.merchant_id)


def create_setup_link(scope: Scope, *, staff_id: str | None = None, operator_id: str | None = None) -> SetupLink:
    """Make the token of a link by which one person sets a password, once, within 72 hours. Older links of the same
    person end. Name exactly one of the two. Raises NotFoundError."""
    if (staff_id is None) == (operator_id is None):
        raise ValueError("a link is for one person")
    token = tokens.new_token(tokens.LINK_PREFIX)

    def work(tx: Transaction) -> SetupLink:
        if staff_id is not None:
            staff_of(tx, scope, staff_id)
        now = scope.now
        tx.run(_END_LINKS, {"staff_id": staff_id, "operator_id": operator_id, "now": now})
        tx.session.add(
            SetupLinkRow(
                token_hash=tokens.token_hash(token),
                staff_id=staff_id,
                operator_id=operator_id,
                expires_at=now + LINK_LIFETIME,
            )
        )
        return SetupLink(token, now + LINK_LIFETIME)

    return scope.run(work)


def set_password(scope: Scope, token: str, password: str) -> Literal["staff", "operator"]:
    """Set the password of whom a setup link was made for, and use the link up. Returns which of the two that is.

    Raises SetupLinkSpentError for a link that is unknown, used or too old, PasswordTooShortError (the link stays good).
    """
    hashed = proofs.hash_password(password)

    def work(tx: Transaction) -> Literal["staff", "operator"]:
        link = tx.session.get(SetupLinkRow, tokens.token_hash(token))
        if link is None or tx.run(_USE_LINK, {"token_hash": link.token_hash, "now": scope.now}) != 1:
            raise SetupLinkSpentError
        if link.staff_id is not None:
            staff = tx.session.get_one(Staff, link.staff_id)
            login = tx.session.get(StaffLogin, staff.login_id) if staff.is_active and staff.login_id else None
            # A password that is there is changed by its own person alone: a shop that asks somebody in must not get
            # at the other shops where that person works.
            if login is None or login.password_hash is not None:
                raise SetupLinkSpentError
            login.password_hash = hashed
            staff.invited_at = None
            audit.record(tx, scope, "staff.password_set", "staff", staff.id, merchant_id=staff.merchant_id)
            return "staff"
        operator = tx.session.get_one(Operator, link.operator_id)
        if not operator.is_active:
            raise SetupLinkSpentError
        operator.password_hash = hashed
        audit.record(tx, scope, "operator.password_set", "operator", operator.id)
        return "operator"

    return scope.run(work)


def _free_pin(tx: Transaction, scope: Scope, merchant_id: str, staff_id: str, pin: str) -> str:
    """The hash of a PIN that nobody else at the merchant has: at the counter the PIN alone tells who it is."""
    colleagues = tx.session.execute(
        select(Staff.id, Staff.pin_hash).where(
            Staff.merchant_id == merchant_id, Staff.is_active, Staff.pin_hash.is_not(None), Staff.id != staff_id
        )
    )
    for colleague_id, stored in colleagues:
        if proofs.is_staff_pin(scope.keys, colleague_id, stored or "", pin):
            raise StaffPinTakenError
    return proofs.hash_staff_pin(scope.keys, staff_id, pin)
