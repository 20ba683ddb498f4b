"""The map: every member of a business by expected visits and by profit, and the lines that part four groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.common.scope import Scope
from app.insights.models import RelationshipSetting
from app.insights.queries import value

UNKNOWN = (6.0, 4500)  # lines of a map that nobody is on yet


@dataclass(frozen=True, slots=True)
class Lines:
    """From where on somebody is expected to come often, in visits of the coming twelve months, and from where on she
    is worth it, in minor units of profit of the last twelve. ``is_dragged``: an owner put one of them there."""

    visits: float
    profit_minor: int
    is_dragged: bool

    def group(self, visits: float, profit_minor: int) -> str:
        """The group that lies there; a line belongs to what is above it."""
        if profit_minor >= self.profit_minor:
            return "friend" if visits >= self.visits else "butterfly"
        return "barnacle" if visits >= self.visits else "stranger"


@dataclass(frozen=True, slots=True)
class Dots:
    """All members in the order of their ids: expected visits, and profit in minor units."""

    members: Sequence[str]
    visits: Sequence[float]
    profits: Sequence[int]


@dataclass(frozen=True, slots=True)
class Standing:
    """One group as it stands: how many, and their profit of the last twelve months in minor units."""

    members: int
    profit_minor: int


@dataclass(frozen=True, slots=True)
class Look:
    """All that the map is drawn from. ``basis`` is one of :data:`app.insights.models.BASES`, None before the first
    night."""

    basis: str | None
    dots: Dots
    lines: Lines

    @property
    def groups(self) -> dict[str, Standing]:
        """The four groups by the lines in force."""
        members = dict.fromkeys(("friend", "butterfly", "barnacle", "stranger"), 0)
        profits = dict.fromkeys(members, 0)
        for visits, profit in zip(self.dots.visits, self.dots.profits, strict=True):
            key = self.lines.group(visits, profit)
            members[key] += 1
            profits[key] += profit
        return {key: Standing(members[key], profits[key]) for key in members}


def dots_of(scope: Scope) -> Dots:
    """The members of the scope's merchant, one row each; none where too little is known to expect anything."""
    with scope.reading() as tx:
        found = value.dots(tx, scope.merchant_id or "")
    rows = sorted(zip(found.member_id, found.expected_visits, found.profit_minor, strict=True))
    return Dots([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def look_of(scope: Scope) -> Look:
    """The map of the scope's merchant."""
    with scope.reading() as tx:
        model = value.model_of(tx, scope.merchant_id or "")
        found = value.lines_of(tx, scope.merchant_id or "")
        setting = tx.session.get(RelationshipSetting, scope.merchant_id)
    is_dragged = setting is not None and (setting.visits_line is not None or setting.profit_line_minor is not None)
    if model is None or found is None:
        return Look(None, Dots((), (), ()), Lines(*UNKNOWN, is_dragged=is_dragged))
    return Look(model.basis, dots_of(scope), Lines(found.visits, found.profit_minor, is_dragged))
