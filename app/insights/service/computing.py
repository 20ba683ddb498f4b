"""Working out one shop: reads, reckons, and says what is to be written. Writes nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from app.common.clock import zone
from app.common.database import Transaction
from app.insights import bgnbd, valuing
from app.insights.bgnbd import BgNbd
from app.insights.gamma_gamma import GammaGamma
from app.insights.histories import NOBODY, YEAR, Histories, Visits, gather, replace_some
from app.insights.local_time import day_number
from app.insights.models import GROUPS, RUNGS
from app.insights.personas import Kind, find_kinds, habits, nearest_kind
from app.insights.purchases import Floats, Ints
from app.insights.relationships import Bools, Lines, group, natural_lines, rungs
from app.insights.service import reading
from app.insights.service.money import Basket, Spent, basket_for, cost_of, hardly_differ, rates, spent_on, taken_in_year
from app.insights.service.months import LOOKED_BACK, Past, look_back, moved_groups, moved_rungs
from app.insights.service.reading import Surroundings
from app.insights.service.rows import (
    Seen,
    ValueRow,
    histories_of,
    history_columns,
    read_kinds,
    read_rows,
    read_shown,
)
from app.insights.service.shops import Shop, Standing
from app.insights.service.trades import Trade
from app.insights.shrinking import estimate_coming, estimate_spending
from app.insights.valuing import Costs, Outlook, outlook, profits
from app.rewards.shop_members.relations import Relation

GROWN = 0.05
"""By how much a shop must have grown before it is fitted anew."""
_LEAST_MOVE = 0.01  # of the chance, and of what is expected: less than that is not written
_LOOKED_BACK_DAYS = 31 * (LOOKED_BACK + 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be written of one shop. ``revision`` is of the owner's settings that it was reckoned with."""

    merchant_id: str
    revision: int
    rows: list[tuple[str, ValueRow]]
    gone: list[str]
    relations: list[Relation]
    model: dict[str, Any]
    months: list[dict[str, Any]]
    rung_months: list[dict[str, Any]]
    kinds: list[Kind] | None
    members: int
    was_fitted: bool
    upto_before: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One shop to work out. ``joined`` are members of it who were merged or parted; ``is_anew``: read everything and
    fit; ``is_trade_new``: its trade's model is another one, so fit, from what is known."""

    shop: Shop
    trade: Trade | None
    joined: frozenset[str] = frozenset()
    is_anew: bool = False
    is_trade_new: bool = False


def compute(tx: Transaction, now: datetime, asked: Asked, around: Surroundings) -> Outcome:
    """Work out one shop as it stands at a moment."""
    return _Working(tx, now, asked, around).outcome()


