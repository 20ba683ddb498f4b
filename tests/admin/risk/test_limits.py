"""Limits: in versions, held at the counter, tried on the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import service as merchants
from app.risk.errors import LimitChangedError, LimitInvalidError
from app.risk.models import RiskCase, RiskLimit
from app.risk.queries.limits import current_limits, history
from app.risk.service.deciding import confirm_case
from app.risk.service.finding import find_cases
from app.risk.service.limits import set_limits
from app.risk.service.tries import ask_try, run_waiting, try_limits
from tests.admin.desk import sit_down
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import Shop, make_holder, make_shop, visit
from tests.tablets import Tablet, seen


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1")


def test_each_change_is_a_version_by_somebody(scope: Scope, clock: FixedClock, shop: Shop) -> None:
    eva = replace(scope, actor_kind="operator", actor_id=merchants.add_operator(scope, "eva@zegel.example", name="Eva"))
    assert set_limits(eva, "card_device", soft=6, hard=3, was=0, note="families") == 1
    clock.advance(days=1)
    assert set_limits(eva, "card_device", soft=6, hard=3, was=1) == 1, "the same again changes nothing"
    assert set_limits(eva, "card_device", soft=None, hard=None, was=1) == 2
    assert set_limits(eva, "card_device", soft=3, hard=None, was=0, merchant_id=shop.merchant_id) == 1
    assert [(one.version, one.soft, one.hard, one.made_by) for one in history(scope, "card_device")][1:] == [
        (2, None, None, "Eva"),
        (1, 6, 3, "Eva"),
    ]
    now = current_limits(scope)["card_device"]
    assert [(one.merchant, one.soft) for one in now] == [(None, None), ("Bakery", 3)]
    with scope.reading() as tx:
        told = tx.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "risk_limit.set").order_by(AuditEvent.id)
        ).first()
    assert told is not None
    assert told.before is not None
    assert told.after is not None
    assert told.before["soft"] == 4
    assert told.after["soft"] == 6


def test_limits_are_numbers_that_make_sense(scope: Scope, shop: Shop) -> None:
    for wrong in ({"soft": 1, "hard": None}, {"soft": 4, "hard": 0}, {"soft": 10**7, "hard": None}):
        with pytest.raises(LimitInvalidError):
            set_limits(scope, "card_device", was=0, **wrong)
    with pytest.raises(LimitInvalidError):
        set_limits(scope, "night", soft=3, hard=3, was=0)
    with pytest.raises(NotFoundError):
        set_limits(scope, "sorcery", soft=3, hard=None, was=0)
    with pytest.raises(LimitChangedError):
        set_limits(scope, "night", soft=5, hard=None, was=7)


def test_of_many_who_set_limits_at_once_one_does(scope: Scope) -> None:
    def set_(rule: str, soft: int) -> str:
        try:
            set_limits(replace(scope), rule, soft=soft, hard=None, was=0)
        except LimitChangedError:
            return "late"
        return "set"

    for rule in ("night", "welcome", "reversed", "guessing", "far_apart"):
        told = at_once([partial(set_, rule, soft) for soft in range(30, 38)])
        assert sorted(map(str, told)) == ["late"] * 7 + ["set"], rule
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(RiskLimit)).all()) == 5


def test_a_hard_limit_is_held_at_the_counter(scope: Scope, clock: FixedClock, shop: Shop) -> None:
    holder, other = make_holder(scope), make_holder(scope)
    assert visit(shop.counter(), holder, amount_minor=500).ok  # the configuration is in memory now
    set_limits(scope, "card_device", soft=4, hard=2, was=0)
    assert visit(shop.counter(), holder, amount_minor=500).ok
    refused = visit(shop.counter(), holder, amount_minor=500)
    assert refused.code == "limit_reached"
    assert visit(shop.counter(), other, amount_minor=500).ok, "another card"
    assert visit(shop.another_device(), holder, amount_minor=500).ok, "another device"
    clock.advance(hours=1)
    assert visit(shop.counter(), holder, amount_minor=500).ok, "an hour later"
    set_limits(scope, "card_device", soft=4, hard=None, was=0, merchant_id=shop.merchant_id)
    assert [visit(shop.counter(), holder, amount_minor=500).ok for _ in range(3)] == [True] * 3, "its own come first"


def test_one_hand_gives_one_card_so_much_a_day(scope: Scope, clock: FixedClock, shop: Shop) -> None:
    holder = make_holder(scope)
    an, bo = (merchants.add_staff(scope, shop.merchant_id, name=name, role="cashier") for name in ("An", "Bo"))
    set_limits(scope, "staff_card", soft=25, hard=2, was=0)
    by_an = [visit(shop.counter(staff_id=an), holder, amount_minor=500).code for _ in range(3)]
    assert by_an == [None, None, "limit_reached"]
    assert visit(shop.counter(staff_id=bo), holder, amount_minor=500).ok
    clock.advance(days=1)
    assert visit(shop.counter(staff_id=an), holder, amount_minor=500).ok


def test_a_queued_visit_above_the_limit_waits_for_somebody(scope: Scope, clock: FixedClock, shop: Shop) -> None:
    holder, tablet = make_holder(scope), Tablet.paired(shop)
    set_limits(scope, "card_device", soft=4, hard=2, was=0)
    events = [seen(holder, number, clock() - timedelta(minutes=10 * number), amount_minor=500) for number in (1, 2, 3)]
    assert [result.status for result in tablet.sync(events).results] == ["applied", "applied", "review"]


def test_where_no_limit_is_set_the_counter_asks_nothing_more(
    scope: Scope, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = make_holder(scope)
    asked: list[str] = []

    def noting(rows: Any) -> Any:
        def noted(tx: Transaction, statement: Statement, params: Any) -> Any:
            asked.append(repr(statement))
            return rows(tx, statement, params)

        return noted

    def questions() -> list[str]:
        asked.clear()
        assert visit(shop.counter(), holder, amount_minor=500).ok
        return list(asked)

    questions()
    for kind in (Transaction, *Transaction.__subclasses__()):
        if "rows" in vars(kind):
            monkeypatch.setattr(kind, "rows", noting(vars(kind)["rows"]))
    plain = questions()
    assert plain
    assert not any("risk_limit" in one for one in plain)
    set_limits(scope, "card_device", soft=4, hard=50, was=0)
    questions()  # compiles anew
    limited = questions()
    assert len(limited) == len(plain) + 1


def test_a_try_runs_the_rule_over_the_past(scope: Scope, clock: FixedClock, shop: Shop) -> None:
    crook, honest = make_holder(scope), make_holder(scope)
    for _ in range(6):
        visit(shop.counter(), crook, amount_minor=500)
        clock.advance(minutes=20)
    find_cases(scope)
    with scope.reading() as tx:
        [case] = tx.session.scalars(select(RiskCase)).all()
    confirm_case(scope, case.id, act="nothing", note="it was", public_url="https://card.example")
    clock.advance(days=3)
    for _ in range(3):
        visit(shop.counter(), honest, amount_minor=500)
        clock.advance(minutes=20)
    strict, loose, right = (try_limits(scope, "card_device", soft) for soft in (3, 7, 4))
    assert (right["cases"], right["missed"], right["bothered"], right["members"]) == (1, [], 0, 2)
    assert (strict["cases"], strict["missed"], strict["bothered"]) == (2, [], 1)
    assert (loose["cases"], loose["missed"], loose["right"]) == (0, [case.id], 1)


@pytest.mark.parametrize(
    "rule", ["card_device", "staff_card", "far_apart", "reversed", "night", "guessing", "offline_clock", "welcome"]
)
def test_every_rule_can_be_tried_beside_the_requests(scope: Scope, shop: Shop, rule: str) -> None:
    visit(shop.counter(), make_holder(scope), amount_minor=500)
    first = ask_try(scope, rule, soft=50)
    assert ask_try(scope, rule, soft=50) == first, "the same is not tried twice"
    assert (run_waiting(scope), run_waiting(scope)) == (1, 0)


def test_the_pages_set_and_try(flask_app: Flask, scope: Scope) -> None:
    make_shop(scope, points="1")
    desk = sit_down(flask_app, scope, {"risk"})
    assert "One card, one tablet" in desk.get("/risk/rules").get_data(as_text=True)
    assert desk.get("/risk/rules/sorcery").status_code == 404
    desk.post("/risk/rules/card_device/limits", {"soft": "6", "hard": "3", "was": "0", "note": "families"})
    shown = desk.get("/risk/rules/card_device").get_data(as_text=True)
    assert "families" in shown
    assert 'value="6"' in shown
    for wrong in ({"soft": "1", "was": "1"}, {"soft": "many", "was": "1"}, {"soft": "5", "was": "0"}):
        told = desk.post("/risk/rules/card_device/limits", wrong, follow_redirects=True)
        assert told.status_code == 200
        assert 'class="notice bad"' in told.get_data(as_text=True)
    desk.post("/risk/rules/card_device/tries", {"soft": "3"})
    waiting = desk.get("/risk/rules/card_device").get_data(as_text=True)
    assert "hx-get" in waiting
    assert "<progress" in waiting
    run_waiting(scope)
    assert "Right ones missed" in desk.get("/risk/rules/card_device").get_data(as_text=True)


def test_a_shop_gets_its_own_limits_on_the_rules_page(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    desk = sit_down(flask_app, scope, {"risk"})
    path = "/risk/rules/card_device"
    assert f'shop={shop.merchant_id}#own"' in desk.get(f"{path}?q=bak").get_data(as_text=True)
    assert "No shop like that" in desk.get(f"{path}?q=sorcerer").get_data(as_text=True)
    form = desk.get(f"{path}?shop={shop.merchant_id}").get_data(as_text=True)
    assert "Limits at Bakery" in form
    assert 'id="own-soft" name="soft" type="number" min="2" max="100000" value="4"' in form
    sent = {"soft": "7", "hard": "9", "was": "0", "merchant_id": shop.merchant_id, "note": "A stall on market days."}
    answer = desk.post(f"{path}/limits", sent)
    assert answer.headers["Location"].endswith(f"{path}?shop={shop.merchant_id}")
    now = current_limits(scope)["card_device"]
    assert [(one.merchant, one.soft, one.hard) for one in now] == [(None, 4, None), ("Bakery", 7, 9)]
    page = desk.get(f"{path}?shop={shop.merchant_id}").get_data(as_text=True)
    assert 'name="was" value="1"' in page
    assert 'id="own-hard" name="hard" type="number" min="1" max="100000" value="9"' in page
    late = desk.post(f"{path}/limits", {**sent, "soft": "8"}, follow_redirects=True).get_data(as_text=True)
    assert 'class="notice bad"' in late or "meanwhile" in late
    assert desk.get(f"{path}?shop={desk.operator_id}").status_code == 404
    assert desk.get(f"{path}?shop=nothing").status_code == 404
