"""The score by month: a mark for each, with what chance leaves open as a line through it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from app.campaigns.promoters import Score
from app.web.charts import drawing

_HEIGHT, _TOP, _BELOW = 220.0, 12.0, 28.0


def score_chart(months: Sequence[tuple[str, Score]], said: str) -> Markup:
    """Draw from -100 to 100. Months of fewer than ten answers have no mark: their place stays empty."""
    plot = _HEIGHT - _TOP - _BELOW

    def down(value: float) -> float:
        return _TOP + plot * (100 - value) / 200

    parts: list[Markup] = []
    for mark in (100, 50, 0, -50, -100):
        parts.append(drawing.level(down(mark), "ground" if mark == 0 else "grid"))
        parts.append(drawing.text(0, down(mark) - 3, f"{mark:+d}".replace("-", "−") if mark else "0", "axis"))
    for number, (name, score) in enumerate(months):
        x = 0.08 + 0.92 * (number + 0.5) / len(months)
        if number % 2 == len(months) % 2 or len(months) <= 6:
            parts.append(drawing.text(x, _HEIGHT - 8, name, "axis", "middle"))
        if not score.is_enough:
            continue
        low, high = score.interval
        at = f"{x * 100:.2f}%"
        parts.append(
            Markup('<line x1="{0}" x2="{0}" y1="{1:.1f}" y2="{2:.1f}" class="between"></line>').format(
                at, down(high), down(low)
            )
        )
        parts.append(Markup('<circle cx="{}" cy="{:.1f}" r="5" class="mark"></circle>').format(at, down(score.net)))
    return drawing.frame(_HEIGHT, said, parts, "promoters")
