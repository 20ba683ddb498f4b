"""The pictures of a campaign's result: twenty dots, two fields of people, and intervals. Each stands beside its words
and a table, so that none of it is told by colour alone. Places across are shares of the width, so that the pictures fit
a phone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from app.backoffice.views.campaigns.words import signed

COLUMNS = 9
_FLOOR = 232  # where the axis stands, in pixels from above
_STEP = 26
_MOST_DOTS = 240
_ACROSS = 27
_ROOM = 0.17  # left of nought, for its label


def _(text: str, **params: object) -> str:
    return str(gettext(text, **params))


def ticks(low: float, high: float, most: int = 9) -> list[float]:
    """Round numbers from below ``low`` to above ``high``, at most about so many."""
    span = max(high - low, 1e-9)
    rough = span / most
    power = 10 ** math.floor(math.log10(rough))
    step = max(1.0, next(power * by for by in (1, 2, 5, 10) if power * by >= rough))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * at for at in range(first, last + 1)]


def twenty_dots(total: Mapping[str, Any], break_even: float | None, said: str) -> Markup:
    """The twenty dots of the effect in all, with no effect and break even marked. ``said`` is what it shows."""
    dots: Sequence[float] = total["dots"]
    marks = [0.0] + ([break_even] if break_even is not None and break_even <= 3 * max(dots[-1], 1.0) else [])
    axis = ticks(min(*dots, *marks), max(*dots, *marks))
    while -axis[0] / (axis[-1] - axis[0]) < _ROOM:
        axis.insert(0, axis[0] - (axis[1] - axis[0]))
    span = axis[-1] - axis[0]

    def across(value: float) -> str:
        return f"{3 + 94 * (value - axis[0]) / span:.2f}%"

    left, right = across(total["low"]), 94 * (total["high"] - total["low"]) / span
    parts = [Markup('<rect class="cam-band" x="{}" y="58" width="{:.2f}%" height="174"/>').format(left, right)]
    parts.append(Markup('<line class="cam-axis" x1="0" x2="100%" y1="232" y2="232"/>'))
    labelled = axis if len(axis) <= 10 else axis[::2]
    parts += [Markup('<line class="cam-axis" x1="{0}" x2="{0}" y1="232" y2="237"/>').format(across(at)) for at in axis]
    parts += [
        Markup('<text class="m soft{}" x="{}" y="254">{}</text>').format(
            " wide" if place % 2 and len(labelled) > 5 else "", across(at), signed(at)
        )
        for place, at in enumerate(labelled)
    ]
    stacked: dict[int, int] = {}
    reach = max(dots[-1] - dots[0], 1e-9)
    for dot in dots:
        column = round((dot - dots[0]) / reach * (COLUMNS - 1))
        height = stacked[column] = stacked.get(column, 0) + 1
        place = across(dots[0] + reach * column / (COLUMNS - 1))
        parts.append(
            Markup('<circle class="cam-dot" cx="{}" cy="{}" r="12"/>').format(place, _FLOOR + 7 - _STEP * height)
        )
    parts.append(_mark(across(0.0), 44, _("no effect"), _("it did nothing"), is_left=total["mean"] >= 0))
    if len(marks) > 1:
        needed = max(1, math.ceil(marks[1]))
        is_left = marks[1] <= total["mean"]
        parts.append(
            _mark(
                across(marks[1]),
                4,
                _("break even"),
                _("from %(count)s visits", count=needed),
                is_left=is_left and (marks[1] - axis[0]) / span > _ROOM,
                is_dashed=True,
            )
        )
    return _drawn("cam-effect", 262, said, parts)


def _mark(place: str, top: int, word: str, more: str, *, is_left: bool, is_dashed: bool = False) -> Markup:
    anchor, shift = ("e", -9) if is_left else ("", 9)
    return Markup(
        '<line class="cam-mark{}" x1="{place}" x2="{place}" y1="{}" y2="232"/>'
        '<text class="b wide {anchor}" x="{place}" dx="{shift}" y="{}">{}</text>'
        '<text class="soft wide {anchor}" x="{place}" dx="{shift}" y="{}">{}</text>'
    ).format(
        " dashed" if is_dashed else "",
        top,
        top + 12,
        word,
        top + 30,
        more,
        place=place,
        anchor=anchor,
        shift=shift,
    )


def field(people: int, came: int, kind: str) -> tuple[Markup, int]:
    """People as dots, those who came filled; with how many people one dot stands for."""
    each = max(1, math.ceil(people / _MOST_DOTS))
    count, filled = math.ceil(people / each), round(came / each)
    rows = max(1, math.ceil(count / _ACROSS))
    circles = []
    for place in range(count):
        # Column after column, so that the filled ones stand together at the left.
        column, row = divmod(place, rows)
        inside = "on" if place < filled else "off"
        circles.append(
            Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(
                inside, 6.7 + 13.4 * column, 6.7 + 13.4 * row, 4.6 if inside == "on" else 4
            )
        )
    height = 13.4 * rows
    return (
        Markup('<svg class="cam-field {}" viewBox="0 0 {:.1f} {:.1f}" aria-hidden="true">{}</svg>').format(
            kind, 13.4 * _ACROSS, height, Markup("").join(circles)
        ),
        each,
    )


def scale_of(effects: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """From where to where intervals are drawn that are compared with each other: nought is always inside."""
    low = min([0.0, *(one["low"] for one in effects)])
    high = max([0.0, *(one["high"] for one in effects)])
    room = max(high - low, 1e-9) * 0.06
    return low - room, high + room


def interval(effect: Mapping[str, Any], scale: tuple[float, float]) -> Markup:
    """One interval with its likeliest value: filled where it says something, hollow where nought is inside."""
    low, high = scale
    is_sure = not effect["low"] <= 0 <= effect["high"]

    def across(value: float) -> str:
        return f"{4 + 92 * (value - low) / (high - low):.1f}%"

    return Markup(
        '<svg class="cam-interval {}" width="100%" height="22" aria-hidden="true">'
        '<line class="cam-zero" x1="{zero}" x2="{zero}" y1="0" y2="22"/>'
        '<line class="cam-reach" x1="{}" x2="{}" y1="11" y2="11"/><circle cx="{}" cy="11" r="6"/></svg>'
    ).format(
        "sure" if is_sure else "unsure",
        across(effect["low"]),
        across(effect["high"]),
        across(effect["mean"]),
        zero=across(0.0),
    )


def _drawn(kind: str, height: int, said: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="{}" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        kind, height, said, Markup("").join(parts)
    )
