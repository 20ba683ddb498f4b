"""Programmes with what was ever booked in them, their days, and the rows of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date
from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.admin.doors import door, scope
from app.admin.forms.ledger import LimitForm
from app.admin.pages import page
from app.admin.queries import ledger as books
from app.admin.service import adjusting
from app.admin.views.ledger import words
from app.admin.views.ledger.blueprint import blueprint
from app.common.ids import is_id
from app.ledger.checks import last_checks
from app.rewards.views.words import babel


@door(blueprint, "/admin/ledger", right="operator")
def show() -> ResponseReturnValue:
    """What members hold and what was booked, programme by programme; and whether the books agreed. With ``member`` and
    ``row`` it leads to that row, whichever programme it is of."""
    member_id, row = request.args.get("member", ""), request.args.get("row", "")
    if is_id(member_id) and is_id(row) and (found := books.programme_of(scope(), member_id, row)):
        there = url_for("admin_ledger.show_account", member_id=member_id, programme_id=found, row=row)
        return redirect(there)
    looked_for = request.args.get("q", "")[:100]
    return page(
        "admin/ledger/list.html",
        here="ledger",
        totals=books.list_totals(scope(), words=looked_for, after=request.args.get("after")),
        checks=last_checks(scope()),
        waiting=books.list_adjustments(scope(), status="open", count=5),
        limits=adjusting.limits(scope()),
        looked_for=looked_for,
        **_words(),
    )


@door(blueprint, "/admin/ledger/programmes/<programme_id>", right="operator")
def show_days(programme_id: str) -> ResponseReturnValue:
    """A programme's days."""
    return page(
        "admin/ledger/days.html",
        here="ledger",
        days=books.list_days(scope(), programme_id, before=request.args.get("before")),
        long_day=_long_day,
        **_words(),
    )


@door(blueprint, "/admin/ledger/programmes/<programme_id>/<day>/<counter>", right="operator")
def show_rows(programme_id: str, day: str, counter: str) -> ResponseReturnValue:
    """The rows of a day."""
    if counter not in books.COUNTERS:
        abort(404)
    return page(
        "admin/ledger/rows.html",
        here="ledger",
        found=books.list_rows(scope(), programme_id, day, counter, after=request.args.get("after")),
        long_day=_long_day,
        **_words(),
    )


def limit_forms(kind: str | None = None) -> dict[str, LimitForm]:
    """A form for each kind of programme; the one that was sent holds what was typed."""
    return {
        one: LimitForm() if one == kind else LimitForm(formdata=None, most=most, most_in_all=in_all)
        for one, (most, in_all) in adjusting.limits(scope()).items()
    }


def _words() -> dict[str, Any]:
    return {"words": words, "counters": books.COUNTERS, "now": scope().now}


def _long_day(day: str) -> str:
    return str(format_date(date.fromisoformat(day), "EEE d MMM y", locale=babel()))
