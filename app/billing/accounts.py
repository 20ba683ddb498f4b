"""What holds for one merchant, taken over from Stripe's answer: the one place that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.billing import state
from app.billing.invoices import fill
from app.billing.models import BillingAccount, BillingInvoice, BillingPlan
from app.billing.pausing import Facts, is_over, pause_from
from app.billing.state import RUNNING
from app.billing.stripe_gateway import Present
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Merchant

ACTIVE_FOR = timedelta(days=30)
_OPEN = Statement(
    "INSERT INTO billing_account (merchant_id) VALUES (:merchant_id) ON CONFLICT (merchant_id) DO NOTHING"
)
_NEXT = Statement(
    "UPDATE billing_account SET version = version + 1 WHERE merchant_id = :merchant_id AND version = :version"
)
_TOLD = ("status", "plan", "ends_at", "unpaid_since", "discount")


def account_of(tx: Transaction, merchant_id: str, *, for_update: bool = False) -> BillingAccount:
    """The merchant's account, made where there is none yet. ``for_update`` locks it until the transaction ends."""
    query = select(BillingAccount).where(BillingAccount.merchant_id == merchant_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = tx.session.scalars(query).first()
    if found is None:
        tx.run(_OPEN, {"merchant_id": merchant_id})
        found = tx.session.scalars(query).one()
    return found


def plans_in(tx: Transaction) -> list[BillingPlan]:
    """All plans that are offered, the smallest first."""
    plans = tx.session.scalars(select(BillingPlan).where(BillingPlan.is_offered)).all()
    return sorted(plans, key=lambda plan: (plan.most_members is None, plan.most_members or 0, plan.amount_minor))


def free_plan(plans: list[BillingPlan]) -> BillingPlan | None:
    """The largest plan that costs nothing."""
    return next((plan for plan in reversed(plans) if plan.amount_minor == 0), None)


def most_members(account: BillingAccount, plan: BillingPlan | None, plans: list[BillingPlan]) -> int | None:
    """How many active members are covered by what is in force: the plan subscribed to, else the one that costs nothing.
    Where no plan is offered at all, everybody is."""
    if account.status in RUNNING and plan is not None:
        return plan.most_members
    free = free_plan(plans)
    if free is not None:
        return free.most_members
    return 0 if plans else None


def facts_of(account: BillingAccount, plan: BillingPlan | None, plans: list[BillingPlan]) -> Facts:
    """What pausing depends on."""
    return Facts(
        status=account.status,
        unpaid_since=account.unpaid_since,
        ended_at=account.ended_at,
        most_members=most_members(account, plan, plans),
        active_members=account.active_members,
        over_since=account.over_since,
        is_sponsored=account.sponsor is not None,
        sponsored_until=account.sponsored_until,
    )


def take_over(tx: Transaction, scope: Scope, merchant_id: str, version: int, present: Present) -> bool:
    """Write down what Stripe said. False, and nothing is changed, where another answer was taken over since this one
    was asked for: it may be the newer one, so the caller asks again."""
    if tx.run(_NEXT, {"merchant_id": merchant_id, "version": version}) != 1:
        return False
    account = account_of(tx, merchant_id, for_update=True)
    now_holds = state.read(present)
    plan = _plan(tx, now_holds)
    before = _said(tx, account)
    account.subscription = now_holds.subscription
    account.status = now_holds.status
    account.plan_id = None if plan is None else plan.id
    account.trial_ends_at = now_holds.trial_ends_at
    account.period_ends_at = now_holds.period_ends_at
    account.ends_at = now_holds.ends_at
    account.ended_at = now_holds.ended_at
    account.unpaid_since = now_holds.unpaid_since
    account.discount_basis_points = now_holds.discount_basis_points
    account.discount_minor = now_holds.discount_minor
    account.discount_ends_at = now_holds.discount_ends_at
    account.had_trial = account.had_trial or now_holds.had_trial
    account.synced_at = scope.now
    for told in present.invoices:
        _keep_invoice(tx, account, told)
    tx.session.flush()
    after = _said(tx, account)
    if after != before:
        differing = [name for name in _TOLD if before[name] != after[name]]
        audit.record(
            tx,
            scope,
            "subscription.changed",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={name: before[name] for name in differing},
            after={name: after[name] for name in differing},
        )
    judge(tx, scope, account)
    return True


def judge(tx: Transaction, scope: Scope, account: BillingAccount) -> None:
    """Work out from when on the merchant earns nothing, and write it where the counter reads it."""
    plans = plans_in(tx)
    plan = None if account.plan_id is None else tx.session.get(BillingPlan, account.plan_id)
    facts = facts_of(account, plan, plans)
    if not is_over(facts):
        account.over_since = None
    elif account.over_since is None:
        account.over_since = scope.now
    tx.session.flush()
    write_pause(tx, scope, account.merchant_id, pause_from(facts_of(account, plan, plans)))


def write_pause(tx: Transaction, scope: Scope, merchant_id: str, paused_from: datetime | None) -> None:
    """Set the moment from which nothing is earned, where it is another one."""
    merchant = tx.session.get(Merchant, merchant_id, populate_existing=True)
    if merchant is None:
        raise NotFoundError
    if merchant.paused_from == paused_from:
        return
    before, merchant.paused_from = merchant.paused_from, paused_from
    tx.session.flush()
    audit.record(
        tx,
        scope,
        "subscription.pause_set",
        "merchant",
        merchant_id,
        merchant_id=merchant_id,
        before={"paused_from": before and before.isoformat()},
        after={"paused_from": merchant.paused_from and merchant.paused_from.isoformat()},
    )


def _plan(tx: Transaction, now_holds: state.Subscribed) -> BillingPlan | None:
    if now_holds.plan_code is not None:
        return tx.session.scalars(select(BillingPlan).where(BillingPlan.code == now_holds.plan_code)).first()
    if now_holds.price is not None:
        return tx.session.scalars(select(BillingPlan).where(BillingPlan.stripe_price == now_holds.price)).first()
    return None


def _said(tx: Transaction, account: BillingAccount) -> dict[str, str | None]:
    plan = None if account.plan_id is None else tx.session.get(BillingPlan, account.plan_id)
    return {
        "status": account.status,
        "plan": None if plan is None else plan.code,
        "ends_at": None if account.ends_at is None else account.ends_at.isoformat(),
        "unpaid_since": None if account.unpaid_since is None else account.unpaid_since.isoformat(),
        "discount": _discount(account),
    }


def _discount(account: BillingAccount) -> str | None:
    if account.discount_basis_points is not None:
        return f"{account.discount_basis_points / 100:g} %"
    return None if account.discount_minor is None else str(account.discount_minor)


def _keep_invoice(tx: Transaction, account: BillingAccount, invoice: Mapping[str, Any]) -> None:
    if invoice.get("status") == "draft":
        return
    row = tx.session.get(BillingInvoice, str(invoice["id"]))
    if row is None:
        row = BillingInvoice(id=str(invoice["id"]), merchant_id=account.merchant_id, lines=[], buyer={})
        tx.session.add(row)
    elif row.merchant_id != account.merchant_id:
        return
    fill(row, invoice, account)
