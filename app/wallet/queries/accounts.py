"""A member's accounts in all programmes. What it costs depends on the number of accounts, never on that of visits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.common.database import Transaction
from app.common.scope import Scope
from app.ledger.models import Account, Lot
from app.merchants.models import Departure, Merchant
from app.rewards.models import Programme, Reward

SOON = timedelta(days=92)  # how far ahead an expiry is told
MOST_EXPIRIES = 4  # dates told for each account


@dataclass(frozen=True, slots=True)
class MerchantView:
    """A merchant as the member's lists show it. ``hue`` is its colour in degrees, ``logo_svg`` a drawing of plain
    shapes."""

    merchant_id: str
    name: str
    slug: str
    category: str
    hue: int
    currency: str
    logo_svg: str | None


@dataclass(frozen=True, slots=True)
class ExpiringView:
    """Units that will be gone at a moment unless they are used."""

    units: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """A balance in one programme. ``to_next_reward`` are the units missing to the next thing it could pay for. Of a
    shop that stops: from when on nothing is earned there, and nothing redeemed; of one that the operator has paused
    nothing is earned since then, and redeeming goes on."""

    account_id: str
    programme_id: str
    name: str
    kind: str
    unit: str
    merchant: MerchantView
    balance: int
    owed: int
    goal: int | None
    to_next_reward: int | None
    tier: str | None
    visits: int
    last_visit_at: datetime | None
    expiring: tuple[ExpiringView, ...]
    earns_until: datetime | None = None
    redeems_until: datetime | None = None


def list_accounts(scope: Scope, *, limit: int, before: str | None = None) -> list[AccountView]:
    """Up to ``limit`` accounts of the scope's member, the one opened last first; ``before`` is the id of the account
    after which the page begins. Units that are due are left out already, though their expiry is booked later."""
    with scope.reading() as tx:
        wanted = (
            select(Account, Programme, Merchant)
            .join(Programme, Programme.id == Account.programme_id)
            .join(Merchant, Merchant.id == Programme.merchant_id)
            .where(Account.member_id == scope.member_id)
            .order_by(Account.id.desc())
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(Account.id < before)
        rows = tx.session.execute(wanted).all()
        costs = _costs(tx, [programme.id for _, programme, _ in rows])
        closing = _closing(tx, [merchant.id for *_, merchant in rows if merchant.frozen_from is not None])
        return [
            replace(
                _account(tx, account, programme, merchant, costs.get(programme.id, ()), scope.now),
                earns_until=min(filter(None, (merchant.frozen_from, merchant.suspended_at)), default=None),
                redeems_until=closing.get(merchant.id),
            )
            for account, programme, merchant in rows
        ]


def merchant_view(merchant: Merchant) -> MerchantView:
    """The merchant for a list."""
    return MerchantView(
        merchant_id=merchant.id,
        name=merchant.name,
        slug=merchant.slug,
        category=merchant.category,
        hue=merchant.hue,
        currency=merchant.currency,
        logo_svg=merchant.logo_svg,
    )


def _account(
    tx: Transaction, account: Account, programme: Programme, merchant: Merchant, costs: Iterable[int], now: datetime
) -> AccountView:
    balance = account.balance
    expiring: tuple[ExpiringView, ...] = ()
    if account.next_expiry_at is not None and account.next_expiry_at <= now + SOON:
        gone, expiring = _expiries(tx, account, now)
        balance -= gone
    goals = [*costs] if programme.goal is None else [*costs, programme.goal]
    return AccountView(
        account_id=account.id,
        programme_id=programme.id,
        name=programme.name,
        kind=programme.kind,
        unit=programme.unit,
        merchant=merchant_view(merchant),
        balance=balance,
        owed=account.owed,
        goal=programme.goal,
        to_next_reward=min((goal - balance for goal in goals if goal > balance), default=None),
        tier=account.tier,
        visits=account.visits,
        last_visit_at=account.last_visit_at,
        expiring=expiring,
    )


def _expiries(tx: Transaction, account: Account, now: datetime) -> tuple[int, tuple[ExpiringView, ...]]:
    """Units that are due and not yet booked as expired, and the next ones to go."""
    open_lots = (
        Lot.member_id == account.member_id,
        Lot.account_id == account.id,
        Lot.remaining > 0,
        Lot.expires_at.is_not(None),
    )
    gone = 0
    if account.next_expiry_at is not None and account.next_expiry_at <= now:
        gone = int(tx.session.scalar(select(func.sum(Lot.remaining)).where(*open_lots, Lot.expires_at <= now)) or 0)
    rows = tx.session.execute(
        select(func.sum(Lot.remaining), Lot.expires_at)
        .where(*open_lots, Lot.expires_at > now, Lot.expires_at <= now + SOON)
        .group_by(Lot.expires_at)
        .order_by(Lot.expires_at)
        .limit(MOST_EXPIRIES)
    )
    return gone, tuple(ExpiringView(int(units), at) for units, at in rows if at is not None)


def _closing(tx: Transaction, merchant_ids: list[str]) -> dict[str, datetime]:
    """When the shops that stop close."""
    if not merchant_ids:
        return {}
    rows = tx.session.execute(
        select(Departure.merchant_id, Departure.closes_at).where(
            Departure.merchant_id.in_(merchant_ids), Departure.called_off_at.is_(None)
        )
    )
    return {str(row.merchant_id): row.closes_at for row in rows}


def _costs(tx: Transaction, programme_ids: list[str]) -> dict[str, list[int]]:
    rows = tx.session.execute(
        select(Reward.programme_id, Reward.cost).where(
            Reward.programme_id.in_(programme_ids), Reward.is_active.is_(True)
        )
    )
    costs: dict[str, list[int]] = {}
    for programme_id, cost in rows:
        costs.setdefault(programme_id, []).append(int(cost))
    return costs
