"""The parts that charts are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from app.web.charts.scales import percent, pixel

INNER = 1000  # both sides of the inner picture, which stretches


def text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> Markup:
    """Words at a share of the width and a height in pixels."""
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        percent(x), pixel(y), kind, anchor, words
    )


def level(y: float, kind: str = "grid") -> Markup:
    """A line across."""
    return Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}" class="{1}"></line>').format(pixel(y), kind)


def inner(top: float, height: float, parts: Iterable[Markup]) -> Markup:
    """A picture whose content stretches to the whole width and to ``height`` pixels."""
    return Markup(
        '<svg x="0" y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}</svg>'
    ).format(pixel(top), pixel(height), INNER, INNER, Markup("").join(parts))


def trace(points: Sequence[tuple[float, float]], kind: str, *, is_stepped: bool = False) -> Markup:
    """A line through shares of width and height (0 is the top) of an inner picture."""
    told = []
    for number, (x, y) in enumerate(points):
        if number and is_stepped:
            told.append(f"H{x * INNER:.1f}V{y * INNER:.1f}")
        else:
            told.append(f"{'L' if number else 'M'}{x * INNER:.1f} {y * INNER:.1f}")
    return Markup('<path d="{}" class="{}" vector-effect="non-scaling-stroke"></path>').format("".join(told), kind)


def area(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]], kind: str) -> Markup:
    """What lies between two lines of an inner picture."""
    outline = [*upper, *reversed(lower)]
    told = "".join(f"{'L' if number else 'M'}{x * INNER:.1f} {y * INNER:.1f}" for number, (x, y) in enumerate(outline))
    return Markup('<path d="{}Z" class="{}"></path>').format(told, kind)


def frame(height: float, said: str, parts: Iterable[Markup], kind: str = "") -> Markup:
    """The whole picture. ``said`` tells it to who can't see it."""
    return Markup(
        '<svg class="chart {}" width="100%" height="{}" role="img" aria-label="{}" focusable="false">{}</svg>'
    ).format(escape(kind), pixel(height), said, Markup("").join(parts))
