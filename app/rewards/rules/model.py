"""Rules as the evaluator reads them: compiled once from their JSON documents, immutable, slotted.

Rates are whole numbers over one common denominator (``ProgrammeRules.scale``), so that a visit is evaluated in integer
arithmetic and still exactly. Categories are compared without regard to case, product codes to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

ProgrammeKind = Literal["stamps", "points"]
Per = Literal["visit", "unit", "amount", "item"]
Rounding = Literal["floor", "nearest", "ceil", "carry"]
ExpiryKind = Literal["never", "months", "yearly", "periods"]
QualifyBy = Literal["units", "spend", "visits"]

HUNDRED = 100  # multipliers are kept in hundredths


@dataclass(frozen=True, slots=True)
class EarnRule:
    """One way of earning. ``weight`` is what one visit, unit, minor unit of money or product earns, times the scale."""

    per: Per
    rule: str  # its key in an earning's parts: visit, unit, amount, item:coffee, amount:books, item:sku:4711
    units: str
    step: str | None
    category: str | None
    sku: str | None
    weight: int

    @property
    def of_items(self) -> bool:
        """Whether it looks at the receipt's lines instead of the visit as a whole."""
        return self.category is not None or self.sku is not None


@dataclass(frozen=True, slots=True)
class Caps:
    """Most that is earned: units per visit, visits and units per local day, units ever on one account."""

    visit_units: int | None = None
    day_visits: int | None = None
    day_units: int | None = None
    card_units: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A savings period: local dates, the last ones included."""

    collect_from: date
    collect_to: date
    redeem_from: date
    redeem_to: date


@dataclass(frozen=True, slots=True)
class Expiry:
    """When units end: never, after months, on a day of each year, or with their savings period."""

    kind: ExpiryKind = "never"
    months: int = 0
    month: int = 0
    day: int = 0
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """A level: ``threshold`` in units, visits or minor units of money; ``hundredths`` is its multiplier × 100."""

    key: str
    name: str
    threshold: int
    hundredths: int


@dataclass(frozen=True, slots=True)
class Tiers:
    """Levels over a rolling period of ``months``, lowest threshold first."""

    months: int
    by: QualifyBy
    table: tuple[Tier, ...]
    hundredths: Mapping[str, int]  # by key


@dataclass(frozen=True, slots=True)
class ProgrammeRules:
    """One dated version of a programme's rules."""

    kind: ProgrammeKind
    currency: str
    timezone: str
    zone: ZoneInfo
    goal: int | None  # units that fill a stamp card; points have none
    earn: tuple[EarnRule, ...]
    scale: int
    rounding: Rounding
    exclude_categories: frozenset[str]
    exclude_skus: frozenset[str]
    minimum_minor: int | None
    caps: Caps
    expiry: Expiry
    tiers: Tiers | None
    needs_amount: bool  # every rule is per amount of the whole visit
    needs_items: bool  # some rule looks at the receipt's lines

    @property
    def carries(self) -> bool:
        """Whether the fraction that a visit leaves over counts for the next one."""
        return self.rounding == "carry"


@dataclass(frozen=True, slots=True)
class PromotionRules:
    """An extra earning rule. A condition that is ``None``, empty or false does not restrict."""

    promotion_id: str
    rule: str  # promotion:<id>
    weekdays: frozenset[int]  # ISO, Monday is 1
    hours: tuple[int, int] | None  # minutes of the local day; the end may lie before the start (over midnight)
    date_from: date | None
    date_to: date | None
    first_visit: bool
    birthday_week: bool
    comeback_days: int | None
    tiers: frozenset[str]
    locations: frozenset[str]
    minimum_minor: int | None
    currency: str
    categories: frozenset[str]
    hundredths: int  # multiplier × 100; 0 for a bonus
    bonus: int  # whole units; 0 for a multiplier
    combinable: bool
    needs_local: bool  # looks at the local date or time
