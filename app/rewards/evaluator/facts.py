"""What the evaluator is told, and what it answers. Plain values: no row, no session, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

Params = Mapping[str, int | str]
NO_PARAMS: Params = {}
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the receipt. ``amount_minor`` is the whole line's, not one piece's."""

    sku: str | None = None
    name: str | None = None
    category: str | None = None
    quantity: int = 1
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit. ``occurred_at`` is aware; ``amount_minor`` in the programme's currency, ≥ 0; ``units`` 1–100."""

    occurred_at: datetime
    amount_minor: int | None = None
    units: int | None = None
    items: tuple[Item, ...] = ()
    location_id: str = ""


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is known of the member in this programme just before the visit; ``needs`` says which of it matters.

    ``visits`` counts earlier visits in this programme. ``day_visits`` and ``day_units`` count what was earned on the
    visit's local day (``rules.local_day`` gives its bounds), ``card_units`` all units ever earned, reversed ones left
    out. ``remainder`` is the account's carried fraction, 0 ≤ remainder < 1.
    """

    visits: int = 0
    last_visit_at: datetime | None = None
    tier: str | None = None
    birthday: tuple[int, int] | None = None  # month, day
    day_visits: int = 0
    day_units: int = 0
    card_units: int = 0
    remainder: Fraction = NOTHING


@dataclass(frozen=True, slots=True)
class Needs:
    """Which facts an evaluation looks at; the others may keep their defaults."""

    day: bool = False
    card_units: bool = False
    visits: bool = False
    last_visit_at: bool = False
    tier: bool = False
    birthday: bool = False
    remainder: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Units that one rule gave. A cap's part is negative."""

    rule: str
    units: int
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limit:
    """Why less was earned, or nothing: ``no_amount``, ``minimum``, ``excluded``, ``cap:day`` …"""

    code: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earning:
    """What one visit earns. ``parts`` sum to ``units`` exactly.

    ``exact`` is the visit's own contribution where fractions are carried, else ``None``; ``remainder`` the account's
    new one. ``expires_at`` is the first moment (UTC) at which the units are gone. ``qualifying`` counts towards tiers,
    in units, visits or minor units of money as the tiers say.
    """

    units: int
    parts: tuple[Part, ...]
    limited: tuple[Limit, ...]
    exact: Fraction | None
    remainder: Fraction
    expires_at: datetime | None
    qualifying: int
    terms: Mapping[str, Any] = field(default_factory=dict)  # what a reversal must know of this moment

    @property
    def reason(self) -> str:
        """One code for a short answer: the first rule that gave units; of none, why: a limit, ``carried`` to the next
        visit, or ``too_little`` for a whole unit."""
        if self.units:
            return self.parts[0].rule
        if self.limited:
            return self.limited[0].code
        return "too_little" if self.exact is None else "carried"

    def snapshot(self) -> dict[str, Any]:
        """A compact JSON-able dict with all that a reversal and an explanation need; empty entries are left out."""
        kept: dict[str, Any] = {"units": self.units}
        if self.parts:
            kept["parts"] = [
                [part.rule, part.units, dict(part.params)] if part.params else [part.rule, part.units]
                for part in self.parts
            ]
        if self.limited:
            kept["limited"] = [
                [limit.code, dict(limit.params)] if limit.params else [limit.code] for limit in self.limited
            ]
        if self.exact is not None:
            kept["exact"] = f"{self.exact.numerator}/{self.exact.denominator}"
        if self.qualifying:
            kept["qualifying"] = self.qualifying
        if self.terms:
            kept.update(self.terms)
        return kept


@dataclass(frozen=True, slots=True)
class Reversal:
    """What undoing a visit, or a part of it, takes back. ``parts`` sum to ``units`` exactly.

    ``remainder`` is the account's carried fraction afterwards; ``qualifying`` what no longer counts towards tiers.
    """

    units: int
    remainder: Fraction
    parts: tuple[Part, ...]
    qualifying: int
