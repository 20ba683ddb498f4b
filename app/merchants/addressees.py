"""To whom the town writes: the owners of its shops, each address once, however many shops its owner has."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.common.database import Transaction
from app.merchants.models import Location, Merchant, Staff, StaffLogin


@dataclass(frozen=True, slots=True)
class Addressee:
    """An owner's address and language, and one of the shops."""

    address: str
    locale: str | None
    merchant_id: str


def addressees(
    tx: Transaction, *, merchant_id: str | None = None, category: str | None = None, city: str | None = None
) -> list[Addressee]:
    """The owners of all shops that are not closed, or of those of a trade or a town, or of one shop; by address."""
    wanted = (
        select(StaffLogin.email, StaffLogin.locale, Merchant.id)
        .join(Staff, Staff.login_id == StaffLogin.id)
        .join(Merchant, Merchant.id == Staff.merchant_id)
        .where(
            Staff.role == "owner",
            Staff.is_active,
            Staff.invited_at.is_(None),
            Merchant.status != "closed",
            Merchant.sandbox_of.is_(None),
        )
        .order_by(StaffLogin.email, Merchant.created_at, Merchant.id)
    )
    if merchant_id is not None:
        wanted = wanted.where(Merchant.id == merchant_id)
    if category is not None:
        wanted = wanted.where(Merchant.category == category)
    if city is not None:
        wanted = wanted.where(
            Merchant.id.in_(
                select(Location.merchant_id).where(Location.is_active, func.lower(Location.city) == city.lower())
            )
        )
    found: dict[str, Addressee] = {}
    for address, locale, merchant in tx.session.execute(wanted):
        found.setdefault(address, Addressee(address, locale, merchant))
    return list(found.values())
