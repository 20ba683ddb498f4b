"""Retention, patterns, neighbours and the month's letter, as an owner sees them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.backoffice.month_letter import make_letter
from app.backoffice.month_letter_words import WORDS
from app.backoffice.service import month_reports
from app.common.mail import open_mail
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.insights.models import CrossingQuarter, CrossingTotal, PatternProgress, RhythmBar, VisitHour
from app.insights.service.cohorts import count_patterns
from app.jobs.context import JobContext
from app.jobs.mailing import compose
from app.jobs.reporting import send_month_reports
from app.rewards.service import shop_members
from config import Settings
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, sit_down

LOCALES = tuple(WORDS)


@pytest.fixture
def shop(scope: Scope, clock: FixedClock) -> Shop:
    """A bakery whose visits are counted from the first of January on, with half as many on Tuesdays in April; on the
    second of May."""
    made = make_shop(scope, stamps=5, name="Bakery <i>")
    day, rows = date(2026, 1, 1), []
    while day <= date(2026, 4, 30):
        # A little up and down, as no shop is the same each day, and closed on Sundays.
        visits = 0 if day.weekday() == 6 else 12 + (day.toordinal() * 7) % 5 - 2
        if day.weekday() == 1 and day.month == 4:
            visits //= 3
        if visits:
            rows += [
                {
                    "location_id": made.location_id,
                    "day": day.isoformat(),
                    "hour": hour,
                    "merchant_id": made.merchant_id,
                    "visits": n,
                    "new_visits": 0,
                    "amount_minor": 1000 * n,
                    "amount_visits": n,
                    "units": n,
                    "redemptions": 0,
                    "redeemed_units": 0,
                    "redeemed_minor": 0,
                    "unpriced": 0,
                }
                for hour, n in ((9, visits // 2), (15, visits - visits // 2))
            ]
        day += timedelta(days=1)
    with scope.transaction() as tx:
        tx.session.execute(insert(VisitHour), rows)
    clock.set(datetime(2026, 5, 2, 9, tzinfo=UTC))
    return made


@pytest.fixture
def owner(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id)


def told(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_the_letter_names_the_tuesdays_and_says_what_to_do(owner: Desk, scope: Scope, shop: Shop) -> None:
    page = told(owner, "/reports/letter/2026-04")
    assert "One thing changed in April." in page
    found = re.search(r"Tuesdays: (\d+) visits, (\d+)% fewer than usual", page)
    assert found is not None
    assert 12 <= int(found[1]) <= 20
    assert 60 <= int(found[2]) <= 75
    assert "Tuesdays brought about" in page
    assert "estimated" in page
    assert f'href="/office/{owner.slug}/promotions/new"' in page
    # Regulars who are away bring more than that.
    with scope.transaction() as tx:
        here = {"merchant_id": shop.merchant_id}
        tx.session.add(PatternProgress(upto=shop.location_id, usual_gap=7, broken=12, counted_at=scope.now, **here))
        tx.session.add(RhythmBar(least=7, members=30, broken=12, **here))
    page = told(owner, "/reports/letter/2026-04")
    assert "12 regulars are away for longer than they usually are" in page
    assert "about 51 times a month" in page
    link = re.search(rf'href="/office/{owner.slug}/(members[^"]*)"[^>]*>See who they are', page)
    assert link is not None
    assert owner.get("/" + link[1].replace("&amp;", "&")).status_code == 200
    usual = told(owner, "/reports/letter/2026-03")
    assert "Nothing changed in March" in usual
    assert "12 regulars" not in usual, "what is to be done is of now"
    assert "It is too early" in told(owner, "/reports/letter/2026-01")
    assert owner.get("/reports/letter/2026-05").status_code == 404, "a month that is not over"
    assert owner.get("/reports/letter/nonsense").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_comes_in_the_one_mail_with_the_report_in_every_language(
    owner: Desk, scope: Scope, shop: Shop, settings: Settings, clock: FixedClock
) -> None:
    clock.set(datetime(2026, 4, 20, 9, tzinfo=UTC))
    assert owner.post("/month-reports", {"wants": "yes"}).status_code == 303
    clock.set(datetime(2026, 5, 2, 9, tzinfo=UTC))
    context = JobContext(settings, scope.database, clock)
    with scope.reading() as tx:
        before = len(tx.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "mail")).all())
    assert len(month_reports.due_reports(scope)) == 1
    assert send_month_reports(context) == {"sent": 1}
    with scope.reading() as tx:
        mails = tx.session.scalars(
            select(OutboxMessage).where(OutboxMessage.topic == "mail").order_by(OutboxMessage.id)
        ).all()
        assert len(mails) == before + 1
        mail, _ = open_mail(scope.keys.data, mails[-1].payload)
    assert "* Tuesdays: " in mail.text
    assert "One thing to do: Tuesdays brought" in mail.text
    assert f"/office/{owner.slug}/promotions/new" in mail.text
    assert mail.html is not None
    assert "<i>" not in mail.html
    assert f'href="{settings.public_url}/office/{owner.slug}/promotions/new"' in mail.html
    composed = compose(settings, mail, message_id="1", at=clock())
    assert [part.get_content_type() for part in composed.iter_attachments()] == ["application/pdf"]
    scope = sit_scope(scope, shop)
    letters = {
        locale: make_letter(
            scope, month=date(2026, 4, 1), timezone="Europe/Brussels", currency="EUR", locale=locale
        ).as_text("https://x")
        for locale in LOCALES
    }
    assert len(set(letters.values())) == len(LOCALES)
    assert "dinsdag" in letters["nl"]
    assert "Le mardi" in letters["fr"]
    assert "Am Dienstag" in letters["de"]


def sit_scope(scope: Scope, shop: Shop) -> Scope:
    return replace(scope, actor_kind="staff", merchant_id=shop.merchant_id, staff_role="owner")


def test_the_words_of_all_languages_take_the_same() -> None:
    def fields(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    for locale, said in WORDS.items():
        assert said.keys() == WORDS["en"].keys()
        for key, text in said.items():
            assert fields(text) == fields(WORDS["en"][key]), (locale, key)


def test_retention_and_patterns_show_what_was_counted(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, name="Florist")
    desk = sit_down(flask_app, scope, shop.merchant_id)
    for topic in ("retention", "patterns", "neighbours"):
        assert "Nothing" in told(desk, f"/reports/{topic}")
    counter = shop.counter()
    late, true, once = make_holder(scope), make_holder(scope), make_holder(scope)
    assert visit(counter, once, amount_minor=500).ok
    for week in range(12):
        for who in (late, true):
            if who is true or week < 10:
                assert visit(counter, who, amount_minor=1000).ok
        clock.advance(days=7)
    shop_members.rebuild(scope)
    count_patterns(scope)
    desk = sit_down(flask_app, scope, shop.merchant_id)  # the first one's sign-in is over by now
    page = told(desk, "/reports/retention")
    assert "67% of new members come again a month later" in page
    assert "the app" in page
    assert "more than" not in page
    page = told(desk, "/reports/patterns")
    assert "Usually every 7 days; 1 is away for longer than usual" in page
    assert "usually every 7 days, now 21" in page
    assert desk.get("/reports/retention/table.csv").get_data(as_text=True).count("\r\n") >= 3


def test_only_the_owner_takes_part_and_sees_the_neighbours(
    flask_app: Flask, scope: Scope, shop: Shop, owner: Desk
) -> None:
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager")
    assert manager.post("/neighbours", {"agrees": "yes"}).status_code == 403
    assert "Only the owner decides this" in told(manager, "/reports/neighbours")
    assert owner.post("/neighbours", {"agrees": "yes"}).status_code == 303
    assert "You take part" in told(owner, "/reports/neighbours")
    other = make_shop(scope, name="Bookshop")
    with scope.transaction() as tx:
        tx.session.add(CrossingQuarter(quarter="2026-Q1", shops=2, totals=1, made_at=scope.now))
        pair: dict[str, Any] = {"quarter": "2026-Q1", "members": 20, "weekday": 5}
        for one, who, name in ((shop, other, "Bookshop"), (other, shop, "Bakery")):
            tx.session.add(
                CrossingTotal(merchant_id=one.merchant_id, other_id=who.merchant_id, other_name=name, **pair)
            )
    page = told(manager, "/reports/neighbours")
    assert "At least 20 of your members also went to Bookshop" in page
    assert "Saturday" in page
    # Withdrawn by the owner, through the shop's own wall: gone on both sides.
    assert owner.post("/neighbours", {"agrees": "no"}).status_code == 303
    with scope.reading() as tx:
        assert tx.session.scalars(select(CrossingTotal)).all() == []
