"""One card before two kiosks at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from app.common.scope import Scope
from app.rewards.rules import stamps_document
from app.rewards.service import create_programme
from app.scanning import kiosk
from tests.books import assert_books_balance, count
from tests.concurrency.racing import at_once
from tests.factories import Answer, Holder, Shop, make_holder, make_shop, visit


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=5)


@pytest.fixture
def programmes(scope: Scope, shop: Shop) -> list[str]:
    """Two, so that two visits need not touch one account."""
    lunch = create_programme(scope, shop.merchant_id, name="Lunch", kind="stamps", rules=stamps_document(5))
    return [shop.programme_id, lunch]


def race(shop: Shop, holder: Holder, programmes: list[str]) -> int:
    answers = at_once(
        [
            lambda programme=programme: visit(shop.counter(), holder, is_kiosk=True, programme_id=programme)
            for programme in programmes * 6
        ]
    )
    for answer in answers:
        assert isinstance(answer, Answer), repr(answer)
        assert answer.ok or answer.code == "kiosk_wait"
    return sum(isinstance(answer, Answer) and answer.ok for answer in answers)


@pytest.mark.parametrize("has_accounts", [True, False])
def test_it_earns_one_visit(scope: Scope, shop: Shop, programmes: list[str], has_accounts: bool) -> None:
    holder = make_holder(scope)
    if has_accounts:
        visit(shop.counter(), holder)
    before = count(scope, "visit")
    assert race(shop, holder, programmes) == 1
    assert count(scope, "visit") == before + 1
    assert_books_balance(scope)


def test_a_look_before_the_booking_begins_would_let_several_pass(
    scope: Scope, shop: Shop, programmes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = make_holder(scope)
    check = kiosk.check_wait

    def look(config: Any, member_id: str, occurred_at: Any, now: Any) -> None:
        with scope.database.reading() as earlier:
            check(earlier, config, member_id, occurred_at, now)

    looked: list[Any] = []
    monkeypatch.setattr(kiosk, "lock_member", lambda transaction, member_id: None)
    monkeypatch.setattr(kiosk, "check_wait", lambda transaction, *facts: looked.append(facts))
    visit(shop.counter(), make_holder(scope), is_kiosk=True)  # what a look is given
    [(config, _, occurred_at, now)] = looked
    for _ in programmes * 6:
        look(config, holder.member_id, occurred_at, now)
    assert race(shop, holder, programmes) > 1
