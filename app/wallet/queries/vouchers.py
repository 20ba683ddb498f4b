"""The member's vouchers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.cards import waiting
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Device, Merchant
from app.rewards import reservations
from app.rewards.models import Reward, RewardCode, Voucher
from app.wallet.queries.accounts import MerchantView, merchant_view


@dataclass(frozen=True, slots=True)
class ReservationView:
    """That a voucher is for one tablet. ``proof`` is what that tablet checks without a network; ``release_at`` is when
    its end was asked for, which the tablet has yet to confirm."""

    hold_id: str
    device_id: str
    device_name: str
    location_id: str
    release_at: datetime | None
    proof: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher as its member sees it. ``value`` is what a till applies. While it is reserved for a tablet, ``hold``
    says which; while a till holds it, ``hold_until`` is set; in both cases ``hold_location_id``. Its ``code`` alone
    redeems it, and so does the proof in ``hold``: a session that may not spend yet is told neither. ``is_online``: it
    is for the shop's webshop, and ``webshop_code`` is what to type there, once its member has asked to see it."""

    voucher_id: str
    code: str | None
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
    hold: ReservationView | None
    names: Mapping[str, Any]
    picture_id: str | None
    is_online: bool
    webshop_code: str | None
    reason: str | None  # why the shop gave it by hand


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


def _vouchers(scope: Scope) -> Select[Voucher, Reward, Merchant, str | None, str | None]:
    return (
        select(Voucher, Reward, Merchant, Device.name, RewardCode.code)
        .join(Reward, Reward.id == Voucher.reward_id)
        .join(Merchant, Merchant.id == Voucher.merchant_id)
        .outerjoin(Device, (Device.id == Voucher.hold_device_id) & Voucher.hold_id.is_not(None))
        .outerjoin(RewardCode, (RewardCode.voucher_id == Voucher.id) & (RewardCode.reward_id == Voucher.reward_id))
        .where(Voucher.member_id == scope.member_id)
    )


def _voucher(
    scope: Scope,
    voucher: Voucher,
    reward: Reward,
    merchant: Merchant,
    device_name: str | None,
    webshop_code: str | None,
) -> VoucherView:
    is_over = voucher.expires_at is not None and voucher.expires_at <= scope.now
    is_held = voucher.hold_until is not None and voucher.hold_until > scope.now
    return VoucherView(
        voucher_id=voucher.id,
        code=None if waiting.waits(scope) else voucher.code,
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
        hold_location_id=voucher.hold_location_id if is_held or voucher.hold_id is not None else None,
        hold_until=voucher.hold_until if is_held else None,
        hold=_reservation(scope, voucher, device_name),
        names=reward.names,
        picture_id=reward.picture_id,
        is_online=reward.has_codes,
        webshop_code=None if waiting.waits(scope) else webshop_code,
        reason=voucher.reason,
    )


def _reservation(scope: Scope, voucher: Voucher, device_name: str | None) -> ReservationView | None:
    if voucher.hold_id is None or voucher.hold_device_id is None or waiting.waits(scope):
        return None
    return ReservationView(
        hold_id=voucher.hold_id,
        device_id=voucher.hold_device_id,
        device_name=device_name or "",
        location_id=voucher.hold_location_id or "",
        release_at=voucher.hold_release_at,
        proof=reservations.proof(
            reservations.reservation_key(scope.keys, voucher.hold_device_id),
            hold_id=voucher.hold_id,
            code=voucher.code,
            reward_id=voucher.reward_id,
            expires_at=voucher.expires_at,
        ),
    )
