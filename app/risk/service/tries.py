"""Trying limits on the past: the rules themselves, run over the last 90 days with limits that are not set yet."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.risk import detecting, keeping
from app.risk.errors import LimitInvalidError
from app.risk.models import RiskCase, RiskTry
from app.risk.queries import reading
from app.risk.queries.limits import Held
from app.risk.rules import DAY, PAST, RULES
from app.risk.seen import Finding, SeenPlace
from app.risk.service.finding import guesses_kept

log = logging.getLogger("zegel.risk")

SILENT = timedelta(minutes=2)
_BATCH = 500
_LISTED = 20
_NEXT = Statement("SELECT id FROM risk_try WHERE status = 'waiting' ORDER BY created_at, id LIMIT 1")
_CLAIM = Statement("UPDATE risk_try SET status = 'running', beaten_at = :now WHERE id = :id AND status = 'waiting'")
_BEAT = Statement(
    "UPDATE risk_try SET done_steps = :done, all_steps = :all, beaten_at = :now WHERE id = :id AND status = 'running'"
)
_FINISH = Statement(
    "UPDATE risk_try SET status = :status, result = :result, finished_at = :now WHERE id = :id AND status = 'running'"
)
_END_SILENT = Statement(
    "UPDATE risk_try SET status = 'ended', finished_at = :now WHERE status = 'running' AND beaten_at < :silent"
)
_MEMBERS = Statement("SELECT count(DISTINCT member_id) FROM account WHERE visits > 0 AND last_visit_at >= :since")
_FORGET = Statement("DELETE FROM risk_try WHERE created_at < :before AND status NOT IN ('waiting', 'running')")


def ask_try(scope: Scope, rule: str, *, soft: int, hard: int | None = None) -> str:
    """Ask for a try of these limits, and return its id. The same limits that wait already are not tried twice. Raises
    NotFoundError, LimitInvalidError."""
    known = RULES.get(rule)
    if known is None:
        raise NotFoundError
    if not known.least <= soft:
        raise LimitInvalidError(least=known.least)

    def work(tx: Transaction) -> str:
        under_way = select(RiskTry.id).where(
            RiskTry.rule == rule, RiskTry.soft == soft, RiskTry.status.in_(("waiting", "running"))
        )
        found = tx.session.scalars(under_way).first()
        if found is not None:
            return found
        made = RiskTry(
            id=new_id(),
            rule=rule,
            soft=soft,
            hard=hard,
            status="waiting",
            created_by=scope.actor_id,
            created_at=scope.now,
        )
        tx.session.add(made)
        return made.id

    return scope.run(work)


def run_waiting(scope: Scope, *, go_on: Callable[[], object] = lambda: None) -> int:
    """Do all tries that wait, and note those as ended whose worker died. Returns how many. What ``go_on`` raises breaks
    a try off, which is noted as ended."""
    done = 0
    scope.run(lambda tx: tx.run(_END_SILENT, {"now": scope.now, "silent": scope.now - SILENT}))
    while True:
        with scope.reading() as tx:
            rows = tx.rows(_NEXT, {})
        if not rows:
            return done
        which = {"id": rows[0][0], "now": scope.now}
        if scope.run(lambda tx, which=which: tx.run(_CLAIM, which)) == 1:  # type: ignore[misc]
            _run(scope, rows[0][0], go_on)
            done += 1


def forget_tries(scope: Scope, *, before: datetime) -> int:
    """Delete what was tried before then. Returns how many."""
    return scope.run(lambda tx: tx.run(_FORGET, {"before": before}))


def try_limits(
    scope: Scope, rule: str, soft: int, *, on_progress: Callable[[int, int], None] = lambda done, every: None
) -> dict[str, Any]:
    """What the limit would have found in the last 90 days: cases, past right ones that it would have missed, and
    members bothered who did nothing. Who guesses has no card: of those only how many sources it finds is known."""
    since = scope.now - PAST
    standards = Held([(rule, "everywhere", soft)])
    with scope.reading() as tx:
        past = tx.session.scalars(
            select(RiskCase).where(RiskCase.rule == rule, RiskCase.last_at >= since, RiskCase.opened_at >= since)
        ).all()
        ((members,),) = tx.rows(_MEMBERS, {"since": since})
    right = [case for case in past if case.status == "confirmed"]
    if rule == "guessing":
        return _guesses(scope, soft, since, right, int(members))
    findings: dict[tuple[str, str, datetime], tuple[Finding, str]] = {}
    for finding, subject in _findings(scope, rule, standards, since, on_progress):
        findings[finding.subject_kind, subject, finding.first_at] = (finding, subject)
    caught = {case.id for case in right if any(_is_of(case, *found) for found in findings.values())}
    honest: set[str] = set()
    for finding, subject in findings.values():
        if not any(_is_of(case, finding, subject) for case in right):
            honest |= finding.members
    return {
        "cases": len(findings),
        "missed": [case.id for case in right if case.id not in caught][:_LISTED],
        "right": len(right),
        "bothered": len(honest),
        "members": int(members),
        "scores": sorted((finding.score for finding, _ in findings.values()), reverse=True)[:_LISTED],
    }


def _guesses(scope: Scope, soft: int, since: datetime, right: list[RiskCase], members: int) -> dict[str, Any]:
    """Each source a case for every day on which it would have been found."""
    with scope.reading() as tx:
        sources = guesses_kept(tx, scope, soft=soft, since=since)
    days = {(source, peak.started_at.date()) for source, peaks in sources.items() for peak in peaks}
    missed = [case.id for case in right if case.subject_id not in sources and case.score < soft]
    return {
        "cases": len(days),
        "missed": missed[:_LISTED],
        "right": len(right),
        "bothered": 0,
        "members": members,
        "scores": sorted((peak.count for peaks in sources.values() for peak in peaks), reverse=True)[:_LISTED],
    }


def _findings(
    scope: Scope, rule: str, standards: Held, since: datetime, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[Finding, str]]:
    with scope.reading() as tx:
        places = reading.read_places(tx)
    chunks = _by_members if rule == "far_apart" else _by_place
    for done, every, findings in chunks(scope, rule, places, standards, since):
        with scope.reading() as tx:
            cards = reading.card_ids(tx, keeping.numbers_in(findings))
        for one in findings:
            yield one, cards.get(one.subject, one.subject) if one.subject_kind == "card" else one.subject
        on_progress(done, every)


def _by_place(
    scope: Scope, rule: str, places: Mapping[str, SeenPlace], standards: Held, since: datetime
) -> Iterator[tuple[int, int, list[Finding]]]:
    until = scope.now
    for number, known in enumerate(places.values(), start=1):
        with scope.reading() as tx:
            place = reading.with_clocks(tx, known)
            found: Iterable[Finding]
            if rule == "reversed":
                found = detecting.reversals(reading.reversals_at(tx, place, since, until), standards)
            else:
                found = _one_rule(tx, rule, place, standards, since, until)
            yield number, len(places), list(found)


def _one_rule(
    tx: Transaction, rule: str, place: SeenPlace, standards: Held, since: datetime, until: datetime
) -> Iterator[Finding]:
    visits = reading.visits_at(tx, place, since, until)
    if rule == "card_device":
        return detecting.card_at_device(visits, standards)
    if rule == "staff_card":
        return detecting.staff_and_card(visits, standards)
    if rule == "night":
        return detecting.at_night(place, visits, standards)
    if rule == "welcome":
        return detecting.welcomes(visits, standards)
    return detecting.odd_clocks(place, visits, standards)


def _by_members(
    scope: Scope, rule: str, places: Mapping[str, SeenPlace], standards: Held, since: datetime
) -> Iterator[tuple[int, int, list[Finding]]]:
    after, done = reading.NOTHING, 0
    while True:
        with scope.reading() as tx:
            members = reading.members_after(tx, after, since=since, count=_BATCH)
            visits = reading.visits_of(tx, members, since - DAY, scope.now)
        if not members:
            return
        done, after = done + 1, members[-1]
        yield done, done + (len(members) == _BATCH), list(detecting.too_far(visits, places.get, standards))


def _is_of(case: RiskCase, finding: Finding, subject: str) -> bool:
    return (
        case.subject_kind == finding.subject_kind
        and case.subject_id == subject
        and finding.first_at <= case.last_at
        and finding.last_at >= case.first_at
    )


def _run(scope: Scope, try_id: str, go_on: Callable[[], object]) -> None:
    def progress(done: int, every: int) -> None:
        go_on()
        values = {"id": try_id, "done": done, "all": every, "now": scope.now}
        scope.run(lambda tx: tx.run(_BEAT, values))

    with scope.reading() as tx:
        found = tx.session.get_one(RiskTry, try_id)
        rule, soft = found.rule, found.soft
    status, result = "ended", None
    try:
        result = try_limits(scope, rule, soft, on_progress=progress)
        status = "done"
    except (ArithmeticError, LookupError, TypeError, ValueError):
        log.exception("a try of limits failed: %s", try_id)
        status = "failed"
    finally:
        told = None if result is None else json.dumps(result, separators=(",", ":"))
        values = {"id": try_id, "status": status, "result": told, "now": scope.now}
        scope.run(lambda tx: tx.run(_FINISH, values))
