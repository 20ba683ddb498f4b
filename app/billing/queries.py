"""What a shop's page about its subscription shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.billing.accounts import facts_of, free_plan, most_members, plans_in
from app.billing.discounts import DiscountView, in_force
from app.billing.models import BillingAccount, BillingInvoice, BillingPlan
from app.billing.pausing import is_over
from app.billing.state import RUNNING
from app.billing.ubl import is_electronic
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Merchant

_SHOWN = 36  # invoices: three years


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan that is offered. ``fits``: it covers the members that are active now."""

    id: str
    code: str
    name: Mapping[str, str]
    currency: str
    amount_minor: int
    most_members: int | None
    trial_days: int
    is_current: bool
    fits: bool

    def shown(self, locale: str) -> str:
        """Its name in a language, or in the nearest that there is."""
        return self.name.get(locale) or self.name.get("en") or next(iter(self.name.values()), self.code)


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """A line of the list of invoices."""

    id: str
    number: str | None
    status: str
    currency: str
    total_minor: int
    due_minor: int
    issued_at: datetime
    due_at: datetime | None
    page_url: str | None
    pdf_url: str | None
    is_electronic: bool


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """How it stands with a merchant's subscription. ``most_members`` None: any number is covered."""

    status: str
    plan: PlanView | None
    plans: Sequence[PlanView]
    invoices: Sequence[InvoiceView]
    most_members: int | None
    active_members: int
    counted_at: datetime | None
    is_over: bool
    is_running: bool
    has_customer: bool
    has_had_trial: bool
    paused_from: datetime | None
    is_paused: bool
    trial_ends_at: datetime | None
    period_ends_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    unpaid_since: datetime | None
    discount: DiscountView | None
    sponsor: str | None
    sponsored_until: datetime | None
    details: Mapping[str, str]
    revision: int


def get_subscription(scope: Scope) -> SubscriptionView:
    """How it stands with the scope's merchant. Raises NotFoundError."""
    with scope.reading() as tx:
        merchant = tx.session.get(Merchant, scope.merchant_id)
        if merchant is None:
            raise NotFoundError
        account = tx.session.get(BillingAccount, scope.merchant_id) or _blank(merchant.id)
        plans = plans_in(tx)
        plan = None if account.plan_id is None else tx.session.get(BillingPlan, account.plan_id)
        running = account.status in RUNNING
        held = plan if running else free_plan(plans)
        is_sponsored = account.sponsor is not None and (
            account.sponsored_until is None or account.sponsored_until > scope.now
        )
        invoices = tx.session.scalars(
            select(BillingInvoice)
            .where(BillingInvoice.merchant_id == scope.merchant_id, BillingInvoice.status != "void")
            .order_by(BillingInvoice.issued_at.desc(), BillingInvoice.id.desc())
            .limit(_SHOWN)
        ).all()
        return SubscriptionView(
            status=account.status,
            plan=None if held is None else _plan(held, held, account),
            plans=[_plan(one, held, account) for one in plans],
            invoices=[_invoice(one) for one in invoices],
            most_members=most_members(account, plan, plans),
            active_members=account.active_members,
            counted_at=account.counted_at,
            is_over=is_over(facts_of(account, plan, plans)) and not is_sponsored,
            is_running=running,
            has_customer=account.customer is not None,
            has_had_trial=bool(account.had_trial),
            paused_from=merchant.paused_from,
            is_paused=merchant.paused_from is not None and merchant.paused_from <= scope.now,
            trial_ends_at=account.trial_ends_at,
            period_ends_at=account.period_ends_at,
            ends_at=account.ends_at,
            ended_at=account.ended_at,
            unpaid_since=account.unpaid_since,
            discount=in_force(
                account.discount_basis_points, account.discount_minor, account.discount_ends_at, scope.now
            )
            if running
            else None,
            sponsor=account.sponsor if is_sponsored else None,
            sponsored_until=account.sponsored_until,
            details={
                name: getattr(account, name) or ""
                for name in ("legal_name", "street", "postcode", "city", "country", "vat_number")
            },
            revision=account.revision or 1,
        )


