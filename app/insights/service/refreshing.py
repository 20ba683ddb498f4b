"""Bringing what members are worth up to date: in the background, shop by shop, and only where something happened.

Of a shop with new bookings the visits of those members alone are read who were booked for, or of whom a visit has left
the last twelve months; everybody else's history stands in her row. All of a shop's visits are read, and the models
fitted anew, when it has grown by a twentieth. As time passes, the chance that somebody still comes falls: it is worked
out for all members of a shop that is refreshed, and written where it moved by a hundredth. A shop where nothing was
booked is looked at once a week.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from app.common.database import LostRaceError, Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.insights.service.computing import Asked, Outcome, compute
from app.insights.service.reading import OVERLAP, Surroundings, surroundings
from app.insights.service.recommendations import fit_recommendations
from app.insights.service.shops import Joined, Shop, all_shops, merges_since, shop_of, shops_due, shops_of
from app.insights.service.steps import STEPS
from app.insights.service.trades import fit_trades, read_trades
from app.insights.service.working import work_out
from app.insights.service.writing import write
from app.insights.shrinking import ENOUGH

Progress = Callable[[int, int], object]
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many shops were refreshed, of how many the models were fitted anew, how many members those shops have, and
    how many rows were written."""

    shops: int
    fitted: int
    members: int
    written: int
    trades: int


def refresh(
    scope: Scope,
    *,
    merchant_id: str | None = None,
    is_anew: bool = False,
    on_progress: Progress | None = None,
    go_on: Callable[[], object] = lambda: None,
    workers: int = 0,
) -> Refreshed:
    """Refresh one merchant, or all of which something is to be done. The scope is the system's.

    ``is_anew``: read all visits and fit all models, whatever is known. ``on_progress`` is told how many of how many
    shops are done; ``go_on`` is called between two short transactions, may wait a little, and may raise to end it.
    ``workers``: how many other processes may reckon; without any it is done in this one.

    Raises ``NotFoundError`` for a merchant that is not there. A repeat changes nothing.
    """
    with scope.reading() as tx:
        around, trades = surroundings(tx), read_trades(tx)
        joined = _joined(tx)
        shops = _chosen(tx, scope, joined, merchant_id, is_anew=is_anew)
    asked = [Asked(shop, trades.get(shop.trade), frozenset(_members(joined, shop, around)), is_anew) for shop in shops]
    run = _Run(scope, around, on_progress, go_on, workers)
    run.refresh(asked)
    changed = set() if merchant_id is not None else fit_trades(scope, is_anew=is_anew, go_on=go_on)
    if changed:
        run.lean(changed)
    if merchant_id is None:
        fit_recommendations(scope, is_anew=is_anew, go_on=go_on)
    return Refreshed(run.shops, run.fitted, run.members, run.written, len(changed))


class _Run:
    """One refresh under way."""

    def __init__(
        self,
        scope: Scope,
        around: Surroundings,
        on_progress: Progress | None,
        go_on: Callable[[], object],
        workers: int,
    ) -> None:
        self._scope, self._around, self._on_progress, self._go_on = scope, around, on_progress, go_on
        self._workers = workers
        self._done = self._total = 0
        self.shops = self.fitted = self.members = self.written = 0

    def refresh(self, shops: Sequence[Asked], *, is_first: bool = True) -> None:
        """Work out shops and write them, one again where its owner was faster."""
        self._total += len(shops)
        by_id = {asked.shop.merchant_id: asked for asked in shops}
        scope = self._scope
        with closing(work_out(scope.database, scope.now, self._around, shops, self._workers)) as outcomes:
            for outcome in outcomes:
                self._go_on()
                self._settle(by_id[outcome.merchant_id], outcome, is_first=is_first)

    def _settle(self, asked: Asked, outcome: Outcome, *, is_first: bool) -> None:
        scope = self._scope
        for _ in range(_TRIES):
            if write(scope, outcome, self._go_on):
                break
            with scope.reading() as tx:
                shop = shop_of(tx, outcome.merchant_id)
                if shop is None:
                    return
                outcome = compute(tx, scope.now, replace(asked, shop=shop), self._around)
        else:
            raise LostRaceError("somebody keeps changing this shop's lines")
        if is_first:
            for step in STEPS:
                step(scope, outcome.merchant_id, outcome.upto_before, self._go_on)
            self.shops += 1
            self.members += outcome.members
        self.fitted += outcome.was_fitted
        self.written += len(outcome.rows) + len(outcome.gone)
        self._done += 1
        if self._on_progress is not None:
            self._on_progress(self._done, self._total)

    def lean(self, trades: set[str]) -> None:
        """Fit anew the shops that lean to a trade which is another now."""
        with self._scope.reading() as tx:
            known = read_trades(tx)
            leaning = [shop for shop in all_shops(tx) if shop.trade in trades and _leans(shop)]
        self.refresh([Asked(shop, known.get(shop.trade), is_trade_new=True) for shop in leaning], is_first=False)


def _leans(shop: Shop) -> bool:
    standing = shop.standing
    # One with its own model leans as soon as there is a trade to lean to, unless it is large.
    return standing is not None and (standing.basis != "own" or standing.repeaters < ENOUGH)


def _chosen(
    tx: Transaction,
    scope: Scope,
    joined: Mapping[str, Sequence[Joined]],
    merchant_id: str | None,
    *,
    is_anew: bool,
) -> list[Shop]:
    if merchant_id is not None:
        one = shop_of(tx, merchant_id)
        if one is None:
            raise NotFoundError(what="merchant")
        return [one]
    if is_anew:
        return all_shops(tx)
    due = shops_due(tx, scope.now)
    others = (shop_of(tx, each) for each in sorted(joined.keys() - {shop.merchant_id for shop in due}))
    return due + [shop for shop in others if shop is not None and _fresh(joined, shop)]


def _joined(tx: Transaction) -> dict[str, list[Joined]]:
    """At which merchants members were merged or parted since the oldest refresh."""
    merges = merges_since(tx)
    where = shops_of(tx, {member for merge in merges for member in merge.members})
    return {
        merchant_id: [merge for merge in merges if not members.isdisjoint(merge.members)]
        for merchant_id, members in where.items()
    }


def _fresh(joined: Mapping[str, Sequence[Joined]], shop: Shop) -> list[Joined]:
    """What of it a shop's figures have not seen."""
    standing = shop.standing
    return [
        merge
        for merge in joined.get(shop.merchant_id, ())
        if standing is None or merge.at >= standing.refreshed_at - OVERLAP
    ]


def _members(joined: Mapping[str, Sequence[Joined]], shop: Shop, around: Surroundings) -> set[str]:
    members = {member for merge in _fresh(joined, shop) for member in merge.members}
    return members | {around.survivor[member] for member in members if member in around.survivor}
