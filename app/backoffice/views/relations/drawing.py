"""The map as a picture that needs no script: dots, fields and lines. Sizes are shares, so that it fits a phone and a
desk alike; what is drawn over it in the browser stands at the same shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from app.backoffice.group_names import ORDER
from app.backoffice.queries.relations import Dots, Lines, Month
from app.backoffice.views.relations.scales import Scales, profit_marks, visit_marks
from app.web.charts import drawing, nice_ticks
from app.web.charts.scales import apart, percent, pixel

SHAPES: Mapping[str, str] = {
    "friend": "M-3.9 0a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0 -7.8 0",
    "butterfly": "M0 -4.6L4.4 3.2H-4.4z",
    "barnacle": "M-3.4 -3.4h6.8v6.8h-6.8z",
    "stranger": "M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0",
}
_AREA = 240.0
_ABOVE, _UNDER, _LABEL = 24.0, 28.0, 18.0


def sign(key: str) -> Markup:
    """A group's shape, beside its name."""
    return Markup('<svg class="sign {}" width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">').format(
        key
    ) + Markup('<path d="{}" transform="scale(1.35)"></path></svg>').format(SHAPES[key])


def relation_map(dots: Dots, lines: Lines, scales: Scales, said: str, words: Mapping[str, str], unit: int) -> Markup:
    """The map. ``words``: ``visits`` and ``profit`` at the lines, ``loss`` below nothing, and each mark of the axes as
    ``x<visits>`` and ``y<minor units>``."""
    x, y = scales.across(lines.visits), scales.down(lines.profit_minor)
    parts = [_shapes(), _fields(x, y)]
    for mark in profit_marks(scales, unit):
        at = percent(scales.down(mark))
        parts.append(
            Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}" class="{1}"></line>').format(
                at, "grid" if mark else "ground"
            )
        )
        parts.append(_text("0", at, words[f"y{mark}"], "axis", "end", dx=-8, dy=5))
    parts += [
        _text(percent(scales.across(mark)), "100%", words[f"x{mark}"], "axis", "middle", dy=28)
        for mark in visit_marks(scales)
    ]
    if scales.low < 0:
        parts.append(_text("98%", percent(scales.down(0)), words["loss"], "axis halo", "end", dy=18))
    parts.append(_dots(dots, lines, scales))
    parts.append(
        Markup(
            '<g class="lines"><line x1="{0}" x2="{0}" y1="0" y2="100%"></line><line x1="0" x2="100%" y1="{1}" y2="{1}">'
            "</line>{2}{3}</g>"
        ).format(
            percent(x),
            percent(y),
            _text(percent(x), "100%", words["visits"], "strong halo", "middle", dy=-8),
            _text("100%", percent(y), words["profit"], "strong halo", "end", dx=-6, dy=-6),
        )
    )
    return Markup(
        '<svg class="map-picture" width="100%" height="100%" role="img" aria-label="{}" focusable="false">{}</svg>'
    ).format(said, Markup("").join(parts))


def areas(months: Sequence[Month], names: Mapping[str, str], labels: Sequence[str], said: str) -> Markup:
    """The groups over the months, one upon another, each named at its end where it is thick enough to be told."""
    plot = _AREA - _ABOVE - _UNDER
    totals = [sum(one.members.values()) for one in months]
    marks = nice_ticks(max([*totals, 1]), 3)
    most, wide = marks[-1], max(1, len(months) - 1)
    parts = [drawing.level(_ABOVE + plot * (1 - mark / most)) for mark in marks[1:]]
    below = [0.0] * len(months)
    bent: list[Markup] = []
    ends: list[tuple[str, float]] = []
    for key in reversed(ORDER):
        upper = [under + one.members.get(key, 0) for under, one in zip(below, months, strict=True)]

        def line(heights: Sequence[float]) -> list[tuple[float, float]]:
            return [(at / wide, 1 - height / most) for at, height in enumerate(heights)]

        bent.append(drawing.area(line(upper), line(below), f"area {key}"))
        bent.append(drawing.trace(line(upper), f"edge {key}"))
        if upper[-1] > below[-1]:
            middle = (upper[-1] + below[-1]) / 2
            ends.append((key, _ABOVE + plot * (1 - middle / most) + 5))
        below = upper
    parts.append(drawing.inner(_ABOVE, plot, bent))
    parts.append(drawing.level(_ABOVE + plot, "ground"))
    for (key, _), at in zip(ends, apart([one[1] for one in ends], _LABEL), strict=True):
        told = f"{names[key]} {months[-1].members.get(key, 0)}"
        parts.append(_text("99%", pixel(at), told, f"strong halo {key}", "end"))
    parts += [_text("0", pixel(_ABOVE + plot * (1 - mark / most) - 4), f"{mark:g}", "axis halo") for mark in marks[1:]]
    skipped = max(1, round(len(labels) / 6))
    for at, label in enumerate(labels):
        if at % skipped == 0:
            anchor = "start" if at == 0 else "end" if at == len(labels) - 1 else "middle"
            parts.append(_text(percent(at / wide), pixel(_AREA - 8), label, "axis", anchor))
    return drawing.frame(_AREA, said, parts, "areas")


def sections(groups: Mapping[str, int], said: str) -> Markup:
    """One list's make-up as a bar of the groups' parts."""
    total = sum(groups.values()) or 1
    ends = [0.0]
    for key in ORDER:
        ends.append(ends[-1] + groups.get(key, 0) / total)
    parts = [
        Markup('<rect x="{}" width="{}" y="0" height="14" class="part-of {}"></rect>').format(
            percent(start), percent(end - start), key
        )
        for key, (start, end) in zip(ORDER, pairwise(ends), strict=True)
        if end > start
    ]
    return Markup('<svg class="sections" width="100%" height="14" role="img" aria-label="{}">{}</svg>').format(
        said, Markup("").join(parts)
    )


def _shapes() -> Markup:
    shapes = Markup("").join(
        Markup('<path id="dot-{}" d="{}"></path>').format(key, path) for key, path in SHAPES.items()
    )
    return Markup("<defs>{}</defs>").format(shapes)


def _fields(x: float, y: float) -> Markup:
    def field(key: str, left: float, top: float, width: float, height: float) -> Markup:
        return Markup('<rect class="field-of {}" x="{}" y="{}" width="{}" height="{}"></rect>').format(
            key, percent(left), percent(top), percent(width), percent(height)
        )

    return Markup("").join(
        (
            field("butterfly", 0, 0, x, y),
            field("friend", x, 0, 1 - x, y),
            field("stranger", 0, y, x, 1 - y),
            field("barnacle", x, y, 1 - x, 1 - y),
        )
    )


def _dots(dots: Dots, lines: Lines, scales: Scales) -> Markup:
    told = []
    for visits, profit in zip(dots.visits, dots.profits, strict=True):
        key = lines.group(visits, profit)
        x, y = percent(scales.across(visits)), percent(scales.down(profit))
        told.append(f'<use class="dot-of {key}" href="#dot-{key}" x="{x}" y="{y}"></use>')
    return Markup('<g class="dots">{}</g>').format(Markup("".join(told)))  # noqa: S704  numbers and our own keys


def _text(x: str, y: str, words: str, kind: str, anchor: str = "start", *, dx: float = 0, dy: float = 0) -> Markup:
    moved = "".join(f' {name}="{value:g}"' for name, value in (("dx", dx), ("dy", dy)) if value)
    return Markup('<text x="{}" y="{}"{} class="{}" text-anchor="{}">{}</text>').format(
        x,
        y,
        Markup(moved),  # noqa: S704  numbers
        kind,
        anchor,
        escape(words),
    )
