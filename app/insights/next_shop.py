"""Which shop a member goes to next, and which one that is new to her.

A mixture of plain guesses, each a chance for every shop: her own visits with four memories (a visit counts half after
so many days), what members do who go to the same shops, and where most members go. How much each guess is worth is
learnt from what came in the last third of the history (92 days at most) by the highest likelihood (expectation and
maximisation), apart for members with one, two … shops. "Who go to the same shops" is the cosine between shops: members
in common over the root of the product of both shops' members; only pairs with at least ten members in common are used,
and of a shop only the twenty nearest, so that the table tells nothing of one member. No shop can buy a place in it.

How it is judged (``benchmarks/models/following.py``): learnt from the first 39 weeks of the Complete Journey, then
every day on which a household came to a store in the last 92 days is a question, for households seen before. *Ahead of
time* all of them are answered from the first 39 weeks alone; *day by day* each from what came before its day. The
favourite so far is the household's most visited stores (the later visited first among equals). Pure NumPy and SciPy,
no database: members and shops are numbers, days proleptic ordinals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, Ints

HALVED = (7.0, 28.0, 91.0, np.inf)
"""After so many days a visit counts half in each memory."""
IN_COMMON = 10
NEAREST = 20
FEWEST_LESSONS = 50
OWN, SIMILAR, POPULAR = "own", "similar", "popular"
_PARTS = len(HALVED) + 2
_GROUPS = 6  # members with one shop, two … six and more
_LEARN_DAYS = 92
_MOST_LESSONS = 20_000
_ROUNDS = 200
_PRIOR = 20.0  # lessons' worth of trust in what holds for all groups


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits in any order; several of a member to a shop on one day are one. ``shops`` is how many there are: their
    numbers run from 0."""

    member: Ints
    shop: Ints
    day: Ints
    shops: int

    def until(self, day: int) -> Visits:
        """Those up to and with a day."""
        kept = self.day <= day
        return Visits(self.member[kept], self.shop[kept], self.day[kept], self.shops)

    def once_a_day(self) -> Visits:
        """Sorted by member, day and shop, each once."""
        if len(self.day) == 0:
            return self
        members, member = np.unique(self.member, return_inverse=True)
        first = int(self.day.min())
        span = int(self.day.max()) - first + 1
        # One number for each row: sorting those is ten times quicker than sorting rows.
        keys = np.unique((member * span + self.day - first) * self.shops + self.shop)
        rest, shop = np.divmod(keys, self.shops)
        who, day = np.divmod(rest, span)
        return Visits(members[who], shop, day + first, self.shops)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Shops with their scores, the likeliest first. ``reason`` is ``own`` for shops she goes to, ``similar`` where
    those who go to the shop ``because`` go there too, ``popular`` where most members do (then ``because`` is −1)."""

    shop: Ints
    score: Floats
    reason: tuple[str, ...]
    because: Ints


@dataclass(frozen=True, slots=True)
class NextShop:
    """What was learnt: the weights of the guesses by group of members, similar shops (rows by ``shop``, the nearest
    first), and each shop's share of the members (nought under ten)."""

    weights: Floats
    shop: Ints
    other: Ints
    nearness: Floats
    popularity: Floats

    def similar(self, shop: int) -> list[tuple[int, float]]:
        """The shops nearest to one, at most twenty, with their nearness (0 to 1)."""
        begin, end = np.searchsorted(self.shop, (shop, shop + 1))
        pairs = zip(self.other[begin:end], self.nearness[begin:end], strict=True)
        return [(int(other), float(near)) for other, near in pairs]

    def table(self) -> list[tuple[int, int, float]]:
        """All of that as rows: shop, other shop, nearness."""
        rows = zip(self.shop.tolist(), self.other.tolist(), self.nearness.tolist(), strict=True)
        return list(rows)

    def scores(self, shops: Ints, days: Ints, today: int, *, is_new: bool = False, most: int | None = None) -> Ranked:
        """Rank the shops for a member by her visits before the day ``today`` (those on it or later are not looked at);
        ``is_new``: only shops that she never came to. Without any visit the most popular come first."""
        before = days < today
        own, guesses = self._guesses(shops[before], days[before], today)
        score = self.weights[min(len(own), _GROUPS)] @ guesses
        if is_new:
            score[own] = -1.0
        order = np.argsort(-score, kind="stable")
        order = order[score[order] > 0][:most]
        because = np.full(len(order), -1, np.int64)
        if len(own):
            part = self.weights[min(len(own), _GROUPS), -2] * guesses[-2]
            is_similar = part[order] > score[order] - part[order]
            for place in np.flatnonzero(is_similar & ~np.isin(order, own)):
                because[place] = self._reason(own, int(order[place]))
        mine = np.isin(order, own)
        reasons = tuple(
            OWN if is_own else SIMILAR if via >= 0 else POPULAR for is_own, via in zip(mine, because, strict=True)
        )
        return Ranked(order, score[order], reasons, because)

    def _guesses(self, shops: Ints, days: Ints, today: int) -> tuple[Ints, Floats]:
        """Her shops, and the chance of every shop by each guess."""
        guesses = np.zeros((_PARTS, len(self.popularity)))
        guesses[-1] = self.popularity
        if len(shops) == 0:
            return np.zeros(0, np.int64), guesses
        own, place = np.unique(shops, return_inverse=True)
        ages = (today - days).astype(np.float64)
        for part, half in enumerate(HALVED):
            # Measured from the last visit, so that a long absence does not leave nought over nought.
            counted = np.bincount(place, weights=0.5 ** ((ages - ages.min()) / half), minlength=len(own))
            guesses[part, own] = counted / counted.sum()
        times = np.sqrt(np.bincount(place, minlength=len(own)))
        for shop, share in zip(own, times / times.sum(), strict=True):
            begin, end = np.searchsorted(self.shop, (shop, shop + 1))
            guesses[-2, self.other[begin:end]] += share * self.nearness[begin:end]
        for part in (-2, -1):
            guesses[part, own] = 0.0
            guesses[part] /= max(float(guesses[part].sum()), 1e-12)
        return own, guesses

    def _reason(self, own: Ints, other: int) -> int:
        """Which of her shops is nearest to the other."""
        rows = np.flatnonzero((self.other == other) & np.isin(self.shop, own))
        return int(self.shop[rows[np.argmax(self.nearness[rows])]]) if len(rows) else -1


