"""From what Stripe says now to what holds here: the same answer whatever came before it, in whatever order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.billing import discounts
from app.billing.stripe_gateway import Present

LIVE = ("active", "trialing")
OWING = ("past_due", "unpaid", "paused")
RUNNING = (*LIVE, *OWING)
# Which counts, where a customer has had several: one that runs, before one that began, before one that ended.
_RANKS = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete", "canceled")
_READ_AS = {"incomplete_expired": "canceled"}


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What holds of a customer's subscription. ``plan_code`` is in the price's metadata, put there by us."""

    subscription: str | None = None
    status: str = "none"
    plan_code: str | None = None
    price: str | None = None
    trial_ends_at: datetime | None = None
    period_ends_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    unpaid_since: datetime | None = None
    discount_basis_points: int | None = None
    discount_minor: int | None = None
    discount_ends_at: datetime | None = None
    had_trial: bool = False


def chosen(present: Present) -> Mapping[str, Any] | None:
    """The subscription that counts."""
    return min(present.subscriptions, key=_order, default=None)


def read(present: Present) -> Subscribed:
    """What holds."""
    found = chosen(present)
    had_trial = any(one.get("trial_end") for one in present.subscriptions)
    if found is None:
        return Subscribed(had_trial=had_trial)
    status = _status(found)
    items: Sequence[Mapping[str, Any]] = found["items"]["data"]
    item = items[0] if items else {}
    price = item.get("price") or {}
    period_end = item.get("current_period_end") or found.get("current_period_end")
    points, amount, discount_ends = discounts.read(found)
    ends = found.get("cancel_at") or (period_end if found.get("cancel_at_period_end") else None)
    return Subscribed(
        subscription=str(found["id"]),
        status=status,
        plan_code=(price.get("metadata") or {}).get("plan"),
        price=price.get("id"),
        trial_ends_at=_moment(found.get("trial_end")),
        period_ends_at=_moment(period_end),
        ends_at=_moment(ends) if status in RUNNING else None,
        ended_at=_moment(found.get("ended_at")) if status == "canceled" else None,
        unpaid_since=_unpaid_since(found, item, present) if status in OWING else None,
        discount_basis_points=points,
        discount_minor=amount,
        discount_ends_at=_moment(discount_ends),
        had_trial=had_trial,
    )


def _status(subscription: Mapping[str, Any]) -> str:
    told = str(subscription["status"])
    return _READ_AS.get(told, told)


def _order(subscription: Mapping[str, Any]) -> tuple[int, int, str]:
    return _RANKS.index(_status(subscription)), -int(subscription["created"]), str(subscription["id"])


def _unpaid_since(subscription: Mapping[str, Any], item: Mapping[str, Any], present: Present) -> datetime | None:
    """Since when something is owed: the oldest open invoice of this subscription; of one whose trial ended without a
    way to pay, the trial's end."""
    owing = [
        int(one["created"])
        for one in present.invoices
        if one.get("status") in ("open", "uncollectible") and subscription_of(one) == subscription["id"]
    ]
    begun = min(owing, default=None) or subscription.get("trial_end") or item.get("current_period_start")
    return _moment(begun)


def subscription_of(invoice: Mapping[str, Any]) -> str | None:
    """The id of the subscription that an invoice is for."""
    parent = (invoice.get("parent") or {}).get("subscription_details") or {}
    found = parent.get("subscription") or invoice.get("subscription")
    return None if found is None else str(found)


def moment(stamp: int | None) -> datetime | None:
    """An instant from seconds since 1970."""
    return _moment(stamp)


def _moment(stamp: Any) -> datetime | None:
    return None if not stamp else datetime.fromtimestamp(int(stamp), UTC)
