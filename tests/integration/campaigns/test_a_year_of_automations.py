"""A year of a small shop with everything on: whatever people do, nobody hears the same twice, too often, from what was
stopped, or outside its groups."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.campaigns.automations.catalogue import READY
from app.campaigns.models import Campaign, CampaignMember, Contact, MemberMessage
from app.campaigns.quiet import Manners
from app.campaigns.service import setting_automations as setting
from app.campaigns.service.setting_automations import Chosen
from app.common.scope import Scope
from app.rewards.models import ShopMember
from tests.clocks import FixedClock
from tests.factories import Holder
from tests.integration.campaigns.regulars import DAY, Street, at, open_street

GROUPS = ("stranger", "butterfly", "barnacle", "friend")
LEVELS = {
    "stranger": Chosen("basic"),
    "butterfly": Chosen("reactive"),
    "barnacle": Chosen("accountable"),
    "friend": Chosen("proactive"),
}


@pytest.mark.parametrize(
    ("people", "days", "kinds"),
    [(4, 24, 2), pytest.param(8, 365, 5, marks=pytest.mark.prove)],
    ids=("some weeks", "a year"),
)
def test_nobody_hears_the_same_twice_or_too_often(
    scope: Scope, clock: FixedClock, people: int, days: int, kinds: int
) -> None:
    chance = random.Random(f"automations {people}")
    street = open_street(scope, clock, stamps=4)
    begins = date(2026, 3, 4)
    clock.set(at(begins, 9))
    members: dict[str, tuple[Holder, int, str]] = {}
    for number in range(people):
        birth = begins + chance.randint(3, min(days, 300)) * DAY
        hears = chance.choice([("inbox", "push", "email"), ("inbox",), ("email",), ()])
        holder = street.member(hears=hears, birthday=f"--{birth:%m-%d}" if chance.random() < 0.6 else None)
        members[holder.member_id] = (holder, chance.choice((3, 5, 8, 15)), GROUPS[number % 4])
    street.count()
    setting.set_levels(street.owner, LEVELS, revision=0)
    stopped: dict[str, tuple[date, date]] = {}
    for back in range(days):
        day = begins + back * DAY
        clock.set(at(day, 8, 5))
        if chance.random() < 0.03:
            trigger = chance.choice(sorted(READY))
            street.stop(trigger)
            stopped[trigger] = (day, day + 10 * DAY)
        for trigger, (_, until) in list(stopped.items()):
            if day == until:
                setting.start_automation(street.owner, trigger)
        came = False
        for holder, gap, _ in members.values():
            is_away = (back // 60) % 3 == 1 and gap > 3
            if chance.random() < 1 / gap and not is_away:
                street.come(holder, at(day, chance.randint(8, 16), chance.randint(0, 59)))
                came = True
        clock.set(at(day, 17, 5))
        if came:
            street.count()
        if back % 20 == 0:
            for holder, _, group in members.values():
                street.group(holder, group if chance.random() < 0.8 else chance.choice(GROUPS))
        street.run(at(day, 17, 10))
        _check_now(street, stopped, day)
    _check_all(street, members, kinds)


def _check_now(street: Street, stopped: dict[str, tuple[date, date]], day: date) -> None:
    """What was just sent was on, and is for the group of whoever got it."""
    with street.scope.reading() as tx:
        just = tx.session.execute(
            select(Campaign, ShopMember.relationship)
            .join(CampaignMember, CampaignMember.campaign_id == Campaign.id)
            .join(
                ShopMember,
                (ShopMember.member_id == CampaignMember.member_id) & (ShopMember.place_id == street.shop.merchant_id),
            )
            .where(CampaignMember.sent_at == street.clock.now)
        ).all()
    for campaign, group in just:
        assert campaign.status == "on"
        assert campaign.trigger == "expiring" or (group or "stranger") in campaign.settings["groups"]
        since, until = stopped.get(campaign.trigger or "", (day, day))
        assert not since < day < until


def _check_all(street: Street, members: dict[str, tuple[Holder, int, str]], kinds: int) -> None:
    manners = Manners()
    with street.scope.reading() as tx:
        rows = list(tx.session.scalars(select(CampaignMember)))
        contacts = list(tx.session.scalars(select(Contact)))
        messages = list(tx.session.scalars(select(MemberMessage).where(MemberMessage.source.like("automation:%"))))
        triggers = dict(tx.session.execute(select(Campaign.id, Campaign.trigger)).all())
    assert {row.status for row in rows} >= {"sent"}
    assert len({triggers[row.campaign_id] for row in rows if row.status == "sent"}) >= kinds, "the test sees something"
    for counted in (
        Counter((row.member_id, row.campaign_id, row.occasion) for row in rows),
        Counter((one.member_id, one.source) for one in messages),
        Counter((one.member_id, one.source, one.way) for one in contacts),
    ):
        assert set(counted.values()) <= {1}
    left_out = {(row.member_id, f"automation:{row.campaign_id}:{row.occasion}") for row in rows if row.arm == "control"}
    assert not left_out & {(one.member_id, one.source) for one in contacts}
    assert not left_out & {(one.member_id, one.source) for one in messages}
    for member_id in members:
        told = sorted({one.at for one in contacts if one.member_id == member_id and one.is_marketing})
        for moment in told:
            for span, most in ((timedelta(days=7), manners.week_most), (timedelta(days=30), manners.month_most)):
                assert sum(moment - span < other <= moment for other in told) <= most
