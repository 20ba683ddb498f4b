"""Tables of what shops pay. Stripe holds the truth about subscriptions and invoices; here is what it said last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

STATES = ("none", "incomplete", "trialing", "active", "past_due", "unpaid", "paused", "canceled")
_STATES = ", ".join(f"'{state}'" for state in STATES)


class BillingPlan(Model):
    """What a shop may subscribe to: so many active members for so much a month. One that costs nothing has no price at
    Stripe, and every shop has it without asking."""

    __tablename__ = "billing_plan"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("stripe_price"),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("trial_days >= 0 AND trial_days <= 365", name="trial"),
        CheckConstraint("most_members IS NULL OR most_members > 0", name="most_members"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[dict[str, Any]]  # by locale
    currency: Mapped[str] = mapped_column(Text)
    amount_minor: Mapped[int]  # a month, without VAT
    most_members: Mapped[int | None]  # active ones; none: no limit
    trial_days: Mapped[int] = mapped_column(server_default="0")
    stripe_price: Mapped[str | None] = mapped_column(Text)
    is_offered: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class BillingAccount(Model):
    """What one merchant pays, as Stripe said it last. ``version`` grows with every answer that was taken over, so that
    an older answer never covers a newer one; ``revision`` with every change that the owner makes to the address."""

    __tablename__ = "billing_account"
    __table_args__ = (
        UniqueConstraint("customer"),
        CheckConstraint(f"status IN ({_STATES})", name="status"),
        CheckConstraint("active_members >= 0", name="active_members"),
    )

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    customer: Mapped[str | None] = mapped_column(Text)
    subscription: Mapped[str | None] = mapped_column(Text)
    plan_id: Mapped[str | None] = mapped_column(Id, ForeignKey("billing_plan.id"))
    status: Mapped[str] = mapped_column(Text, server_default="none")
    trial_ends_at: Mapped[datetime | None]
    period_ends_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]  # cancelled as of then
    ended_at: Mapped[datetime | None]
    unpaid_since: Mapped[datetime | None]
    had_trial: Mapped[bool] = mapped_column(server_default=false())
    sponsor: Mapped[str | None] = mapped_column(Text)  # who pays for this shop: a town, an association
    sponsored_until: Mapped[datetime | None]  # none: until further notice
    # What it pays less than its plan costs: a share, in hundredths of a per cent, or an amount; the end may be open.
    discount_basis_points: Mapped[int | None]
    discount_minor: Mapped[int | None]
    discount_ends_at: Mapped[datetime | None]
    active_members: Mapped[int] = mapped_column(server_default="0")
    counted_at: Mapped[datetime | None]
    over_since: Mapped[datetime | None]  # since when there are more than the plan covers
    legal_name: Mapped[str | None] = mapped_column(Text)
    vat_number: Mapped[str | None] = mapped_column(Text)
    street: Mapped[str | None] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default="1")
    revision: Mapped[int] = mapped_column(server_default="1")
    synced_at: Mapped[datetime | None]


class BillingEvent(Model):
    """That Stripe said something happened. What it said is not kept: whoever acts on it asks for the present state."""

    __tablename__ = "billing_event"
    __table_args__ = (Index("ix_billing_event_received_at", "received_at"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)  # Stripe's own: each is taken once
    kind: Mapped[str] = mapped_column(Text)
    customer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class BillingInvoice(Model):
    """An invoice as Stripe shows it. ``buyer`` is who it was made out to, at that time."""

    __tablename__ = "billing_invoice"
    __table_args__ = (Index("ix_billing_invoice_merchant_issued", "merchant_id", "issued_at"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    number: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)  # open, paid, void, uncollectible
    currency: Mapped[str] = mapped_column(Text)
    subtotal_minor: Mapped[int]
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    due_minor: Mapped[int]
    issued_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    page_url: Mapped[str | None] = mapped_column(Text)
    pdf_url: Mapped[str | None] = mapped_column(Text)
    lines: Mapped[list[Any]]
    buyer: Mapped[dict[str, Any]]


class BillingNotice(Model):
    """That the owners were told something once: ``about`` is the moment that it was about."""

    __tablename__ = "billing_notice"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    about: Mapped[datetime] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]
