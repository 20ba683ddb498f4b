"""From what somebody reads out at the telephone to the card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.cards import numbers
from app.common.scope import Scope
from app.rewards.models import Visit, Voucher
from tests.admin.cards.people import EMAIL, named, text_of
from tests.admin.desk import Desk, sit_down
from tests.factories import Holder, Shop, make_shop, visit


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"support"})


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=1, name="Bakkerij Noord")


@pytest.fixture
def sofie(scope: Scope) -> Holder:
    return named(scope)


@contextmanager
def watched(scope: Scope) -> Iterator[list[str]]:
    """The statements that are run inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(" ".join(statement.split()))

    event.listen(scope.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(scope.database.engine, "before_cursor_execute", note)


def found(desk: Desk, text: str, **more: str) -> str:
    """The address to which one hit leads at once."""
    answer = desk.post("/cards", {"q": text, **more})
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def test_a_card_is_found_by_its_number_however_it_is_written(desk: Desk, sofie: Holder) -> None:
    at = f"/admin/cards/{sofie.card_id}"
    for written in (
        sofie.number,
        numbers.format_number(sofie.number).lower(),
        f"HTTPS://CARD.EXAMPLE/C/{sofie.number}",
        f"https://card.example/c/{sofie.number}/12345678",
        sofie.card_id,
    ):
        assert found(desk, written) == at


def test_a_member_is_found_by_an_address_typed_whole_and_by_no_part_of_it(desk: Desk, sofie: Holder) -> None:
    assert found(desk, f" {EMAIL.upper()} ") == f"/admin/members/{sofie.member_id}"
    assert desk.post("/cards", {"q": "sofie.dierickx@proximus"}).status_code == 200
    assert "Nothing found" in text_of(desk.post("/cards", {"q": "sofie@proximus.be"}))
    # In an address bar it would end up in logs and histories, so there it is not looked for at all.
    assert desk.get(f"/cards?q={EMAIL}").status_code == 200


def test_a_visit_leads_to_its_card(desk: Desk, scope: Scope, shop: Shop, sofie: Holder) -> None:
    booked = visit(shop.counter(), sofie, amount_minor=900, receipt_ref="R-20817")
    at = f"/admin/cards/{sofie.card_id}"
    with scope.reading() as tx:
        row = tx.session.scalars(select(Visit).where(Visit.member_id == sofie.member_id)).one()
        code = tx.session.scalars(select(Voucher.code).where(Voucher.member_id == sofie.member_id)).one()
    assert booked.ok
    with watched(scope) as statements:
        assert found(desk, row.id) == at
    # By the members who were booked in that moment; never by reading all visits for one id.
    looked = [one for one in statements if "FROM visit" in one and "visit.id = " in one]
    assert looked
    assert all("visit.member_id IN" in one for one in looked), looked
    assert found(desk, row.transaction_id) == f"/admin/members/{sofie.member_id}"
    assert found(desk, code) == f"/admin/members/{sofie.member_id}"
    # The clock stands at noon of 4 March in UTC.
    assert found(desk, sofie.number[-4:], shop="noord", day="2026-03-04") == at
    assert found(desk, "R-20817", shop="noord", day="2026-03-04") == at
    assert "Nothing found" in text_of(desk.post("/cards", {"q": "R-20817", "shop": "noord", "day": "2026-03-05"}))
    assert "Nothing found" in text_of(desk.post("/cards", {"q": "R-20817", "shop": "n%d", "day": "2026-03-04"}))


def test_what_is_not_enough_or_wrong_is_said(desk: Desk, sofie: Holder) -> None:
    assert "with a shop and a day" in text_of(desk.post("/cards", {"q": sofie.number[-4:]}))
    wrong = sofie.number[:-1] + ("0" if sofie.number[-1] != "0" else "1")
    assert "check character" in text_of(desk.post("/cards", {"q": wrong}))
    assert "Type it whole" in text_of(desk.post("/cards", {"q": "@"}))


def test_the_palette_finds_what_the_person_may_open(
    flask_app: Flask, scope: Scope, desk: Desk, shop: Shop, sofie: Holder
) -> None:
    assert f"/admin/cards/{sofie.card_id}" in desk.get(f"/find?q={sofie.number}").get_data(as_text=True)
    assert "/admin/cards" in desk.get("/find?q=find a ca").get_data(as_text=True)
    finance = sit_down(flask_app, scope, {"finance"})
    assert "/admin/cards" not in finance.get(f"/find?q={sofie.number}").get_data(as_text=True)
    assert "/admin/batches" not in desk.get("/find?q=batches").get_data(as_text=True)
    administrator = sit_down(flask_app, scope)
    assert "/admin/batches" in administrator.get("/find?q=batches").get_data(as_text=True)
    # An address is looked for where it stands in no address bar.
    assert sofie.member_id not in desk.get(f"/find?q={EMAIL}").get_data(as_text=True)
    assert sofie.member_id in desk.post("/find", {"q": EMAIL}).get_data(as_text=True)
    shown = desk.get("/find?q=bakkerij").get_data(as_text=True)
    assert "Bakkerij Noord" in shown
    assert shop.merchant_id in shown
