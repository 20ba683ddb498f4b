"""Runs of the simulator: asked for by somebody, done beside the requests, called off, broken off with their worker."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, configuration, document
from app.rewards.errors import SimulationOverError
from app.rewards.models import Simulation
from app.rewards.queries.amounts import recent_amounts
from app.rewards.rows import merchant_in, programme_in
from app.rewards.rules import ProgrammeRules, parse_programme, programme_document
from app.rewards.simulator import DAYS, Line, Past, Reader, Tally, replay, typical_year, unit_worth, worth_of
from app.rewards.simulator.figures import figures
from app.rewards.simulator.reading import BATCH, wanted_by
from app.rewards.simulator.typical import DAYS as TYPICAL_DAYS
from app.rewards.simulator.typical import trade_of

log = logging.getLogger("zegel.simulator")

SILENT = timedelta(minutes=2)  # a worker that has said nothing for so long is dead
AVERAGE_BASKET = "average_basket_minor"  # in a merchant's settings: what a purchase is, where amounts are not entered
FEW = 30  # visits; of fewer nothing can be told, and the trade's typical year stands in

_NEXT = Statement("SELECT id FROM simulation WHERE status = 'waiting' ORDER BY created_at, id LIMIT 1")
_CLAIM = Statement("UPDATE simulation SET status = 'running', beaten_at = :now WHERE id = :id AND status = 'waiting'")
_BEAT = Statement(
    "UPDATE simulation SET done_steps = :done, all_steps = :all, beaten_at = :now WHERE id = :id AND status = 'running'"
)
_FINISH = Statement(
    "UPDATE simulation SET status = :status, result = :result, finished_at = :now WHERE id = :id AND status = 'running'"
)
_CALL_OFF = Statement(
    "UPDATE simulation SET status = 'cancelled', finished_at = :now WHERE id = :id AND merchant_id = :merchant_id"
    " AND status IN ('waiting', 'running')"
)
_CALL_OFF_OTHERS = Statement(
    "UPDATE simulation SET status = 'cancelled', finished_at = :now WHERE programme_id = :programme_id"
    " AND merchant_id = :merchant_id AND status IN ('waiting', 'running')"
)
_END_SILENT = Statement(
    "UPDATE simulation SET status = 'ended', finished_at = :now WHERE status = 'running' AND beaten_at < :silent"
)
_FORGET = Statement("DELETE FROM simulation WHERE created_at < :before AND status NOT IN ('waiting', 'running')")
_ABOUT = Statement("SELECT category, settings FROM merchant WHERE id = :merchant_id")
_CREATED = Statement("SELECT created_at FROM programme WHERE id = :programme_id")


class _BrokenOffError(Exception):
    """The process is about to end."""


class CalledOffError(Exception):
    """Somebody called the run off, or another worker took it for dead."""


def ask_simulation(scope: Scope, programme_id: str, rules: Mapping[str, Any], *, revision: int | None = None) -> str:
    """Ask for a run of ``rules`` over the last 90 days beside the rules that hold, and return its id.

    A run of the programme that is under way is called off, unless it is of the same rules: then its id is returned, so
    a repeat makes no second one. Raises NotFoundError, InvalidRulesError.
    """

    def work(tx: Transaction) -> str:
        programme = programme_in(tx, scope, programme_id)
        merchant = merchant_in(tx, scope, programme.merchant_id)
        parsed = parse_programme(rules, kind=programme.kind, currency=merchant.currency, timezone=programme.timezone)
        wanted = programme_document(parsed)
        under_way = tx.session.scalars(
            select(Simulation).where(
                Simulation.merchant_id == merchant.id,
                Simulation.programme_id == programme_id,
                Simulation.status.in_(("waiting", "running")),
            )
        ).all()
        for one in under_way:
            if one.rules == wanted:
                return one.id
        who = {"merchant_id": merchant.id, "programme_id": programme_id, "now": scope.now}
        tx.run(_CALL_OFF_OTHERS, who)
        made = Simulation(
            id=new_id(),
            merchant_id=merchant.id,
            programme_id=programme_id,
            rules=wanted,
            draft_revision=revision,
            status="waiting",
            created_by=scope.staff_id,
            created_at=scope.now,
        )
        tx.session.add(made)
        return made.id

    return scope.run(work)


def cancel_simulation(scope: Scope, simulation_id: str) -> None:
    """Call a run off. Raises NotFoundError, and SimulationOverError for one that has ended."""

    def work(tx: Transaction) -> None:
        found = tx.session.get(Simulation, simulation_id)
        if found is None or scope.merchant_id not in (None, found.merchant_id):
            raise NotFoundError
        who = {"id": simulation_id, "merchant_id": found.merchant_id, "now": scope.now}
        if tx.run(_CALL_OFF, who) != 1:
            raise SimulationOverError

    scope.run(work)


def run_waiting(scope: Scope, *, go_on: Callable[[], object] = lambda: None) -> int:
    """Do all runs that wait, one after the other, and note those as ended whose worker died. Returns how many.

    ``go_on`` is called now and then; what it raises breaks the run off, which is noted as ended.
    """
    done = 0
    end_silent(scope, before=scope.now - SILENT)
    while True:
        with scope.reading() as tx:
            rows = tx.rows(_NEXT, {})
        if not rows:
            return done
        if _claim(scope, rows[0][0]):
            _run(scope, rows[0][0], go_on)
            done += 1


def end_silent(scope: Scope, *, before: datetime) -> int:
    """Note runs as ended whose worker said nothing since ``before``. Returns how many."""
    return scope.run(lambda tx: tx.run(_END_SILENT, {"now": scope.now, "silent": before}))


def forget_simulations(scope: Scope, *, before: datetime) -> int:
    """Delete runs from before then. Returns how many."""
    return scope.run(lambda tx: tx.run(_FORGET, {"before": before}))


def simulate(
    scope: Scope,
    merchant_id: str,
    programme_id: str,
    rules: ProgrammeRules,
    *,
    on_progress: Callable[[int, int], object] = lambda _, __: None,
) -> dict[str, Any]:
    """Run ``rules`` and those that hold now over the programme's last 90 days, or over the trade's typical year where
    there is nearly nothing. Returns the figures. ``on_progress`` is told how many steps are done, and of how many.

    Raises ``LookupError`` when there is no such merchant, KeyError when it has no such programme.
    """
    with scope.reading() as tx:
        config = configuration(tx, merchant_id)
        programme = config.any_programme(programme_id)
        category, settings = tx.rows(_ABOUT, {"merchant_id": merchant_id})[0]
        created_at = tx.rows(_CREATED, {"programme_id": programme_id})[0][0]
    now_rules = programme.rules_at(scope.now)[1]
    reader = Reader(
        scope,
        config,
        programme,
        created_at=created_at,
        wanted=wanted_by(now_rules, rules, programme=programme),
    )
    average = document(settings).get(AVERAGE_BASKET)
    if average is None:
        known = recent_amounts(scope, merchant_id).amounts
        average = round(sum(known) / len(known)) if known else None
    run = _Run(scope, config, programme, now_rules, rules, average)
    members = reader.members()
    steps = max(-(-len(members) // BATCH), 1)
    on_progress(0, steps)
    for step in range(steps):
        for story in reader.stories(members[step * BATCH : (step + 1) * BATCH]):
            run.add(story.member_id, story.past, story.events, story.amounts)
        on_progress(step + 1, steps)
    owed, holders = reader.owed()
    if run.tally.visits >= FEW:
        first = reader.start.astimezone(now_rules.zone).date()
        return run.told(owed, holders) | {"source": "own", "days": DAYS, "first": first.isoformat()}
    typical = _Run(scope, config, programme, now_rules, rules, average)
    for member_id, events in typical_year(str(category), rules, scope.now):
        amounts = [one.visit.amount_minor or 0 for one in events if one.visit is not None]
        typical.add(member_id, Past(), events, amounts)
    told = typical.told(typical.tally.now.balance, typical.tally.members)
    # Made-up people are counted, not listed.
    return told | {
        "most": [],
        "least": [],
        "source": "typical",
        "trade": trade_of(str(category)),
        "days": TYPICAL_DAYS,
        "own_visits": run.tally.visits,
    }


class _Run:
    """Both sets of rules and their tally. What a unit is worth is known at the end, when the average purchase is."""

    def __init__(
        self,
        scope: Scope,
        config: MerchantConfig,
        programme: ProgrammeConfig,
        now: ProgrammeRules,
        draft: ProgrammeRules,
        average_minor: int | None,
    ) -> None:
        self._until = scope.now
        self._config = config
        self._programme = programme
        self._rules = (now, draft)
        self._average = average_minor
        full = config.rewards.get(programme.full_card_reward_id or "")
        self._full = full if full is not None and full.is_active else None
        self.tally = Tally(self._worths())

    def add(self, member_id: str, past: Past, events: Any, amounts: Any) -> None:
        """Run one member's visits under both sets of rules."""
        fills = self._full is not None
        now, draft = (Line(rules, self._programme.promotions, past, fills=fills) for rules in self._rules)
        earnings = replay((now, draft), events, self._until)
        self.tally.add(member_id, (now, draft), earnings, amounts)

    def told(self, owed: int, holders: int) -> dict[str, Any]:
        """The figures. ``owed``: units that all members hold under the rules that hold now."""
        tally = self.tally
        cards = None
        if self._full is not None and self._rules[0].goal is not None:
            cards = worth_of(self._full, self._average)
        old, new = tally.worth
        after = max(owed + tally.draft.balance - tally.now.balance, 0)
        return {
            **tally.told(),
            "kind": self._rules[0].kind,
            "currency": self._config.currency,
            "holders": holders,
            "unit_worth": [None if one is None else str(one) for one in tally.worth],
            "reward": None if self._full is None else self._full.name,
            "card_worth_minor": None if cards is None else round(cards),
            "now": figures(tally.now, old, card_worth=cards, owed_units=owed),
            "draft": figures(tally.draft, new, card_worth=cards, owed_units=after),
        }

    def _worths(self) -> tuple[Fraction | None, Fraction | None]:
        now, draft = (unit_worth(self._config, self._programme, rules, self._average) for rules in self._rules)
        return now, draft


