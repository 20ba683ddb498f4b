"""The ledger's pages: every number leads to the rows that make it, whoever may adjust can, nobody else."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from app.admin.queries import ledger as books
from app.admin.queries.ledger_todo import waiting
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights import turnover
from app.ledger import anchors, checks, verifying
from app.merchants import service as merchants
from app.rewards.service.adjusting import adjust
from tests.admin.desk import Desk, sit_down
from tests.admin.ledger.people import balance, collector
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, reverse, visit


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, request: pytest.FixtureRequest) -> Desk:
    """Somebody of support; where a test has a past, she comes in after it."""
    if "lived" in request.fixturenames:
        request.getfixturevalue("lived")
    return sit_down(flask_app, scope, {"support"}, name="Jan")


@pytest.fixture
def eva(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"finance"}, name="Eva")


@pytest.fixture
def lived(scope: Scope, clock: FixedClock) -> tuple[Shop, Holder]:
    """An account on which something of every kind happened, long enough for two pages."""
    rules = {"earn": [{"per": "amount", "units": "1"}], "expiry": {"kind": "months", "months": 1}}
    shop = make_shop(scope, rules=rules, reward={"cost": 5})
    holder = make_holder(scope)
    for day in range(60):
        booked = visit(shop.counter(), holder, amount_minor=2_00)
        if day % 20 == 7:
            clock.advance(minutes=6)
            reverse(shop.counter(), booked.transaction_id)
        if day % 15 == 11:
            redeem(shop.counter(), holder, shop.reward_ids[0])
        clock.advance(days=1)
    adjust(scope, member_id=holder.member_id, programme_id=shop.programme_id, units=3, reason="=goodwill")
    return shop, holder


def path(shop: Shop, holder: Holder, more: str = "") -> str:
    return f"/ledger/{holder.member_id}/{shop.programme_id}{more}"


def read(desk: Desk, address: str, status: int = 200) -> str:
    answer = desk.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return unescape(answer.get_data(as_text=True))


def number(text: str) -> int:
    return int(re.sub(r"[^\d-]", "", text.replace("−", "-")))


def units_of(page: str) -> list[int]:
    return [number(found) for found in re.findall(r'<td class="number units">([^<]+)</td>', page)]


def test_every_step_of_the_waterfall_leads_to_rows_that_make_it(desk: Desk, lived: tuple[Shop, Holder]) -> None:
    page = read(desk, path(*lived))
    drawn = re.findall(
        r'class="strong"[^>]*>([^<]+)</text><a href="([^"]+)"><text[^>]*class="word"[^>]*>(\w+)</text></a>', page
    )
    assert {word for _, _, word in drawn} == {"earned", "adjusted", "reversed", "redeemed", "expired"}
    total = 0
    for told, address, _ in drawn:
        found: list[int] = []
        following: str | None = address
        while following is not None:
            rows = read(desk, following)
            found += units_of(rows)
            older = re.search(r'<p class="soft forward">.*?<a href="([^"]+)"', rows)
            following = older[1] if older else None
        assert sum(found) == number(told)
        total += number(told)
    shown = re.search(r'<h1 class="book-balance"><span class="d">([^<]+)</span>', page)
    assert shown is not None
    assert number(shown[1]) == total
    assert "rows add up, seals unbroken" in page


def test_the_rows_run_on_from_page_to_page(desk: Desk, lived: tuple[Shop, Holder]) -> None:
    page = read(desk, path(*lived))
    forward = re.search(r"Brought forward: ([\d−]+)\. <a href=\"([^\"]+)\">(\d+) older rows", page)
    assert forward is not None
    older = read(desk, forward[2])
    balances = re.findall(r'<td class="number"><strong>([^<]+)</strong>', older)
    assert number(balances[0]) == number(forward[1])
    assert len(units_of(older)) == int(forward[3])
    assert "older row" not in older


def test_a_reversal_says_what_it_undoes_and_that_row_is_struck_out(
    desk: Desk, lived: tuple[Shop, Holder], scope: Scope
) -> None:
    shop, holder = lived
    book = books.read_book(scope, holder.member_id, shop.programme_id)
    undoing = next(row for row in reversed(book.rows) if row.kind == "reverse")
    page = read(desk, path(shop, holder, f"?row={undoing.transaction_id}"))
    assert f'data-id="{undoing.transaction_id}" data-undoes="{undoing.reverses_id}"' in page
    assert re.search(rf'id="row-{undoing.reverses_id}"[^>]*class="earn undone"', page)
    panel = desk.get(path(shop, holder, f"/rows/{undoing.transaction_id}"), headers={"HX-Request": "true"}).get_data(
        as_text=True
    )
    assert "<html" not in panel
    for said in ("Undoes", "whole", "no debt", "from the lot it made", "fits the row before and after"):
        assert said in panel, said
    assert "Reverse a visit" not in panel
    # By itself the part leads to the page that it belongs to.
    answer = desk.get(path(shop, holder, f"/rows/{undoing.transaction_id}"))
    assert answer.status_code == 302
    assert f"row={undoing.transaction_id}" in answer.headers["Location"]


def test_an_old_row_is_shown_on_its_page(desk: Desk, lived: tuple[Shop, Holder], scope: Scope) -> None:
    shop, holder = lived
    first = books.read_book(scope, holder.member_id, shop.programme_id).rows[0]
    page = read(desk, path(shop, holder, f"?row={first.transaction_id}"))
    assert re.search(rf'id="row-{first.transaction_id}"[^>]*aria-current="true"', page)


def test_only_the_lots_that_remain(desk: Desk, lived: tuple[Shop, Holder], scope: Scope) -> None:
    shop, holder = lived
    book = books.read_book(scope, holder.member_id, shop.programme_id)
    page = read(desk, path(shop, holder, "?lots=1"))
    assert len(units_of(page)) == min(len(book.lots), 50)
    assert sum(lot.remaining for lot in book.lots) == book.balance


def test_the_table_for_a_spreadsheet_holds_every_row_and_no_formula(
    desk: Desk, lived: tuple[Shop, Holder], scope: Scope
) -> None:
    shop, holder = lived
    answer = desk.get(path(shop, holder, "/book.csv"))
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    book = books.read_book(scope, holder.member_id, shop.programme_id)
    assert len(rows) == len(book.rows)
    assert sum(int(row["units"]) for row in rows) == book.balance == int(rows[-1]["balance"])
    assert rows[-1]["why"] == "'=goodwill"


def test_what_was_changed_behind_the_services_back_is_told_on_the_page(
    desk: Desk, lived: tuple[Shop, Holder], scope: Scope
) -> None:
    shop, holder = lived
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE account SET balance = balance + 7 WHERE member_id = :id"), {"id": holder.member_id})
    page = read(desk, path(shop, holder))
    assert "the rows do not add up, or a seal is broken" in page
    assert "seals unbroken" not in page


def test_a_row_is_told_to_be_anchored_once_it_is(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    desk = sit_down(flask_app, scope, {"support"})
    shop, holder = collector(scope)
    (row,) = books.read_book(scope, holder.member_id, shop.programme_id).rows
    address = path(shop, holder, f"?row={row.transaction_id}")
    assert "not anchored yet" in read(desk, address)
    clock.advance(hours=13)
    settings = flask_app.extensions["zegel"].settings
    anchors.write(scope, anchors.folder_of(settings.var, settings.database_url))
    desk = sit_down(flask_app, scope, {"support"})
    assert re.search(r"anchored 5 Mar 02:00", read(desk, address))


def test_joined_cards_are_one_book(desk: Desk, scope: Scope) -> None:
    from app.members.service import merge

    shop, old = collector(scope, 4)
    young = make_holder(scope)
    visit(shop.counter(), young, units=3)
    scope.run(lambda tx: merge(tx, scope, survivor_id=young.member_id, merged_id=old.member_id))
    for member in (young, old):
        page = read(desk, path(shop, member))
        assert "with the rows of 1 joined card" in page
        assert sorted(units_of(page)) == [-4, 3, 4, 4]
        assert '<span class="d">7</span>' in page
        assert "seals unbroken" in page


# --- totals ----------------------------------------------------------------------------------------------------------


def test_every_total_leads_to_days_and_every_day_to_rows(desk: Desk, lived: tuple[Shop, Holder], scope: Scope) -> None:
    shop, _ = lived
    turnover.count_ledger(scope)
    assert f"/admin/ledger/programmes/{shop.programme_id}" in read(desk, "/ledger")
    days = read(desk, f"/ledger/programmes/{shop.programme_id}")
    cells = re.findall(rf'<a href="([^"]+/programmes/{shop.programme_id}/[^"]+)"[^>]*>([^<]+)</a>', days)
    assert cells
    for address, told in [*cells[:4], *cells[-4:]]:
        rows = read(desk, address)
        found = [number(one) for one in re.findall(r'<td class="number">([^<]+)</td></tr>', rows)]
        assert sum(found) == number(told)
        leads = re.search(r'<a href="(/admin/ledger/[^"]+row=[^"]+)"', rows)
        assert leads is not None
        assert 'aria-current="true"' in read(desk, leads[1])


def test_the_last_nights_are_told(desk: Desk, scope: Scope) -> None:
    collector(scope)
    assert "every night at half past two" in read(desk, "/ledger")
    checks.note_check(scope, scope.now, verifying.verify(scope))
    assert "Everything agrees." in read(desk, "/ledger")
    assert waiting(scope) == []
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE account SET balance = balance + 1"), {})
    checks.note_check(scope, scope.now, verifying.verify(scope))
    page = read(desk, "/ledger")
    assert re.search(r"\d differences", page)
    assert "the account's row was changed" in page
    (urgent,) = waiting(scope)
    assert urgent.is_urgent


# --- adjusting over the pages ----------------------------------------------------------------------------------------


def form_of(page: str, ends: str) -> tuple[str, str]:
    """Where a form goes, and the id that it carries."""
    found = re.search(rf'action="([^"]+{ends}[^"]*)".*?name="adjustment_id" value="([^"]+)"', page, re.DOTALL)
    assert found is not None
    return found[1], found[2]


def test_adjusting_by_the_page_up_to_the_limit_and_above_it(desk: Desk, eva: Desk, scope: Scope) -> None:
    shop, holder = collector(scope)
    page = read(desk, path(shop, holder))
    assert "Above 20 stamps a second person approves." in page
    address, key = form_of(page, "/adjust")
    fields = {"units": "3", "reason": "Tablet offline, receipt shown", "adjustment_id": key}
    for _ in range(2):
        answer = desk.post(address, fields)
        assert answer.status_code == 303
    assert balance(scope, shop, holder) == 8
    page = read(desk, answer.headers["Location"])
    assert "Operator desk, Jan" in page
    assert "Tablet offline, receipt shown" in page

    assert desk.post(address, {**fields, "units": "40", "adjustment_id": new_id()}).status_code == 303
    assert balance(scope, shop, holder) == 8
    assert "Waiting for a second person" in read(desk, path(shop, holder))
    mine = read(desk, "/ledger/adjustments")
    assert "a colleague decides" in mine
    assert "/approve" not in mine
    theirs = read(eva, "/ledger/adjustments")
    approve = re.search(r'action="([^"]+/approve)"', theirs)
    assert approve is not None
    assert desk.post(approve[1]).status_code == 303
    assert "what she asked for herself" in read(desk, "/ledger/adjustments")
    assert balance(scope, shop, holder) == 8
    for _ in range(2):
        assert eva.post(approve[1]).status_code == 303
    assert balance(scope, shop, holder) == 48
    assert "Operator desk, Jan with Eva" in read(desk, path(shop, holder))


def test_a_refused_form_says_why_and_keeps_what_was_typed(desk: Desk, scope: Scope) -> None:
    shop, holder = collector(scope)
    for units, reason in (("-9", "too much"), ("nonsense", "why"), ("0", "nothing"), ("3", "")):
        answer = desk.post(path(shop, holder, "/adjust"), {"units": units, "reason": reason, "adjustment_id": new_id()})
        page = unescape(answer.get_data(as_text=True))
        assert answer.status_code == 422
        assert '<details class="act" id="adjust" open>' in page
        assert f'value="{reason}"' in page
    assert balance(scope, shop, holder) == 5


def test_reversing_a_visit_by_the_page(desk: Desk, scope: Scope) -> None:
    shop, holder = collector(scope)
    booked = visit(shop.counter(), holder, units=2)
    page = read(desk, path(shop, holder, f"?row={booked.transaction_id}"))
    address, key = form_of(page, "/undo")
    answer = desk.post(address, {"reason": "Scanned twice", "adjustment_id": key})
    assert answer.status_code == 303
    assert balance(scope, shop, holder) == 5
    assert "Scanned twice" in read(desk, answer.headers["Location"])
    again = desk.post(address, {"reason": "Scanned twice", "adjustment_id": new_id()})
    assert again.status_code == 422
    assert "undone already" in unescape(again.get_data(as_text=True))


def test_limits_are_an_administrators(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    chief = sit_down(flask_app, scope, {"administrator"})
    assert "/ledger/limits/" not in read(desk, "/ledger/adjustments")
    assert "/ledger/limits/stamps" in read(chief, "/ledger/adjustments")
    assert chief.post("/ledger/limits/stamps", {"most": "7", "most_in_all": "9"}).status_code == 303
    shop, holder = collector(scope)
    assert "Above 7 stamps a second person approves." in read(desk, path(shop, holder))
    for wrong in ({"most": "9", "most_in_all": "7"}, {"most": "x", "most_in_all": "7"}):
        assert chief.post("/ledger/limits/stamps", wrong).status_code == 303
    assert chief.post("/ledger/limits/coffee", {"most": "1", "most_in_all": "1"}).status_code == 404
    assert "Above 7 stamps" in read(desk, path(shop, holder))


def test_who_only_watches_sees_no_forms(flask_app: Flask, scope: Scope) -> None:
    shop, holder = collector(scope)
    watcher = sit_down(flask_app, scope, {"risk"})
    page = read(watcher, path(shop, holder))
    assert "seals unbroken" in page or "seal" in page
    assert "/adjust" not in page
    assert "/undo" not in page


def test_what_is_not_there_is_not_there(desk: Desk, scope: Scope) -> None:
    shop, holder = collector(scope)
    for address in (
        path(shop, replace(holder, member_id=new_id())),
        path(replace(shop, programme_id=new_id()), holder),
        "/ledger/nonsense/nonsense",
        path(shop, holder, f"/rows/{new_id()}?"),
        f"/ledger/programmes/{shop.programme_id}",
        f"/ledger/programmes/{shop.programme_id}/2026-03-04/balance",
        f"/ledger/programmes/{shop.programme_id}/nonsense/issued",
    ):
        answer = desk.get(address, headers={"HX-Request": "true"} if "/rows/" in address else {})
        assert answer.status_code == 404, address
    assert read(desk, path(shop, holder, f"?row={new_id()}&before=x&kind=y"))


def test_what_waits_for_somebody_else_is_on_her_list(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    shop, holder = collector(scope)
    desk.post(path(shop, holder, "/adjust"), {"units": "50", "reason": "lost card", "adjustment_id": new_id()})
    eva_id = merchants.add_operator(scope, "eva2@zegel.example", name="Eva", rights=["support"])
    mine = replace(scope, actor_kind="operator", actor_id=desk.operator_id)
    hers = replace(scope, actor_kind="operator", actor_id=eva_id)
    assert waiting(mine) == []
    (one,) = waiting(hers)
    assert (one.right, one.href, one.is_urgent) == ("support, finance", "/admin/ledger/adjustments", False)
    assert "Jan" in one.about
