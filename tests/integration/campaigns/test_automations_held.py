"""What keeps an automation from writing: the lot, the caps, another worker, a failure, a level, and who may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from app.campaigns import reaching
from app.campaigns.models import Campaign, CampaignMember
from app.campaigns.reaching import Reached
from app.campaigns.service import automating
from app.campaigns.service import setting_automations as setting
from app.campaigns.service.setting_automations import Chosen
from app.common.errors import ForbiddenError, InvalidError
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.jobs.rounds import run_if_due
from app.jobs.schedule import JOBS
from app.merchants.errors import SomebodyWasFasterError
from config import Settings
from tests.clocks import FixedClock
from tests.integration.campaigns.regulars import DAY, Street, at, every, open_street, regular, wanted


@pytest.fixture
def street(scope: Scope, clock: FixedClock) -> Street:
    return open_street(scope, clock)


def test_who_is_left_out_by_lot_gets_nothing_and_is_asked_the_same(street: Street) -> None:
    holders = [regular(street)[0] for _ in range(3)]
    last = every("2026-03-04", (9, 9, 9, 9))[-1]
    street.start("come_back", control_percent=50)
    with street.scope.transaction() as tx:
        tx.session.execute(update(Campaign).values(seed=1))
    street.run(at(last + 16 * DAY, 4))
    with street.scope.transaction() as tx:
        left_out, *_ = rows = list(tx.session.scalars(select(CampaignMember).order_by(CampaignMember.member_id)))
        for row in rows:
            row.arm = "control" if row is left_out else "treated"
    ran = street.run(at(last + 16 * DAY, 13))
    assert (ran.sent, ran.held) == (2, 1)
    assert sorted(len(street.told(one)) for one in holders) == [0, 1, 1]
    assert {one.member_id for one in street.contacts()} == {one.member_id for one in holders} - {left_out.member_id}


def test_the_caps_put_it_off_and_then_it_is_too_late(street: Street) -> None:
    holder, last = regular(street, birthday="--04-25")
    street.start("birthday")
    street.start("come_back")
    street.run(at(last + 16 * DAY, 13))  # 25 April
    assert len(street.told(holder)) == 1
    for days in range(17, 60):
        street.run(at(last + days * DAY, 13))
    assert len(street.told(holder)) <= 2


def test_two_workers_write_once(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    _race(street, monkeypatch)
    assert sorted(_race.became) == ["none", "sent"]  # type: ignore[attr-defined]
    assert _race.reached == 1  # type: ignore[attr-defined]


def test_without_its_guard_each_would_write(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: nothing but taking the row keeps the second from writing."""
    taken = automating._TAKE
    monkeypatch.setattr(
        automating,
        "_TAKE",
        Statement(
            taken.sqlite.replace("AND status = 'waiting' AND due_at <= :now", "AND :now IS NOT NULL"),
        )
        if street.scope.database.dialect == "sqlite"
        else Statement(
            "UPDATE campaign_member SET status = 'skipped' WHERE member_id = :member_id AND campaign_id = :id"
            " AND occasion = :occasion AND CAST(:now AS timestamptz) IS NOT NULL"
        ),
    )
    _race(street, monkeypatch)
    assert _race.reached == 2  # type: ignore[attr-defined]


