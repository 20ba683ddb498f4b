"""A member's own brakes on spending: a lock, a worth above which she is asked first, and a cap for each day.

Money is in minor units of the brakes' one currency. What a reward is worth is what its shop says; where it says
nothing, or says it in another currency, nobody can tell: then the member is asked, and it takes a whole day's cap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.common.clock import local_day_bounds
from app.common.database import Transaction
from app.common.money import exponent
from app.common.sql import Statement
from app.rewards.configuration import document
from app.rewards.errors import DailyCapReachedError, SpendingLockedError

TAKEN = "member"  # the source of vouchers that members took themselves

_COLUMNS = "is_spending_locked, ask_above_minor, daily_cap_minor, brakes_currency"
_READ = Statement(f"SELECT {_COLUMNS} FROM member WHERE id = :member_id")  # noqa: S608  constants
# Two shops lock two accounts; what a day's cap counts is the member's. Bookings that only name her don't wait for it.
LOCK = Statement(
    f"SELECT {_COLUMNS} FROM member WHERE id = :member_id FOR NO KEY UPDATE",  # noqa: S608  constants
    sqlite=f"SELECT {_COLUMNS} FROM member WHERE id = :member_id",  # noqa: S608  constants
)
# What was given at a counter counts when it was; what the member took herself, when she did.
_SPENT = Statement(
    """
    SELECT value FROM voucher WHERE member_id = :member_id AND (
        (source IN ('member', 'hold') AND status IN ('issued', 'redeemed') AND issued_at >= :start AND issued_at < :end)
        OR (source NOT IN ('member', 'hold') AND status = 'redeemed' AND redeemed_at >= :start AND redeemed_at < :end)
    )
    """
)


@dataclass(frozen=True, slots=True)
class Brakes:
    """What a member set, in minor units of ``currency``; None where she set none."""

    is_locked: bool = False
    ask_above_minor: int | None = None
    daily_cap_minor: int | None = None
    currency: str | None = None

    def worth(self, minor: int | None, currency: str) -> int | None:
        """A worth in the brakes' own currency; None where nobody can tell."""
        return minor if self.currency in (None, currency) else None

    def asks(self, worth: int | None) -> bool:
        """Whether the member wants to be asked before so much is spent."""
        return self.ask_above_minor is not None and (worth is None or worth > self.ask_above_minor)


def brakes_of(transaction: Transaction, member_id: str) -> Brakes:
    """A member's brakes. Where there is a day's cap they are locked until the transaction ends, so that of two
    redemptions at the same moment the second one sees the first."""
    brakes = _brakes(transaction.rows(_READ, {"member_id": member_id}))
    if brakes.daily_cap_minor is None:
        return brakes
    return _brakes(transaction.rows(LOCK, {"member_id": member_id}))


def require_unlocked(brakes: Brakes) -> None:
    """Raises :class:`SpendingLockedError`."""
    if brakes.is_locked:
        raise SpendingLockedError


def require_within_cap(
    transaction: Transaction,
    brakes: Brakes,
    *,
    member_id: str,
    worth: int | None,
    now: datetime,
    timezone: str,
) -> None:
    """Whether this may be spent on top of the local day's other rewards. Raises :class:`DailyCapReachedError`."""
    cap = brakes.daily_cap_minor
    if cap is None:
        return
    start, end = local_day_bounds(now, timezone)
    rows = transaction.rows(_SPENT, {"member_id": member_id, "start": start, "end": end})
    spent = sum(_counted(_worth_of(brakes, document(value)), cap) for (value,) in rows)
    if spent + _counted(worth, cap) > cap:
        raise DailyCapReachedError


def _counted(worth: int | None, cap: int) -> int:
    return max(cap, 1) if worth is None else worth


def minor_of(value: Mapping[str, Any]) -> int | None:
    """What a voucher's value is worth, in minor units of the currency it names; None where that isn't told."""
    if "amount" not in value or "currency" not in value:
        return None
    return int(Decimal(value["amount"]).scaleb(exponent(value["currency"])))


def _worth_of(brakes: Brakes, value: Mapping[str, Any]) -> int | None:
    return brakes.worth(minor_of(value), value.get("currency", ""))


def _brakes(rows: list[tuple[Any, ...]]) -> Brakes:
    if not rows:
        return Brakes()
    is_locked, ask_above, daily_cap, currency = rows[0]
    return Brakes(bool(is_locked), ask_above, daily_cap, currency)
