"""The next shop: hits among the first one and three, beside each household's favourites and, for stores that are new to
it, beside popularity. The protocol stands in :mod:`app.insights.next_shop`."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.insights import next_shop
from app.insights.next_shop import Visits
from app.insights.purchases import Ints
from benchmarks.models import journey

HELD_OUT = 92


def visits() -> Visits:
    """The real baskets, stores numbered from 0."""
    found = journey.baskets()
    stores, store = np.unique(found.store, return_inverse=True)
    return Visits(found.household, store, found.day, len(stores)).once_a_day()


def held_out(ahead: int) -> dict[str, Any]:
    """Percentages of hits: ``ahead`` 92 answers all from the first 39 weeks, 1 each day from all before it."""
    every = visits()
    cut = int(every.day.max()) - HELD_OUT
    past = every.until(cut)
    model = next_shop.fit(past, ahead=ahead)
    most_popular = np.argsort(-np.bincount(_distinct(past), minlength=past.shops), kind="stable")
    asked = new = 0
    hits = dict.fromkeys(("ours_1", "ours_3", "favourite_1", "favourite_3", "new_ours_3", "new_popular_3"), 0)
    for hers, today, came in next_shop.questions(every, cut, ahead):
        before = hers.day < today
        shops, days = hers.shop[before], hers.day[before]
        ranked = model.scores(shops, days, today, most=3).shop
        favourites = _favourites(shops, days)
        asked += len(came)
        for many in (1, 3):
            hits[f"ours_{many}"] += int(np.isin(came, ranked[:many]).sum())
            hits[f"favourite_{many}"] += int(np.isin(came, favourites[:many]).sum())
        unknown = came[~np.isin(came, shops)]
        if len(unknown):
            new += len(unknown)
            others = model.scores(shops, days, today, is_new=True, most=3).shop
            popular = most_popular[~np.isin(most_popular, shops)][:3]
            hits["new_ours_3"] += int(np.isin(unknown, others).sum())
            hits["new_popular_3"] += int(np.isin(unknown, popular).sum())
    shares = {name: round(100 * many / (new if name.startswith("new") else asked), 2) for name, many in hits.items()}
    return {"asked": asked, "asked_new": new} | shares


def _distinct(past: Visits) -> Ints:
    return np.asarray(np.unique(np.stack((past.member, past.shop)), axis=1)[1], np.int64)


def _favourites(shops: Ints, days: Ints) -> Ints:
    own, place = np.unique(shops, return_inverse=True)
    last = np.zeros(len(own))
    np.maximum.at(last, place, days)
    return np.asarray(own[np.lexsort((-last, -np.bincount(place)))], np.int64)
