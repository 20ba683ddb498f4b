"""A day so far against the usual one: what came, the band of what is usual, and where it will end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from app.web.charts import drawing
from app.web.charts.scales import apart, nice_ticks, percent, pixel

_TOP, _LABEL = 26.0, 18.0


@dataclass(frozen=True, slots=True)
class Point:
    """At ``at`` (a share of the day that is drawn), so many in all."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Curve:
    """``low``, ``usual`` and ``high`` stand at the same moments. ``ticks``: single visits below the curve, as (share of
    the day, kind): ``visit``, ``new`` or ``reward``. Labels are whole words, numbers and all."""

    said: str
    actual: Sequence[Point]
    usual: Sequence[Point] = ()
    low: Sequence[Point] = ()
    high: Sequence[Point] = ()
    now_label: str = ""
    forecast: float | None = None
    ahead: Sequence[Point] = ()  # how it comes to the forecast; else straight
    forecast_label: str = ""
    usual_label: str = ""
    hours: Sequence[tuple[float, str]] = ()
    ticks: Sequence[tuple[float, str]] = field(default=())


def day_curve(curve: Curve, *, height: float = 220) -> Markup:
    """Draw it. The number so far is labelled at its point, the forecast and the usual day at the right."""
    below = 44.0 + (18.0 if curve.ticks else 0.0)
    plot = height - _TOP - below
    tops = [point.value for line in (curve.actual, curve.high, curve.usual) for point in line]
    marks = nice_ticks(max([*tops, curve.forecast or 0, 4]), 4)
    most = marks[-1]

    def place(point: Point) -> tuple[float, float]:
        return point.at, 1 - point.value / most

    def down(value: float) -> float:
        return _TOP + plot * (1 - value / most)

    parts: list[Markup] = []
    for mark in marks[1:]:
        parts.append(drawing.level(down(mark)))
        parts.append(drawing.text(0, down(mark) - 4, f"{mark:g}", "axis"))
    bent: list[Markup] = []
    if curve.low:
        bent.append(drawing.area([place(one) for one in curve.high], [place(one) for one in curve.low], "band"))
    if curve.usual:
        bent.append(drawing.trace([place(one) for one in curve.usual], "usual"))
    if curve.actual:
        bent.append(drawing.trace([place(one) for one in curve.actual], "actual", is_stepped=True))
    if curve.actual and curve.forecast is not None:
        last = curve.actual[-1]
        coming = [place(one) for one in curve.ahead if one.at > last.at]
        bent.append(drawing.trace([place(last), *coming, (1.0, 1 - curve.forecast / most)], "forecast"))
    parts.append(drawing.inner(_TOP, plot, bent))
    parts.append(drawing.level(down(0), "ground"))
    parts += _labels(curve, down)
    parts += [_tick(at, kind, down(0) + 8) for at, kind in curve.ticks]
    for at, word in curve.hours:
        anchor = "start" if at < 0.04 else "end" if at > 0.96 else "middle"
        parts.append(drawing.text(at, height - 8, word, "axis", anchor))
    return drawing.frame(height, curve.said, parts, "day")


def _labels(curve: Curve, down: object) -> list[Markup]:
    assert callable(down)
    parts: list[Markup] = []
    ends: list[tuple[str, str, float]] = []
    if curve.forecast is not None and curve.forecast_label:
        ends.append((curve.forecast_label, "strong", down(curve.forecast) - 8))
    if curve.usual and curve.usual_label:
        usual = down(curve.usual[-1].value)
        is_above = curve.forecast is not None and curve.usual[-1].value > curve.forecast
        ends.append((curve.usual_label, "soft", usual - 8 if is_above else usual + 18))
    for (word, kind, _), y in zip(ends, apart([one[2] for one in ends], _LABEL), strict=True):
        parts.append(drawing.text(1, max(y, 12), word, kind, "end"))
    if curve.actual and curve.now_label:
        last = curve.actual[-1]
        y = down(last.value)
        parts.append(Markup('<circle cx="{}" cy="{}" r="5" class="now"></circle>').format(percent(last.at), pixel(y)))
        anchor, x = ("start", last.at) if last.at < 0.2 else ("end", last.at - 0.015)
        # At the end of the day the forecast's own label says it.
        if last.at < 0.8 or curve.forecast is None:
            parts.append(drawing.text(x, max(y - 12, 12), curve.now_label, "strong", anchor))
    return parts


def _tick(at: float, kind: str, top: float) -> Markup:
    x = percent(min(max(at, 0.006), 0.994))
    if kind == "new":
        return Markup('<circle cx="{}" cy="{}" r="5" class="tick-new"></circle>').format(x, pixel(top + 7))
    if kind == "reward":
        return Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" class="tick-reward"></line>').format(
            x, pixel(top), pixel(top + 14)
        )
    return Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" class="tick-visit"></line>').format(
        x, pixel(top + 2), pixel(top + 12)
    )
