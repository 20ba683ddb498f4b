"""Who wants the report of each month by mail, and sending it: once for each month and person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.common import audit
from app.common.clock import zone
from app.common.database import Transaction
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights.models import MonthReportWish
from app.merchants.models import Merchant, Staff

SENT_ON = 2  # of the month: then everything that a tablet kept has come through
_CLAIM = Statement(
    "UPDATE month_report_wish SET sent_month = :month"
    " WHERE staff_id = :staff_id AND (sent_month IS NULL OR sent_month < :month)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report to make: for whom, of which shop and month, in which language."""

    staff_id: str
    merchant_id: str
    location_id: str | None
    role: str
    email: str
    locale: str
    timezone: str
    currency: str
    merchant_name: str
    slug: str
    month: date


def wants_reports(scope: Scope) -> bool:
    """Whether the scope's person gets the month's report by mail."""
    with scope.reading() as tx:
        # An operator who looks in is nobody's colleague, and wants nothing.
        return scope.staff_id is not None and tx.session.get(MonthReportWish, scope.staff_id) is not None


def want_reports(scope: Scope, *, locale: str) -> None:
    """Send the scope's person the report of each month from now on, in that language. A repeat changes the language."""

    def work(tx: Transaction) -> None:
        wish = tx.session.get(MonthReportWish, scope.staff_id, with_for_update=True)
        if wish is not None:
            wish.locale = locale
            return
        last = scope.now.date().replace(day=1) - timedelta(days=1)
        tx.session.add(
            MonthReportWish(
                staff_id=scope.staff_id,
                merchant_id=scope.merchant_id,
                locale=locale,
                wanted_at=scope.now,
                sent_month=last.isoformat()[:7],  # what is past already is not sent
            )
        )
        audit.record(tx, scope, "month_report.wanted", "staff", scope.staff_id)

    scope.run(work)


def unwant_reports(scope: Scope) -> None:
    """Send no more of them to the scope's person. A repeat changes nothing."""

    def work(tx: Transaction) -> None:
        wish = tx.session.get(MonthReportWish, scope.staff_id, with_for_update=True)
        if wish is not None:
            tx.session.delete(wish)
            audit.record(tx, scope, "month_report.unwanted", "staff", scope.staff_id)

    scope.run(work)


def due_reports(scope: Scope) -> list[Wanted]:
    """The reports that are to be sent now: of the month that ended, from the second day of the next on."""
    found = []
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(MonthReportWish, Staff, Merchant)
            .join(Staff, Staff.id == MonthReportWish.staff_id)
            .join(Merchant, Merchant.id == MonthReportWish.merchant_id)
            .where(Staff.is_active, Staff.email.is_not(None), Merchant.status != "closed")
            .order_by(MonthReportWish.staff_id)
        )
        for wish, staff, merchant in rows:
            today = scope.now.astimezone(zone(merchant.timezone)).date()
            month = month_before(today)
            is_due = today.day >= SENT_ON and (wish.sent_month or "") < month.isoformat()[:7]
            if is_due and staff.role in ("owner", "manager"):
                found.append(
                    Wanted(
                        staff_id=staff.id,
                        merchant_id=merchant.id,
                        location_id=staff.location_id,
                        role=staff.role,
                        email=staff.email or "",
                        locale=wish.locale,
                        timezone=merchant.timezone,
                        currency=merchant.currency,
                        merchant_name=merchant.name,
                        slug=merchant.slug,
                        month=month,
                    )
                )
    return found


def send_report(scope: Scope, wanted: Wanted, make: Callable[[Wanted], Mail]) -> bool:
    """Make a report and queue its mail, in one transaction with the note that it was sent. False, and no mail, where
    somebody else was faster."""
    mail = make(wanted)  # drawn before anything is locked

    def work(tx: Transaction) -> bool:
        if tx.run(_CLAIM, {"staff_id": wanted.staff_id, "month": wanted.month.isoformat()[:7]}) != 1:
            return False
        queue_mail(tx, scope.keys.data, mail, now=scope.now, merchant_id=wanted.merchant_id)
        return True

    return scope.run(work)


def month_before(day: date | datetime) -> date:
    """The first day of the month before."""
    first = date(day.year, day.month, 1)
    return (first - timedelta(days=1)).replace(day=1)
