"""A few lines over time, each with its name at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.web.charts import drawing
from app.web.charts.scales import apart, nice_ticks

_TOP, _BELOW, _LABEL, _ABOVE = 24.0, 28.0, 18.0, 8.0
KINDS = ("first", "second", "third")  # told apart by dashes too


@dataclass(frozen=True, slots=True)
class Line:
    """A line through (share of the width, value) in order. ``name`` stands at its end."""

    name: str
    points: Sequence[tuple[float, float]]


def lines(
    drawn: Sequence[Line],
    said: str,
    *,
    height: float = 220,
    axis: Sequence[str] | None = None,
    labels: Sequence[tuple[float, str]] = (),
) -> Markup:
    """Draw up to three. ``axis`` gives the words for the marks of the axis, ``labels`` what stands below."""
    plot = height - _TOP - _BELOW
    marks = nice_ticks(max([value for line in drawn for _, value in line.points] or [1]) or 1, 3)
    most = marks[-1]

    def down(value: float) -> float:
        return _TOP + plot * (1 - value / most)

    parts: list[Markup] = []
    for number, mark in enumerate(marks[1:], start=1):
        parts.append(drawing.level(down(mark)))
        parts.append(drawing.text(0, down(mark) - 4, axis[number] if axis else f"{mark:g}", "axis"))
    bent = [
        drawing.trace([(x, 1 - value / most) for x, value in line.points], f"line {kind}")
        for line, kind in zip(drawn, KINDS, strict=False)
        if line.points
    ]
    parts.append(drawing.inner(_TOP, plot, bent))
    parts.append(drawing.level(down(0), "ground"))
    named = [line for line in drawn if line.points]
    for line, y in zip(named, _names([down(line.points[-1][1]) for line in named]), strict=True):
        parts.append(drawing.text(1, max(y, 12), line.name, "strong", "end"))
    for at, word in labels:
        anchor = "start" if at < 0.04 else "end" if at > 0.96 else "middle"
        parts.append(drawing.text(at, height - 8, word, "axis", anchor))
    return drawing.frame(height, said, parts, "lines")


def _names(ends: Sequence[float]) -> Sequence[float]:
    """How far down the name of each line stands, by where the lines end: above its line; of two that end close to each
    other the lower one's below, or it would lie on the upper line."""
    if len(ends) == 2 and abs(ends[0] - ends[1]) < _LABEL + _ABOVE:
        upper, lower = (0, 1) if ends[0] <= ends[1] else (1, 0)
        found = {upper: ends[upper] - _ABOVE, lower: ends[lower] + _LABEL}
        return [found[0], found[1]]
    return apart([end - _ABOVE for end in ends], _LABEL)
