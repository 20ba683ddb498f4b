"""What can be told of a campaign beforehand, and the result of one that was measured, as the office reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from app.campaigns.queries.audience import Audience, audience, chunks, list_members, unwalled, ways_of
from app.campaigns.queries.campaigns import CampaignView
from app.common.clock import zone
from app.common.scope import Scope
from app.insights.uplift import detectable
from app.merchants.models import Merchant
from app.rewards.segments import MemberFilter

AT_MOST = 2.0  # times as many visits on top
LOOKED_AT = 182
"""So many days back it is looked how often people came: what they may do anyhow."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """Whom a campaign would mean as it stands, how many would be left out by lot, and the smallest effect per head
    (visits in ``days``) that would be seen four times of five; None where nothing could be told at all."""

    audience: Audience
    people: int
    control: int
    days: int
    smallest: float | None

    @property
    def treated(self) -> int:
        return self.people - self.control


def prospect(
    scope: Scope,
    wanted: MemberFilter,
    ways: Sequence[str],
    *,
    control_percent: int,
    measure_days: int,
    most: int | None = None,
) -> Prospect:
    """What would come of a campaign to these members by these ways, in totals. Changes nothing.

    How often people come is taken from the last half-year, as often as they came on average: of people who are away
    that is more than they would come now, so it promises rather too little.
    """
    found = audience(scope, wanted, ways)
    people = found.with_consent if most is None else min(most, found.with_consent)
    control = (2 * people * control_percent + 100) // 200
    if not control_percent or not people:
        return Prospect(found, people, control, measure_days, None)
    merchant_id = scope.merchant_id or ""
    counts: list[int] = []
    with unwalled(scope).reading() as tx:
        today = scope.now.astimezone(zone(tx.session.get_one(Merchant, merchant_id).timezone)).date()
        since = (today - date(1970, 1, 1)).days - LOOKED_AT
        for rows in chunks(list_members(tx, scope, merchant_id, wanted)):
            willing = ways_of(tx, merchant_id, [row.member_id for row in rows], ways)
            counts += [sum(day > since for day in row.recent) for row in rows if row.member_id in willing]
    usual = np.array(counts, np.float64) * (measure_days / LOOKED_AT)
    # People differ in how often they come, and chance comes on top.
    mean, spread = float(usual.mean()), float(np.sqrt(usual.var() + usual.mean()))
    smallest = within_reach(detectable(people - control, control, mean, spread), mean)
    return Prospect(found, people, control, measure_days, smallest)


def within_reach(smallest: float | None, mean: float) -> float | None:
    """The smallest effect per head that would be noticed, where a message can have such an effect at all: nobody comes
    more than :data:`AT_MOST` times as often for it as she does. None: it could not be told."""
    return None if smallest is None or smallest > AT_MOST * max(mean, 1.0) else smallest


@dataclass(frozen=True, slots=True)
class Result:
    """A campaign's result, with what the office needs beside it. ``told``: as :func:`app.campaigns.measures.measure`
    keeps it. ``until_weeks``: after so many weeks of absence nothing is to be seen any more."""

    told: dict[str, Any]
    until_weeks: int | None

    @property
    def is_final(self) -> bool:
        return bool(self.told["is_final"])

    @property
    def total(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.told["total"]
        return found

    @property
    def verdict(self) -> str:
        """``helped``, ``harmed`` or ``unsure``, as far as it can be told."""
        total = self.total
        if total is None:
            return "unsure"
        return "helped" if total["low"] > 0 else "harmed" if total["high"] < 0 else "unsure"


def result_of(campaign: CampaignView) -> Result | None:
    """What was measured of a campaign so far; None before the first time."""
    told = dict(campaign.result or {})
    if "treated" not in told:
        return None
    return Result(told, _until_weeks(told))


def _until_weeks(result: dict[str, Any]) -> int | None:
    """After how many weeks of absence nothing is to be seen any more: where the parts before it show an effect and
    this and all later ones don't. None: there is no such point."""
    parts: Sequence[dict[str, Any]] = result.get("parts") or []
    has = [part["effect"] is not None and part["effect"]["low"] > 0 for part in parts]
    if not any(has) or has[-1]:
        return None
    last = max(place for place, it in enumerate(has) if it)
    weeks: int | None = parts[last]["to_weeks"]
    return weeks
