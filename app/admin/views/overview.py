"""The first page of the day: what needs a person, how the platform goes, what looks like fraud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from app.admin.doors import door, scope, visitor
from app.admin.pages import STEPS, page, part
from app.admin.queries import (
    cards_todo,
    health_todo,
    ledger_todo,
    privacy_todo,
    risk_todo,
    settings_todo,
    shops_todo,
    support_todo,
)
from app.admin.queries.behind import rows_behind
from app.admin.queries.ledger_state import read_ledger_state
from app.admin.queries.overview import FIGURES, read_overview
from app.admin.queries.risk_top import read_risk_top
from app.admin.todo import ToDo
from app.admin.views import overview_words as words
from app.admin.views.risk import words as risk_words
from app.admin.views.risk.drawing import evidence
from app.common.scope import Scope
from app.extensions import platform

blueprint = Blueprint("admin_overview", __name__, template_folder="../templates")

NUMBERED = 9  # of what waits: as many as there are keys
SHOWN = 50
_NEVER = datetime.max.replace(tzinfo=UTC)

_AREAS: tuple[Callable[[Scope], list[ToDo]], ...] = (
    shops_todo.waiting,
    cards_todo.waiting,
    ledger_todo.waiting,
    risk_todo.waiting,
    privacy_todo.waiting,
    support_todo.waiting,
    settings_todo.waiting,
    health_todo.waiting,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits, as it stands in the list."""

    todo: ToDo
    kind: str
    words: str
    act: str
    due: str
    is_hot: bool


@door(blueprint, "/admin/", right="operator")
def show() -> ResponseReturnValue:
    """What needs a person today, first; then how the platform goes."""
    now = scope().now
    waiting = _waiting()
    lines = [_line(todo, now) for todo in waiting[:SHOWN]]
    told = read_overview(scope())
    within_week = sum(1 for todo in waiting if todo.due_at is not None and todo.due_at <= now + timedelta(days=7))
    return page(
        "admin/overview/overview.html",
        here="overview",
        lines=lines,
        left_out=max(0, len(waiting) - SHOWN),
        tonight=sum(line.is_hot for line in lines),
        within_week=within_week,
        numbered=NUMBERED,
        figures=[words.show_figure(told, name) for name in FIGURES],
        told=told,
        ledger=read_ledger_state(scope()),
        words=words,
        risk=read_risk_top(scope()) if visitor().may("risk") else None,
        risk_words=risk_words,
        evidence=evidence,
        now=now,
    )


@door(blueprint, "/admin/figures/<name>", right="operator")
def show_figure(name: str) -> ResponseReturnValue:
    """A figure by week, and the rows that make its last one."""
    if name not in FIGURES:
        abort(404)
    told = read_overview(scope())
    return page(
        "admin/overview/figure.html",
        here="overview",
        shown=words.show_figure(told, name),
        figure=told[name],
        told=told,
        rows=rows_behind(scope(), name),
        words=words,
        names=[(key, str(words.TITLES[key])) for key in FIGURES],
    )


@door(blueprint, "/admin/counts", right="operator")
def count() -> ResponseReturnValue:
    """How much waits in each area, for the navigation: parts that put themselves in their places."""
    counted = Counter(todo.area for todo in _waiting())
    return part("admin/overview/counts.html", counts=[(step.key, counted[step.key]) for step in STEPS])


def _waiting() -> list[ToDo]:
    """All that waits and that this person may do, soonest due first."""
    found = [todo for waiting in _AREAS for todo in waiting(scope())]
    found += health_todo.backups_waiting(scope(), platform().settings.var)
    mine = [todo for todo in found if any(visitor().may(right.strip()) for right in todo.right.split(","))]
    return sorted(mine, key=lambda todo: (not todo.is_urgent and todo.due_at is None, todo.due_at or _NEVER))


def _line(todo: ToDo, now: datetime) -> Line:
    told, is_today = words.due(todo.due_at, now)
    return Line(
        todo, words.said(todo.kind), words.said(todo.words), words.said(todo.act), told, is_today or todo.is_urgent
    )
