"""A shop that stops: told in time, nothing earned, then nothing redeemed, closed; and all of it taken along."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.backoffice.queries.taking_along import cell
from app.backoffice.service import leaving
from app.campaigns.queries import list_messages
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.jobs.leaving import advance
from app.ledger.verifying import verify
from app.rewards.service import shop_members
from app.wallet.queries.accounts import list_accounts
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, redeem_voucher, visit
from tests.office.desk import Desk, sit_down

EARNS, REDEEMS = date(2026, 4, 10), date(2026, 6, 10)


@dataclass
class Stopping:
    """A shop with a member who has nine stamps of ten, and one who has a voucher."""

    shop: Shop
    desk: Desk
    holder: Holder
    full: Holder
    jobs: JobContext
    flask_app: Flask
    clock: FixedClock

    def announce(self, **changes: object) -> int:
        form = {
            "last_earning": EARNS.isoformat(),
            "last_redeeming": REDEEMS.isoformat(),
            "word_nl": "Bedankt voor 30 jaar!",
            "is_sure": "y",
            **changes,
        }
        return self.desk.post("/leaving/announce", form).status_code

    def at(self, day: date, hour: int = 12) -> None:
        """Go to noon of a day, with everybody signed in anew, and do what time does."""
        self.clock.set(self.clock.now.replace(year=day.year, month=day.month, day=day.day, hour=hour))
        self.desk = sit_down(self.flask_app, self.shop.scope, self.shop.merchant_id)
        advance(self.jobs)
        drain(self.jobs)

    def titles(self, holder: Holder) -> list[str]:
        own = replace(self.shop.scope, actor_kind="member", member_id=holder.member_id, locale="en")
        drain(self.jobs)
        return [one.title for one in reversed(list_messages(own, limit=20, locale="en"))]


@pytest.fixture
def stopping(flask_app: Flask, scope: Scope, clock: FixedClock) -> Stopping:
    shop = make_shop(scope, stamps=10)
    platform = flask_app.extensions["zegel"]
    holder, full = make_holder(scope), make_holder(scope)
    for count, who in ((9, holder), (11, full)):
        for _ in range(count):
            assert visit(shop.counter(), who).ok
    jobs = JobContext(platform.settings, platform.database, clock)
    return Stopping(shop, sit_down(flask_app, scope, shop.merchant_id), holder, full, jobs, flask_app, clock)


def test_from_the_announcement_to_the_last_day(stopping: Stopping, scope: Scope) -> None:
    shop = stopping.shop
    assert "Announce it" in stopping.desk.get("/leaving").get_data(as_text=True)
    assert stopping.announce() == 303
    assert "Bakery is stopping" in stopping.titles(stopping.holder)
    assert "It is announced that you stop" in stopping.desk.get("/leaving").get_data(as_text=True)
    assert stopping.announce() == 409
    own = replace(scope, actor_kind="member", member_id=stopping.holder.member_id)
    [account] = list_accounts(own, limit=5)
    assert account.earns_until is not None
    assert account.redeems_until is not None
    assert (account.redeems_until - account.earns_until).days == 61

    stopping.at(EARNS)
    assert "One more week to collect at Bakery" in stopping.titles(stopping.holder)
    assert visit(shop.counter(), stopping.holder).ok, "the last day counts"

    stopping.at(EARNS + timedelta(days=1))
    assert "Redeem what you have at Bakery" in stopping.titles(stopping.holder)
    refused = visit(shop.counter(), stopping.holder)
    assert refused.code == "earning_over"
    assert stopping.desk.post("/leaving/call-off").status_code == 303
    assert "Nothing is collected any more" in stopping.desk.get("/leaving").get_data(as_text=True)
    vouchers = _vouchers(scope, stopping.full)
    assert [status for _, status in vouchers] == ["issued"]

    stopping.at(REDEEMS)
    assert "Last week at Bakery" in stopping.titles(stopping.full)
    assert redeem_voucher(shop.counter(), vouchers[0][0]).ok, "until the last day"

    stopping.at(REDEEMS + timedelta(days=1))
    with scope.reading() as tx:
        assert tx.session.scalar(text("SELECT status FROM merchant")) == "closed"
        assert tx.session.scalar(text("SELECT sum(balance) FROM account")) == 0
        assert tx.session.scalar(text("SELECT count(*) FROM device WHERE revoked_at IS NULL")) == 0
        assert tx.session.scalar(text("SELECT count(*) FROM voucher WHERE status = 'issued'")) == 0
    assert verify(scope).mismatches == []
    shown = stopping.desk.get("/leaving").get_data(as_text=True)
    assert "You have stopped" in shown
    # A repeat does nothing more, and tells nobody again.
    told = stopping.titles(stopping.holder)
    stopping.at(REDEEMS + timedelta(days=2))
    assert stopping.titles(stopping.holder) == told
    assert stopping.desk.post("/leaving/statement").data.startswith(b"%PDF")


def test_calling_it_off_before_the_freeze(stopping: Stopping) -> None:
    assert stopping.announce() == 303
    stopping.at(date(2026, 4, 1))
    assert "You stay" in stopping.desk.post("/leaving/call-off", follow_redirects=True).get_data(as_text=True)
    assert "Bakery is staying" in stopping.titles(stopping.holder)
    stopping.at(EARNS + timedelta(days=1))
    assert visit(stopping.shop.counter(), stopping.holder).ok
    assert stopping.announce(last_earning="2026-06-01", last_redeeming="2026-08-01") == 303


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"last_earning": "2026-04-02"}, "at least 30 days ahead"),
        ({"last_redeeming": "2026-05-09"}, "between 30 and 365 days"),
        ({"last_redeeming": "2027-04-11"}, "between 30 and 365 days"),
        ({"is_sure": ""}, "Tick this"),
        ({"last_earning": "soon"}, "Something is missing or wrong"),
        ({"word_fr": "x" * 401}, "Something is missing or wrong"),
    ],
)
def test_what_comes_too_soon_is_refused(stopping: Stopping, changes: dict[str, str], word: str) -> None:
    form = {"last_earning": EARNS.isoformat(), "last_redeeming": REDEEMS.isoformat(), "is_sure": "y", **changes}
    answer = stopping.desk.post("/leaving/announce", {name: value for name, value in form.items() if value})
    assert answer.status_code == 422
    assert word in answer.get_data(as_text=True)


def test_jobs_that_did_not_run_for_a_while_close_all_the_same(stopping: Stopping, scope: Scope) -> None:
    stopping.announce()
    stopping.at(REDEEMS + timedelta(days=40))
    assert "You have stopped" in stopping.desk.get("/leaving").get_data(as_text=True)
    told = stopping.titles(stopping.holder)
    assert [title for title in told if "Bakery" in title] == ["Bakery is stopping"], "nothing that is over is told"
    assert leaving.advance(scope).steps == 0


def test_the_archive_holds_all_of_this_shop_and_nothing_of_another(stopping: Stopping, scope: Scope) -> None:
    other = make_shop(scope, name="Other", stamps=5)
    assert visit(other.counter(), stopping.holder).ok
    shop_members.rebuild(scope)
    answer = stopping.desk.post("/leaving/export")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    names = ("members", "accounts", "visits", "vouchers", "bookings")
    assert set(archive.namelist()) == {
        "README.txt",
        "shop.json",
        *(f"{n}.{k}" for n in names for k in ("csv", "jsonl")),
    }
    raw = archive.read("visits.csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    visits = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(visits) == 20
    assert {row["location_id"] for row in visits} == {stopping.shop.location_id}
    bookings = [json.loads(line) for line in archive.read("bookings.jsonl").splitlines()]
    moved = sum(
        (row["credit"] == "balance") * row["units"] - (row["debit"] == "balance") * row["units"] for row in bookings
    )
    with scope.reading() as tx:
        own = "SELECT sum(balance) FROM account WHERE programme_id = :id"
        assert moved == tx.session.scalar(text(own), {"id": stopping.shop.programme_id})
    members = [json.loads(line) for line in archive.read("members.jsonl").splitlines()]
    assert {row["member_id"] for row in members} == {stopping.holder.member_id, stopping.full.member_id}
    assert {row["name"] for row in members} == {None}, "nobody lets the shop see a name"
    shop = json.loads(archive.read("shop.json"))
    assert shop["business"]["name"] == "Bakery"
    assert [one["versions"][0]["rules"]["goal"] for one in shop["programmes"]] == [10]
    with scope.reading() as tx:
        assert tx.session.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'merchant.exported'")) == 1


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1"])
def test_no_cell_begins_like_a_formula(value: str) -> None:
    assert cell(value) == f"'{value}"
    assert cell(-1) == -1
    assert cell("An") == "An"


def _vouchers(scope: Scope, holder: Holder) -> list[tuple[str, str]]:
    with scope.reading() as tx:
        rows = tx.session.execute(
            text("SELECT code, status FROM voucher WHERE member_id = :member_id"), {"member_id": holder.member_id}
        )
        return [(code, status) for code, status in rows]
