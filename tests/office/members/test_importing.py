"""Lists that a shop brings along: read whatever they look like, tried out, taken over by the jobs, undone as a whole;
and the list that an owner takes away."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.backoffice.service.members import importing, taking_away
from app.backoffice.service.members.importing.reading import guess, read_sheet
from app.backoffice.service.members.importing.rows import Wanted, read_row
from app.cards.models import CardReference
from app.common.clock import zone
from app.common.database import Database
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.ledger.verifying import verify
from app.rewards.errors import (
    ImportChangedError,
    ImportColumnsError,
    ImportSpentError,
    ImportTooLongError,
    ImportUnreadableError,
)
from app.rewards.models import MemberImport, MemberImportRow, MemberNote, ShopMember, Visit, Voucher
from app.rewards.service.shop_members import rebuild
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem_voucher, visit
from tests.office.desk import Desk, sit_down
from tests.office.members.conftest import kept

LIST = "Klantnummer;Voornaam;Achternaam;Stempels;Opmerking\n100001;Greet;Peeters;7;Houdt van pioenen\n100002;Luc;Janssens;23;\n100003;;;0;\n100002;Luc;Twice;4;\n;Nobody;;3;\n100005;Odd;Balance;veel;\n"  # noqa: E501


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10, name="Bakery")


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id, "owner")


@pytest.fixture
def own(scope: Scope, shop: Shop, desk: Desk) -> Scope:
    return replace(
        scope,
        actor_kind="staff",
        actor_id=desk.staff_id,
        staff_id=desk.staff_id,
        staff_role="owner",
        merchant_id=shop.merchant_id,
    )


@pytest.fixture
def jobs(settings: Any, database: Database, clock: FixedClock) -> JobContext:
    return JobContext(settings, database, clock)


def tried(own: Scope, shop: Shop, text: str, *, kind: str = "members", counts: str = "history") -> tuple[str, Any]:
    import_id = importing.upload(own, content=text.encode(), file_name="list.csv", kind=kind)
    found = importing.get_import(own, import_id)
    plan = importing.try_out(
        own,
        import_id,
        revision=found.revision,
        columns=found.columns,
        location_id=shop.location_id,
        programme_id=shop.programme_id,
        counts=counts,
    )
    return import_id, plan


def taken_over(own: Scope, shop: Shop, jobs: JobContext, text: str, **how: Any) -> str:
    import_id, _ = tried(own, shop, text, **how)
    importing.start(own, import_id, revision=importing.get_import(own, import_id).revision)
    drain(jobs)
    assert importing.get_import(own, import_id).status == "done"
    return import_id


def balances(scope: Scope, shop: Shop) -> dict[str, int]:
    """By old card number."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(CardReference.reference, ShopMember.balance)
            .join(ShopMember, ShopMember.member_id == CardReference.member_id)
            .where(ShopMember.place_id == shop.merchant_id)
        )
        return {reference: balance for reference, balance in rows}  # noqa: C416


def test_a_list_is_tried_out_before_anything_is_booked(scope: Scope, shop: Shop, own: Scope) -> None:
    before = kept(scope)
    import_id, plan = tried(own, shop, LIST)
    assert (plan.new, plan.known, plan.skipped, plan.rejected, plan.units, plan.rewards) == (3, 0, 1, 2, 30, 2)
    assert plan.problems == [(5, "twice_in_file"), (6, "card_missing"), (7, "balance_odd")]
    assert kept(scope) == before
    with scope.reading() as tx:
        assert tx.session.scalars(select(CardReference)).all() == []
        stored = tx.session.scalars(select(MemberImport.content)).one()
    assert stored is not None
    assert b"Peeters" not in bytes(stored)
    assert importing.get_import(own, import_id).status == "tried"


