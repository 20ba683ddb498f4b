"""What one shop pays less than its plan costs: a share or an amount of each invoice, for some months or for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

LONGEST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Discount:
    """What is to be given: ``percent`` or ``amount_minor``; ``months`` None: for ever."""

    percent: int | None = None
    amount_minor: int | None = None
    months: int | None = None

    def code(self, currency: str) -> str:
        """How it is called at Stripe: the same for every shop that gets the same."""
        worth = f"{self.percent}pc" if self.percent is not None else f"{self.amount_minor}{currency.lower()}"
        return f"zegel-{worth}-{'ever' if self.months is None else f'{self.months}m'}"


@dataclass(frozen=True, slots=True)
class DiscountView:
    """What is given now: ``percent`` or ``amount_minor`` of each invoice; ``ends_at`` None: for ever."""

    percent: Decimal | None
    amount_minor: int | None
    ends_at: datetime | None

    def told(self) -> dict[str, Any]:
        """For the audit list."""
        until = self.ends_at and self.ends_at.isoformat()
        if self.percent is None:
            return {"amount_minor": self.amount_minor, "until": until}
        return {"percent": f"{self.percent.normalize():f}", "until": until}


def in_force(
    basis_points: int | None, amount_minor: int | None, ends_at: datetime | None, now: datetime
) -> DiscountView | None:
    """What is given now, of what Stripe said last; None for nothing, or what is over."""
    if (basis_points is None and amount_minor is None) or (ends_at is not None and ends_at <= now):
        return None
    return DiscountView(None if basis_points is None else Decimal(basis_points) / 100, amount_minor, ends_at)


def read(subscription: Mapping[str, Any]) -> tuple[int | None, int | None, int | None]:
    """Of a subscription at Stripe: hundredths of a per cent, minor units, and when it ends, in seconds since 1970."""
    for one in subscription.get("discounts") or ():
        coupon = (one.get("source") or {}).get("coupon") if isinstance(one, Mapping) else None
        if isinstance(coupon, Mapping):
            percent, amount = coupon.get("percent_off"), coupon.get("amount_off")
            points = None if percent is None else round(Decimal(str(percent)) * 100)
            return points, None if amount is None or percent is not None else int(amount), one.get("end")
    return None, None, None
