"""What a run of the simulator comes to: given, cost and owed under both sets of rules, and who gains and loses."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from app.rewards.configuration import MerchantConfig, ProgrammeConfig, RewardConfig
from app.rewards.evaluator import Earning
from app.rewards.rules import ProgrammeRules
from app.rewards.simulator.replay import Line

LISTED = 50
_BANDS = 3


def worth_of(reward: RewardConfig, average_minor: int | None) -> Fraction | None:
    """What a reward is worth in minor units; a percentage of the average purchase. None where nobody can tell."""
    if reward.amount_minor is not None:
        return Fraction(reward.amount_minor)
    if reward.percent is not None and average_minor is not None:
        return Fraction(reward.percent * average_minor, 100)
    return None


def unit_worth(
    config: MerchantConfig, programme: ProgrammeConfig, rules: ProgrammeRules, average_minor: int | None
) -> Fraction | None:
    """What one unit is worth in minor units of money under ``rules``: its part of a full card's reward, or the middle
    of what the programme's rewards give for one. None where no reward says its worth."""
    full = config.rewards.get(programme.full_card_reward_id or "")
    if rules.goal is not None and full is not None:
        worth = worth_of(full, average_minor)
        return None if worth is None else worth / rules.goal
    known = sorted(
        worth / reward.cost
        for reward in config.rewards.values()
        if reward.programme_id == programme.id and reward.is_active
        for worth in (worth_of(reward, average_minor),)
        if worth is not None
    )
    return known[len(known) // 2] if known else None


@dataclass(slots=True)
class Figures:
    """What one set of rules comes to."""

    units: int = 0
    visits: int = 0  # that earned something
    cards: int = 0
    expired: int = 0
    missed: int = 0
    balance: int = 0  # of those whose visits were run

    def add(self, line: Line) -> None:
        """Count one more member."""
        self.units += line.earned
        self.cards += line.cards
        self.expired += line.expired
        self.missed += line.missed
        self.balance += line.balance


@dataclass(slots=True)
class Tally:
    """Both sets of rules, member by member. ``worth`` holds what a unit is worth in each."""

    worth: tuple[Fraction | None, Fraction | None]
    now: Figures = field(default_factory=Figures)
    draft: Figures = field(default_factory=Figures)
    members: int = 0
    visits: int = 0
    amounts: int = 0
    amount_minor: int = 0
    _changes: list[Fraction] = field(default_factory=list)
    _reasons: dict[str, Counter[str]] = field(default_factory=lambda: {"gain": Counter(), "lose": Counter()})
    _most: list[tuple[Fraction, str, int, int]] = field(default_factory=list)
    _least: list[tuple[Fraction, str, int, int]] = field(default_factory=list)

    def add(
        self, member_id: str, lines: tuple[Line, Line], earnings: Iterable[Sequence[Earning]], amounts: Iterable[int]
    ) -> None:
        """Count one member who had visits."""
        before, after = lines
        self.now.add(before)
        self.draft.add(after)
        self.members += 1
        for old, new in earnings:
            self.visits += 1
            self.now.visits += bool(old.units)
            self.draft.visits += bool(new.units)
            if new.units < old.units:
                self._reasons["lose"][_reason(new, old)] += 1
            elif new.units > old.units:
                self._reasons["gain"][_reason(old, new)] += 1
        for amount in amounts:
            self.amounts += 1
            self.amount_minor += amount
        change = self._change(before, after)
        self._changes.append(change)
        if change > 0:
            _keep(self._most, (change, member_id, before.earned, after.earned))
        elif change < 0:
            _keep(self._least, (-change, member_id, before.earned, after.earned))

    def told(self) -> dict[str, Any]:
        """The figures as a JSON document. Money in minor units; without a unit's worth there is none."""
        gains = sorted(change for change in self._changes if change > 0)
        losses = sorted(-change for change in self._changes if change < 0)
        return {
            "members": self.members,
            "visits": self.visits,
            "average_minor": None if not self.amounts else round(self.amount_minor / self.amounts),
            "in_money": None not in self.worth,
            "winners": len(gains),
            "losers": len(losses),
            "same": self.members - len(gains) - len(losses),
            "gains": _bands(gains),
            "losses": _bands(losses),
            "reasons": {side: counter.most_common(3) for side, counter in self._reasons.items()},
            "most": _listed(self._most),
            "least": _listed(self._least),
        }

    def _change(self, before: Line, after: Line) -> Fraction:
        old, new = self.worth
        if old is None or new is None:
            return Fraction(after.earned - before.earned)
        return after.earned * new - before.earned * old


def figures(one: Figures, worth: Fraction | None, *, card_worth: Fraction | None, owed_units: int) -> dict[str, Any]:
    """One set of rules as a JSON document. ``card_worth`` is a full card's, None where cards are not filled: then what
    was given costs what its units are worth."""
    cost = None
    if card_worth is not None:
        cost = one.cards * card_worth
    elif worth is not None:
        cost = one.units * worth
    return {
        "units": one.units,
        "visits": one.visits,
        "cards": one.cards,
        "expired": one.expired,
        "missed": one.missed,
        "cost_minor": None if cost is None else round(cost),
        "owed_units": owed_units,
        "owed_minor": None if worth is None else round(owed_units * worth),
    }


def _reason(less: Earning, more: Earning) -> str:
    """Why one earning is smaller than the other: a limit that cut it, else the rule that gave more."""
    if less.limited:
        return less.limited[0].code
    return "rate" if not more.parts else more.parts[0].rule.split(":")[0]


def _keep(kept: list[tuple[Fraction, str, int, int]], row: tuple[Fraction, str, int, int]) -> None:
    if len(kept) < LISTED:
        heapq.heappush(kept, row)
    else:
        heapq.heappushpop(kept, row)


def _listed(kept: Iterable[tuple[Fraction, str, int, int]]) -> list[list[Any]]:
    return [[member_id, old, new, round(change)] for change, member_id, old, new in sorted(kept, reverse=True)]


def _bands(changes: Sequence[Fraction]) -> list[list[int]]:
    """Up to three groups from the smallest change to the greatest: the most that one of it changes, and how many."""
    if not changes:
        return []
    width = changes[-1] / _BANDS
    found = []
    for band in range(1, _BANDS + 1):
        inside = [change for change in changes if width * (band - 1) < change <= width * band]
        if inside:
            found.append([round(inside[-1]), len(inside)])
    return found