def _race(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    holder, last = regular(street)
    street.start("come_back")
    street.run(at(last + 16 * DAY, 4))
    street.clock.set(at(last + 16 * DAY, 13))
    with street.scope.reading() as tx:
        row = tx.session.scalars(select(CampaignMember)).one()
    reached: list[str] = []

    def reach(tx: Any, scope: Scope, member_id: str, wish: Any) -> Reached:
        reached.append(member_id)
        return Reached(ways=("inbox",))

    monkeypatch.setattr(automating, "reach", reach)
    both = Barrier(2)

    def work(scope: Scope) -> str:
        both.wait()
        return scope.run(lambda tx: automating.send_one(tx, scope, row.campaign_id, holder.member_id, row.occasion))

    with ThreadPoolExecutor(2) as pool:
        _race.became = list(pool.map(work, [replace(street.scope) for _ in range(2)]))  # type: ignore[attr-defined]
    _race.reached = len(reached)  # type: ignore[attr-defined]


def test_what_fails_for_one_holds_up_nobody_else(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = regular(street)
    second, _ = regular(street)
    street.start("come_back")
    street.run(at(last + 16 * DAY, 4))
    kept, broken = reaching.reach, [first.member_id]

    def reach(tx: Any, scope: Scope, member_id: str, wish: Any) -> Reached:
        if member_id in broken:
            raise RuntimeError("broken")
        return kept(tx, scope, member_id, wish)

    monkeypatch.setattr(automating, "reach", reach)
    ran = street.run(at(last + 16 * DAY, 13))
    assert (ran.sent, ran.failed) == (1, 1)
    broken.clear()
    assert street.run(at(last + 16 * DAY, 13, 20)).sent == 0
    assert street.run(at(last + 16 * DAY, 13, 30)).sent == 1
    assert len(street.told(first)) == len(street.told(second)) == 1


def test_a_level_turns_automations_on_and_takes_them_away(street: Street) -> None:
    levels = {
        "stranger": Chosen("basic"),
        "butterfly": Chosen("reactive"),
        "barnacle": Chosen("accountable"),
        "friend": Chosen("proactive"),
    }
    changes = setting.set_levels(street.owner, levels, leave=("tip",), revision=0)
    assert {one.trigger for one in changes} == {
        *("welcome", "expiring", "nearly_full", "thanks", "come_back", "birthday", "anniversary"),
    }
    with street.scope.reading() as tx:
        assert street.row("come_back", tx).status == "on"
        assert street.row("come_back", tx).settings["groups"] == ["friend"]
        assert street.row("come_back", tx).control_percent == 15
        assert tx.session.scalar(select(Campaign.id).where(Campaign.trigger == "tip")) is None
    with pytest.raises(SomebodyWasFasterError):
        setting.set_levels(street.owner, levels, revision=0)
    assert setting.set_levels(street.owner, levels, leave=("tip",), revision=4) == []
    [*_, one] = setting.set_levels(
        street.owner, {**levels, "friend": Chosen("accountable")}, leave=("tip",), revision=4
    )
    assert (one.trigger, one.kind) == ("anniversary", "stop")


def test_who_may_not_changes_nothing_and_what_is_wrong_is_told(street: Street) -> None:
    for who in (
        replace(street.owner, staff_role="cashier"),
        replace(street.owner, location_id=street.shop.location_id),
    ):
        with pytest.raises(ForbiddenError):
            setting.start_automation(who, "welcome")
    with pytest.raises(InvalidError) as told:
        setting.change_automation(
            street.owner,
            "come_back",
            wanted("come_back", days=999, groups=(), ways=("pigeon",), title={"en": "{name}"}, reward_id="x" * 36),
            revision=0,
        )
    assert set(told.value.params["errors"]) == {"days", "groups", "ways", "title_en", "reward_id"}
    with pytest.raises(SomebodyWasFasterError):
        setting.change_automation(street.owner, "come_back", wanted("come_back"), revision=7)
    nobody = {one: Chosen("basic") for one in ("stranger", "butterfly", "barnacle")}
    with pytest.raises(InvalidError):
        setting.set_levels(
            street.owner,
            {**nobody, "friend": Chosen("partnership", "0197a000-0000-7000-8000-000000000000")},
            revision=0,
        )


def test_it_runs_all_day(settings: Settings, street: Street) -> None:
    holder, last = regular(street)
    street.start("come_back")
    street.clock.set(at(last + 16 * DAY, 13))
    [job] = [job for job in JOBS if job.name == "automations"]
    context = JobContext(settings, street.scope.database, street.clock)
    assert run_if_due(context, job)
    assert len(street.told(holder)) == 1
    assert not run_if_due(context, job)
    street.clock.advance(minutes=10)
    assert run_if_due(context, job)
    assert len(street.told(holder)) == 1