def test_what_was_tried_out_is_what_happens_and_the_old_cards_scan(
    scope: Scope, shop: Shop, own: Scope, jobs: JobContext
) -> None:
    taken_over(own, shop, jobs, LIST)
    assert balances(scope, shop) == {"100001": 7, "100002": 3}
    with scope.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(Voucher)) == 2
        assert tx.session.scalar(select(func.count()).select_from(MemberNote)) == 3, "two names and a note"
        assert tx.session.scalars(select(MemberImport.content)).one() is None, "the file itself is gone"
    answer = visit(shop.counter(), "100001")
    assert answer.ok
    assert answer.balance == 8
    mirrored = kept(scope)
    rebuild(scope)
    drain(jobs)
    assert mirrored[2] == kept(scope)[2]
    assert verify(scope).mismatches == []


def test_a_second_import_adds_nothing_again(scope: Scope, shop: Shop, own: Scope, jobs: JobContext) -> None:
    taken_over(own, shop, jobs, LIST)
    _, plan = tried(own, shop, LIST)
    assert (plan.new, plan.known) == (0, 0)
    assert (4, "imported_before") in plan.problems


def test_an_import_is_undone_whole_while_nothing_is_spent(
    scope: Scope, shop: Shop, own: Scope, jobs: JobContext
) -> None:
    before = kept(scope)
    import_id = taken_over(own, shop, jobs, LIST)
    importing.undo(own, import_id, revision=importing.get_import(own, import_id).revision)
    drain(jobs)
    assert importing.get_import(own, import_id).status == "undone"
    assert kept(scope) == before
    with scope.reading() as tx:
        assert tx.session.scalars(select(CardReference)).all() == []
        assert tx.session.scalars(select(MemberNote)).all() == []
        assert set(tx.session.scalars(select(Voucher.status))) == {"cancelled"}
    assert not visit(shop.counter(), make_holder(scope)).code
    assert verify(scope).mismatches == []
    again = taken_over(own, shop, jobs, LIST)
    assert balances(scope, shop) == {"100001": 7, "100002": 3}, "and can be brought along anew"
    assert again != import_id


def test_what_is_spent_keeps_an_import_from_being_undone(
    scope: Scope, shop: Shop, own: Scope, jobs: JobContext
) -> None:
    import_id = taken_over(own, shop, jobs, LIST)
    with scope.reading() as tx:
        code = tx.session.scalars(select(Voucher.code).order_by(Voucher.id)).first()
    assert code is not None
    assert redeem_voucher(shop.counter(), code).ok
    before = kept(scope)
    with pytest.raises(ImportSpentError) as refused:
        importing.undo(own, import_id, revision=importing.get_import(own, import_id).revision)
    assert refused.value.params == {"members": 1}
    drain(jobs)
    assert kept(scope) == before
    assert importing.get_import(own, import_id).status == "done"


def test_a_killed_import_goes_on_where_it_stopped(
    scope: Scope, shop: Shop, own: Scope, jobs: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.backoffice.service.members.importing import running

    monkeypatch.setattr(running, "CHUNK", 4)
    text = "card,balance\n" + "".join(f"card-{number},{number % 9}\n" for number in range(14))
    import_id, _ = tried(own, shop, text)
    importing.start(own, import_id, revision=importing.get_import(own, import_id).revision)
    assert importing.go_on(jobs.scope(), import_id, seconds=0) is False
    assert importing.get_import(own, import_id).position == 4
    drain(jobs)
    drain(jobs)
    found = importing.get_import(own, import_id)
    assert (found.status, found.position, found.totals["new"]) == ("done", 14, 14)
    with scope.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(MemberImportRow)) == 14
    assert sum(balances(scope, shop).values()) == sum(number % 9 for number in range(14))