class _Working:
    """One shop on one snapshot."""

    def __init__(self, tx: Transaction, now: datetime, asked: Asked, around: Surroundings) -> None:
        self._tx, self._now, self._asked, self._around = tx, now, asked, around
        self._shop = asked.shop
        self._id = asked.shop.merchant_id
        self._timezone = asked.shop.timezone
        self._local = now.astimezone(zone(self._timezone)).date()
        self._today = day_number(self._local.isoformat())
        self._stored = read_rows(tx, self._id)
        self._upto = reading.newest(tx, self._id)
        self._ratings = reading.ratings(tx, self._id, around)
        self._has_moved = np.zeros(0, np.bool_)
        nobody = np.zeros(0, np.int64)
        self._seen: tuple[Visits, Histories] = Visits([], nobody, nobody, nobody), NOBODY

    def outcome(self) -> Outcome:
        """Reckon, and say what is to be written."""
        shop, standing, today = self._shop, self._shop.standing, self._today
        known, visits, is_fitting = self._histories(standing)
        basket = basket_for(self._tx, shop, known, self._local)
        is_first = standing is None and visits is not None
        spent = spent_on(
            self._tx,
            shop,
            self._around,
            basket,
            today=self._local,
            since=today - YEAR + 1 - (_LOOKED_BACK_DAYS if is_first else 0),
            now=self._now,
        )
        costs = rates(shop, known, spent, today)
        is_settled = standing is not None and not is_fitting
        if standing is not None and not is_fitting:
            is_settled = hardly_differ(costs, standing.costs, basket)
            costs = standing.costs if is_settled else costs
        coming, spending, basis = self._models(known, standing, is_fitting)
        told = None
        if coming is not None:
            needs = partial(self._moved, known) if is_settled else None
            summary = known.summary(today)
            told = outlook(coming, spending, summary, basket_minor=basket.minor, costs=costs, needs=needs)
        cost = cost_of(known, spent, today)
        profit = self._profit(known, cost, basket, costs)
        natural = standing.lines if standing is not None and not is_fitting else None
        if natural is None:
            expected = np.zeros(len(known.members)) if told is None else told.visits
            natural = natural_lines(expected, profit, basket.minor * costs.margin_percent // 100)
        past = None
        if is_first and visits is not None:
            past = self._look_back(visits, coming, natural, basket, costs, spent)
        kinds, kind_of = self._kinds(known, visits, spent)
        rows = self._rows(known, told, profit, cost, natural, kind_of, past, is_settled=is_settled)
        return self._told(known, rows, natural, basket, costs, (coming, spending, basis), kinds, past, is_fitting)

    def _profit(self, known: Histories, cost: Ints, basket: Basket, costs: Costs) -> Ints:
        return profits(
            known.spend, known.unpriced, cost, basket_minor=basket.minor, margin_percent=costs.margin_percent
        )

    def _look_back(
        self, visits: Visits, coming: BgNbd | None, natural: Lines, basket: Basket, costs: Costs, spent: Spent
    ) -> Past:
        """How it was at the ends of the months before, by the models of today."""

        def judge(known: Histories, day: int) -> list[tuple[str | None, str, int]]:
            if not known.members:
                return []
            profit = self._profit(known, cost_of(known, spent, day, with_mails=False), basket, costs)
            groups: list[str | None] = [None] * len(known.members)
            still = None
            if coming is not None:
                summary = known.summary(day)
                still, expected = bgnbd.alive(coming, summary), bgnbd.expected(coming, summary, valuing.YEAR)
                groups = [GROUPS[one] for one in group(expected, profit, self._shop.lines(natural)).tolist()]
            steps = [RUNGS[one] for one in self._rungs(known, still, day).tolist()]
            return list(zip(groups, steps, profit.tolist(), strict=True))

        return look_back(self._id, visits, self._local, judge)

    def _kinds(self, known: Histories, visits: Visits | None, spent: Spent) -> tuple[list[Kind] | None, dict[str, int]]:
        """The shop's kinds of customers where all visits were read (None: they stay), and of which kind each of those
        is whose visits were read."""
        taken = taken_in_year(spent, self._today)
        if visits is not None:
            kinds, numbers = find_kinds(habits(visits, known, taken, self._today))
            return kinds, dict(zip(known.members, numbers.tolist(), strict=True))
        seen, fresh = self._seen
        if not fresh.members:
            return None, {}
        kinds = read_kinds(self._tx, self._id)
        numbers = nearest_kind(habits(seen, fresh, taken, self._today), kinds)
        return None, dict(zip(fresh.members, numbers.tolist(), strict=True))

    def _histories(self, standing: Standing | None) -> tuple[Histories, Visits | None, bool]:
        """The members' histories, the visits where all of them were read, and whether the shop is to be fitted."""
        if standing is None or standing.upto is None or self._asked.is_anew:
            return self._whole()
        known = histories_of(self._stored)
        before = day_number(standing.refreshed_at.astimezone(zone(self._timezone)).date().isoformat())
        left = tuple(reading.beginning_of(day - YEAR + 1, self._timezone) for day in (before, self._today))
        members = reading.touched(self._tx, self._id, self._around, after=standing.upto, left_year=(left[0], left[1]))
        members |= self._asked.joined
        if members:
            seen = reading.visits_of(self._tx, self._id, self._timezone, self._around, members)
            self._seen = seen, gather(seen, self._today)
            known = replace_some(known, members, self._seen[1])
        if abs(known.days - standing.days) >= GROWN * max(standing.days, 1):
            return self._whole()
        return known, None, self._asked.is_trade_new

    def _whole(self) -> tuple[Histories, Visits, bool]:
        visits = reading.all_visits(self._tx, self._id, self._timezone, self._around)
        return gather(visits, self._today), visits, True

    def _models(
        self, known: Histories, standing: Standing | None, is_fitting: bool
    ) -> tuple[BgNbd | None, GammaGamma | None, str]:
        if standing is not None and not is_fitting:
            return standing.coming, standing.spending, standing.basis
        summary = known.summary(self._today)
        trade = self._asked.trade
        coming, basis = estimate_coming(summary, None if trade is None else trade.coming)
        spending = estimate_spending(summary, None if trade is None else trade.spending_in(self._shop.currency))
        return coming, spending, basis

    def _rows(
        self,
        known: Histories,
        told: Outlook | None,
        profit: Ints,
        cost: Ints,
        natural: Lines,
        kind_of: Mapping[str, int],
        past: Past | None,
        *,
        is_settled: bool,
    ) -> dict[str, ValueRow]:
        """The rows as they are to be. Where nothing else was fitted, what hardly moved stays as it is."""
        stored = [self._stored.get(member) for member in known.members]
        history = list(zip(*history_columns(known), strict=True))
        nothing: list[None] = [None] * len(history)
        columns: list[Sequence[Any]] = [nothing] * 5
        if told is not None:
            columns = [one.tolist() for one in (told.alive, told.visits, told.basket, told.to_come, told.value)]
        outlooks = list(zip(*columns, strict=True))
        if is_settled and told is not None:
            outlooks = [
                new if row is None or has_moved else row[9:14]
                for row, new, has_moved in zip(stored, outlooks, self._has_moved.tolist(), strict=True)
            ]
        groups: list[str | None] = list(nothing)
        alive = None
        if told is not None:
            expected = np.array([one[1] for one in outlooks])
            alive = np.array([one[0] for one in outlooks])
            groups = [GROUPS[one] for one in group(expected, profit, self._shop.lines(natural)).tolist()]
        steps = [RUNGS[one] for one in self._rungs(known, alive, self._today).tolist()]
        month = self._local.isoformat()[:7]
        is_new_month = self._shop.standing is not None and self._shop.standing.month != month
        today = self._local.isoformat()
        found = {}
        for place, member in enumerate(known.members):
            before = stored[place]
            where, step = groups[place], steps[place]
            was, rung_was = (None, None) if before is None else (before.was, before.rung_was)
            if before is not None and is_new_month:
                was, rung_was = before.relationship, before.rung
            since = before.since_day if before is not None and before.relationship == where else today
            stepped = before.rung_since_day if before is not None and before.rung == step else today
            kind = kind_of.get(member, 0 if before is None else before.persona or 0)
            if past is not None and member in past.last:
                was, rung_was, _ = past.last[member]
                since, stepped = past.since[member]
                since, stepped = (since if was == where else today), (stepped if rung_was == step else today)
            elif past is not None:
                since = stepped = history[place][1]
            found[member] = ValueRow._make(
                (
                    *history[place],
                    int(cost[place]),
                    int(profit[place]),
                    *outlooks[place],
                    where,
                    None if where is None else since,
                    was,
                    step,
                    stepped,
                    rung_was,
                    kind or None,
                )
            )
        return found

    def _moved(self, known: Histories, alive: Floats, visits: Floats, basket: Ints) -> Bools:
        """Of whom what stands is not good enough any more."""
        history = zip(*history_columns(known), strict=True)
        outlooks = zip(alive.tolist(), visits.tolist(), basket.tolist(), strict=True)
        self._has_moved = np.array(
            [
                (row := self._stored.get(member)) is None or row[:7] != past or _has_moved(row, *new)
                for member, past, new in zip(known.members, history, outlooks, strict=True)
            ],
            np.bool_,
        )
        return self._has_moved

    def _rungs(self, known: Histories, alive: Any, day: int) -> Ints:
        invited = self._around.invited.get(self._id, {})
        said = [self._ratings.get(member, (-1, False)) for member in known.members]
        return rungs(
            days=known.x + 1,
            visits_year=known.visits,
            alive=alive,
            silent=np.maximum(day - known.last, 0),
            span=known.last - known.first,
            score=np.array([one[0] for one in said], np.int64),
            has_words=np.array([one[1] for one in said], np.bool_),
            invited=np.array([invited.get(member, 0) for member in known.members], np.int64),
        )

    def _told(
        self,
        known: Histories,
        rows: dict[str, ValueRow],
        natural: Lines,
        basket: Basket,
        costs: Costs,
        models: tuple[BgNbd | None, GammaGamma | None, str],
        kinds: list[Kind] | None,
        past: Past | None,
        is_fitting: bool,
    ) -> Outcome:
        coming, spending, basis = models
        shown, never_came = read_shown(self._tx, self._id)
        standing = self._shop.standing
        month = self._local.isoformat()[:7]
        values = [row.value_minor for row in rows.values() if row.value_minor is not None]
        seen_by_fit = standing if standing is not None and not is_fitting else None
        model: dict[str, Any] = {
            "merchant_id": self._id,
            "basis": basis,
            "customers": len(rows) if seen_by_fit is None else seen_by_fit.customers,
            "repeaters": int(np.count_nonzero(known.x)) if seen_by_fit is None else seen_by_fit.repeaters,
            "visits": known.days if seen_by_fit is None else seen_by_fit.days,
            **{name: None if coming is None else getattr(coming, name) for name in ("r", "alpha", "a", "b")},
            "log_likelihood": None if coming is None or np.isnan(coming.log_likelihood) else coming.log_likelihood,
            **{name: None if spending is None else getattr(spending, name) for name in ("p", "q", "v")},
            "equity_minor": sum(values) if coming is not None else None,
            "basket_minor": basket.minor,
            "margin_percent": costs.margin_percent,
            "visit_cost_minor": costs.visit_minor,
            "year_cost_minor": costs.year_minor,
            "visits_line": natural.visits,
            "profit_line_minor": natural.profit_minor,
            "month": month,
            "prospects_opened": never_came,
            "prospects_invited": self._around.waiting.get(self._id, 0),
            "is_estimated": basket.is_guess or self._shop.margin_percent is None,
            "upto": self._upto,
            "fitted_at": self._now if seen_by_fit is None else seen_by_fit.fitted_at,
            "refreshed_at": self._now,
        }
        return Outcome(
            merchant_id=self._id,
            revision=self._shop.revision,
            rows=[(member, row) for member, row in rows.items() if self._stored.get(member) != row],
            gone=sorted(self._stored.keys() - rows.keys()),
            relations=_relations(rows, shown),
            model=model,
            months=[*([] if past is None else past.months), *moved_groups(self._id, month, rows)],
            rung_months=[*([] if past is None else past.rung_months), *moved_rungs(self._id, month, rows)],
            kinds=kinds,
            members=len(rows),
            was_fitted=is_fitting,
            upto_before=None if standing is None or kinds is not None else standing.upto,
        )


def _has_moved(row: ValueRow, alive: float, visits: float, basket: int) -> bool:
    """Whether what is expected of a member differs by enough to be written."""
    return bool(
        row.alive is None
        or row.value_minor is None
        or abs(row.alive - alive) >= _LEAST_MOVE
        or abs((row.expected_visits or 0.0) - visits) >= _LEAST_MOVE * max(visits, 1.0)
        or abs((row.expected_basket_minor or 0) - basket) >= _LEAST_MOVE * max(basket, 1)
    )


def _relations(rows: Mapping[str, ValueRow], shown: Mapping[str, Seen]) -> list[Relation]:
    """What the shop's list of members is to show otherwise than it does."""
    found: list[Relation] = []
    for member, now in shown.items():
        row = rows.get(member)
        wanted = Seen(None, None, None) if row is None else seen_of(row)
        if wanted != now:
            found.append((member, *wanted))
    return sorted(found)


def seen_of(row: ValueRow) -> Seen:
    """What a list of members shows of a row."""
    return Seen(row.relationship, row.rung, None if row.alive is None else int(row.alive * 1000))
