"""Units that end soon are told of once for each day on which some end, a fortnight ahead, one message for each shop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.campaigns.models import ExpiryNotice, MemberMessage
from app.campaigns.service import expiring, forget_notices, tell_expiring
from app.cards.service import issue_anonymous_member
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.rounds import run_if_due
from app.jobs.schedule import JOBS
from app.members.service import merge
from app.rewards.service.adjusting import adjust
from app.wallet.service import erase_me, undo_merge
from config import Settings
from tests import shops
from tests.clocks import FixedClock
from tests.shops import Shop

DAY = timedelta(days=1)


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return shops.open_shop(scope)


@pytest.fixture
def member(scope: Scope) -> str:
    return issue_anonymous_member(scope).member_id


def give(scope: Scope, member_id: str, programme_id: str, units: int, until: datetime | None) -> None:
    adjust(scope, member_id=member_id, programme_id=programme_id, units=units, reason="test", expires_at=until)


def told(scope: Scope, member_id: str) -> list[dict[str, Any]]:
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(MemberMessage).where(MemberMessage.member_id == member_id).order_by(MemberMessage.id)
        )
        return [{"kind": row.kind, "merchant_id": row.merchant_id, **row.params} for row in rows]


def test_it_is_told_once_a_fortnight_ahead_and_together_for_each_shop(
    scope: Scope, shop: Shop, member: str, clock: FixedClock
) -> None:
    other = shops.open_shop(scope, "Bookshop")
    now = clock()
    give(scope, member, shop.points_id, 30, now + 20 * DAY)
    give(scope, member, shop.points_id, 12, now + 20 * DAY)
    give(scope, member, shop.stamps_id, 1, now + 18 * DAY)
    give(scope, member, other.points_id, 7, now + 19 * DAY)
    give(scope, member, other.points_id, 9, now + 60 * DAY)
    give(scope, member, other.points_id, 5, None)
    assert tell_expiring(scope) == 0
    clock.advance(days=7)
    assert tell_expiring(scope) == 2
    assert tell_expiring(scope) == 0, "a repeat tells nothing again"
    mine = {one["merchant_id"]: one for one in told(scope, member)}
    assert [(lot["units"], lot["unit_kind"]) for lot in mine[shop.merchant_id]["lots"]] == [
        (1, "stamps"),
        (42, "points"),
    ]
    assert [(lot["units"], lot["unit_kind"]) for lot in mine[other.merchant_id]["lots"]] == [(7, "points")]
    assert {one["kind"] for one in mine.values()} == {"units_expiring"}
    give(scope, member, shop.points_id, 3, now + 21 * DAY)
    assert tell_expiring(scope) == 1, "another day is another message"
    assert [lot["units"] for lot in told(scope, member)[-1]["lots"]] == [3]
    clock.advance(days=40)
    assert tell_expiring(scope) == 1
    assert [lot["units"] for lot in told(scope, member)[-1]["lots"]] == [9]
    assert forget_notices(scope, before=now + 30 * DAY) == 4
    assert tell_expiring(scope) == 0, "what has ended is not told of"


def test_what_was_spent_is_not_told_of(scope: Scope, shop: Shop, member: str, clock: FixedClock) -> None:
    give(scope, member, shop.points_id, 30, clock() + 10 * DAY)
    adjust(scope, member_id=member, programme_id=shop.points_id, units=-30, reason="spent")
    assert tell_expiring(scope) == 0


def test_who_has_left_is_told_nothing(scope: Scope, shop: Shop, member: str, clock: FixedClock) -> None:
    give(scope, member, shop.points_id, 30, clock() + 10 * DAY)
    erase_me(replace(scope, member_id=member))
    assert tell_expiring(scope) == 0
    assert told(scope, member) == []


def test_more_members_than_a_slice_are_all_told(
    scope: Scope, shop: Shop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one who has more that ends than a slice holds gets one message."""
    monkeypatch.setattr(expiring, "_SLICE", 4)
    members = [issue_anonymous_member(scope).member_id for _ in range(5)]
    for member_id in members:
        for days in (3, 5, 7):
            give(scope, member_id, shop.points_id, days, clock() + days * DAY)
    steps: list[int] = []
    assert tell_expiring(scope, on_progress=steps.append) == 5
    assert steps == [1, 2, 3, 4, 5]
    for member_id in members:
        [message] = told(scope, member_id)
        assert [lot["units"] for lot in message["lots"]] == [3, 5, 7]
    alone = issue_anonymous_member(scope).member_id
    for days in range(1, 11):
        give(scope, alone, shop.points_id, days, clock() + days * DAY)
    assert tell_expiring(scope) == 1
    assert [len(one["lots"]) for one in told(scope, alone)] == [10]


def test_several_workers_tell_once(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    members = [issue_anonymous_member(scope).member_id for _ in range(6)]
    for member_id in members:
        give(scope, member_id, shop.points_id, 4, clock() + 3 * DAY)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(tell_expiring, [replace(scope) for _ in range(4)]))
    assert sum(counts) == 6
    assert [len(told(scope, member_id)) for member_id in members] == [1] * 6


def test_without_their_notes_each_would_tell(scope: Scope, shop: Shop, member: str, clock: FixedClock) -> None:
    """The twin: nothing but the notes keeps a second round from telling again."""
    give(scope, member, shop.points_id, 4, clock() + 3 * DAY)
    assert tell_expiring(scope) == 1
    assert forget_notices(scope, before=clock() + 30 * DAY) == 1
    with scope.transaction() as tx:
        tx.session.execute(update(MemberMessage).values(source="another cause"))
    assert tell_expiring(scope) == 1


def test_after_a_merge_it_is_not_told_again(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    kept, merged = (issue_anonymous_member(scope).member_id for _ in range(2))
    give(scope, kept, shop.points_id, 1, clock() + 300 * DAY)
    give(scope, merged, shop.points_id, 8, clock() + 5 * DAY)
    assert tell_expiring(scope) == 1
    merge_id = scope.run(lambda tx: merge(tx, scope, survivor_id=kept, merged_id=merged))
    assert [one["lots"][0]["units"] for one in told(scope, kept)] == [8]
    assert tell_expiring(scope) == 0
    undo_merge(replace(scope, member_id=kept), merge_id=merge_id)
    assert len(told(scope, merged)) == 1
    assert told(scope, kept) == []


def test_it_runs_every_morning(settings: Settings, scope: Scope, shop: Shop, member: str, clock: FixedClock) -> None:
    give(scope, member, shop.points_id, 8, clock() + 5 * DAY)
    context = JobContext(settings, scope.database, clock)
    [job] = [job for job in JOBS if job.name == "tell-expiring"]
    assert run_if_due(context, job)
    assert len(told(scope, member)) == 1
    assert not run_if_due(context, job)
    clock.advance(days=1)
    assert run_if_due(context, job)
    assert len(told(scope, member)) == 1
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(ExpiryNotice)).all()) == 1