def test_a_history_counts_in_figures_and_earns_only_if_it_is_told_to(
    scope: Scope, shop: Shop, own: Scope, jobs: JobContext
) -> None:
    text = "Kaart;Datum;Bedrag\nA1;04/01/2026;12,50\nA1;11/01/2026 09:30;€ 1.003,00\nA1;18/01/2026;\nA1;18/01/2026;\nB2;31/02/2026;3\nB2;01/01/2030;3\n"  # noqa: E501
    import_id, plan = tried(own, shop, text, kind="visits")
    assert (plan.visits, plan.rejected) == (4, 2)
    assert [reason for _, reason in plan.problems] == ["date_odd", "date_ahead"]
    import_id = taken_over(own, shop, jobs, text, kind="visits")
    rebuild(scope)
    with scope.reading() as tx:
        row = tx.session.scalars(select(ShopMember).where(ShopMember.place_id == shop.merchant_id)).one()
        assert (row.visits, row.spend_minor, row.balance) == (4, 101_550, 0)
        assert set(tx.session.scalars(select(Visit.source))) == {"import"}
    assert tried(own, shop, text, kind="visits")[1].visits == 0
    importing.undo(own, import_id, revision=importing.get_import(own, import_id).revision)
    drain(jobs)
    rebuild(scope)
    with scope.reading() as tx:
        assert tx.session.scalars(select(ShopMember)).all() == []
    taken_over(own, shop, jobs, text, kind="visits", counts="earn")
    rebuild(scope)
    with scope.reading() as tx:
        row = tx.session.scalars(select(ShopMember).where(ShopMember.place_id == shop.merchant_id)).one()
        assert row.visits == 4
        assert row.balance > 0
    assert verify(scope).mismatches == []


def test_two_people_at_one_import_are_told(scope: Scope, shop: Shop, own: Scope) -> None:
    import_id, _ = tried(own, shop, LIST)
    revision = importing.get_import(own, import_id).revision
    importing.start(own, import_id, revision=revision)
    with pytest.raises(ImportChangedError):
        importing.start(own, import_id, revision=revision)
    other = importing.upload(own, content=b"a,b\n1,2\n", file_name="x.csv", kind="members")
    fields = {"location_id": shop.location_id, "programme_id": shop.programme_id, "counts": "history"}
    with pytest.raises(ImportColumnsError):
        importing.try_out(own, other, revision=1, columns={}, **fields)


