"""What the reports share: the period in steps, and their charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from app.backoffice.queries import looking_back as back
from app.backoffice.queries.looking_back import Frame, Owed, Span, Sums
from app.backoffice.views.reports import words
from app.backoffice.views.reports.periods import Period, steps
from app.backoffice.views.reports.report import Money
from app.backoffice.views.reports.words import _
from app.common.scope import Scope
from app.web.charts import Column, Line, columns, lines, nice_ticks


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is made from."""

    scope: Scope
    frame: Frame
    period: Period
    currency: str

    def money(self, minor: float) -> str:
        return words.money(minor, self.currency)


def stepped(asked: Asked) -> tuple[list[tuple[Span, Sums]], list[Sums], list[str]]:
    """The period in steps, the period before in the same number of steps, and what each step is called."""
    spans = steps(asked.period)
    days = back.sums_by_day(asked.scope, asked.frame, asked.period.span)
    earlier_span = asked.period.span.before()
    earlier = back.sums_by_day(asked.scope, asked.frame, earlier_span)
    now = [(span, back.total([sums for day, sums in days.items() if span.first <= day <= span.last])) for span in spans]
    past = []
    for span in spans:
        first = earlier_span.first + (span.first - asked.period.span.first)
        last = first + (span.last - span.first)
        if span is spans[-1]:
            last = earlier_span.last
        past.append(back.total([sums for day, sums in earlier.items() if first <= day <= last]))
    return now, past, [_step_name(span, asked.period.step) for span in spans]


def _step_name(span: Span, step: str) -> str:
    if step == "day":
        return f"{words.weekday(span.first.weekday(), 'abbreviated')} {words.short_day(span.first)}"
    if step == "week":
        return f"{words.short_day(span.first)} – {words.short_day(span.last)}"
    return words.month(span.first)


def step_word(period: Period) -> str:
    """What one step is called."""
    return {"day": _("Day"), "week": _("Week"), "month": _("Month")}[period.step]


def over_time(
    asked: Asked,
    values: Sequence[float],
    before: Sequence[float] | None,
    said: str,
    *,
    parts: Sequence[float] | None = None,
    is_money: bool = False,
) -> Markup:
    """Columns over the steps of the period, the highest labelled."""
    spans = steps(asked.period)
    top = max(values, default=0)
    bars = []
    for at, (span, value) in enumerate(zip(spans, values, strict=True)):
        is_top = bool(value) and value == top and list(values).index(value) == at
        told = (asked.money(value) if is_money else words.count(value)) if is_top else ""
        bars.append(
            Column(
                value=value,
                label=words.short_day(span.first) if asked.period.step != "month" else _month_name(span.first),
                told=told,
                part=parts[at] if parts else 0,
                before=before[at] if before else None,
                is_marked=is_top,
            )
        )
    marks = nice_ticks(max([*values, *(before or ()), 0]) or 1, 3)
    axis = [asked.money(mark) if is_money else words.count(mark) for mark in marks]
    return columns(bars, said, axis=axis)


def _month_name(day: date) -> str:
    return words.short_month(day)


def held_over_time(asked: Asked, programmes: Sequence[Owed], said: str) -> Markup | None:
    """How much members held, as far as it was counted on more than one day."""
    span = asked.period.span
    drawn = []
    for one in programmes[:3]:
        points = [
            ((day - span.first).days / max(1, span.days - 1), float(held))
            for day, held, _ended in one.days
            if held is not None
        ]
        if len(points) > 1:
            drawn.append(Line(one.name, points))
    if not drawn:
        return None
    top = max(value for line in drawn for _, value in line.points)
    marks = nice_ticks(top or 1, 3)
    labels = [(0.0, words.short_day(span.first)), (1.0, words.short_day(span.last))]
    return lines(drawn, said, axis=[words.count(mark) for mark in marks], labels=labels)


def week_by_hours(week: Mapping[tuple[int, int], int], asked: Asked) -> dict[str, object]:
    """The week by hours, averaged over the weeks of the period."""
    weeks = max(1.0, days_lived(asked) / 7)
    cells = {key: value / weeks for key, value in week.items()}
    hours = [hour for _, hour in cells]
    return {
        "cells": cells,
        "hours": range(min(hours), max(hours) + 1),
        "per_day": {day: sum(value for (which, _), value in cells.items() if which == day) for day in range(7)},
        "closed": frozenset(),
    }


def days_lived(asked: Asked) -> int:
    """Days of the period on which the shop was there and which have come."""
    first = max(asked.period.span.first, asked.frame.first_day or asked.period.span.first)
    return max(1, (min(asked.period.span.last, asked.frame.today) - first).days + 1)


def worth(one: Owed, units: int) -> Money | None:
    """What so many units of a programme come to."""
    minor = one.worth.of(units)
    return None if minor is None else Money(minor, one.worth.is_estimated)


def before_word(value: int | str) -> str:
    """What it was in the days before; nothing where there was nothing."""
    if not value:
        return ""
    return _("%(number)s before", number=words.count(value) if isinstance(value, int) else value)
