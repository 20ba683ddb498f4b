"""A small line without axes: how one figure went, with a dot where it began and one where it is now."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from app.web.charts import drawing
from app.web.charts.scales import percent, pixel

_EDGE = 5.0  # pixels above and below, so that the dots are whole


def spark(
    values: Sequence[float | None], said: str, *, height: float = 48, kind: str = "", from_zero: bool = False
) -> Markup:
    """Draw it on its own scale, or ``from_zero`` with a ground line. Where nothing is known there is a gap. ``said``
    tells it to who can't see it; ``kind`` is a class for its styles, such as ``bad``."""
    known = [(number, value) for number, value in enumerate(values) if value is not None]
    plot = height - 2 * _EDGE
    low = 0.0 if from_zero else min((value for _, value in known), default=0.0)
    high = max((value for _, value in known), default=0.0)
    span = high - low
    wide = max(1, len(values) - 1)

    def place(number: int, value: float) -> tuple[float, float]:
        # A line that never moved lies in the middle; at zero it lies on the ground.
        return number / wide, 1 - (value - low) / span if span else (1.0 if from_zero else 0.5)

    parts: list[Markup] = []
    if from_zero:
        parts.append(drawing.level(height - _EDGE, "ground"))
    runs: list[list[tuple[float, float]]] = []
    before: int | None = None
    for number, value in known:
        if before is None or number != before + 1:
            runs.append([])
        runs[-1].append(place(number, value))
        before = number
    parts.append(drawing.inner(_EDGE, plot, [drawing.trace(run, "line") for run in runs if len(run) > 1]))
    for (number, value), radius in zip(known[:1] + known[-1:], (2.5, 4.0), strict=False):
        x, y = place(number, value)
        parts.append(
            Markup('<circle cx="{}" cy="{}" r="{}" class="dot"></circle>').format(
                percent(x), pixel(_EDGE + plot * y), radius
            )
        )
    return drawing.frame(height, said, parts, f"spark {kind}".strip())
