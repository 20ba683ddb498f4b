"""Promoters and detractors of a shop: by month, and by location."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.campaigns.models import Feedback, LocationFeedback
from app.campaigns.moments import id_from, quarter_of
from app.campaigns.promoters import Score, tally
from app.common.clock import zone
from app.common.scope import Scope
from app.merchants.models import Location

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Promoters:
    """``months``: the last twelve, the oldest first, by their first day. ``places``: each location over these months,
    by name. ``year``: all of it."""

    months: Mapping[date, Score]
    places: Mapping[str, Score]
    year: Score


def promoters_of(scope: Scope, *, timezone: str) -> Promoters:
    """What members of the scope's locations said in the last twelve calendar months of ``timezone``.

    Of each member, location and quarter only the latest word counts, as each is asked once: who comes daily and is
    cross, or a fan, does not outvote the others.
    """
    local = scope.now.astimezone(zone(timezone)).date().replace(day=1)
    firsts = [_back(local, months) for months in range(MONTHS - 1, -1, -1)]
    since = datetime(firsts[0].year, firsts[0].month, 1, tzinfo=zone(timezone))
    places = select(Location.id, Location.name).where(Location.merchant_id == scope.merchant_id)
    if scope.location_id is not None:
        places = places.where(Location.id == scope.location_id)
    latest: dict[tuple[str, str, int], tuple[datetime, int]] = {}
    with scope.reading() as tx:
        names = {row.id: row.name for row in tx.session.execute(places.order_by(Location.name))}
        for location_id in names:
            # A range of the index for each location, as everywhere where feedback is listed.
            rows = tx.session.execute(
                select(Feedback.member_id, Feedback.created_at, Feedback.score)
                .join(
                    LocationFeedback,
                    (LocationFeedback.member_id == Feedback.member_id) & (LocationFeedback.feedback_id == Feedback.id),
                )
                .where(LocationFeedback.location_id == location_id, LocationFeedback.feedback_id >= id_from(since))
                .order_by(LocationFeedback.feedback_id)
            )
            for member_id, at, score in rows:
                latest[member_id, location_id, quarter_of(at)] = (at, score)
    by_month: dict[date, list[int]] = defaultdict(list)
    by_place: dict[str, list[int]] = defaultdict(list)
    for (_, location_id, _), (at, score) in latest.items():
        by_month[at.astimezone(zone(timezone)).date().replace(day=1)].append(score)
        by_place[location_id].append(score)
    return Promoters(
        {first: tally(by_month[first]) for first in firsts},
        {name: tally(by_place[location_id]) for location_id, name in names.items()},
        tally(score for _, score in latest.values()),
    )


def _back(first: date, months: int) -> date:
    total = first.year * 12 + first.month - 1 - months
    return date(total // 12, total % 12 + 1, 1)
