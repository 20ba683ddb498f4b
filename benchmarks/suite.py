"""The whole suite: what is measured, and what each figure must reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks import counter, importing, reads
from benchmarks.counter import FULL, QUICK, Effort
from benchmarks.databases import Ground

__all__ = ["FULL", "MEASURES", "QUICK", "Effort", "goals", "measure"]

Measure = Callable[[Ground, Effort], dict[str, Any]]
MEASURES: dict[str, tuple[str, Measure]] = {
    "visits": ("POST /pos/visits against a bare view with one statement", counter.against_floor),
    "merchants": ("One merchant against many", counter.one_against_many),
    "import": ("Import against a bulk insert of the same rows", importing.against_floor),
    "reads": ("10 against 10,000 visits behind a card", reads.few_against_many),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, what it must reach, and whether it did."""

    name: str
    figure: float
    bound: str
    is_reached: bool


def measure(kind: str, names: Iterable[str], effort: Effort) -> dict[str, Any]:
    """Take the named measures on one kind of database. Everything that was made for them is gone afterwards."""
    told: dict[str, Any] = {}
    for name in names:
        with Ground(kind) as ground:
            told[name] = MEASURES[name][1](ground, effort)
    return told


def goals(told: dict[str, Any]) -> list[Goal]:
    """What the figures of one database were meant to reach."""
    found: list[Goal] = []

    def least(name: str, figure: float, bound: float) -> None:
        found.append(Goal(name, figure, f"≥ {bound}", figure >= bound))

    def most(name: str, figure: float, bound: float) -> None:
        found.append(Goal(name, figure, f"≤ {bound}", figure <= bound))

    if "visits" in told:
        least("POST /pos/visits, share of the floor", told["visits"]["ratio"], 0.5)
        most("its p99 in p50 of the floor", told["visits"]["p99_to_floor_p50"], 5)
    if "merchants" in told:
        least("one merchant, share of many", told["merchants"]["ratio"], 0.9)
    if "import" in told:
        least("import, share of the floor", told["import"]["ratio"], 0.3)
    for name, one in told.get("reads", {}).items():
        most(f"{name} with 10,000 visits, in those with 10", one["ratio"], 1.2)
    return found
