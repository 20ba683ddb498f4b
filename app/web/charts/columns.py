"""Columns over time: how many on each day, week or month, against the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.web.charts import drawing
from app.web.charts.scales import nice_ticks, percent, pixel

_TOP, _BELOW = 24.0, 28.0
_FILLED = 0.74  # of its place that a column takes


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``part`` of its ``value`` is drawn in another pattern (new members among visits), ``before`` is what
    the period before had in its place. ``label`` stands under it, ``told`` over it; both may be empty."""

    value: float
    label: str = ""
    told: str = ""
    part: float = 0
    before: float | None = None
    is_marked: bool = False


def columns(bars: Sequence[Column], said: str, *, height: float = 220, axis: Sequence[str] | None = None) -> Markup:
    """Draw them. ``axis`` gives the words for the marks of the axis, from the lowest on; else the numbers stand there.
    Labels are left out where they would not fit beside one another."""
    plot = height - _TOP - _BELOW
    tops = [max(bar.value, bar.before or 0) for bar in bars]
    marks = nice_ticks(max([*tops, 0]) or 1, 3)
    most = marks[-1]

    def down(value: float) -> float:
        return _TOP + plot * (1 - value / most)

    parts: list[Markup] = [*(drawing.level(down(mark)) for mark in marks[1:]), drawing.level(down(0), "ground")]
    wide = 1 / max(1, len(bars))
    skipped = max(1, round(len([bar for bar in bars if bar.label]) / 8))
    labelled = 0
    for number, bar in enumerate(bars):
        left = wide * number + wide * (1 - _FILLED) / 2
        parts.append(_bar(left, wide * _FILLED, down(bar.value), down(0), "bar marked" if bar.is_marked else "bar"))
        if bar.part:
            parts.append(_bar(left, wide * _FILLED, down(bar.part), down(0), "part"))
        if bar.before is not None:
            y = pixel(down(bar.before))
            x1, x2 = percent(left - wide * 0.08), percent(left + wide * (_FILLED + 0.08))
            parts.append(Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="before"></line>').format(x1, x2, y, y))
        middle = left + wide * _FILLED / 2
        if bar.told:
            parts.append(drawing.text(middle, max(down(bar.value) - 6, 12), bar.told, "strong", _anchor(middle)))
        if bar.label:
            if labelled % skipped == 0:
                parts.append(drawing.text(middle, height - 8, bar.label, "axis", _anchor(middle)))
            labelled += 1
    for number, mark in enumerate(marks[1:], start=1):
        parts.append(drawing.text(0, down(mark) - 4, axis[number] if axis else f"{mark:g}", "axis"))
    return drawing.frame(height, said, parts, "columns")


def ticks_of(values: Sequence[float]) -> list[float]:
    """The marks that :func:`columns` would draw for these values, so that they can be put in words first."""
    return nice_ticks(max([*values, 0]) or 1, 3)


def _anchor(middle: float) -> str:
    return "start" if middle < 0.04 else "end" if middle > 0.96 else "middle"


def _bar(left: float, width: float, top: float, ground: float, kind: str) -> Markup:
    return Markup('<rect x="{}" width="{}" y="{}" height="{}" class="{}"></rect>').format(
        percent(left), percent(width), pixel(top), pixel(max(0.0, ground - top)), kind
    )
