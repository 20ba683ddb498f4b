"""The day's page and the reports, as their people see them."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.backoffice.service import month_reports
from app.backoffice.views.reports import live
from app.common.mail import open_mail
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.insights import rolling, standing
from app.jobs.context import JobContext
from app.jobs.mailing import compose
from app.jobs.reporting import send_month_reports
from app.merchants import service as merchants
from app.rewards import service as rewards
from config import Settings
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, visit
from tests.office.desk import Desk, forms_in, sit_down

WEEK = timedelta(days=7)


@pytest.fixture
def shop(scope: Scope, clock: FixedClock) -> Shop:
    """A bakery with four weeks of visits behind it, on a Wednesday at one."""
    made = make_shop(
        scope, points="1", reward={"name": "Coffee", "cost": 5, "kind": "item", "amount_minor": 250}, name="Bakery"
    )
    counter, now = made.counter(), clock()
    regular = make_holder(scope)
    for week in range(4, 0, -1):
        for day in (0, 3):
            clock.set(now - WEEK * week + timedelta(days=day, hours=-3))
            assert visit(counter, regular, amount_minor=1000).ok
            clock.advance(hours=2)
            assert visit(counter, make_holder(scope), amount_minor=3000).ok
    clock.set(now - timedelta(hours=1))
    assert visit(counter, regular, amount_minor=1000).ok
    assert redeem(counter, regular, made.reward_ids[0]).ok
    clock.set(now)
    roll(scope)
    return made


@pytest.fixture
def owner(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id)


def roll(scope: Scope) -> None:
    rolling.roll_up(scope)
    standing.count_holdings(scope)


def told(desk: Desk, path: str = "", **how: object) -> str:
    answer = desk.get(path, **how)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


# --- the day ---


def test_the_day_says_how_it_goes_against_a_usual_one(owner: Desk) -> None:
    page = told(owner)
    assert "Wednesday 4 March" in page
    assert 'id="visits-today">1<' in page
    assert "1 fewer than by this time on a usual Wednesday" in page
    assert "worth €2.50" in page
    assert re.search(r"<svg class=\"chart day\".*usually 2", page)
    assert "1 point" not in page.split("<h1>")[0]


def test_what_was_booked_a_moment_ago_is_there_without_any_job(owner: Desk, shop: Shop, scope: Scope) -> None:
    assert visit(shop.counter(), make_holder(scope), amount_minor=500).ok
    part = told(owner, "/now")
    assert 'id="visits-today">2<' in part
    assert '1</span> <span class="detail">new member' in part
    assert "<html" not in part


def test_a_shop_without_history_is_told_what_comes_next(flask_app: Flask, scope: Scope) -> None:
    new = make_shop(scope, name="New")
    page = told(sit_down(flask_app, scope, new.merchant_id))
    assert "The first stamp is still to come" in page
    assert "no tablet yet" in page


def test_who_works_at_one_location_sees_that_one(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    station = shop.another_location()
    assert visit(station.counter(), make_holder(scope), amount_minor=500).ok
    roll(scope)
    there = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=station.location_id)
    assert 'id="visits-today">1<' in told(there)
    report = told(there, "/reports/visits?period=7d")
    assert ">1 visit" in report
    assert there.get(f"/reports/visits?location={shop.location_id}").status_code == 404
    all_of_it = sit_down(flask_app, scope, shop.merchant_id, "manager")
    assert 'id="visits-today">2<' in told(all_of_it)
    assert ">1 visit" in told(all_of_it, f"/reports/visits?period=7d&location={station.location_id}")


def test_another_shops_location_is_not_there(owner: Desk, scope: Scope) -> None:
    other = make_shop(scope, name="Other")
    assert owner.get(f"/reports/visits?location={other.location_id}").status_code == 404
    assert owner.get("/reports/visits?location=nonsense").status_code == 404


def test_one_thing_to_do_can_be_put_aside_until_tomorrow(
    owner: Desk, shop: Shop, scope: Scope, clock: FixedClock
) -> None:
    rewards.change_reward(scope, shop.reward_ids[0], stock=0)
    assert "Coffee is used up" in told(owner)
    assert owner.post("/aside", {"kind": "sold_out"}).status_code == 303
    assert "Coffee is used up" not in told(owner)
    assert owner.post("/aside", {"kind": "everything"}).status_code == 303
    clock.advance(days=1)
    assert "Coffee is used up" in told(owner)


def test_a_silent_tablet_is_named(owner: Desk, shop: Shop, scope: Scope) -> None:
    code = merchants.create_pairing_code(scope, shop.location_id)
    merchants.pair_device(scope, code.shown, name="Counter")
    assert "needs a look" in told(owner)


# --- live ---


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.0)


@pytest.mark.usefixtures("quick")
def test_a_stream_tells_of_a_booking_and_ends(
    owner: Desk, shop: Shop, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = owner.get("/live")
    assert answer.mimetype == "text/event-stream"
    lines = iter(answer.response)
    assert next(lines) == b"retry: 3000\n\n"
    assert next(lines) == b": \n\n"
    assert visit(shop.counter(), make_holder(scope), amount_minor=500).ok
    assert next(lines).startswith(b"event: news\n")
    monkeypatch.setattr(live.time, "monotonic", lambda: float("inf"))
    assert list(lines) == []


def test_streams_are_few_and_each_gives_its_place_back_once(owner: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_places", threading.BoundedSemaphore(2))
    open_ones = [owner.get("/live") for _ in range(2)]
    assert owner.get("/live").status_code == 204
    for one in open_ones:
        one.close()
        one.close()
    again = [owner.get("/live") for _ in range(2)]
    assert [one.status_code for one in again] == [200, 200]
    for one in again:
        one.close()


# --- looking back ---


def test_visits_are_told_with_what_was_before(owner: Desk) -> None:
    page = told(owner, "/reports?period=7d")
    assert "3 visits, −25% on the days before" in page
    assert "The week by hours" in page
    assert '<table><thead><tr><th scope="col">Day</th>' in page


@pytest.mark.parametrize("topic", ["visits", "members", "basket", "rewards", "owed", "promotions", "shops"])
def test_every_report_has_its_table_and_its_file(owner: Desk, topic: str) -> None:
    page = told(owner, f"/reports/{topic}?period=12m")
    assert "table.csv" in page or "Nothing to show" in page
    answer = owner.get(f"/reports/{topic}/table.csv?period=12m")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith("\ufeff".encode())
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "period", ["7d", "28d", "84d", "month", "last-month", "year", "12m", "own&first=2026-02-01&last=2025-12-20", "odd"]
)
def test_every_choice_of_days_works(owner: Desk, period: str) -> None:
    assert "visits" in told(owner, f"/reports?period={period}")


def test_what_things_come_to(owner: Desk) -> None:
    assert "A visit comes to €" in told(owner, "/reports/basket")
    assert "1 reward given, worth €2.50" in told(owner, "/reports/rewards")
    assert "Members hold €" in told(owner, "/reports/owed")
    assert owner.get("/reports/nothing").status_code == 404


def test_a_name_is_no_formula_in_a_file_and_no_markup_on_a_page(owner: Desk, shop: Shop, scope: Scope) -> None:
    rewards.change_reward(scope, shop.reward_ids[0], name="=1+1<script>alert(1)</script>")
    assert "<script>alert" not in told(owner, "/reports/rewards")
    file = owner.get("/reports/rewards/table.csv").get_data(as_text=True)
    assert "\"'=1+1<script>" in file


def test_without_amounts_the_owner_types_a_basket_and_every_sum_says_so(flask_app: Flask, scope: Scope) -> None:
    stamps = make_shop(scope, stamps=3, reward={"kind": "percent_off", "percent": 10}, name="Stamps")
    holder = make_holder(scope)
    assert visit(stamps.counter(), holder).ok
    roll(scope)
    desk = sit_down(flask_app, scope, stamps.merchant_id, "manager")
    page = told(desk, "/reports/basket")
    assert "No amounts yet" in page
    was = next(form["was"] for form in forms_in(page) if "was" in form)
    assert desk.post("/basket", {"amount": "12,50", "was": was}).status_code == 303
    page = told(desk, "/reports/basket")
    assert "Estimated from your average basket of €12.50" in page
    assert "estimated" in told(desk, "/reports/owed")
    # Somebody else typed meanwhile: told, and nothing overwritten.
    assert desk.post("/basket", {"amount": "20", "was": ""}).status_code == 409
    assert 'value="12.50"' in told(desk, "/reports/basket")
    assert desk.post("/basket", {"amount": "-3", "was": "1250"}).status_code == 422
    assert desk.post("/basket", {"amount": "", "was": "1250"}).status_code == 303
    assert "No amounts yet" in told(desk, "/reports/basket")


def test_businesses_stand_side_by_side(flask_app: Flask, scope: Scope, shop: Shop, owner: Desk) -> None:
    assert "Bakery" in told(owner, "/account/compare")
    cashier = sit_down(flask_app, scope, shop.merchant_id, "cashier")
    assert "No business to compare" in told(cashier, "/account/compare")


# --- closing days ---


def test_closing_days_are_entered_and_two_people_are_told_of_each_other(owner: Desk) -> None:
    days = {"first_day": "2026-07-06", "last_day": "2026-07-19", "reason": "Holidays", "location_id": ""}
    assert owner.post("/closings", days).status_code == 303
    page = told(owner, "/closings")
    assert "6 July to 19 July 2026" in page
    period_id = re.findall(r"/closings/([0-9a-f-]{36})/remove", page)[0]
    assert 'value="2026-07-06"' in told(owner, f"/closings?change={period_id}")
    changed = {**days, "last_day": "2026-07-26", "revision": "1"}
    assert owner.post(f"/closings/{period_id}", changed).status_code == 303
    stale = owner.post(f"/closings/{period_id}", {**days, "revision": "1"})
    assert stale.status_code == 409
    words = stale.get_data(as_text=True)
    assert "Somebody else changed these closing days meanwhile" in words
    assert "The owner changed them to 6 July to 26 July 2026" in words
    assert owner.post(f"/closings/{period_id}/remove", {"revision": "1"}).status_code == 409
    assert owner.post(f"/closings/{period_id}/remove", {"revision": "2"}).status_code == 303
    assert "No closing days yet" in told(owner, "/closings")
    backwards = owner.post("/closings", {**days, "last_day": "2026-07-01"})
    assert backwards.status_code == 422
    assert "The last day lies before the first" in backwards.get_data(as_text=True)
    assert owner.post("/closings", {**days, "last_day": "2028-07-01"}).status_code == 422
    assert owner.post("/closings", {**days, "location_id": "0" * 36}).status_code == 404


# --- the month's report ---


def test_the_months_report_is_a_pdf(owner: Desk) -> None:
    answer = owner.get("/month-reports/2026-02")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    for odd in ("2026-13", "1800-01", "now"):
        assert owner.get(f"/month-reports/{odd}").status_code == 404


def mails(scope: Scope) -> list[OutboxMessage]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "mail")))


def test_it_goes_by_mail_once_on_the_second_to_whoever_asked(
    owner: Desk, scope: Scope, clock: FixedClock, settings: Settings
) -> None:
    context = JobContext(settings, scope.database, clock)
    before, before_all = len(mails(scope)), clock()
    assert owner.post("/month-reports", {"wants": "yes"}).status_code == 303
    assert "It comes to you by mail" in told(owner, "/reports")
    assert send_month_reports(context) == {"sent": 0}, "what is past already is not sent"
    clock.set(datetime(2026, 4, 1, 9, tzinfo=UTC))
    assert send_month_reports(context) == {"sent": 0}
    clock.set(datetime(2026, 4, 2, 9, tzinfo=UTC))
    assert send_month_reports(context) == {"sent": 1}
    assert send_month_reports(context) == {"sent": 0}
    found = mails(scope)
    assert len(found) == before + 1
    mail, _until = open_mail(scope.keys.data, found[-1].payload)
    assert mail.subject == "Bakery: the report of March 2026"
    composed = compose(settings, mail, message_id="1", at=clock())
    files = list(composed.iter_attachments())
    assert [(part.get_content_type(), part.get_filename()) for part in files] == [
        ("application/pdf", f"{owner.slug}-2026-03.pdf")
    ]
    assert files[0].get_content().startswith(b"%PDF")
    clock.set(before_all)
    assert owner.post("/month-reports", {"wants": "no"}).status_code == 303
    clock.set(datetime(2026, 5, 2, 9, tzinfo=UTC))
    assert send_month_reports(context) == {"sent": 0}


def test_two_runs_at_once_send_one(owner: Desk, scope: Scope, clock: FixedClock, settings: Settings) -> None:
    owner.post("/month-reports", {"wants": "yes"})
    clock.set(datetime(2026, 4, 2, 9, tzinfo=UTC))
    due = month_reports.due_reports(scope)
    assert [one.month for one in due] == [date(2026, 3, 1)]
    from tests.concurrency.racing import at_once

    context = JobContext(settings, scope.database, clock)
    from app.backoffice.month_report import make_mail

    def send() -> bool:
        return month_reports.send_report(
            replace(scope), due[0], lambda one: make_mail(context.scope(), one, public_url="https://card.example")
        )

    assert sorted(map(bool, at_once([send, send, send]))) == [False, False, True]
