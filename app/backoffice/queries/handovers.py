"""Businesses that are being offered to somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.common.scope import Scope
from app.merchants.models import Handover, Merchant, Staff, StaffLogin


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """A business on offer. ``email`` is to whom, ``giver`` who offers it."""

    handover_id: str
    shop: str
    hue: int
    email: str
    giver: str
    stays: bool
    created_at: datetime
    expires_at: datetime


def own_offer(scope: Scope) -> OpenOffer | None:
    """The offer of the scope's business that waits for an answer."""
    return next(iter(_offers(scope, Handover.merchant_id == scope.merchant_id)), None)


def offers_to(scope: Scope, login_id: str) -> list[OpenOffer]:
    """The businesses that are offered to a login."""
    return _offers(scope, Handover.login_id == login_id)


def _offers(scope: Scope, which: object) -> list[OpenOffer]:
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Handover, Merchant.name, Merchant.hue, StaffLogin.email, Staff.name)
            .join(Merchant, Merchant.id == Handover.merchant_id)
            .join(StaffLogin, StaffLogin.id == Handover.login_id)
            .join(Staff, Staff.id == Handover.offered_by)
            .where(which, Handover.status == "open", Handover.expires_at > scope.now)  # type: ignore[arg-type]
            .order_by(Handover.created_at)
        ).all()
    return [
        OpenOffer(row.id, shop, hue, email, giver, row.stays_as is not None, row.created_at, row.expires_at)
        for row, shop, hue, email, giver in rows
    ]
