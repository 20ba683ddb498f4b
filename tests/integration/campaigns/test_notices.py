"""What a shop must tell all its members."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from app.campaigns.notices import announce
from app.campaigns.service import noticing
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop, visit

TITLE = {"en": "A new owner", "nl": "Een nieuwe eigenaar"}
TEXT = {"en": "Your stamps stay.", "nl": "Je stempels blijven."}


def told(scope: Scope) -> list[tuple[str, str]]:
    with scope.reading() as tx:
        rows = tx.session.execute(text("SELECT member_id, kind FROM member_message ORDER BY member_id")).all()
    return [(str(row[0]), row[1]) for row in rows]


def test_every_member_of_the_shop_is_told_once(
    scope: Scope, settings: object, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "AT_ONCE", 2)
    shop, other = make_shop(scope, stamps=10), make_shop(scope, stamps=10, name="Other")
    holders = [make_holder(scope) for _ in range(5)]
    for holder in holders:
        visit(shop.counter(), holder)
    elsewhere = make_holder(scope)
    visit(other.counter(), elsewhere)
    drain(JobContext(settings, scope.database, clock))  # type: ignore[arg-type]
    before = told(scope)

    for _ in range(2):
        with replace(scope).transaction() as tx:
            announce(tx, scope, merchant_id=shop.merchant_id, source="handover:1", title=TITLE, text=TEXT)
        drain(JobContext(settings, scope.database, clock))  # type: ignore[arg-type]
    assert [one for one in told(scope) if one not in before] == sorted(
        (holder.member_id, "shop_notice") for holder in holders
    )
