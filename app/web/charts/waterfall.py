"""A waterfall: from nothing to a sum, step by step, each step a link to what makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.web.charts import drawing
from app.web.charts.scales import percent, pixel

_TOP, _BELOW = 26.0, 46.0
_FILLED = 0.8
_LEAST = 2.0  # pixels of a step that is small beside the others, or nothing


@dataclass(frozen=True, slots=True)
class Fall:
    """One step: by how much it rises or falls, what stands over it (``told``) and under it. ``kind`` is its class; a
    ``total`` stands on the ground and tells what came of the steps before."""

    value: float
    told: str
    word: str
    below: str = ""
    href: str | None = None
    kind: str = ""
    is_total: bool = False


def waterfall(falls: Sequence[Fall], said: str, *, height: float = 150) -> Markup:
    """Draw the steps beside one another, joined by dotted lines."""
    reached, spans = 0.0, []
    for fall in falls:
        start = 0.0 if fall.is_total else reached
        reached = start + fall.value
        spans.append((start, reached))
    most = max([0.0, *(max(span) for span in spans)])
    least = min([0.0, *(min(span) for span in spans)])
    plot = height - _TOP - _BELOW

    def down(value: float) -> float:
        return _TOP + plot * (1 - (value - least) / ((most - least) or 1))

    wide = 1 / max(1, len(falls))
    parts = [drawing.level(down(0), "ground")]
    for number, (fall, (start, end)) in enumerate(zip(falls, spans, strict=True)):
        left, middle = wide * number, wide * (number + _FILLED / 2)
        top, bottom = down(max(start, end)), down(min(start, end))
        parts.append(
            Markup('<rect x="{}" width="{}" y="{}" height="{}" class="fall {}"></rect>').format(
                percent(left), percent(wide * _FILLED), pixel(top), pixel(max(_LEAST, bottom - top)), fall.kind
            )
        )
        if number + 1 < len(falls):
            parts.append(
                Markup('<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" class="joins"></line>').format(
                    percent(left + wide * _FILLED), percent(wide * (number + 1)), pixel(down(end))
                )
            )
        parts.append(drawing.text(middle, top - 7, fall.told, "strong", "middle"))
        word = drawing.text(middle, height - 26, fall.word, "word total" if fall.is_total else "word", "middle")
        parts.append(word if fall.href is None else Markup('<a href="{}">{}</a>').format(fall.href, word))
        if fall.below:
            parts.append(drawing.text(middle, height - 8, fall.below, "axis", "middle"))
    # With links in it it is no single picture: they must be reached.
    return Markup(
        '<svg class="chart waterfall" width="100%" height="{}" role="group" aria-label="{}" focusable="false">{}</svg>'
    ).format(pixel(height), said, Markup("").join(parts))
