"""The whole suite: what is measured, and what each figure must reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks import counter, importing, reads, shops
from benchmarks.counter import FULL, QUICK, Effort
from benchmarks.databases import Ground
from benchmarks.insights import refreshing
from benchmarks.member import auditing
from benchmarks.models import judging
from benchmarks.office import measuring
from benchmarks.tablet import answering, decoding, starting

__all__ = ["FULL", "MEASURES", "ONCE", "QUICK", "Effort", "goals", "measure"]

Measure = Callable[[Ground, Effort], dict[str, Any]]
MEASURES: dict[str, tuple[str, Measure]] = {
    "visits": ("POST /pos/visits against a bare view with one statement", counter.against_floor),
    "merchants": ("One merchant against many", counter.one_against_many),
    "import": ("Import against a bulk insert of the same rows", importing.against_floor),
    "reads": ("10 against 10,000 visits behind a card", reads.few_against_many),
    "shops": ("GET /shops?near= against one indexed query", shops.nearest_against_floor),
    "answer": ("The tablet: from a code to its answer", answering.code_to_answer),
    "office": ("The back office of a shop with 1,000,000 visits against one with 1,000", measuring.large_against_small),
    "insights": ("Refreshing what 100,000 members of 1,000 shops are worth", refreshing.refresh_in_times),
}
# What no database has a part in, measured once.
ONCE: dict[str, tuple[str, Callable[[Effort], dict[str, Any]]]] = {
    "decoding": ("The tablet: reading codes beside other decoders", decoding.against_libraries),
    "start": ("The tablet: first load, and starting without a network", starting.first_and_offline),
    "audit": ("The members' app and a shop's public page, by Lighthouse", auditing.by_lighthouse),
    "models": ("The models of customer value on real histories", judging.on_real_histories),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, what it must reach, and whether it did."""

    name: str
    figure: float
    bound: str
    is_reached: bool


def measure(kind: str, names: Iterable[str], effort: Effort) -> dict[str, Any]:
    """Take the named measures on one kind of database, those of ``ONCE`` without it. Everything that was made for them
    is gone afterwards."""
    told: dict[str, Any] = {}
    for name in names:
        if name in ONCE:
            told[name] = ONCE[name][1](effort)
            continue
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
    if "shops" in told:
        most("GET /shops?near=, in times of the floor", told["shops"]["ratio"], 2)
        most("its search alone, in times of the floor's query", told["shops"]["search_ratio"], 2)
    if "answer" in told:
        most("code to answer, ms", told["answer"]["ms"], 150)
        most("growth of the page's objects", told["answer"]["heap_mb_growth"], 0.1)
        most("growth of the page's process", told["answer"]["process_mb_growth"], 0.1)
    if "office" in told:
        for page, one in told["office"]["pages"].items():
            most(f"{page}, in times of the small shop's", one["ratio"], 3)
        most("the simulator over 90 days, s", told["office"]["simulator_seconds"], 20)
        most("pages that could not be measured", len(told["office"]["without_an_answer"]), 0)
    if "insights" in told:
        most("a refresh of 1,000 shops, min", told["insights"]["minutes_for_1000_shops"], 10)
        most("a scan's p99 meanwhile, in times of that without", told["insights"]["p99_ratio"], 1.5)
        most("with 1 % new, share of that", told["insights"]["share_of_one_percent"], 0.1)
    if "start" in told:
        most("first load without the decoder, kB", told["start"]["first_load_kb"], 250)
        most("start without a network, ms", told["start"]["offline_start_ms"], 1000)
    if "decoding" in told:
        codes = told["decoding"]["our_codes"]
        most("frame to code, ms", codes["ours"]["ms"], 25)
        least("our codes read, per cent", codes["ours"]["percent"], 95)
        others = {name: one["percent"] for name, one in codes.items() if not name.startswith("ours")}
        least("ahead of the best other decoder, points", round(codes["ours"]["percent"] - max(others.values()), 1), 0.1)
        most("codes read that are not there", told["decoding"]["wrong"]["ours"], 0)
    if "models" in told:
        found.extend(_models(told["models"]))
    for page, one in told.get("audit", {}).items():
        if page == "not_installable":
            most("what keeps the app from being installed", len(one), 0)
            continue
        for category in ("seo",) if page == "public" else ("performance", "accessibility", "best_practices"):
            least(f"{page}: {category.replace('_', ' ')}", one[category], 95)
    return found


def _models(told: dict[str, Any]) -> list[Goal]:
    found: list[Goal] = []

    def below(name: str, figure: float, bound: float) -> None:
        found.append(Goal(name, figure, f"< {bound}", figure < bound))

    def above(name: str, figure: float, bound: float) -> None:
        found.append(Goal(name, figure, f"> {bound}", figure > bound))

    cdnow = told["cdnow"]
    for model, facts in (("BG/NBD", cdnow["bgnbd"]), ("Gamma-Gamma", cdnow["gamma_gamma"])):
        off = max(one["off_percent"] for one in facts["estimates"].values())
        found.append(Goal(f"{model} on CDNOW, per cent off", off, "≤ 1", off <= 1))
    off = round(abs(cdnow["log_likelihood"] + 9582.4), 3)
    found.append(Goal("log-likelihood, off", off, "≤ 0.1", off <= 0.1))
    for model, ratio in cdnow["ratio"].items():
        found.append(Goal(f"fit of {model}, in times of the floor", ratio, "≤ 3", ratio <= 3))
    for name, what, repeat, plain, auc in (
        ("cards", "per card", 4.477, 4.534, 0.873),
        ("cards_and_shops", "per card and shop", 1.851, 1.884, 0.850),
    ):
        below(f"error {what}, repeating the last 92 days", told[name]["ours"]["mae"], repeat)
        below(f"error {what}, plain BG/NBD", told[name]["ours"]["mae"], plain)
        above(f"AUC {what}", told[name]["ours"]["auc"], auc)
    for name, what in (("next_shop_ahead", "92 days ahead"), ("next_shop_daily", "day by day")):
        one = told[name]
        above(f"next shop {what}, hit@1", one["ours_1"], max(68.1, one["favourite_1"]))
        above(f"next shop {what}, hit@3", one["ours_3"], max(87.5, one["favourite_3"]))
        above(f"new shop {what}, hit@3 beside popularity", one["new_ours_3"], one["new_popular_3"])
    above("redeemers, AUC beside the list", told["campaigns"]["ours"], told["campaigns"]["listed"])
    above("redeemers, AUC beside RFM", told["campaigns"]["ours"], told["campaigns"]["rfm"])
    return found
