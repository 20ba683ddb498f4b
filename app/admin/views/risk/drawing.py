"""The evidence of each rule as a small picture: what happened when, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from markupsafe import Markup

from app.admin.views.risk.words import finding
from app.common.clock import zone
from app.risk.queries.cases import CaseView
from app.web.charts import drawing
from app.web.charts.scales import percent, pixel

HEIGHT = 28.0
_MIDDLE, _GROUND, _TALL = 14.0, 24.0, 18.0
_MOST_BARS, _MOST_DOTS = 60, 12
_LONGEST = 14  # letters of a place's name


def evidence(view: CaseView) -> Markup:
    """The picture of a case, with its words for who can't see it."""
    draw = {
        "staff_card": _strip,
        "far_apart": _two_places,
        "reversed": _undone,
        "night": _day,
        "guessing": _filled,
        "welcome": _dots,
    }.get(view.case.rule, _marks)
    return drawing.frame(HEIGHT, finding(view), draw(view), "evidence")


def _strip(view: CaseView) -> list[Markup]:
    """All awards of the person in their order; those to the one card in red."""
    strip = [bool(one) for one in view.case.evidence.get("strip", ())][-_MOST_BARS:]
    wide = 1 / max(1, len(strip))
    return [
        _bar(number * wide, wide * 0.72, _MIDDLE - 9, 18, "mine" if is_mine else "other")
        for number, is_mine in enumerate(strip)
    ]


def _two_places(view: CaseView) -> list[Markup]:
    rows = view.case.evidence["rows"]
    there = zone(view.timezone)
    labels = [
        f"{_short(view.places.get(row[3], ''))} {_moment(row[0]).astimezone(there):%H:%M}"
        for row in (rows[0], rows[-1])
    ]
    return [
        _line(0.03, 0.97, _MIDDLE + 8, "between"),
        _dot(0.02, _MIDDLE + 8),
        _dot(0.98, _MIDDLE + 8),
        drawing.text(0.0, _MIDDLE, labels[0], "axis"),
        drawing.text(1.0, _MIDDLE, labels[1], "axis", "end"),
    ]


def _undone(view: CaseView) -> list[Markup]:
    y = _MIDDLE + 5
    return [
        _box(0.01, "given"),
        drawing.text(0.08, y, _("given"), "axis"),
        _line(0.37, 0.4, _MIDDLE, "between"),
        _box(0.42, "back"),
        drawing.text(0.49, y, _("then undone"), "axis"),
        drawing.text(0.99, y, f"{view.case.score} ×", "strong", "end"),
    ]


def _day(view: CaseView) -> list[Markup]:
    """A day from midnight to midnight: when it is open, and when there was an award."""
    there = zone(view.case.evidence.get("timezone", view.timezone))
    parts = [
        _bar(_clock(opens), max(0.0, _clock(closes) - _clock(opens)), 5, _GROUND - 5, "open")
        for opens, closes in view.case.evidence.get("open", ())
    ]
    parts.append(drawing.level(_GROUND, "ground"))
    for row in view.case.evidence["rows"]:
        at = _moment(row[0]).astimezone(there)
        parts.append(_bar((at.hour * 60 + at.minute) / 1440, 0.006, _GROUND - _TALL, _TALL, "mine"))
    return parts


def _filled(view: CaseView) -> list[Markup]:
    """How much of what is allowed at all was tried."""
    most = max(int(view.case.evidence.get("most", 1)), 1)
    share = min(view.case.score / most, 1.0)
    return [
        _bar(0, 1, _MIDDLE - 6, 12, "other"),
        _bar(0, share, _MIDDLE - 6, 12, "mine"),
        _line(view.case.soft / most, view.case.soft / most + 0.002, _MIDDLE, "between"),
    ]


def _dots(view: CaseView) -> list[Markup]:
    count = min(int(view.case.evidence["all"]), _MOST_DOTS)
    places = [0.03 + 0.94 * number / max(1, count - 1) for number in range(count)]
    return [_line(0.03, 0.97, _MIDDLE, "between"), *(_dot(place, _MIDDLE) for place in places)]


def _marks(view: CaseView) -> list[Markup]:
    """When each visit was, from the first to the last."""
    moments = [_moment(row[0]) for row in view.case.evidence["rows"]]
    bars = (_bar(place, 0.008, _GROUND - _TALL, _TALL, "mine") for place in _places(moments))
    return [drawing.level(_GROUND, "ground"), *bars]


def _places(moments: Sequence[datetime]) -> list[float]:
    first, last = min(moments), max(moments)
    whole = (last - first).total_seconds() or 1
    return [0.05 + 0.9 * (moment - first).total_seconds() / whole for moment in moments]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(text: str) -> float:
    return (int(text[:2]) * 60 + int(text[3:])) / 1440


def _bar(left: float, width: float, top: float, height: float, kind: str) -> Markup:
    return Markup('<rect x="{}" width="{}" y="{}" height="{}" class="{}"></rect>').format(
        percent(left), percent(width), pixel(top), pixel(height), kind
    )


def _line(left: float, right: float, y: float, kind: str) -> Markup:
    return Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="{}"></line>').format(
        percent(left), percent(right), pixel(y), pixel(y), kind
    )


def _dot(x: float, y: float) -> Markup:
    return Markup('<circle cx="{}" cy="{}" r="5" class="mine"></circle>').format(percent(x), pixel(y))


def _box(x: float, kind: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="13" height="13" class="{}"></rect>').format(
        percent(x), pixel(_MIDDLE - 7), kind
    )
