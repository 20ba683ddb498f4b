"""The net promoter score of what members said, with what chance leaves open. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

PROMOTER, DETRACTOR = 9, 6  # from, and up to, of 10
ENOUGH = 10
_Z = 1.959963984540054
_ADDED = 3.0


@dataclass(frozen=True, slots=True)
class Score:
    """How many would recommend a shop (9 and 10), how many wouldn't (0 to 6), and who is in between."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def answers(self) -> int:
        """All of them."""
        return self.promoters + self.passives + self.detractors

    @property
    def is_enough(self) -> bool:
        """Whether a score says anything: from ten answers on."""
        return self.answers >= ENOUGH

    @property
    def net(self) -> float:
        """Promoters less detractors, as a share of all in per cent: from -100 to 100; 0 without answers."""
        return 100.0 * (self.promoters - self.detractors) / self.answers if self.answers else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Between which two the score of everybody lies, in 95 of 100 cases, in per cent.

        The adjusted Wald interval with three answers added, a quarter of them promoters, a quarter detractors (B.
        Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70, 2016): it keeps its word
        for few answers too, and never shrinks to a point where all said the same.
        """
        total = self.answers + _ADDED
        up, down = (self.promoters + _ADDED / 4) / total, (self.detractors + _ADDED / 4) / total
        middle = up - down
        spread = _Z * math.sqrt(max(up + down - middle * middle, 0.0) / total)
        return 100.0 * max(middle - spread, -1.0), 100.0 * min(middle + spread, 1.0)


def tally(scores: Iterable[int]) -> Score:
    """Count scores from 0 to 10."""
    promoters = passives = detractors = 0
    for score in scores:
        if score >= PROMOTER:
            promoters += 1
        elif score > DETRACTOR:
            passives += 1
        else:
            detractors += 1
    return Score(promoters, passives, detractors)
