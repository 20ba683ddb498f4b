"""The member's vouchers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.models import Reward, Voucher
from app.wallet.queries.accounts import MerchantView, merchant_view


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher as its member sees it. ``value`` is what a till applies. While it is reserved for one shop's tablet,
    ``hold_location_id`` and ``hold_until`` are set."""

    voucher_id: str
    code: str
    status: str
    reward_id: str
    name: str
    kind: str
    value: Mapping[str, Any]
    cost: int
    quantity: int
    source: str
    programme_id: str
    merchant: MerchantView
    issued_at: datetime
    expires_at: datetime | None
    redeemed_at: datetime | None
    hold_location_id: str | None
    hold_until: datetime | None


def list_vouchers(
    scope: Scope, *, limit: int, before: str | None = None, status: str | None = None
) -> list[VoucherView]:
    """Up to ``limit`` vouchers of the scope's member, the newest first; ``status`` picks those that are ``issued``,
    ``redeemed``, ``expired`` or ``cancelled``."""
    with scope.reading() as tx:
        wanted = _vouchers(scope).order_by(Voucher.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(Voucher.id < before)
        is_over = Voucher.expires_at <= scope.now
        if status == "issued":
            wanted = wanted.where(Voucher.status == "issued", Voucher.expires_at.is_(None) | ~is_over)
        elif status == "expired":
            wanted = wanted.where((Voucher.status == "expired") | ((Voucher.status == "issued") & is_over))
        elif status is not None:
            wanted = wanted.where(Voucher.status == status)
        return [_voucher(scope, *row) for row in tx.session.execute(wanted)]


def get_voucher(scope: Scope, *, voucher_id: str) -> VoucherView:
    """One voucher of the scope's member. Raises ``NotFoundError`` for one that isn't there or is another's."""
    with scope.reading() as tx:
        row = tx.session.execute(_vouchers(scope).where(Voucher.id == voucher_id)).first()
        if row is None:
            raise NotFoundError(what="voucher")
        return _voucher(scope, *row)


def _vouchers(scope: Scope) -> Select[Voucher, Reward, Merchant]:
    return (
        select(Voucher, Reward, Merchant)
        .join(Reward, Reward.id == Voucher.reward_id)
        .join(Merchant, Merchant.id == Voucher.merchant_id)
        .where(Voucher.member_id == scope.member_id)
    )


def _voucher(scope: Scope, voucher: Voucher, reward: Reward, merchant: Merchant) -> VoucherView:
    is_over = voucher.expires_at is not None and voucher.expires_at <= scope.now
    is_held = voucher.hold_until is not None and voucher.hold_until > scope.now
    return VoucherView(
        voucher_id=voucher.id,
        code=voucher.code,
        status="expired" if voucher.status == "issued" and is_over else voucher.status,
        reward_id=reward.id,
        name=reward.name,
        kind=reward.kind,
        value=voucher.value,
        cost=voucher.cost,
        quantity=voucher.quantity,
        source=voucher.source,
        programme_id=voucher.programme_id,
        merchant=merchant_view(merchant),
        issued_at=voucher.issued_at,
        expires_at=voucher.expires_at,
        redeemed_at=voucher.redeemed_at,
        hold_location_id=voucher.hold_location_id if is_held else None,
        hold_until=voucher.hold_until if is_held else None,
    )