@dataclass(frozen=True, slots=True)
class Word:
    """What the first page of the shop says about its subscription: ``kind`` is ``paused``, ``unpaid``, ``over`` or
    ``trial_ends``; ``day`` the moment that it names."""

    kind: str
    day: datetime


def word_of(scope: Scope) -> Word | None:
    """The one thing about the scope's subscription that can't wait; None while there is nothing. Reads two rows."""
    with scope.reading() as tx:
        found = tx.session.execute(
            select(Merchant.paused_from, BillingAccount)
            .join(BillingAccount, BillingAccount.merchant_id == Merchant.id)
            .where(Merchant.id == scope.merchant_id)
        ).first()
    if found is None:
        return None
    paused_from, account = found
    if paused_from is not None and paused_from <= scope.now:
        return Word("paused", paused_from)
    if paused_from is not None and account.unpaid_since is not None:
        return Word("unpaid", paused_from)
    if paused_from is not None and account.over_since is not None:
        return Word("over", paused_from)
    trial = account.trial_ends_at
    if account.status == "trialing" and trial is not None and timedelta(0) < trial - scope.now <= timedelta(days=7):
        return Word("trial_ends", trial)
    return None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice as it is kept."""

    id: str
    number: str | None
    status: str
    currency: str
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    due_minor: int
    issued_at: datetime
    due_at: datetime | None
    lines: Sequence[Mapping[str, Any]]
    buyer: Mapping[str, Any]


def get_invoice(scope: Scope, invoice_id: str) -> InvoiceRow:
    """One invoice of the scope's merchant. Raises NotFoundError."""
    with scope.reading() as tx:
        row = tx.session.scalars(
            select(BillingInvoice).where(
                BillingInvoice.id == invoice_id, BillingInvoice.merchant_id == scope.merchant_id
            )
        ).first()
        if row is None:
            raise NotFoundError
        return InvoiceRow(**{name: getattr(row, name) for name in InvoiceRow.__slots__})


def list_plans(scope: Scope) -> list[dict[str, Any]]:
    """Every plan that there ever was, for the operator."""
    with scope.reading() as tx:
        rows = tx.session.scalars(select(BillingPlan).order_by(BillingPlan.created_at, BillingPlan.id)).all()
        return [
            {
                "plan_id": row.id,
                "code": row.code,
                "name": dict(row.name),
                "amount_minor": row.amount_minor,
                "currency": row.currency,
                "members": row.most_members,
                "trial_days": row.trial_days,
                "offered": row.is_offered,
                "stripe_price": row.stripe_price,
            }
            for row in rows
        ]


def _blank(merchant_id: str) -> BillingAccount:
    return BillingAccount(merchant_id=merchant_id, status="none", active_members=0, had_trial=False, revision=1)


def _plan(row: BillingPlan, current: BillingPlan | None, account: BillingAccount) -> PlanView:
    return PlanView(
        id=row.id,
        code=row.code,
        name=row.name,
        currency=row.currency,
        amount_minor=row.amount_minor,
        most_members=row.most_members,
        trial_days=row.trial_days,
        is_current=current is not None and current.id == row.id,
        fits=row.most_members is None or account.active_members <= row.most_members,
    )


def _invoice(row: BillingInvoice) -> InvoiceView:
    return InvoiceView(
        id=row.id,
        number=row.number,
        status=row.status,
        currency=row.currency,
        total_minor=row.total_minor,
        due_minor=row.due_minor,
        issued_at=row.issued_at,
        due_at=row.due_at,
        page_url=row.page_url,
        pdf_url=row.pdf_url,
        is_electronic=is_electronic(row.number, row.status, row.buyer),
    )
