"""The map: every member of a business by expected visits and by profit, and the lines that part four groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """Members in the order of their ids: expected visits, and profit in minor units."""

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
    night. ``dots`` are all members, or an even sample without their ids where there are more than a page draws
    (:data:`app.insights.queries.value.MOST_DRAWN`); ``groups`` are the four groups with all their members."""

    basis: str | None
    dots: Dots
    lines: Lines
    groups: Mapping[str, Standing]

    @property
    def members(self) -> int:
        """How many members there are on the map."""
        return sum(one.members for one in self.groups.values())


def dots_of(scope: Scope) -> Dots:
    """The members of the scope's merchant, one row each; none where too little is known to expect anything."""
    with scope.reading() as tx:
        return _sorted(value.dots(tx, scope.merchant_id or ""))


def look_of(scope: Scope) -> Look:
    """The map of the scope's merchant."""
    merchant_id = scope.merchant_id or ""
    with scope.reading() as tx:
        model = value.model_of(tx, merchant_id)
        found = value.lines_of(tx, merchant_id)
        setting = tx.session.get(RelationshipSetting, scope.merchant_id)
        is_dragged = setting is not None and (setting.visits_line is not None or setting.profit_line_minor is not None)
        if model is None or found is None:
            return Look(None, Dots((), (), ()), Lines(*UNKNOWN, is_dragged=is_dragged), _standing({}))
        drawn = model.drawn or {}
        groups = _standing(drawn["groups"] if drawn else value.standing(tx, merchant_id))
        if sum(one.members for one in groups.values()) > value.MOST_DRAWN and drawn:
            dots = Dots((), drawn["visits"], drawn["profits"])
        else:
            dots = _sorted(value.dots(tx, merchant_id))
    return Look(model.basis, dots, Lines(found.visits, found.profit_minor, is_dragged), groups)


def _sorted(found: value.Dots) -> Dots:
    rows = sorted(zip(found.member_id, found.expected_visits, found.profit_minor, strict=True))
    return Dots([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def _standing(counted: Mapping[str, tuple[int, int]]) -> dict[str, Standing]:
    return {key: Standing(*counted.get(key, (0, 0))) for key in ("friend", "butterfly", "barnacle", "stranger")}
