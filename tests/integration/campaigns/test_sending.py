"""Campaigns from the lot to the last mail: who hears, who doesn't, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.campaigns.errors import CampaignOverError
from app.campaigns.queries.audience import audience
from app.campaigns.queries.campaigns import get_campaign, list_campaigns
from app.campaigns.queries.contacts import contacts_of
from app.campaigns.reaching import Reached, Wish, reach
from app.campaigns.service import campaigning, sending, writing
from app.campaigns.service.reading import set_setting
from app.campaigns.unsubscribing import shop_token
from app.common import outbox
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.members.service.merging import merge
from app.merchants.errors import NotApprovedError, SomebodyWasFasterError
from app.privacy.erasing import erase_member
from app.rewards.segments import MemberFilter
from tests.campaigns import TEXT, TITLE, count, friend, mails, of_shop, planned, rows, say, words
from tests.clocks import FixedClock
from tests.factories import Shop, make_shop, visit
from tests.integration.jobs.test_mailing import listening, through

NIGHT = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)  # half past eleven in Brussels
MORNING = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)  # nine o'clock


@pytest.fixture
def context(settings: Any, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


@pytest.fixture
def folder(settings: Any) -> Path:
    made: Path = settings.var / "outbox"
    return made


def send(scope: Scope, context: JobContext) -> None:
    campaigning.send_due(replace(scope, _open=None))
    drain(context)


def states(scope: Scope, campaign_id: str) -> list[tuple[str, str | None]]:
    return [
        (row[0], row[1])
        for row in rows(
            scope,
            "SELECT status, reason FROM campaign_member WHERE campaign_id = :id ORDER BY status, reason",
            id=campaign_id,
        )
    ]


def test_everybody_who_said_yes_hears_once_with_the_offer(scope: Scope, context: JobContext, folder: Path) -> None:
    shop = make_shop(scope, stamps=10)
    both = friend(scope, shop)
    friend(scope, shop, ways=("email",))
    friend(scope, shop, ways=())
    withdrawn = friend(scope, shop)
    for way in ("inbox", "email"):
        say(scope, withdrawn, shop, way, False)
    count(scope)
    own = of_shop(scope, shop)
    told = audience(own, MemberFilter(), ("inbox", "email", "push"))
    assert (told.fit, told.with_consent, told.capped) == (4, 2, 0)
    assert told.by_way == {"inbox": 1, "email": 2, "push": 0}
    coffee = shop.add_reward(name="Coffee")
    drain(context)
    campaign_id = planned(scope, shop, reward_id=coffee, offer_days=14)
    for _ in range(2):
        send(scope, context)

    view = get_campaign(own, campaign_id)
    assert (view.status, view.progress.fit, view.progress.meant, view.progress.messages) == ("sent", 4, 2, 2)
    assert view.progress.by_way == {"inbox": (1, 0), "email": (2, 0)}
    assert [one.campaign_id for one in list_campaigns(own)] == [campaign_id]
    sent = mails(folder)
    assert len(sent) == 2
    mail = next(one for one in sent if one["To"].lower().startswith(both.number.lower()))
    assert mail["Subject"] == TITLE["nl"], "in the member's own language"
    assert mail["From"].startswith("Bakery")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for said in (TEXT["nl"], "Coffee", "tot en met 18 maart 2026", "Je krijgt deze mail omdat je Bakery toestond"):
        assert said in " ".join(plain.split())
    [voucher] = rows(scope, "SELECT id, source FROM voucher WHERE member_id = :id", id=both.member_id)
    assert voucher[1] == "campaign"
    assert f"#/vouchers/{voucher[0]}" in plain
    assert mail["List-Unsubscribe"].strip("<>") in html
    assert rows(scope, "SELECT count(*) FROM voucher WHERE source = 'campaign'") == [(2,)]
    assert rows(scope, "SELECT kind FROM member_message WHERE member_id = :id", id=both.member_id) == [("shop_news",)]
    # The cap counts it now, and a second campaign waits for nobody who has heard enough.
    assert audience(own, MemberFilter(), ("inbox", "email")).capped == 2
    again = planned(scope, shop)
    send(scope, context)
    assert states(scope, again) == [("skipped", "capped")] * 2
    assert len(mails(folder)) == 2


def test_nothing_leaves_in_the_quiet_hours_and_all_of_it_after(
    scope: Scope, context: JobContext, folder: Path, clock: FixedClock
) -> None:
    shop = make_shop(scope, stamps=10)
    friend(scope, shop)
    count(scope)
    clock.set(NIGHT)
    early = planned(scope, shop)
    send(scope, context)
    assert states(scope, early) == [("waiting", "quiet")]
    clock.set(MORNING - timedelta(seconds=1))
    send(scope, context)
    assert (mails(folder), states(scope, early)) == ([], [("waiting", "quiet")])
    clock.set(MORNING)
    campaigning.send_due(replace(scope))
    # Queued by day, tried again by night: it waits as well.
    clock.set(MORNING + timedelta(hours=14))
    drain(context)
    assert mails(folder) == []
    clock.set(MORNING + timedelta(days=1))
    drain(context)
    assert len(mails(folder)) == 1


def test_an_unsubscribe_works_without_signing_in_and_stops_what_is_queued(
    client: FlaskClient, scope: Scope, context: JobContext, folder: Path
) -> None:
    shop, other = make_shop(scope, stamps=10), make_shop(scope, stamps=10, name="Florist")
    holder = friend(scope, shop)
    say(scope, holder, other, "email", True)
    count(scope)
    planned(scope, shop)
    campaigning.send_due(replace(scope))
    link = "/unsubscribe/" + shop_token(scope.keys.secret, holder.member_id, shop.merchant_id)
    page = client.get(link).get_data(as_text=True)
    assert "No more mails from Bakery?" in page
    consents = "SELECT merchant_id, channel, is_given, how, wording FROM consent_event ORDER BY id DESC LIMIT 1"
    assert rows(scope, consents)[0][2]
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(link).status_code == 200, "a repeat changes nothing"
    merchant, channel, is_given, how, wording = rows(scope, consents)[0]
    assert (str(merchant), channel, bool(is_given), how) == (shop.merchant_id, "email", False, "unsubscribe")
    assert wording == "No more mails from Bakery?"
    assert client.get(link[:-3] + "abc").status_code == 404
    drain(context)
    assert mails(folder) == []
    assert rows(scope, "SELECT way, status, reason FROM contact ORDER BY way") == [
        ("email", "dropped", "no_consent"),
        ("inbox", "sent", None),
    ]
    # Of the other shop she still wants to hear.
    planned(scope, other, ways=("email",))
    assert audience(of_shop(scope, other), MemberFilter(), ("email",)).fit == 0
    visit(other.counter(), holder)
    count(scope)
    planned(scope, other, ways=("email",))
    send(scope, context)
    assert len(mails(folder)) == 1


def test_who_is_left_out_by_lot_gets_nothing_and_nobody_in_the_office_can_tell(
    scope: Scope, context: JobContext, folder: Path, clock: FixedClock
) -> None:
    shop = make_shop(scope, stamps=10)
    for _ in range(10):
        friend(scope, shop)
    count(scope)
    own = of_shop(scope, shop)
    campaign_id = planned(scope, shop, control_percent=30)
    send(scope, context)
    assert states(scope, campaign_id) == [("held", None)] * 3 + [("sent", None)] * 7
    out = {str(row[0]) for row in rows(scope, "SELECT member_id FROM campaign_member WHERE arm = 'control'")}
    for table in ("contact", "member_message", "voucher"):
        heard = {str(row[0]) for row in rows(scope, f"SELECT member_id FROM {table}")}
        assert not heard & out
    assert len(mails(folder)) == 7
    # The caps say the same of all ten, and the history of any of them the same too, until it has been measured.
    assert audience(own, MemberFilter(), ("inbox", "email")).capped == 10
    everybody = [str(row[0]) for row in rows(scope, "SELECT member_id FROM campaign_member")]
    with own.reading() as tx:
        assert {len(contacts_of(tx, shop.merchant_id, one, now=clock.now)) for one in everybody} == {0}
        late = clock.now + timedelta(days=29)
        assert sorted(len(contacts_of(tx, shop.merchant_id, one, now=late)) for one in everybody) == [0] * 3 + [1] * 7
    if scope.database.dialect == "postgresql":
        with pytest.raises(Exception, match="permission denied"), own.reading() as tx:
            tx.session.execute(text("SELECT arm FROM campaign_member"))
    assert "control" not in str(get_campaign(own, campaign_id).progress)
    # And the next campaign passes all ten over: nobody is reached the more for having been left out.
    again = planned(scope, shop)
    send(scope, context)
    assert states(scope, again) == [("skipped", "capped")] * 10
    # Of a birthday nobody is left out.
    wished = campaigning.create_campaign(own, words(wanted=MemberFilter(is_birthday=True), control_percent=20))
    assert get_campaign(own, wished).control_percent == 0


def test_a_lot_that_was_broken_off_goes_on_and_nobody_changes_sides(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(scope, stamps=10)
    for _ in range(9):
        friend(scope, shop)
    count(scope)
    campaign_id = planned(scope, shop, control_percent=33)
    monkeypatch.setattr("app.campaigns.service.drawing.AT_ONCE", 4)

    def break_off(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        campaigning.prepare(replace(scope), campaign_id, on_progress=break_off)
    arms = "SELECT member_id, arm FROM campaign_member ORDER BY member_id"
    before = dict(rows(scope, arms))
    assert len(before) == 4
    assert campaigning.prepare(replace(scope), campaign_id) is not None
    after = dict(rows(scope, arms))
    assert len(after) == 9
    assert before.items() <= after.items()
    assert list(after.values()).count("control") == 3
    assert campaigning.prepare(replace(scope), campaign_id) is None, "it is fixed"


def test_a_campaign_can_be_stopped_and_what_is_queued_does_not_go_out(
    scope: Scope, context: JobContext, folder: Path
) -> None:
    shop = make_shop(scope, stamps=10)
    friend(scope, shop)
    count(scope)
    campaign_id = planned(scope, shop)
    own = of_shop(scope, shop)
    campaigning.prepare(replace(scope), campaign_id)
    scope.run(lambda tx: writing._some(tx, scope, campaign_id))
    campaigning.stop(own, campaign_id)
    campaigning.stop(own, campaign_id)
    drain(context)
    assert mails(folder) == []
    assert get_campaign(own, campaign_id).status == "stopped"
    with pytest.raises(CampaignOverError):
        campaigning.schedule(own, campaign_id, revision=3)


def test_only_who_may_plans_what_is_whole_at_a_shop_that_may(scope: Scope, clock: FixedClock) -> None:
    shop, other = make_shop(scope, stamps=10), make_shop(scope, stamps=10, name="Other")
    own = of_shop(scope, shop)
    with pytest.raises(ForbiddenError):
        campaigning.create_campaign(replace(own, staff_role="cashier"), words())
    bad = words(name=" ", ways=(), text={"fr": "Oui"}, reward_id=other.reward_ids[0], control_percent=60)
    with pytest.raises(InvalidError) as caught:
        campaigning.create_campaign(own, bad)
    assert set(caught.value.params["errors"]) == {"name", "title", "ways", "reward_id", "control_percent"}
    campaign_id = campaigning.create_campaign(own, words())
    with pytest.raises(NotFoundError):
        get_campaign(of_shop(scope, other), campaign_id)
    with pytest.raises(NotFoundError):
        campaigning.stop(of_shop(scope, other), campaign_id)
    assert campaigning.change_campaign(own, campaign_id, words(name="Roses"), revision=1) == 2
    with pytest.raises(SomebodyWasFasterError):
        campaigning.schedule(own, campaign_id, revision=1)
    with scope.transaction() as tx:
        tx.session.execute(text("UPDATE merchant SET approved_at = NULL"))
    with pytest.raises(NotApprovedError):
        campaigning.schedule(own, campaign_id, revision=2)


def test_merging_and_leaving_make_nobody_hear_twice(scope: Scope, context: JobContext, folder: Path) -> None:
    shop = make_shop(scope, stamps=10)
    one, two, gone = (friend(scope, shop) for _ in range(3))
    count(scope)
    planned(scope, shop)
    campaigning.send_due(replace(scope))
    with scope.transaction() as tx:
        merge_id = merge(tx, scope, survivor_id=one.member_id, merged_id=two.member_id)
        erase_member(tx, scope, gone.member_id)
    drain(context)
    assert [mail["To"].partition("@")[0].upper() for mail in mails(folder)] == [one.number]
    assert rows(scope, "SELECT count(*) FROM contact WHERE member_id <> :id", id=one.member_id) == [(0,)]
    assert rows(scope, "SELECT count(*) FROM member_message WHERE kind = 'shop_news'") == [(1,)]
    assert merge_id
    assert rows(
        scope, "SELECT count(*) FROM campaign_member WHERE member_id = :id AND facts IS NULL", id=gone.member_id
    )


def wish(shop: Shop, **changes: Any) -> Wish:
    usual: dict[str, Any] = {
        "merchant_id": shop.merchant_id,
        "source": f"test:{shop.merchant_id}",
        "title": TITLE,
        "text": TEXT,
        "ways": ("inbox",),
        "is_marketing": True,
    }
    return Wish(**(usual | changes))


def test_a_member_hears_of_all_shops_so_many_times_a_day(scope: Scope, clock: FixedClock) -> None:
    shops = [make_shop(scope, stamps=10, name=f"Shop {number}") for number in range(3)]
    holder = friend(scope, shops[0], ways=("inbox",))
    for shop in shops[1:]:
        say(scope, holder, shop, "inbox", True)

    def tell(shop: Shop) -> Reached:
        return scope.run(lambda tx: reach(tx, scope, holder.member_id, wish(shop)))

    found = [tell(shop) for shop in shops]
    assert [one.reason for one in found] == [None, None, "capped"]
    assert found[2].not_before == datetime(2026, 3, 5, 12, tzinfo=UTC)
    clock.advance(days=1)
    assert [tell(shop).reason for shop in shops] == ["told_before", "told_before", None]


def test_a_notice_needs_no_yes_but_heeds_what_was_switched_off(scope: Scope, context: JobContext, folder: Path) -> None:
    shop = make_shop(scope, stamps=10)
    holder = friend(scope, shop, ways=())
    told = wish(shop, ways=("inbox", "email", "wallet"), is_marketing=False)
    assert scope.run(lambda tx: reach(tx, scope, holder.member_id, told)).ways == ("inbox", "email")
    drain(context)
    [mail] = mails(folder)
    assert "toestond" not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    set_setting(replace(scope, member_id=holder.member_id), kind="shop_notice", channel="email", is_on=False)
    later = replace(told, source="test:2")
    assert scope.run(lambda tx: reach(tx, scope, holder.member_id, later)).ways == ("inbox",)


def test_a_message_that_nobody_knows_of_is_closed_and_never_sent_again(
    scope: Scope, context: JobContext, folder: Path, clock: FixedClock
) -> None:
    shop = make_shop(scope, stamps=10)
    friend(scope, shop, ways=("email",))
    count(scope)
    planned(scope, shop, ways=("email",))
    campaigning.send_due(replace(scope))
    [message] = scope.run(lambda tx: [one for one in outbox.claim(tx, now=clock.now) if one.topic == "news.mail"])
    assert sending.begin(scope, message)
    assert rows(scope, "SELECT count(*) FROM outbox WHERE topic = 'news.mail' AND done_at IS NULL") == [(0,)]
    # Killed here. Another worker comes by when its lease is over.
    clock.advance(minutes=20)
    drain(context)
    assert mails(folder) == []
    assert sending.close_silent(scope) == 1
    assert rows(scope, "SELECT status, reason FROM contact") == [("failed", "unknown")]


def test_a_mail_that_the_server_puts_off_comes_later_and_once(
    scope: Scope, context: JobContext, clock: FixedClock
) -> None:
    shop = make_shop(scope, stamps=10)
    friend(scope, shop, ways=("email",))
    drain(context)
    count(scope)
    planned(scope, shop, ways=("email",))
    campaigning.send_due(replace(scope))
    states = "SELECT status, reason FROM contact"
    with listening() as (sink, place):
        served = through(context, f"smtp://{place}")
        sink.content = "451 later"
        assert drain(served).failed == 1
        assert rows(scope, states) == [("queued", None)]
        sink.content = "250 OK"
        clock.advance(minutes=1)
        for _ in range(2):
            drain(served)
            clock.advance(hours=1)
        assert len(sink.taken) == 2, "the server read it twice, and took it once"
    assert rows(scope, states) == [("sent", None)]
