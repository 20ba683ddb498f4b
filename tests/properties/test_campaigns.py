"""Random weeks of two shops' campaigns: members who allow and withdraw, merge and leave, servers that fail. Nobody who
was left out by lot, has not said yes, has heard enough, or sleeps is sent anything, and nobody hears anything twice."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.campaigns.models import Campaign, Contact
from app.campaigns.quiet import MOST_A_DAY, Manners, free_from, quiet_begin, quiet_end
from app.campaigns.service import campaigning, pushing_news, sending
from app.campaigns.service.contact_settings import set_contact_setting
from app.campaigns.service.reading import stop_shop_mails
from app.campaigns.service.subscribing import subscribe
from app.campaigns.unsubscribing import shop_token
from app.common.outgoing import CallFailedError, NotConnectedError, Reach
from app.common.scope import Scope
from app.jobs import campaigning as campaign_jobs
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.jobs.handing_over import hand_over
from app.jobs.pushing import push_due
from app.members.service.merging import merge
from app.privacy.erasing import erase_member
from config import Settings
from tests.browsers import browser
from tests.campaigns import count, friend, of_shop, planned, rows, say
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_shop, visit
from tests.mobile_api.hearing import pushing_here

ZONE = "Europe/Brussels"
LOUD_WAYS = ("email", "push")
ACTS = (*["campaign"] * 4, *["word"] * 3, "click", "merge", "leave", "stop", "wait", "wait")


@dataclass
class Town:
    """Two shops and their members, with a record of its own of what holds and of what came."""

    scope: Scope
    context: JobContext
    clock: FixedClock
    chance: random.Random
    shops: list[Shop] = field(default_factory=list)
    members: list[Holder] = field(default_factory=list)
    yes: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    manners: dict[str, Manners] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    campaigns: list[tuple[str, str]] = field(default_factory=list)
    came: dict[str, list[tuple[str, str, str, datetime]]] = field(default_factory=lambda: defaultdict(list))
    once: set[tuple[str, ...]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def now_as(self, member_id: str) -> str:
        while member_id in self.became:
            member_id = self.became[member_id]
        return member_id

    def heard(self, *what: str) -> None:
        """Something reached somebody just now: it must have been right. The jobs would swallow a failed assertion."""
        try:
            self._check(*what)
        except AssertionError as error:
            self.wrong.append(f"{self.clock.now} {what}: {error}")

    def _check(self, member_id: str, campaign_id: str, merchant_id: str, way: str, to: str) -> None:
        standing, at = self.now_as(member_id), self.clock.now
        assert standing not in self.gone
        assert (campaign_id, standing, way, to) not in self.once, "nobody hears twice"
        self.once.add((campaign_id, standing, way, to))
        assert campaign_id not in self.stopped
        family = [one.member_id for one in self.members if self.now_as(one.member_id) == standing]
        arms = rows(
            self.scope,
            "SELECT member_id, arm FROM campaign_member WHERE campaign_id = :id AND arm = 'control'",
            id=campaign_id,
        )
        assert not {str(row[0]) for row in arms} & {standing}, "left out by lot"
        assert any(self.yes.get((one, merchant_id, way)) for one in family), "said yes"
        manners, local = self.manners[merchant_id], at.astimezone(ZoneInfo(ZONE))
        minute = local.hour * 60 + local.minute
        begins, ends = manners.quiet_from, manners.quiet_until
        is_night = begins <= minute < ends if begins < ends else begins != ends and (minute >= begins or minute < ends)
        assert not is_night, "sleeps"
        self.came[standing].append((merchant_id, campaign_id, way, at))
        for days, most, is_here in (
            (7, manners.week_most, True),
            (30, manners.month_most, True),
            (1, MOST_A_DAY, False),
        ):
            since = at - timedelta(days=days)
            lately = {
                campaign
                for one in family
                for shop, campaign, _, moment in self.came[one]
                if moment > since and (shop == merchant_id or not is_here)
            }
            assert len(lately) <= most, f"heard enough in {days} days"


def build(scope: Scope, context: JobContext, clock: FixedClock, chance: random.Random) -> Town:
    town = Town(scope, context, clock, chance)
    town.shops = [make_shop(scope, stamps=10, name=name) for name in ("Bakery", "Florist")]
    for shop in town.shops:
        manners = Manners(chance.choice((1, 2, 4)), chance.choice((3, 6)), chance.choice((0, 1260, 1380)), 540)
        set_contact_setting(
            of_shop(scope, shop),
            week_most=manners.week_most,
            month_most=manners.month_most,
            quiet_from=manners.quiet_from,
            quiet_until=manners.quiet_until,
            revision=0,
        )
        town.manners[shop.merchant_id] = manners
    for number in range(7):
        holder = friend(scope, town.shops[0], ways=())
        visit(town.shops[1].counter(), holder)
        town.members.append(holder)
        for shop in town.shops:
            for way in ("inbox", *LOUD_WAYS):
                if chance.random() < 0.8:
                    allow(town, holder, shop, way, True)
        if chance.random() < 0.7:
            mine = browser(f"http://127.0.0.1:9/{number}").body
            subscribe(
                replace(scope, member_id=holder.member_id),
                endpoint=mine["endpoint"],
                p256dh=mine["keys"]["p256dh"],
                auth=mine["keys"]["auth"],
                locale="nl",
                reach=Reach(loopback=True, plain_http=True),
                is_offered=True,
            )
    count(scope)
    return town


def allow(town: Town, holder: Holder, shop: Shop, way: str, is_given: bool) -> None:
    say(town.scope, holder, shop, way, is_given)
    standing = town.now_as(holder.member_id)
    for one in town.members:
        # Her latest word holds, under whichever of her cards she said it.
        if town.now_as(one.member_id) == standing:
            town.yes[one.member_id, shop.merchant_id, way] = is_given
    town.yes[holder.member_id, shop.merchant_id, way] = is_given


def standing_members(town: Town) -> list[Holder]:
    return [one for one in town.members if one.member_id not in town.became and one.member_id not in town.gone]


def step(town: Town) -> None:
    """One thing happens, at random."""
    chance, scope = town.chance, town.scope
    town.clock.advance(hours=chance.choice((1, 3, 7, 11, 26)))
    act = chance.choice(ACTS)
    alive = standing_members(town)
    holder, shop = chance.choice(alive), chance.choice(town.shops)
    if act == "campaign":
        ways = tuple(chance.sample(("inbox", *LOUD_WAYS), chance.randint(1, 3)))
        lot = chance.choice((0, 0, 30, 50))
        campaign_id = planned(scope, shop, ways=ways, control_percent=lot, name=f"No {len(town.campaigns)}")
        town.campaigns.append((campaign_id, shop.merchant_id))
    elif act == "word":
        allow(town, holder, shop, chance.choice(("inbox", *LOUD_WAYS)), chance.random() < 0.5)
    elif act == "click":
        token = shop_token(scope.keys.secret, holder.member_id, shop.merchant_id)
        stop_shop_mails(replace(scope), token=token, wording="No more?")
        for one in town.members:
            if town.now_as(one.member_id) == holder.member_id:
                town.yes[one.member_id, shop.merchant_id, "email"] = False
    elif act == "merge" and len(alive) > 4:
        other = chance.choice([one for one in alive if one is not holder])
        with scope.transaction() as tx:
            merge(tx, scope, survivor_id=holder.member_id, merged_id=other.member_id)
        town.became[other.member_id] = holder.member_id
        settle_words(town, holder)
    elif act == "leave" and len(alive) > 5:
        with scope.transaction() as tx:
            erase_member(tx, scope, holder.member_id)
        town.gone.add(holder.member_id)
    elif act == "stop" and town.campaigns:
        campaign_id, merchant_id = chance.choice(town.campaigns)
        own = of_shop(scope, next(one for one in town.shops if one.merchant_id == merchant_id))
        status = rows(scope, "SELECT status FROM campaign WHERE id = :id", id=campaign_id)[0][0]
        if status in ("scheduled", "sending"):
            campaigning.stop(own, campaign_id)
            town.stopped.add(campaign_id)


def settle_words(town: Town, holder: Holder) -> None:
    """After a merge the later word of either holds for both."""
    family = [one.member_id for one in town.members if town.now_as(one.member_id) == holder.member_id]
    latest: dict[tuple[str, str], bool] = {}
    for member_id, merchant_id, channel, is_given in rows(
        town.scope, "SELECT member_id, merchant_id, channel, is_given FROM consent_event ORDER BY id"
    ):
        if str(member_id) in family:
            latest[str(merchant_id), channel] = bool(is_given)
    for (merchant_id, channel), is_given in latest.items():
        for one in family:
            town.yes[one, merchant_id, channel] = is_given


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | pushing_here()


def wire(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail and push servers that fail as they please, and hold what comes against the town's own record."""
    chance = town.chance

    def contact_of(payload: Any) -> Contact:
        with town.scope.reading() as tx:
            return tx.session.get_one(Contact, (town.now_as(payload["member_id"]), payload["contact_id"]))

    def hand(settings: Any, message: Any, mail: Any, *, begin: Callable[[], bool], **more: Any) -> Any:
        if chance.random() < 0.3:
            raise OSError("the mail server is away")
        outcome = hand_over(settings, message, mail, begin=begin, **more)
        if outcome == "sent":
            found = contact_of(message.payload)
            town.heard(found.member_id, found.campaign_id or "", found.merchant_id, "email", "")
            return "unknown" if chance.random() < 0.1 else outcome
        return outcome

    under_way: list[Any] = []
    begun: Callable[[Scope, Any], bool] = sending.begin

    def begin(scope: Scope, message: Any) -> bool:
        under_way[:] = [message]
        return begun(scope, message)

    def post(*_: Any, **__: Any) -> int:
        luck = chance.random()
        if luck < 0.2:
            raise NotConnectedError("away")
        if luck < 0.4:
            return 503
        found = contact_of(under_way[0].payload)
        to = under_way[0].payload["subscription_id"]
        town.heard(found.member_id, found.campaign_id or "", found.merchant_id, "push", to)
        if luck < 0.5:
            raise CallFailedError("cut off")
        return 201

    monkeypatch.setattr(campaign_jobs, "hand_over", hand)
    monkeypatch.setattr(sending, "begin", begin)
    monkeypatch.setattr(pushing_news, "post", post)
    monkeypatch.setattr("app.jobs.pushing.THREADS", 1)


