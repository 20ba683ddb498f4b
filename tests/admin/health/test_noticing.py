"""What health pages are read from: which jobs there are, refused mails, how large the database is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.common import bounces, sizes
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs import rounds, schedule
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.jobs.rounds import Job, every, run_if_due
from config import Settings
from tests.clocks import FixedClock
from tests.integration.jobs.test_mailing import listening

BOUNCES = Statement("SELECT domain, how, told FROM mail_bounce ORDER BY id")
PLAN = Statement("SELECT name, expected_seconds FROM job_plan ORDER BY name")
HOUR = timedelta(hours=1)


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


def test_of_an_address_only_its_domain_is_kept(scope: Scope) -> None:
    scope.run(lambda tx: bounces.note(tx, scope, "an.peeters@Home.EXAMPLE", how="returned", told="5.1.1"))
    with scope.reading() as tx:
        assert tx.rows(BOUNCES, {}) == [("home.example", "returned", "5.1.1")]


def test_what_a_server_refuses_for_good_is_noted_and_what_it_puts_off_is_not(
    settings: Settings, scope: Scope, clock: FixedClock
) -> None:
    with listening() as (sink, place):
        context = JobContext(replace(settings, smtp_url=f"smtp://{place}"), scope.database, clock)
        for answer in ("450 later", "550 no such mailbox", "250 OK"):
            sink.recipients = answer
            mail = Mail(to="an@home.example", subject="Hallo", text="Hallo")
            scope.run(lambda tx, mail=mail: queue_mail(tx, scope.keys.data, mail, now=scope.now))  # type: ignore[misc]
            drain(context)
    with scope.reading() as tx:
        assert tx.rows(BOUNCES, {}) == [("home.example", "refused", "the server refused it (550)")]


def test_the_plan_names_every_job_and_forgets_what_is_no_more(scope: Scope, clock: FixedClock) -> None:
    plan = {job.name: job.expected for job in schedule.JOBS}
    scope.run(lambda tx: rounds.note_plan(tx, {**plan, "old-job": HOUR}, now=scope.now))
    clock.advance(days=1)
    scope.run(lambda tx: rounds.note_plan(tx, plan, now=scope.now))
    with scope.reading() as tx:
        assert dict(tx.rows(PLAN, {})) == {name: int(age.total_seconds()) for name, age in plan.items()}


def test_a_failure_may_tell_what_it_found(context: JobContext, scope: Scope) -> None:
    def fail(_: JobContext) -> dict[str, int]:
        raise schedule.LedgerDiffersError(3, ["balance"])

    assert run_if_due(context, Job("verify-ledger", every(1), fail, HOUR, HOUR))
    from app.admin.queries.ledger_state import read_ledger_state

    state = read_ledger_state(scope)
    assert state is not None
    assert state.differences == 3


def test_the_size_of_the_database_is_noted_once_a_day(context: JobContext, scope: Scope, clock: FixedClock) -> None:
    from app.jobs import watching

    first = watching.measure(context)
    assert first["bytes"] > 100_000
    watching.measure(context)
    clock.advance(days=1)
    watching.measure(context)
    with scope.reading() as tx:
        rows = tx.rows(Statement("SELECT day, bytes FROM database_day ORDER BY day"), {})
        tables = sizes.largest(tx)
    assert [day for day, _ in rows] == ["2026-03-04", "2026-03-05"]
    assert 0 < len(tables) <= sizes.LARGEST
    assert sum(tables.values()) <= rows[-1][1]
