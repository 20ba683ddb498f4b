"""Keeping the numbers that reports are read from, and what closing days move."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.backoffice import month_report
from app.backoffice.service import month_reports
from app.common.outbox import Message
from app.common.scope import Scope
from app.insights import rolling, standing, turnover
from app.insights.service import cohorts, crossing
from app.jobs.context import JobContext
from app.merchants.service.closing import CHANGED as CLOSING
from app.rewards.service import extending

__all__ = [
    "CLOSING",
    "count_by_night",
    "count_patterns",
    "extend_closings",
    "make_crossing_totals",
    "roll_up",
    "send_month_reports",
]


def roll_up(context: JobContext) -> dict[str, Any]:
    """Count what was booked since the last minute, and what members hold now."""
    scope = context.scope()
    days = rolling.roll_up(scope, on_progress=context.go_on)
    return {"days": days, "programmes": standing.count_holdings(scope, on_progress=context.go_on)}


def count_by_night(context: JobContext) -> dict[str, Any]:
    """Count the last days once more, what members hold, and what ended unspent."""
    scope = context.scope()
    places = rolling.count_again(scope, on_progress=context.go_on)
    programmes = standing.count_by_night(scope, on_progress=context.go_on)
    return {
        "locations": places,
        "programmes": programmes,
        "transfers": turnover.count_ledger(scope, on_progress=context.go_on),
    }


def count_patterns(context: JobContext) -> dict[str, Any]:
    """Count the months of every shop in which something was booked, and who is away for longer than usual."""
    return {"months": cohorts.count_patterns(context.scope(), on_progress=context.go_on)}


def make_crossing_totals(context: JobContext) -> dict[str, Any]:
    """Make the totals of the quarter that ended for the shops that agreed to them, once."""
    return {"pairs": crossing.make_totals(context.scope(), on_progress=context.go_on)}


def extend_closings(context: JobContext) -> dict[str, Any]:
    """Give a later end to what would end while a shop is shut."""
    done = extending.extend_for_closings(context.scope(), on_progress=context.go_on)
    return {"members": done.members, "vouchers": done.vouchers}


def send_month_reports(context: JobContext) -> dict[str, Any]:
    """Mail the report of the month that ended to everybody who wants it, each once."""
    scope = context.scope()
    sent = 0
    for wanted in month_reports.due_reports(scope):
        make = partial(month_report.make_mail, scope, public_url=context.settings.public_url)
        sent += month_reports.send_report(scope, wanted, make)
        context.go_on()
    return {"sent": sent}


def closing_changed(context: JobContext, message: Message) -> None:
    """The same for one merchant, at once when its closing days change."""
    scope: Scope = context.scope()
    extending.extend_for_closings(scope, merchant_id=message.merchant_id, on_progress=context.go_on)
