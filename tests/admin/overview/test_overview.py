"""The first page of the day: what waits, how the platform goes, and that neither reads what grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.admin.queries.overview import FIGURES, read_overview
from app.common.database import Database
from app.common.outbox import PARKED
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights import platform_days, rolling, standing
from app.insights.models import PlatformDay
from app.jobs import rounds
from app.rewards.service import shop_members
from tests.admin.desk import Desk, sit_down
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop, visit

FAILED = Statement("INSERT INTO job_run (name, started_at, finished_at, error) VALUES (:name, :now, :now, :error)")


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"support", "risk"})


def fill(scope: Scope, today: date, *, days: int = 400) -> None:
    """A platform that grows by a visit a day."""
    with scope.transaction() as tx:
        for back in range(days):
            day = today - timedelta(days=back)
            tx.session.add(
                PlatformDay(
                    day=day.isoformat(),
                    visits=1000 - back,
                    redemptions=100,
                    new_members=10,
                    shops_seen=206,
                    bounced=1,
                    mails=99,
                    shops=214,
                    tablets=241,
                    offline=7 if back == 0 else 1,
                    offline_most=7 if back == 0 else 2,
                    liability_minor=7_611_800 - 1000 * back,
                    paying=149,
                    monthly_minor=342_700,
                    currency="EUR",
                    counted_at=scope.now - timedelta(days=back),
                )
            )


def test_each_figure_has_its_value_what_it_is_compared_with_and_its_beginning(scope: Scope, clock: FixedClock) -> None:
    fill(scope, date(2026, 3, 4))
    told = read_overview(scope)
    assert [figure.name for figure in told.figures] == list(FIGURES)
    assert told.upto == date(2026, 3, 3), "a day that is not over counts for no week"
    visits = told["visits"]
    assert visits.now == sum(1000 - back for back in range(1, 8))
    assert visits.before == sum(1000 - back for back in range(365, 372))
    assert visits.first is not None
    assert visits.first.last == date(2026, 3, 3) - timedelta(weeks=25)
    assert len(visits.weeks) == 26
    assert told["members"].beside == 4000
    assert (told["liability"].now, told["liability"].before) == (7_611_800, 7_611_800 - 4000)
    assert (told["shops"].now, told["shops"].of, told["shops"].beside) == (206, 214, 8)
    assert (told["tablets"].now, told["tablets"].of, told["tablets"].before) == (7, 241, 2)
    assert told["mails"].now == 1.0
    assert (told["paying"].now, told["paying"].of, told["paying"].beside) == (149, 214, 342_700)


def test_the_page_tells_them(desk: Desk, scope: Scope) -> None:
    fill(scope, date(2026, 3, 4))
    page = desk.get("/")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    for words in ("6,972", "on last year", "4,000 in all", "€76,118", "8 are silent", "▲ usually 2", "1.0%", "€3,427"):
        assert words in text, words
    assert text.count('class="chart spark') == 8
    assert "Nothing waits for you" not in text, "no backup was ever made"


def test_an_empty_platform_has_a_page_too(desk: Desk) -> None:
    page = desk.get("/")
    assert page.status_code == 200
    assert "The jobs have not counted yet" in page.get_data(as_text=True)
    for name in FIGURES:
        assert desk.get(f"/figures/{name}").status_code == 200
    assert desk.get("/figures/nothing").status_code == 404


def test_what_waits_comes_soonest_first_and_is_counted_in_the_navigation(desk: Desk, scope: Scope) -> None:
    scope.run(lambda tx: tx.run(FAILED, {"name": "tidy", "now": scope.now, "error": "disk full"}))
    parked = Statement(
        "INSERT INTO outbox (id, topic, payload, created_at, available_at, tries)"
        " VALUES ('00000000-0000-7000-8000-000000000001', 'mail', '{}', :now, :parked, 20)"
    )
    scope.run(lambda tx: tx.run(parked, {"now": scope.now, "parked": PARKED}))
    text = desk.get("/").get_data(as_text=True)
    places = [text.index(words) for words in ("A job failed", "no backup yet", "were given up")]
    assert places == sorted(places)
    counts = desk.get("/counts").get_data(as_text=True)
    assert '<b class="count" id="count-health" hx-swap-oob="true">3</b>' in counts
    assert '<b class="count" id="count-ledger" hx-swap-oob="true"></b>' in counts


def test_behind_each_figure_stand_the_rows_that_make_it(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    busy, quiet = make_shop(scope, points="1", name="Bakery Busy"), make_shop(scope, name="Florist Quiet")
    for _ in range(3):
        assert visit(busy.counter(), make_holder(scope), amount_minor=1000).ok
    clock.advance(days=1)
    rolling.roll_up(scope)
    standing.count_holdings(scope)
    shop_members.rebuild(scope)
    platform_days.count(scope)
    platform_days.look(scope)
    desk = sit_down(flask_app, scope, {"support"})
    visits = desk.get("/figures/visits").get_data(as_text=True)
    assert "Bakery Busy" in visits
    assert "Florist Quiet" not in visits
    assert ">3</td>" in visits
    assert quiet.merchant_id
    assert "Bakery Busy" in desk.get("/figures/members").get_data(as_text=True)


@contextmanager
def reading(database: Database) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    with pytest.MonkeyPatch.context() as patch:
        from app.common.database import Transaction

        plain = Transaction.rows

        def rows(self: Transaction, statement: Statement, params: Any) -> Any:
            seen.append(statement.sqlite)
            return plain(self, statement, params)

        patch.setattr(Transaction, "rows", rows)
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(database.engine, "before_cursor_execute", note)


GROWS = (
    *(" visit ", " visit\n", "visit_hour", "ledger_transaction", " transfer", "location_transaction", " voucher"),
    *(" account ", "shop_member", " member ", " member\n"),
)


def test_the_page_reads_nothing_that_grows_with_visits(
    desk: Desk, scope: Scope, database: Database, clock: FixedClock
) -> None:
    """With a million visits it reads as many rows as with a thousand: none of them."""
    shop = make_shop(scope, points="1")
    holder = make_holder(scope)

    def look() -> list[str]:
        rolling.roll_up(scope)
        platform_days.count(scope)
        platform_days.look(scope)
        assert desk.get("/").status_code == 200  # what is read once
        with reading(database) as seen:
            assert desk.get("/").status_code == 200
        return seen

    assert visit(shop.counter(), holder, amount_minor=100).ok
    few = look()
    for _ in range(40):
        assert visit(shop.counter(), holder, amount_minor=100).ok
    many = look()
    assert len(many) == len(few)
    asked = [statement for statement in few if any(table in f"{statement} " for table in GROWS)]
    assert asked == []
    assert len(few) <= 60, "each area asks a few questions"


def test_a_phone_reads_it_in_another_tongue(desk: Desk, scope: Scope) -> None:
    fill(scope, date(2026, 3, 4))
    assert desk.get("/?lang=nl").status_code == 200
    assert desk.get("/?lang=de").status_code == 200


def test_the_folder_of_backups_is_looked_at(desk: Desk, scope: Scope, flask_app: Flask) -> None:
    assert "There is no backup yet" in desk.get("/").get_data(as_text=True)
    var: Path = flask_app.extensions["zegel"].settings.var
    var.mkdir(parents=True, exist_ok=True)
    (var / "last-backup.json").write_text(f'{{"at": "{scope.now.isoformat()}", "file": "x"}}')
    assert "There is no backup yet" not in desk.get("/").get_data(as_text=True)


def test_jobs_that_all_stand_still_are_one_thing_to_do(desk: Desk, scope: Scope, clock: FixedClock) -> None:
    plan = {name: timedelta(minutes=1) for name in ("expire", "leaving", "roll-up", "tidy")}
    before = scope.now - timedelta(minutes=10)
    scope.run(lambda tx: rounds.note_plan(tx, plan, now=before))
    text = desk.get("/").get_data(as_text=True)
    assert "Jobs have not run when they should have" in text
    assert "expire, leaving, roll-up …" in text
    assert text.count("data-numbered") == 2, "this and the backup"