def test_the_wizard_goes_from_the_file_to_the_undoing(scope: Scope, shop: Shop, desk: Desk, jobs: JobContext) -> None:
    sent = {"kind": "members", "file": (io.BytesIO(LIST.encode("cp1252")), "klanten.csv")}
    answer = desk.post("/members/import", sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    where = answer.headers["Location"]
    page = desk.get(where).get_data(as_text=True)
    assert "Greet" in page
    assert '<option value="card" selected>' in page
    columns = {"column-0": "card", "column-1": "name", "column-2": "surname", "column-3": "balance"}
    fields = {**columns, "revision": "1", "location_id": shop.location_id, "programme_id": shop.programme_id}
    plan = desk.post(where, fields).get_data(as_text=True)
    assert "This is what would happen" in plan
    assert "line 6" in plan
    assert desk.post(f"{where}/start", {"revision": "2"}).status_code == 303
    assert "It is being taken over" in desk.get(where).get_data(as_text=True)
    drain(jobs)
    done = desk.get(where).get_data(as_text=True)
    assert "Taken over" in done
    assert desk.post(f"{where}/drop").status_code == 303
    assert desk.post(f"{where}/undo", {"revision": "4"}).status_code == 303
    drain(jobs)
    assert "Undone" in desk.get(where).get_data(as_text=True)
    assert "klanten.csv" in desk.get("/members/import").get_data(as_text=True)


def test_a_file_that_is_none_is_told_beside_its_field(desk: Desk, scope: Scope) -> None:
    for content in (b"", b"\x00\x01\x02", b"only,names\n", b"GIF89a" + bytes(300)):
        sent = {"kind": "members", "file": (io.BytesIO(content), "x.csv")}
        answer = desk.post("/members/import", sent, content_type="multipart/form-data")
        assert answer.status_code == 422
    huge = b"--x\r\n" + b"1\n" * 5_000_000
    where = desk.address("/members/import")
    answer = desk.client.post(where, data=huge, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 303
    assert "more than 50000 rows" in desk.get("/members/import").get_data(as_text=True)
    with scope.reading() as tx:
        assert tx.session.scalars(select(MemberImport)).all() == []


def test_another_shops_import_is_not_there(flask_app: Flask, scope: Scope, shop: Shop, own: Scope) -> None:
    import_id, _ = tried(own, shop, LIST)
    other = make_shop(scope, stamps=10, name="Elsewhere")
    stranger = sit_down(flask_app, scope, other.merchant_id, "owner")
    for path in ("", "/start", "/undo", "/drop"):
        answer = stranger.post(f"/members/import/{import_id}{path}", {"revision": "2"})
        assert answer.status_code == 404
    assert importing.get_import(own, import_id).status == "tried"


def test_an_export_is_the_owners_noted_and_no_formula(
    scope: Scope, shop: Shop, desk: Desk, own: Scope, jobs: JobContext
) -> None:
    text = "card,name,balance,note\nX1,=HYPERLINK(1),3,+49 170\nX2,@home,2,-1\n"
    taken_over(own, shop, jobs, text)
    drain(jobs)
    answer = desk.post("/members/export", {"format": "csv"})
    assert answer.status_code == 200
    body = answer.get_data()
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert {row["called_here"] for row in rows} == {"'=HYPERLINK(1)", "'@home"}
    assert {row["notes"] for row in rows} == {"'+49 170", "'-1"}
    assert "attachment" in answer.headers["Content-Disposition"]
    told = json.loads(desk.post("/members/export", {"format": "json"}).get_data())
    assert {one["called_here"] for one in told["members"]} == {"=HYPERLINK(1)", "@home"}
    with scope.reading() as tx:
        noted = tx.session.scalars(select(AuditEvent.after).where(AuditEvent.action == "members.exported")).all()
    assert noted == [{"format": "csv"}, {"format": "json"}]


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_cell_begins_as_a_formula(text: str) -> None:
    cell = taking_away.safe(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.removeprefix("'") == text or cell == text


@given(st.binary(max_size=400))
@settings(max_examples=80, deadline=None)
def test_no_bytes_break_the_reading(content: bytes) -> None:
    try:
        sheet = read_sheet(content)
    except (ImportUnreadableError, ImportTooLongError):
        return
    assert all(len(row) == len(sheet.columns) for row in sheet.rows)
    for kind in ("members", "visits"):
        columns = guess(sheet, kind)
        assert all(0 <= place < len(sheet.columns) for place in columns.values())
        for line, row in enumerate(sheet.rows, start=2):
            found = read_row(
                line, row, columns, kind, currency="EUR", local=zone("Europe/Brussels"), now=FixedClock()()
            )
            assert isinstance(found, (Wanted, str))


@pytest.mark.parametrize(
    ("header", "kind", "wanted"),
    [
        ("Customer ID,Full Name,Points", "members", {"card": 0, "name": 1, "balance": 2}),
        ("Nom;Prénom;Numéro de carte;Solde", "members", {"name": 0, "card": 2, "balance": 3}),
        ("Kundennummer\tNachname\tVorname\tPunktestand", "members", {"card": 0, "surname": 1, "name": 2, "balance": 3}),
        ("visit_date,card-number,total", "visits", {"date": 0, "card": 1, "amount": 2}),
    ],
)
def test_columns_are_guessed_in_four_languages(header: str, kind: str, wanted: dict[str, int]) -> None:
    width = max(header.count(mark) for mark in ",;\t")
    sheet = read_sheet((header + "\n" + "1" + next(m for m in "\t;," if m in header) * width + "\n").encode())
    assert guess(sheet, kind) == wanted
