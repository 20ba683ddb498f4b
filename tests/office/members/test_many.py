"""The list of so many members that a filter's are not counted to the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.backoffice.queries.members import MemberPage, list_members, listing
from app.common.scope import Scope
from app.rewards.segments import MemberFilter
from app.rewards.service.shop_members import rebuild
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop, visit


def ids(page: MemberPage) -> list[str]:
    return [line.member_id for line in page.lines]


def test_a_filter_through_which_many_come_finds_the_same_in_every_order(
    scope: Scope, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(scope, stamps=10)
    for number in range(7):
        holder = make_holder(scope)
        for _ in range(number % 4 + 1):
            clock.advance(days=1)
            assert visit(shop.counter(), holder, amount_minor=500 * (number % 2 + 1)).ok
    rebuild(scope)
    own = replace(scope, actor_kind="staff", staff_role="manager", merchant_id=shop.merchant_id)
    filters = (
        MemberFilter(visits_least=2, spend_least=1_000),
        MemberFilter(silent_days=2, has_app=False),
        MemberFilter(new_days=30, seen_days=30, visits_most=3),
    )
    for wanted in filters:
        for sort in ("seen", "visits", "spend", "fill", "first"):
            for is_descending in (True, False):
                asked: dict[str, Any] = {
                    "timezone": "Europe/Brussels",
                    "wanted": wanted,
                    "sort": sort,
                    "is_descending": is_descending,
                }
                few = list_members(own, **asked)
                with monkeypatch.context() as patched:
                    patched.setattr(listing, "COUNTED", 2)
                    many = list_members(own, **asked)
                    first = list_members(own, **asked, limit=2)
                    rest = list_members(own, **asked, after=first.next)
                assert (few.has_more_found, many.has_more_found, many.found) == (False, True, 2)
                assert ids(many) == ids(first) + ids(rest) == ids(few) != []