def fit(visits: Visits, *, ahead: int = 1) -> NextShop:
    """Learn from visits. ``ahead``: how many days the forecast is made for at a time; the weights are learnt for
    exactly that (1: each day from all that came before it). The same visits give the same weights.

    Raises :class:`HistoryTooShortError` where there are too few visits to learn from.
    """
    history = visits.once_a_day()
    if len(history.day) == 0:
        raise HistoryTooShortError
    first, last = int(history.day.min()), int(history.day.max())
    cut = last - min(_LEARN_DAYS, (last - first + 1) // 3)
    before = _known(history.until(cut))
    chances, groups = [], []
    for guesses, own, asked in _lessons(before, history, cut, ahead):
        chances.append(guesses[:, asked].T)
        groups.append(np.full(len(asked), min(len(own), _GROUPS)))
    if sum(len(one) for one in chances) < FEWEST_LESSONS:
        raise HistoryTooShortError
    now = _known(history)
    weights = _mixture(np.concatenate(chances), np.concatenate(groups))
    return NextShop(weights, now.shop, now.other, now.nearness, now.popularity)


def untaught(visits: Visits) -> NextShop:
    """What is near what, and popular, with every guess worth the same: where there is too little to learn from, or only
    the pairs are asked for."""
    return _known(visits.once_a_day())


def questions(history: Visits, cut: int, ahead: int) -> Iterator[tuple[Visits, int, Ints]]:
    """What is to be answered after the day ``cut``, of members who had come by then: her visits, the day from which on
    nothing of them may be known, and the shops to which she then came (one for each day and shop). ``history`` is as
    :meth:`Visits.once_a_day` gives it."""
    _, begin = np.unique(history.member, return_index=True)
    for start, end in zip(begin, [*begin[1:], len(history.member)], strict=True):
        if history.day[start] > cut:
            continue
        hers = Visits(history.member[start:end], history.shop[start:end], history.day[start:end], history.shops)
        later = hers.day > cut
        known = cut + 1 + (hers.day[later] - cut - 1) // ahead * ahead
        asked = hers.shop[later]
        for today in np.unique(known):
            yield hers, int(today), asked[known == today]


def _lessons(model: NextShop, history: Visits, cut: int, ahead: int) -> Iterator[tuple[Floats, Ints, Ints]]:
    every = int((history.day > cut).sum()) // _MOST_LESSONS + 1
    members = np.unique(history.member)
    chosen = np.isin(history.member, members[:: max(1, every)])  # of a large town a share of its members says enough
    some = Visits(history.member[chosen], history.shop[chosen], history.day[chosen], history.shops)
    for hers, today, asked in questions(some, cut, ahead):
        before = hers.day < today
        own, guesses = model._guesses(hers.shop[before], hers.day[before], today)
        yield guesses, own, asked


def _known(history: Visits) -> NextShop:
    """Similar and popular shops as they stand, with no weights yet."""
    members, member = np.unique(history.member, return_inverse=True)
    been = sparse.csr_matrix(
        (np.ones(len(member)), (member, history.shop)), shape=(len(members), history.shops), dtype=np.float64
    )
    been.data[:] = 1.0
    each = np.asarray(been.sum(axis=0)).ravel()
    common = sparse.coo_matrix(been.T @ been)
    used = (common.row != common.col) & (common.data >= IN_COMMON)
    shop, other = common.row[used].astype(np.int64), common.col[used].astype(np.int64)
    nearness = common.data[used] / np.sqrt(each[shop] * each[other])
    order = np.lexsort((other, -nearness, shop))
    shop, other, nearness = shop[order], other[order], nearness[order]
    begin = np.searchsorted(shop, np.arange(history.shops))
    nearest = np.arange(len(shop)) - begin[shop] < NEAREST
    told = np.where(each >= IN_COMMON, each, 0.0)
    return NextShop(
        np.full((_GROUPS + 1, _PARTS), 1 / _PARTS),
        shop[nearest],
        other[nearest],
        np.asarray(nearness[nearest], np.float64),
        told / max(float(told.sum()), 1.0),
    )


def _mixture(chances: Floats, groups: Ints) -> Floats:
    """The weights of the guesses, for all (row 0) and for each group, the latter held near the former."""
    possible = chances.sum(axis=1) > 0  # a shop that no guess knew teaches nothing
    chances, groups = chances[possible], groups[possible]
    everybody = np.full(chances.shape[1], 1 / chances.shape[1])
    everybody = _likeliest(chances, everybody, everybody, 1.0)
    rows = [everybody]
    rows += [_likeliest(chances[groups == one], everybody, everybody, _PRIOR) for one in range(1, _GROUPS + 1)]
    return np.stack(rows)


def _likeliest(chances: Floats, weights: Floats, centre: Floats, prior: float) -> Floats:
    for _ in range(_ROUNDS):
        shares = chances * weights
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        better = shares.sum(axis=0) + prior * centre
        better /= better.sum()
        if np.abs(better - weights).max() < 1e-6:
            return np.asarray(better, np.float64)
        weights = better
    return weights


def table_of(rows: Iterable[tuple[int, int, float]]) -> tuple[Ints, Ints, Floats]:
    """The rows of :meth:`NextShop.table` as the columns of a :class:`NextShop`."""
    kept = sorted(rows, key=lambda row: (row[0], -row[2], row[1]))
    shop, other, nearness = zip(*kept, strict=True) if kept else ((), (), ())
    return np.array(shop, np.int64), np.array(other, np.int64), np.array(nearness, np.float64)