def _claim(scope: Scope, simulation_id: str) -> bool:
    return scope.run(lambda tx: tx.run(_CLAIM, {"id": simulation_id, "now": scope.now})) == 1


def _run(scope: Scope, simulation_id: str, go_on: Callable[[], object]) -> None:
    def progress(done: int, every: int) -> None:
        try:
            go_on()
        except Exception as error:
            raise _BrokenOffError from error
        values = {"id": simulation_id, "done": done, "all": every, "now": scope.now}
        if scope.run(lambda tx: tx.run(_BEAT, values)) != 1:
            raise CalledOffError

    with scope.reading() as tx:
        found = tx.session.get(Simulation, simulation_id)
        assert found is not None
        programme = programme_in(tx, scope, found.programme_id)
        currency = merchant_in(tx, scope, found.merchant_id).currency
        rules = parse_programme(found.rules, kind=programme.kind, currency=currency, timezone=programme.timezone)
        merchant_id, programme_id = found.merchant_id, found.programme_id
    try:
        result = simulate(scope, merchant_id, programme_id, rules, on_progress=progress)
    except CalledOffError:
        return
    except _BrokenOffError as error:
        _finish(scope, simulation_id, "ended", None)
        raise error.__cause__ or error from None
    except Exception:
        log.exception("a run of the simulator failed: %s", simulation_id)
        _finish(scope, simulation_id, "failed", None)
        return
    _finish(scope, simulation_id, "done", result)


def _finish(scope: Scope, simulation_id: str, status: str, result: Mapping[str, Any] | None) -> None:
    told = None if result is None else json.dumps(dict(result), separators=(",", ":"))
    values = {"id": simulation_id, "status": status, "result": told, "now": scope.now}
    scope.run(lambda tx: tx.run(_FINISH, values))
