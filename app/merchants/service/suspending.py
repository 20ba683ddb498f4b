"""A shop is stopped for a time by the operator's word: nothing is earned there, what members hold stays theirs."""

from __future__ import annotations

from app.common import audit
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.configuration import configuration_changed
from app.merchants.errors import MerchantStateError
from app.merchants.listing import list_merchant
from app.merchants.owner_mails import tell_owners
from app.merchants.rows import merchant_of
from app.merchants.service.approving import checked_reason

# Guarded, not read and then written: of two who decide at once one does.
_SUSPEND = Statement(
    """UPDATE merchant SET status = 'suspended', suspended_at = :now
    WHERE id = :merchant_id AND status = 'active' AND approved_at IS NOT NULL"""
)
_RESUME = Statement(
    """UPDATE merchant SET status = 'active', suspended_at = NULL
    WHERE id = :merchant_id AND status = 'suspended' AND approved_at IS NOT NULL"""
)


def suspend_merchant(scope: Scope, merchant_id: str, *, reason: str, public_url: str) -> None:
    """Stop earning at an approved shop, and take it out of the lists. Members keep what they hold, can redeem it, and
    see that the shop is paused. Owners are told ``reason`` by mail.

    Raises InvalidError without a reason, NotFoundError, and MerchantStateError where the shop is not active, which a
    repeat meets too: a shop on trial is declined instead.
    """
    _switch(scope, merchant_id, "merchant.suspended", "shop_suspended", reason=reason, public_url=public_url)


def resume_merchant(scope: Scope, merchant_id: str, *, reason: str, public_url: str) -> None:
    """Let a suspended shop go on. Owners are told by mail.

    Raises InvalidError without a reason, NotFoundError, and MerchantStateError where the shop is not suspended, which a
    repeat meets too: one that was declined is approved instead.
    """
    _switch(scope, merchant_id, "merchant.resumed", "shop_resumed", reason=reason, public_url=public_url)


def _switch(scope: Scope, merchant_id: str, action: str, told: str, *, reason: str, public_url: str) -> None:
    checked = checked_reason(reason)
    is_end = action == "merchant.suspended"

    def work(tx: Transaction) -> None:
        merchant = merchant_of(tx, scope, merchant_id)
        if tx.run(_SUSPEND if is_end else _RESUME, {"merchant_id": merchant_id, "now": scope.now}) != 1:
            raise MerchantStateError
        before = {"status": merchant.status}
        tx.session.refresh(merchant)
        configuration_changed(tx, merchant_id)
        list_merchant(tx, merchant)
        audit.record(
            tx,
            scope,
            action,
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before=before,
            after={"status": merchant.status, "reason": checked},
        )
        link = f"{public_url.rstrip('/')}/office/{merchant.slug}"
        tell_owners(tx, scope, merchant_id, told, shop=merchant.name, reason=checked, link=link)

    scope.run(work)
