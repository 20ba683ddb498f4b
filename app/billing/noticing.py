"""Telling the owners by mail what they have to know about their subscription, each thing once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.billing.models import BillingAccount
from app.billing.state import LIVE, OWING
from app.billing.wording import compose
from app.common.clock import zone
from app.common.database import Transaction
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Merchant, Staff, StaffLogin

AHEAD = timedelta(days=3)
_NOTE = Statement(
    "INSERT INTO billing_notice (merchant_id, kind, about, told_at) VALUES (:merchant_id, :kind, :about, :now)"
    " ON CONFLICT (merchant_id, kind, about) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: ``about`` is the moment that makes it another one than the last; ``day`` the one it names."""

    kind: str
    about: datetime
    day: datetime


def due(account: BillingAccount, paused_from: datetime | None, now: datetime) -> Iterator[Notice]:
    """What there is to tell now."""
    is_paused = paused_from is not None and paused_from <= now
    if account.status in OWING and account.unpaid_since is not None and paused_from is not None and not is_paused:
        yield Notice("payment_failed", account.unpaid_since, paused_from)
    if account.over_since is not None and paused_from is not None and not is_paused and account.status not in OWING:
        yield Notice("over", account.over_since, paused_from)
    if paused_from is not None and not is_paused and paused_from - now <= AHEAD:
        yield Notice("pause_near", paused_from, paused_from)
    if is_paused and paused_from is not None:
        yield Notice("paused", paused_from, paused_from)
    trial = account.trial_ends_at
    if account.status == "trialing" and trial is not None and timedelta(0) < trial - now <= AHEAD:
        yield Notice("trial_ends", trial, trial)
    if account.status in LIVE and account.ends_at is not None and account.ends_at > now:
        yield Notice("cancelled", account.ends_at, account.ends_at)


def tell_owners(tx: Transaction, scope: Scope, account: BillingAccount, *, public_url: str) -> int:
    """Queue, in the caller's transaction, the mails that are due to every owner, each in the owner's own language.
    Returns how many. A repeat tells nothing again."""
    merchant = tx.session.get_one(Merchant, account.merchant_id)
    queued = 0
    for notice in due(account, merchant.paused_from, scope.now):
        row = {"merchant_id": merchant.id, "kind": notice.kind, "about": notice.about, "now": scope.now}
        if tx.run(_NOTE, row) != 1:
            continue
        day = notice.day.astimezone(zone(merchant.timezone)).date()
        link = f"{public_url}/office/{merchant.slug}/subscription"
        for address, locale in owners(tx, merchant.id):
            mail = compose(notice.kind, address, locale, shop=merchant.name, day=day, link=link)
            queue_mail(tx, scope.keys.data, mail, now=scope.now, merchant_id=merchant.id)
            queued += 1
    return queued


def owners(tx: Transaction, merchant_id: str) -> list[tuple[str, str | None]]:
    """The addresses of a merchant's owners, and the language that each chose."""
    rows = tx.session.execute(
        select(StaffLogin.email, StaffLogin.locale)
        .join(Staff, Staff.login_id == StaffLogin.id)
        .where(Staff.merchant_id == merchant_id, Staff.role == "owner", Staff.is_active)
        .order_by(Staff.created_at, Staff.id)
    )
    return [(email, locale) for email, locale in rows]
