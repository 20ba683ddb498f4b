"""Automations write to each member at her own moment, once for each occasion, and to nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.campaigns.models import FeedbackQuestion
from app.campaigns.service import setting_automations as setting
from app.campaigns.service import tell_expiring
from app.campaigns.service.automating import find_due
from app.cards.profiles import write_profile
from app.common.scope import Scope
from app.merchants.service import closing
from app.rewards.service.adjusting import adjust
from app.wallet.service import set_consent
from tests.clocks import FixedClock
from tests.factories import Holder, reverse, visit
from tests.integration.campaigns.regulars import DAY, Street, at, open_street, regular, revision, wanted


@pytest.fixture
def street(scope: Scope, clock: FixedClock) -> Street:
    return open_street(scope, clock)


def test_who_is_missed_is_asked_back_once_for_each_silence(street: Street) -> None:
    holder, last = regular(street)
    street.start("come_back")
    assert street.run(at(last + 15 * DAY)).sent == 0
    assert street.run(at(last + 16 * DAY, 4)).sent == 0, "her hour has not come"
    assert street.run(at(last + 16 * DAY, 11)).sent == 1, "two hours before she usually comes"
    for days in range(16, 40):
        street.run(at(last + days * DAY, 13))
    assert street.told(holder) == ["We would like to see you again"]
    back = last + 41 * DAY
    street.come(holder, at(back))
    street.count()
    for days in range(60):
        street.run(at(back + days * DAY, 13))
    assert len(street.told(holder)) == 2, "another silence is another occasion"


def test_who_came_in_the_meantime_is_not_asked_back(street: Street) -> None:
    holder, last = regular(street)
    street.start("come_back")
    assert street.run(at(last + 16 * DAY, 4)).found == 1
    street.come(holder, at(last + 16 * DAY, 8))  # and the list has not followed yet
    ran = street.run(at(last + 16 * DAY, 12))
    assert (ran.sent, ran.skipped) == (0, 1)
    assert street.rounds(holder) == [("treated", "skipped", "came_meanwhile")]


def test_nobody_is_asked_back_while_the_shop_is_shut_or_just_opened(street: Street) -> None:
    holder, last = regular(street)
    street.start("come_back")
    closing.add_closing(
        street.owner, first_day=last + 12 * DAY, last_day=last + 21 * DAY, location_id=None, reason="holiday"
    )
    for days in range(12, 29):
        assert street.run(at(last + days * DAY, 13)).sent == 0
    assert street.run(at(last + 29 * DAY, 13)).sent == 1, "days on which it was shut are no silence"
    assert len(street.told(holder)) == 1


def test_of_whom_the_model_is_sure_nobody_is_asked_back(street: Street) -> None:
    holder, last = regular(street)
    street.group(holder, "friend", alive=950)
    street.start("come_back")
    assert street.run(at(last + 16 * DAY, 13)).found == 0
    street.group(holder, "friend", alive=600)
    assert street.run(at(last + 17 * DAY, 13)).sent == 1


def test_only_the_groups_that_it_is_for_also_at_the_moment_of_sending(street: Street) -> None:
    friend, last = regular(street)
    street.clock.set(at("2026-03-04"))
    other, _ = regular(street)
    street.group(friend, "friend")
    street.group(other, "butterfly")
    street.start("come_back", groups=["friend"])
    assert street.run(at(last + 16 * DAY, 4)).found == 1
    street.group(friend, "barnacle")
    street.run(at(last + 16 * DAY, 13))
    assert street.told(friend) == street.told(other) == []
    assert street.rounds() == [("treated", "skipped", "other_group")]


def test_a_birthday_is_wished_on_the_day_itself_at_nine(street: Street) -> None:
    street.clock.set(at("2027-02-01"))
    leap = street.member(birthday="2000-02-29")
    plain = street.member(birthday="--02-28")
    silent = street.member()
    street.scope.run(lambda tx: write_profile(tx, street.scope, silent.member_id, {"birthday": "--02-28"}))
    street.count()
    street.start("birthday")
    assert street.run(at("2027-02-27", 12)).found == 0
    assert street.run(at("2027-02-28", 7, 50)).found == 2
    assert street.told(leap) == []
    assert street.run(at("2027-02-28", 8, 0)).sent == 2, "9:00 in Brussels"
    assert street.told(leap) == street.told(plain) == ["Happy birthday"]
    assert street.told(silent) == [], "she did not share it with the shop"
    assert street.run(at("2027-02-28", 20)).sent == 0
    assert street.run(at("2027-03-01")).found == 0


def test_a_birthday_is_not_wished_the_day_after(street: Street) -> None:
    street.clock.set(at("2026-04-01"))
    holder = street.member(birthday="--05-02")
    street.count()
    street.start("birthday")
    assert street.run(at("2026-05-02", 6, 59)).found == 1
    ran = street.run(at("2026-05-03", 8))
    assert (ran.sent, ran.skipped) == (0, 1)
    assert street.rounds(holder) == [("treated", "skipped", "too_late")]


def test_whoever_is_new_is_welcomed_some_hours_later_and_once(street: Street) -> None:
    old = street.member(hears=())
    street.count()
    street.clock.advance(hours=1)
    street.start("welcome")
    street.clock.advance(hours=1)
    new = street.member(hears=())
    street.count()
    assert street.run().sent == 0
    street.clock.advance(hours=2)
    assert street.run().sent == 1
    street.come(new, street.clock() + DAY)
    street.count()
    street.clock.advance(hours=3)
    assert street.run().sent == 0
    assert street.told(new) == ["Welcome to Bakery"], "it belongs to the programme that she joined"
    assert street.told(old) == [], "what was before is not made up for"


def test_after_a_visit_it_thanks_and_asks_once_a_quarter(street: Street) -> None:
    street.start("thanks")
    street.clock.set(at("2026-03-04", 18))
    holder = street.member(hears=())
    street.count()
    assert street.run(at("2026-03-04", 21, 30)).put_off == 1, "at night nobody is asked"
    assert street.run(at("2026-03-05", 8)).sent == 1
    with street.scope.reading() as tx:
        [question] = tx.session.scalars(select(FeedbackQuestion)).all()
        assert question.member_id == holder.member_id
    for day in (10, 20):
        street.come(holder, at(f"2026-03-{day}", 9))
        street.count()
        street.run(at(f"2026-03-{day}", 13))
    assert street.told(holder) == ["Thank you for coming"]
    street.come(holder, at("2026-05-20", 9))
    street.count()
    street.run(at("2026-05-20", 13))
    assert len(street.told(holder)) == 2, "another quarter"


def test_a_visit_that_was_undone_is_not_thanked_for(street: Street) -> None:
    street.start("thanks")
    holder = street.member()
    answer = visit(street.shop.counter(), holder)
    street.count()
    street.clock.advance(hours=3)
    with street.scope.reading() as tx:
        campaign_id = street.row("thanks", tx).id
    assert find_due(street.scope, campaign_id) == 1
    reverse(street.shop.counter(), answer.transaction_id)
    ran = street.run()
    assert (ran.sent, ran.skipped) == (0, 1)
    assert street.rounds(holder) == [("treated", "skipped", "over")]


def test_a_nearly_full_card_speaks_up_once_for_each_card(street: Street) -> None:
    street.clock.set(at("2026-03-02", 9))
    holder = street.member()
    for day in range(3, 10):
        street.come(holder, at(f"2026-03-{day:02}", 9))
    street.count()
    street.start("nearly_full", pause_days=0)
    assert street.run(at("2026-03-15", 13)).sent == 0
    assert street.run(at("2026-03-16", 13)).sent == 1, "a week of quiet, eight of ten"
    assert street.texts(holder)[0]["en"] == "2 stamps more at Bakery, and this is yours: Full card."
    street.come(holder, at("2026-03-17", 9))
    street.count()
    street.run(at("2026-03-24", 13))
    assert len(street.told(holder)) == 1, "the same card"
    for day in range(25, 32):
        street.come(holder, at(f"2026-03-{day}", 9))
    street.come(holder, at("2026-04-01", 9))
    street.come(holder, at("2026-04-02", 9))
    street.count()
    street.run(at("2026-04-09", 13))
    assert len(street.told(holder)) == 2, "the next one"


def test_what_ends_is_told_in_the_shops_words_and_never_twice(street: Street) -> None:
    def give(holder: Holder, units: int, days: int) -> None:
        until = street.clock() + days * DAY
        adjust(
            street.scope,
            member_id=holder.member_id,
            programme_id=street.shop.programme_id,
            units=units,
            reason="test",
            expires_at=until,
        )

    holder, late = street.member(hears=()), street.member(hears=())
    give(holder, 3, 20)
    street.count()
    street.start("expiring", days=5)
    street.clock.advance(days=8)
    assert tell_expiring(street.scope) == 0, "the shop tells it itself"
    street.clock.advance(days=7)
    assert street.run().sent == 1
    assert "3 stamps" in street.texts(holder)[0]["en"]
    assert tell_expiring(street.scope) == 0
    street.clock.advance(days=1)
    assert street.run().sent == 0
    street.stop("expiring")
    give(late, 2, 10)
    assert tell_expiring(street.scope) == 1, "who is not told by the shop is told by the platform"
    assert len(street.told(holder)) == 1


def test_the_platform_tells_in_the_last_days_what_the_shop_did_not(street: Street) -> None:
    holder = street.member()
    until = street.clock() + 10 * DAY
    adjust(
        street.scope,
        member_id=holder.member_id,
        programme_id=street.shop.programme_id,
        units=3,
        reason="test",
        expires_at=until,
    )
    street.count()
    street.start("expiring", days=5)
    street.clock.advance(days=8, hours=1)
    assert tell_expiring(street.scope) == 1, "no worker ran while the shop's own moment passed"
    street.run()
    assert street.told(holder) == []


def test_years_are_counted_from_the_first_visit(street: Street) -> None:
    street.clock.set(at("2026-02-28", 9))
    holder = street.member()
    street.come(holder, at("2028-01-10"))
    street.count()
    street.start("anniversary")
    assert street.run(at("2028-02-27", 12)).found == 0
    assert street.run(at("2028-02-28", 12)).sent == 1
    assert street.told(holder) == ["Thank you for 2 years"]
    assert street.run(at("2028-02-29", 12)).found == 0


def test_each_tip_is_told_once_after_the_next_visit(street: Street) -> None:
    street.start("tip", pause_days=0)
    street.clock.set(at("2026-03-02", 9))
    holder = street.member()
    street.count()
    assert street.run(at("2026-03-03", 12)).sent == 1
    street.come(holder, at("2026-03-16", 9))
    street.count()
    assert street.run(at("2026-03-17", 12)).found == 0
    setting.change_automation(
        street.owner, "tip", wanted("tip", title={"en": "Cut them"}, is_new_edition=True), revision=revision(street)
    )
    street.come(holder, at("2026-03-23", 9))
    street.count()
    street.run(at("2026-03-24", 12))
    assert street.told(holder) == ["A tip from Bakery", "Cut them"]


def test_a_stop_and_other_words_hold_for_whoever_waits(street: Street) -> None:
    first, last = regular(street)
    street.start("come_back")
    assert street.run(at(last + 16 * DAY, 4)).found == 1
    setting.change_automation(
        street.owner,
        "come_back",
        wanted("come_back", title={"en": "Tulips are in"}, hour=10),
        revision=revision(street),
    )
    assert street.run(at(last + 16 * DAY, 7)).sent == 0
    assert street.rounds(first) == [("treated", "waiting", None)]
    street.stop("come_back")
    assert street.run(at(last + 16 * DAY, 13)).sent == 0
    street.start("come_back", hour=10)
    assert street.run(at(last + 17 * DAY, 4)).found == 1, "found anew, as it is set now"
    street.run(at(last + 17 * DAY, 13))
    assert street.told(first) == ["Tulips are in"]


def test_without_her_yes_nothing_that_is_news_comes(street: Street) -> None:
    holder, last = regular(street, hears=())
    changed, _ = regular(street)
    street.start("come_back")
    day = last + 16 * DAY
    assert street.run(at(day, 4)).found == 1, "of whom it may not write to nothing is noted"
    for channel in ("inbox", "email", "push"):
        set_consent(
            replace(street.scope, member_id=changed.member_id),
            merchant_id=street.shop.merchant_id,
            channel=channel,
            is_given=False,
            how="app",
            wording="words",
        )
    street.run(at(day, 13))
    assert street.told(holder) == street.told(changed) == []
    assert street.rounds(changed) == [("treated", "skipped", "no_consent")]