def look_at_inboxes(town: Town, seen: set[str]) -> None:
    """What is new in the inboxes came now."""
    for message_id, member_id, merchant_id, source in rows(
        town.scope, "SELECT id, member_id, merchant_id, source FROM member_message WHERE kind = 'shop_news'"
    ):
        if str(message_id) not in seen:
            seen.add(str(message_id))
            town.heard(str(member_id), source.removeprefix("campaign:"), str(merchant_id), "inbox", "")


def live(town: Town, steps: int) -> None:
    seen: set[str] = set()
    for _ in range(steps):
        step(town)
        campaigning.send_due(replace(town.scope))
        look_at_inboxes(town, seen)
        drain(town.context)
        push_due(town.context)
        assert town.wrong == []


@pytest.mark.parametrize("seed", [11])
def test_nobody_hears_what_she_must_not(
    scope: Scope, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    town = build(scope, JobContext(settings, scope.database, clock), clock, random.Random(seed))
    wire(town, monkeypatch)
    live(town, 22)
    ways = {way for told in town.came.values() for _, _, way, _ in told}
    assert ways == {"inbox", "email", "push"}, "the weeks were not empty"
    with scope.reading() as tx:
        assert tx.session.query(Campaign).count() == len(town.campaigns)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(40, 60))
def test_nobody_hears_what_she_must_not_for_long(
    scope: Scope, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    town = build(scope, JobContext(settings, scope.database, clock), clock, random.Random(seed))
    wire(town, monkeypatch)
    live(town, 80)


def test_the_caps_and_the_night_hold_for_any_moments() -> None:
    chance = random.Random(5)
    begin = datetime(2026, 3, 20, 12, tzinfo=ZoneInfo("UTC"))
    for _ in range(400):
        manners = Manners(chance.randint(0, 3), chance.randint(0, 6), chance.randrange(1440), chance.randrange(1440))
        now = begin + timedelta(minutes=chance.randrange(60 * 24 * 20))
        here = [now - timedelta(hours=chance.randrange(24 * 35)) for _ in range(chance.randrange(8))]
        free = free_from(here, here, now, manners)
        at = now if free is None else free
        for days, most in ((7, manners.week_most), (30, manners.month_most), (1, MOST_A_DAY)):
            within = sum(1 for moment in here if moment > at - timedelta(days=days))
            assert within < most or most == 0
        assert (free is None) or free > now
        end = quiet_end(now, ZONE, manners)
        if end is None:
            night = quiet_begin(now, ZONE, manners)
            if night is not None:
                assert now < night <= now + timedelta(hours=25)
                assert quiet_end(night, ZONE, manners) is not None
                assert quiet_end(night - timedelta(minutes=1), ZONE, manners) is None
        else:
            assert now < end <= now + timedelta(hours=25)
            assert quiet_end(end, ZONE, manners) is None
            assert quiet_end(end - timedelta(minutes=1), ZONE, manners) is not None
