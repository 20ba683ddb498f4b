"""Campaigns amid races and kills: two workers at one campaign, two shops at one member, a worker that dies at any
moment; each member hears once, and never twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.campaigns import reaching
from app.campaigns.reaching import Wish, reach
from app.campaigns.service import campaigning
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.jobs.draining import drain
from config import ROOT, Settings
from tests.campaigns import TEXT, TITLE, count, friend, planned, rows, say
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.concurrency.test_redeeming import DriversOwn
from tests.factories import make_shop
from tests.integration.jobs.test_mailing import Sink, listening, through

UNLOCKED = Statement(reaching._ONE_AT_A_TIME.sqlite)
LEASE = 301
WORKER = textwrap.dedent(
    """
    import sys
    from datetime import datetime
    import config
    from app.campaigns.service import campaigning
    from app.common.database import Database
    from app.common.database.engines import open_engine
    from app.jobs.context import JobContext
    from app.jobs.draining import drain

    settings = config.load()
    now = datetime.fromisoformat(sys.argv[1])
    context = JobContext(settings, Database(open_engine(settings.database_url)), lambda: now)
    campaigning.send_due(context.scope())
    drain(context)
    """
)


def test_two_workers_at_one_campaign_tell_each_member_once(scope: Scope) -> None:
    shop = make_shop(scope, stamps=10)
    coffee = shop.add_reward(name="Coffee", stock=100)
    for _ in range(12):
        friend(scope, shop, ways=("inbox",))
    count(scope)
    campaign_id = planned(scope, shop, reward_id=coffee, control_percent=25)
    answers = at_once([partial(campaigning.send_due, replace(scope)) for _ in range(4)])
    assert [one for one in answers if isinstance(one, Exception)] == []
    states = Counter(row[0] for row in rows(scope, "SELECT status FROM campaign_member"))
    assert states == {"sent": 9, "held": 3}
    assert rows(scope, "SELECT count(*), count(DISTINCT member_id) FROM voucher WHERE source = 'campaign'") == [(9, 9)]
    assert rows(scope, "SELECT stock FROM reward WHERE id = :id", id=coffee) == [(91,)]
    assert rows(scope, "SELECT count(*) FROM contact") == [(9,)]
    assert rows(scope, "SELECT status FROM campaign WHERE id = :id", id=campaign_id) == [("sent",)]


def tell_from_everywhere(scope: Scope, acting: Scope) -> int:
    """Six shops write to one member at once. How many did."""
    shops = [make_shop(scope, stamps=10, name=f"Shop {number}") for number in range(6)]
    holder = friend(scope, shops[0], ways=("inbox",))
    for shop in shops[1:]:
        say(scope, holder, shop, "inbox", True)
    scope.database.close()

    def tell(merchant_id: str) -> str | None:
        own = replace(acting)
        wish = Wish(merchant_id, f"test:{merchant_id}", TITLE, TEXT, ("inbox",), is_marketing=True)
        return own.run(lambda tx: reach(tx, own, holder.member_id, wish)).reason

    told = at_once([partial(tell, shop.merchant_id) for shop in shops])
    return told.count(None)


def test_shops_that_write_at_once_keep_to_the_cap_of_all(scope: Scope) -> None:
    assert tell_from_everywhere(scope, scope) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite's writers stand in line by themselves
def test_without_the_lock_this_harness_sees_the_cap_overrun(
    scope: Scope, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "_ONE_AT_A_TIME", UNLOCKED)
    found = reaching.moments_of

    def slowly(*args: object, **more: object) -> object:
        answer = found(*args, **more)  # type: ignore[arg-type]
        time.sleep(0.05)
        return answer

    monkeypatch.setattr(reaching, "moments_of", slowly)
    other = DriversOwn(database_url)
    try:
        assert tell_from_everywhere(scope, Scope(other, scope.keys, clock=scope.clock)) > 2
    finally:
        other.close()


class Killer(Sink):
    """A mail server that kills whoever speaks to it, at the mail that the test names: when it hears whom it is for, or
    when it has the whole mail and has not said so yet."""

    def __init__(self) -> None:
        super().__init__()
        self.victim: subprocess.Popen[bytes] | None = None
        self.plan: tuple[str, int] | None = None
        self.heard = Counter[str]()

    def _kill_at(self, moment: str) -> None:
        self.heard[moment] += 1
        if self.victim is not None and self.plan == (moment, self.heard[moment]):
            self.victim.send_signal(signal.SIGKILL)
            self.victim.wait(10)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, more: object) -> str:
        self._kill_at("rcpt")
        return await super().handle_RCPT(server, session, envelope, address, more)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self._kill_at("data")
        return answer


def kill_and_count(
    environment: dict[str, str],
    scope: Scope,
    settings: Settings,
    clock: FixedClock,
    *,
    seed: int,
    kills: int,
    moments: Sequence[str] = ("writing", "rcpt", "data"),
) -> tuple[int, int]:
    """Kill the worker of a campaign ``kills`` times; how many mails came, and how many are unknown."""
    chance = random.Random(seed)
    shop = make_shop(scope, stamps=10)
    coffee = shop.add_reward(name="Coffee")
    members = 4 * kills + 4
    addresses = {f"member{number}@members.example" for number in range(members)}
    for address in sorted(addresses):
        friend(scope, shop, ways=("inbox", "email"), address=address)
    drain(JobContext(settings, scope.database, clock))
    count(scope)
    planned(scope, shop, reward_id=coffee)
    killed_with_it = 0
    with listening(taking=Killer()) as (sink, place):
        assert isinstance(sink, Killer)
        for _ in range(kills):
            moment = chance.choice(moments)
            sink.heard.clear()
            sink.plan = (moment, chance.randint(1, 3))
            clock.advance(seconds=LEASE)
            scope.database.close()
            sink.victim = subprocess.Popen(
                [sys.executable, "-c", WORKER, clock.now.isoformat()],
                env={**os.environ, **environment, "SMTP_URL": f"smtp://{place}"},
                cwd=ROOT,
            )
            if moment == "writing":
                until = time.monotonic() + 20
                while sink.victim.poll() is None and time.monotonic() < until:
                    if rows(scope, "SELECT count(*) FROM campaign_member WHERE status <> 'waiting'")[0][0]:
                        break
                    time.sleep(0.01)
                sink.victim.send_signal(signal.SIGKILL)
            sink.victim.wait(60)
            killed_with_it += sink.victim.returncode == -signal.SIGKILL
            sink.victim = None
        clock.advance(seconds=LEASE)
        context = through(JobContext(settings, scope.database, clock), f"smtp://{place}")
        campaigning.send_due(context.scope())
        drain(context)
        clock.advance(seconds=LEASE)
        drain(context)
        came = Counter(str(mail["To"]) for mail in sink.taken)
    assert killed_with_it > 0
    assert set(came.values()) == {1}, "nobody hears twice"
    open_ = rows(scope, "SELECT count(*) FROM contact WHERE way = 'email' AND status = 'sending'")[0][0]
    # Whoever heard nothing was being handed over at a kill: it is known of each that nobody knows.
    assert set(came) <= addresses
    assert len(addresses - set(came)) <= open_ <= kills
    assert rows(scope, "SELECT count(*), count(DISTINCT member_id) FROM voucher WHERE source = 'campaign'") == [
        (members, members)
    ]
    assert rows(scope, "SELECT count(*) FROM member_message WHERE kind = 'shop_news'") == [(members,)]
    assert rows(scope, "SELECT status FROM campaign") == [("sent",)]
    return len(came), open_


def test_killed_before_the_server_has_answered_nobody_hears_twice(
    environment: dict[str, str], scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    # The worst moment: the server has the mail, and the worker never hears of it.
    assert kill_and_count(environment, scope, settings, clock, seed=1, kills=1, moments=("data",)) == (8, 1)


@pytest.mark.prove
def test_killed_many_times_nobody_hears_twice(
    environment: dict[str, str], scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    seed = int(os.environ.get("PROVE_SEED") or int.from_bytes(os.urandom(4), "big"))
    kills = int(os.environ.get("PROVE_CAMPAIGN_KILLS", "25"))
    came, unknown = kill_and_count(environment, scope, settings, clock, seed=seed, kills=kills)
    print(f"PROVE_SEED={seed}: {kills} kills, {came} mails, each once; {unknown} of which nobody knows")
