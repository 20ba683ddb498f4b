"""A shop's visits by week, as one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from markupsafe import Markup

from app.web.charts import drawing

_HEIGHT = 44.0
_ROOM = 4.0


def draw_weeks(weeks: Sequence[tuple[date, int]]) -> Markup | None:
    """The weeks that are over, as a line from nothing to the most there was; None where nobody ever came."""
    over = [visits for _day, visits in weeks[:-1]]
    most = max(over, default=0)
    if most == 0:
        return None
    points = [(number / (len(over) - 1), 1 - visits / most) for number, visits in enumerate(over)]
    parts = [
        drawing.inner(_ROOM, _HEIGHT - 2 * _ROOM, [drawing.trace(points, "line first")]),
        drawing.level(_HEIGHT - _ROOM, "ground"),
    ]
    said = _(
        "%(weeks)s weeks; %(first)s visits in the first, %(last)s in the last.",
        weeks=len(over),
        first=over[0],
        last=over[-1],
    )
    return drawing.frame(_HEIGHT, said, parts, "spark")
