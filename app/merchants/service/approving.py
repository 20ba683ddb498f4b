"""The operator's word on a shop that signed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.merchants.approval_mails import approved_mail, declined_mail
from app.merchants.configuration import configuration_changed
from app.merchants.listing import list_merchant
from app.merchants.models import Merchant, Staff, StaffLogin
from app.merchants.rows import merchant_of

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Waiting:
    """A shop that waits for the operator's word."""

    merchant_id: str
    name: str
    slug: str
    category: str
    created_at: datetime


def list_waiting(scope: Scope) -> list[Waiting]:
    """The shops on trial that nobody has decided on, the oldest first."""
    with scope.reading() as tx:
        found = tx.session.scalars(
            select(Merchant)
            .where(Merchant.approved_at.is_(None), Merchant.status == "active", Merchant.sandbox_of.is_(None))
            .order_by(Merchant.created_at, Merchant.id)
        )
        return [Waiting(one.id, one.name, one.slug, one.category, one.created_at) for one in found]


def approve_merchant(scope: Scope, merchant_id: str, *, public_url: str) -> bool:
    """End a shop's trial: it is listed where it wants to be, tells its members, and has no limits any more. Its owners
    are told by mail, with its address under ``public_url``.

    False where it was approved before: then nothing changes. One that was declined works again. Raises NotFoundError.
    """

    def work(tx: Transaction) -> bool:
        merchant = merchant_of(tx, scope, merchant_id)
        if merchant.approved_at is not None:
            return False
        merchant.approved_at = scope.now
        merchant.status = "active" if merchant.status == "suspended" else merchant.status
        tx.session.flush()
        configuration_changed(tx, merchant_id)
        list_merchant(tx, merchant)
        audit.record(tx, scope, "merchant.approved", "merchant", merchant_id, merchant_id=merchant_id)
        name, url = merchant.name, f"{public_url.rstrip('/')}/office/{merchant.slug}"
        _mail_owners(tx, scope, merchant_id, lambda to, locale: approved_mail(to, name, url, locale))
        return True

    return scope.run(work)


def decline_merchant(scope: Scope, merchant_id: str, *, reason: str) -> bool:
    """Refuse a shop on trial: it is suspended, so nothing is earned there; what members hold is still redeemed. Its
    owners are told ``reason`` by mail, in the words that are given.

    False where it is suspended already. Raises NotFoundError, and InvalidError without a reason or for a shop that was
    approved: that one is suspended in other ways.
    """
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise InvalidError(errors={"reason": ["reason_expected"]})

    def work(tx: Transaction) -> bool:
        merchant = merchant_of(tx, scope, merchant_id)
        if merchant.approved_at is not None:
            raise InvalidError(errors={"merchant_id": ["not_one_of"]})
        if merchant.status != "active":
            return False
        merchant.status = "suspended"
        tx.session.flush()
        configuration_changed(tx, merchant_id)
        audit.record(
            tx,
            scope,
            "merchant.declined",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            after={"reason": reason.strip()},
        )
        name = merchant.name
        _mail_owners(tx, scope, merchant_id, lambda to, locale: declined_mail(to, name, reason.strip(), locale))
        return True

    return scope.run(work)


def _mail_owners(tx: Transaction, scope: Scope, merchant_id: str, made: Callable[[str, str | None], Mail]) -> None:
    owners = tx.session.execute(
        select(StaffLogin.email, StaffLogin.locale)
        .join(Staff, Staff.login_id == StaffLogin.id)
        .where(Staff.merchant_id == merchant_id, Staff.role == "owner", Staff.is_active)
        .order_by(StaffLogin.email)
    )
    for address, locale in owners.all():
        queue_mail(tx, scope.keys.data, made(address, locale), now=scope.now, merchant_id=merchant_id)
