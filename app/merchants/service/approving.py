"""The operator's word on a shop that signed up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.approval_mails import approved_mail, declined_mail
from app.merchants.configuration import configuration_changed
from app.merchants.errors import MerchantStateError
from app.merchants.listing import list_merchant
from app.merchants.models import Merchant
from app.merchants.owner_mails import mail_owners, tell_owners
from app.merchants.rows import merchant_of

LONGEST_REASON = 300

# Guarded, not read and then written: of two who decide at once one does.
_APPROVE = Statement(
    """UPDATE merchant SET approved_at = :now, suspended_at = NULL,
        status = CASE WHEN status = 'suspended' THEN 'active' ELSE status END
    WHERE id = :merchant_id AND approved_at IS NULL"""
)
_DECLINE = Statement(
    """UPDATE merchant SET status = 'suspended', suspended_at = :now
    WHERE id = :merchant_id AND approved_at IS NULL AND status = 'active'"""
)


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


def approve_merchant(scope: Scope, merchant_id: str, *, public_url: str, reason: str | None = None) -> bool:
    """End a shop's trial: it is listed where it wants to be, tells its members, and has no limits any more. Its owners
    are told by mail, with its address under ``public_url``; ``reason`` stands in the audit list.

    False where it was approved before: then nothing changes. One that was declined works again. Raises NotFoundError.
    """

    def work(tx: Transaction) -> bool:
        merchant = merchant_of(tx, scope, merchant_id)
        before = {"status": standing(merchant)}
        if tx.run(_APPROVE, {"merchant_id": merchant_id, "now": scope.now}) != 1:
            return False
        tx.session.refresh(merchant)
        configuration_changed(tx, merchant_id)
        list_merchant(tx, merchant)
        after = {"status": standing(merchant)} | ({} if reason is None else {"reason": reason.strip()})
        audit.record(
            tx,
            scope,
            "merchant.approved",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before=before,
            after=after,
        )
        name, url = merchant.name, f"{public_url.rstrip('/')}/office/{merchant.slug}"
        mail_owners(tx, scope, merchant_id, lambda to, locale: approved_mail(to, name, url, locale))
        return True

    return scope.run(work)


def ask_merchant(scope: Scope, merchant_id: str, *, question: str, public_url: str) -> None:
    """Ask the owners of a shop on trial something, by mail, before it is decided on. It stays on trial; the question
    stands in its audit list, and :func:`app.merchants.queries.looking.question_of` finds it there.

    Raises InvalidError without a question, NotFoundError, and MerchantStateError for a shop that waits no more. Each
    call asks once more.
    """
    checked = checked_reason(question, "question")

    def work(tx: Transaction) -> None:
        merchant = merchant_of(tx, scope, merchant_id)
        if standing(merchant) != "waiting":
            raise MerchantStateError
        audit.record(
            tx,
            scope,
            "merchant.asked",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={"status": "waiting"},
            after={"status": "waiting", "question": checked},
        )
        tell_owners(
            tx,
            scope,
            merchant_id,
            "shop_asked",
            shop=merchant.name,
            reason=checked,
            link=f"{public_url.rstrip('/')}/office/{merchant.slug}",
        )

    scope.run(work)


def decline_merchant(scope: Scope, merchant_id: str, *, reason: str) -> bool:
    """Refuse a shop on trial: it is suspended, so nothing is earned there; what members hold is still redeemed. Its
    owners are told ``reason`` by mail, in the words that are given.

    False where it is suspended already. Raises NotFoundError, and InvalidError without a reason or for a shop that was
    approved: that one is suspended by :func:`app.merchants.service.suspending.suspend_merchant`.
    """
    checked = checked_reason(reason)

    def work(tx: Transaction) -> bool:
        merchant = merchant_of(tx, scope, merchant_id)
        if merchant.approved_at is not None:
            raise InvalidError(errors={"merchant_id": ["not_one_of"]})
        before = {"status": standing(merchant)}
        if tx.run(_DECLINE, {"merchant_id": merchant_id, "now": scope.now}) != 1:
            return False
        tx.session.refresh(merchant)
        configuration_changed(tx, merchant_id)
        audit.record(
            tx,
            scope,
            "merchant.declined",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before=before,
            after={"status": standing(merchant), "reason": checked},
        )
        name = merchant.name
        mail_owners(tx, scope, merchant_id, lambda to, locale: declined_mail(to, name, checked, locale))
        return True

    return scope.run(work)


def standing(merchant: Merchant) -> str:
    """How a shop stands: ``waiting`` for the operator's word, ``active``, ``suspended`` or ``closed``."""
    return "waiting" if merchant.status == "active" and merchant.approved_at is None else merchant.status


def checked_reason(reason: str, field: str = "reason") -> str:
    """A reason as it is kept. Raises InvalidError without one, or for one that is too long."""
    checked = " ".join(reason.split())
    if not 0 < len(checked) <= LONGEST_REASON:
        raise InvalidError(errors={field: ["reason_expected"]})
    return checked
