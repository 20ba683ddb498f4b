"""Where a member stands to a shop: one of four groups, and a rung of the loyalty ladder. Pure NumPy.

The groups come of two questions, each with a line (Reinartz and Kumar, "The mismanagement of customer loyalty", 2002):
what stayed of her in the last twelve months, and how often she is expected in the coming twelve. Strangers are below
both lines, butterflies above the first alone, barnacles above the second alone, true friends above both; who stands on
a line is above it.

The rungs. A *customer* came on one or two days, or comes no more. A *client* came on three days or more and still
comes (the chance is at least a half; where no model says it: she is not away for three times her own gap). A
*supporter* is a client who gave a 9 or 10 the last time she was asked, or is among the tenth of the clients who came
most often in the last twelve months. An *advocate* is a client who invited somebody who came and was rewarded for it,
or who put words to her 9 or 10. A *partner* is a client who invited three such people, or did both.
Prospects, who have not come yet, are known as a total only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.insights.purchases import Floats, Ints

STRANGER, BUTTERFLY, FRIEND, BARNACLE = range(4)
CUSTOMER, CLIENT, SUPPORTER, ADVOCATE, PARTNER = range(5)
LEAST_DAYS = 3
LEAST_ALIVE = 0.5
AWAY = 3.0  # times her own gap
GOOD = 9
MANY_INVITED = 3
_TENTH = 0.9
_FALLBACK_VISITS = 2.0
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lines:
    """``visits`` expected in the coming twelve months, ``profit_minor`` of the last twelve."""

    visits: float
    profit_minor: int


def group(expected: Floats, profit: Ints, lines: Lines) -> Ints:
    """The group of each member, as a number."""
    loyal, pays = expected >= lines.visits, profit >= lines.profit_minor
    return np.where(pays, np.where(loyal, FRIEND, BUTTERFLY), np.where(loyal, BARNACLE, STRANGER)).astype(np.int64)


def natural_lines(expected: Floats, profit: Ints, usual_profit_minor: int) -> Lines:
    """The lines that the data set: the middle of those who are expected at least once, in whole visits and at least
    two; the middle of the profits above nothing, in two figures. ``usual_profit_minor`` where there are none."""
    coming = expected[expected >= 1]
    visits = _FALLBACK_VISITS if len(coming) == 0 else max(float(np.rint(np.median(coming))), _FALLBACK_VISITS)
    paying = profit[profit > 0]
    middle = usual_profit_minor if len(paying) == 0 else float(np.median(paying))
    return Lines(visits, max(two_figures(middle), 1))


def rungs(
    *,
    days: Ints,
    visits_year: Ints,
    alive: Floats | None,
    silent: Ints,
    span: Ints,
    score: Ints,
    has_words: Bools,
    invited: Ints,
) -> Ints:
    """The rung of each member, as a number. ``days`` with a visit in all, ``span`` days between the first and the last,
    ``silent`` days since; ``score`` of the last rating (-1: none) and whether it had words; ``invited`` people for whom
    she was rewarded."""
    if alive is None:
        here = silent <= AWAY * np.maximum(span / np.maximum(days - 1, 1), 1.0)
    else:
        here = alive >= LEAST_ALIVE
    client = here & (days >= LEAST_DAYS)
    often = np.zeros(len(days), np.bool_)
    if client.any():
        often = visits_year >= max(float(np.quantile(visits_year[client], _TENTH)), LEAST_DAYS)
    good = score >= GOOD
    told, brought = good & has_words, invited >= 1
    found = np.full(len(days), CUSTOMER, np.int64)
    found[client] = CLIENT
    found[client & (good | often)] = SUPPORTER
    found[client & (told | brought)] = ADVOCATE
    found[client & ((invited >= MANY_INVITED) | (told & brought))] = PARTNER
    return found


def two_figures(amount: float) -> int:
    """An amount to two figures, so that a line stands at a number that people remember."""
    if amount < 1:
        return 0
    unit = 10 ** max(int(np.floor(np.log10(amount))) - 1, 0)
    return int(np.rint(amount / unit)) * int(unit)
