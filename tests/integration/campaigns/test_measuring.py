"""Campaigns are measured from everybody whom the lot put in either group, over one window, and kept as totals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import ProgrammingError

from app.campaigns.models import Campaign, CampaignMember
from app.campaigns.service.learning import rank
from app.campaigns.service.measuring import measure_due
from app.cards.models import ConsentEvent, Member
from app.cards.service import issue_anonymous_member
from app.common.ids import new_id
from app.common.scope import Scope
from app.insights.models.value import RelationshipSetting
from app.jobs.context import JobContext
from app.jobs.rounds import run_if_due
from app.jobs.schedule import JOBS
from app.ledger.models import LedgerTransaction
from app.members.service import merge
from app.rewards.models import Visit, Voucher
from app.wallet.service import erase_me
from config import Settings
from tests import shops
from tests.clocks import FixedClock
from tests.shops import Shop

DAY = timedelta(days=1)


class Trial:
    """A shop with members and one campaign, the lot already drawn."""

    def __init__(
        self,
        scope: Scope,
        shop: Shop,
        clock: FixedClock,
        *,
        treated: int,
        control: int,
        is_real: bool = False,
        **of: Any,
    ) -> None:
        self.scope, self.shop, self.sent = scope, shop, clock()
        drawn = sorted(self.member(is_real=is_real) for _ in range(treated + control))
        self.treated, self.control = drawn[:treated], drawn[treated:]
        self.campaign_id = new_id()
        row = {
            "id": self.campaign_id,
            "merchant_id": shop.merchant_id,
            "name": "We miss you",
            "status": "sent",
            "wanted": {},
            "settings": {},
            "ways": ["email"],
            "title": {"en": "We miss you"},
            "text": {"en": "Come"},
            "seed": 1,
            "control_percent": 20,
            "measure_days": 28,
            "send_at": self.sent,
            "created_at": self.sent,
            "changed_at": self.sent,
        }
        with scope.transaction() as tx:
            if not is_real:
                tx.session.execute(insert(Member), [{"id": one, "created_at": self.sent} for one in drawn])
            tx.session.execute(insert(Campaign).values(**(row | of)))
            for arm, members in (("treated", self.treated), ("control", self.control)):
                tx.session.execute(insert(CampaignMember), [self.drawn(member_id, arm) for member_id in members])

    def drawn(self, member_id: str, arm: str) -> dict[str, Any]:
        return {
            "member_id": member_id,
            "campaign_id": self.campaign_id,
            "merchant_id": self.shop.merchant_id,
            "arm": arm,
            "status": "sent" if arm == "treated" else "held",
            "assigned_at": self.sent,
            "due_at": self.sent,
            "sent_at": self.sent,
        }

    def member(self, *, is_real: bool) -> str:
        """Somebody with a card and a key, or no more than an id: then no service will have her, but she comes."""
        return issue_anonymous_member(self.scope).member_id if is_real else new_id()

    def visit(self, member_id: str, after: timedelta, amount: int | None = 2000, refunded: int = 0, **of: Any) -> None:
        """A visit so long after the sending (before it: negative)."""
        self.visits([(member_id, after)], amount_minor=amount, refunded_minor=refunded, **of)

    def visits(self, wanted: list[tuple[str, timedelta]], **of: Any) -> None:
        """Many visits at once."""
        rows = [self.booked(member_id, after, **of) for member_id, after in wanted]
        with self.scope.transaction() as tx:
            tx.session.execute(insert(LedgerTransaction), [booked for booked, _ in rows])
            tx.session.execute(insert(Visit), [visit for _, visit in rows])

    def booked(self, member_id: str, after: timedelta, **of: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        at = self.sent + after
        transaction_id = new_id()
        booked = {
            "member_id": member_id,
            "id": transaction_id,
            "merchant_id": self.shop.merchant_id,
            "kind": "earn",
            "seal": b"",
            "seal_key": "1",
            "occurred_at": at,
            "recorded_at": at,
        }
        row = {
            "member_id": member_id,
            "id": new_id(),
            "transaction_id": transaction_id,
            "merchant_id": self.shop.merchant_id,
            "location_id": self.shop.location_id,
            "number": "7",
            "amount_minor": 2000,
            "refunded_minor": 0,
            "reversed_at": None,
            "currency": "EUR",
            "earned": [],
            "occurred_at": at,
            "recorded_at": at,
        }
        return booked, row | of

    def offer(self, member_id: str, *, redeemed: timedelta | None) -> None:
        """A voucher for five euro that came with the campaign."""
        voucher_id = new_id()
        row = {
            "member_id": member_id,
            "id": voucher_id,
            "code": voucher_id,
            "reward_id": self.shop.discount_id,
            "merchant_id": self.shop.merchant_id,
            "programme_id": self.shop.points_id,
            "status": "issued" if redeemed is None else "redeemed",
            "redeemed_at": None if redeemed is None else self.sent + redeemed,
            "cost": 0,
            "value": {"amount": "5.00", "currency": "EUR"},
            "source": "campaign",
            "issued_at": self.sent,
        }
        with self.scope.transaction() as tx:
            tx.session.execute(insert(Voucher).values(**row))
            tx.session.execute(
                update(CampaignMember)
                .where(CampaignMember.campaign_id == self.campaign_id, CampaignMember.member_id == member_id)
                .values(voucher_id=voucher_id)
            )

    def campaign(self) -> Campaign:
        with self.scope.reading() as tx:
            return tx.session.scalars(select(Campaign).where(Campaign.id == self.campaign_id)).one()

    def result(self) -> dict[str, Any]:
        found = self.campaign().result
        assert found is not None
        return found


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return shops.open_shop(scope)


def test_it_counts_both_groups_alike_within_one_window(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    trial = Trial(scope, shop, clock, treated=12, control=6)
    for member_id in (*trial.treated, *trial.control):
        trial.visit(member_id, -40 * DAY)
    first, second, third = trial.treated[:3]
    trial.visit(first, timedelta(0), 3000, 1000)
    trial.visit(first, 28 * DAY - timedelta(seconds=1), None)
    trial.visit(first, 28 * DAY)  # too late
    trial.visit(second, -timedelta(seconds=1))  # before it was sent
    trial.visit(second, 3 * DAY, reversed_at=trial.sent + 3 * DAY)  # undone
    trial.visit(third, 9 * DAY)
    trial.visit(trial.control[0], 2 * DAY, 1500)
    trial.offer(first, redeemed=2 * DAY)
    trial.offer(second, redeemed=30 * DAY)
    trial.offer(third, redeemed=None)
    with scope.transaction() as tx:
        tx.session.execute(
            insert(RelationshipSetting).values(
                merchant_id=shop.merchant_id, margin_percent=50, names={}, revision=1, changed_at=clock()
            )
        )
        for member_id in (first, trial.control[1]):  # only who was written to can have left because of it
            tx.session.execute(
                insert(ConsentEvent).values(
                    member_id=member_id,
                    id=new_id(),
                    merchant_id=shop.merchant_id,
                    channel="email",
                    is_given=False,
                    how="unsubscribe",
                    wording="",
                    occurred_at=clock() + DAY,
                )
            )
    clock.advance(days=28)
    assert measure_due(scope) == 1
    result = trial.result()
    assert (result["treated"], result["control"], result["reached"]) == (12, 6, 12)
    assert result["came"] == [2, 1]
    assert result["visits"] == [3, 1]
    assert (result["redeemed"], result["left"]) == (1, 1)
    assert result["effects"]["visits"]["with"] == pytest.approx(3 / 12)
    assert result["effects"]["visits"]["without"] == pytest.approx(1 / 6)
    assert result["effects"]["spend"]["with"] == pytest.approx(4000 / 12), "less what was refunded"
    assert result["effects"]["redemptions"]["with"] == pytest.approx(1 / 12)
    assert result["money"]["offers_minor"] == 500
    assert len(result["total"]["dots"]) == 20
    campaign = trial.campaign()
    assert (campaign.status, campaign.measured_at, result["is_final"]) == ("measured", clock(), True)
    told = json.dumps(result)
    assert not any(member_id in told for member_id in (*trial.treated, *trial.control)), "totals only"
    assert measure_due(scope) == 0, "what is measured for good stays so"


def test_while_it_runs_it_is_marked_and_made_anew_each_day(
    scope: Scope, shop: Shop, clock: FixedClock, settings: Settings
) -> None:
    trial = Trial(scope, shop, clock, treated=12, control=6, cost_minor=240, result={"lists": {"people": 12}})
    trial.visit(trial.treated[0], 2 * DAY)
    clock.advance(days=6)
    assert measure_due(scope) == 0, "hardly anybody can have come yet"
    clock.advance(days=2)
    [job] = [one for one in JOBS if one.name == "measure-campaigns"]
    run_if_due(JobContext(settings, scope.database, clock), job)
    result = trial.result()
    assert not result["is_final"]
    assert result["days"] == 8
    assert result["lists"] == {"people": 12}, "what was kept when it was sent stays"
    assert result["money"]["sending_minor"] == 240
    assert trial.campaign().status == "sent"
    clock.advance(hours=1)
    assert measure_due(scope) == 0
    trial.visit(trial.treated[1], 8 * DAY)
    clock.advance(days=1)
    assert measure_due(scope) == 1
    assert trial.result()["visits"] == [2, 0]
    with scope.transaction() as tx:
        tx.session.execute(update(Campaign).values(status="stopped"))
    clock.advance(days=30)
    assert measure_due(scope) == 1
    assert trial.campaign().status == "stopped", "stopped stays stopped, measured all the same"
    assert trial.campaign().measured_at is not None


def test_merged_people_count_once_and_erased_ones_count_on(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    trial = Trial(scope, shop, clock, treated=12, control=6, is_real=True)
    mine, theirs, gone = trial.treated[0], trial.control[0], trial.treated[1]
    outside = issue_anonymous_member(scope).member_id
    trial.visit(theirs, 2 * DAY)
    trial.visit(gone, 3 * DAY)
    trial.visit(trial.treated[2], 4 * DAY)
    with scope.transaction() as tx:
        merge(tx, scope, survivor_id=mine, merged_id=theirs)
        merge(tx, scope, survivor_id=outside, merged_id=trial.treated[2])
    trial.visit(outside, 5 * DAY)  # whom she is now
    erase_me(replace(scope, member_id=gone))
    clock.advance(days=29)
    assert measure_due(scope) == 1
    result = trial.result()
    assert (result["treated"], result["control"]) == (12, 5), "one person, in the group of the older id"
    assert result["visits"] == [4, 0]
    assert (result["merged"], result["erased"]) == (2, 1)


def test_what_campaigns_taught_orders_the_next_list(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    """Without history who came lately comes first; a campaign in which only those moved who had been away for long
    puts those first, and says on what it rests."""
    trial = Trial(scope, shop, clock, treated=90, control=60)
    everybody = [*trial.treated, *trial.control]
    away = {member_id: place % 3 == 0 for place, member_id in enumerate(everybody)}
    long_ago, lately = (60, 70, 80), (2, 12, 22)
    trial.visits([(one, -day * DAY) for one in everybody for day in (long_ago if away[one] else lately)])
    with scope.reading() as tx:
        before = rank(tx, shop.merchant_id, everybody, clock())
    assert before.basis == "plain"
    assert not any(away[member_id] for member_id in before.first(30))
    with scope.transaction() as tx:
        for member_id in everybody:
            tx.session.execute(
                update(CampaignMember)
                .where(CampaignMember.member_id == member_id)
                .values(facts=before.facts[member_id], score=float(away[member_id]))
            )
    trial.visits(
        [
            (one, 5 * DAY)
            for place, one in enumerate(everybody)
            if (one in trial.treated if away[one] else place % 2 == 1)
        ]
    )
    clock.advance(days=29)
    assert measure_due(scope) == 1
    orders = trial.result()["orders"]
    assert orders["people"] == 75
    assert orders["learnt"]["extra"] > 20 > orders["plain"]["extra"], "told from the lot's own groups"
    with scope.reading() as tx:
        after = rank(tx, shop.merchant_id, trial.control, clock())  # nobody of them came because of it
    assert after.basis == "uplift"
    assert all(away[member_id] for member_id in after.first(15))
    lists = after.lists(15)
    assert (lists["people"], lists["of"]) == (15, 60)
    assert lists["both"] == 0, "the list without what was learnt is another one"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # where the wall stands
def test_the_shop_s_own_staff_may_not_see_the_lot(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    trial = Trial(scope, shop, clock, treated=5, control=5)
    own = replace(scope, actor_kind="staff", merchant_id=shop.merchant_id)
    with own.reading() as tx:
        assert tx.session.scalars(select(Campaign.id)).all() == [trial.campaign_id]
        with pytest.raises(ProgrammingError, match="permission denied"):
            tx.session.scalars(select(CampaignMember.member_id)).all()
