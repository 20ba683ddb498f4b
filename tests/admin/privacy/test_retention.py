"""The clock: told after three years without a sign of life, erased thirty days later, and not when she comes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from app.campaigns.models import MemberMessage
from app.cards.models import Login, Member
from app.cards.profiles import write_profile
from app.cards.service import issue_anonymous_member
from app.common.errors import InvalidError
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.retaining import keep
from app.jobs.rounds import run_if_due
from app.jobs.schedule import JOBS
from app.ledger.verifying import verify
from app.privacy.models import RetentionNotice
from app.privacy.queries import list_requests, read_retention
from app.privacy.service import change_retention, keep_retention
from app.wallet.service import open_session, set_consent
from config import Settings
from tests.admin.people import make_person, status_of, waiting_mails
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, visit
from tests.mobile_api.test_member_me import sums

URL = "https://card.example"
SEEN = datetime(2026, 3, 4, 12, tzinfo=UTC)
THREE_YEARS = datetime(2029, 3, 4, 12, tzinfo=UTC)


def night(scope: Scope) -> tuple[int, int, int]:
    kept = keep_retention(scope, public_url=URL)
    return kept.told, kept.erased, kept.came_back


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=5)


@pytest.fixture
def anna(scope: Scope, shop: Shop) -> Holder:
    made = make_person(scope)
    assert visit(shop.counter(), made).ok
    return made


def test_she_is_told_at_three_years_and_erased_thirty_days_later(scope: Scope, anna: Holder, clock: FixedClock) -> None:
    before = sums(scope)
    clock.set(THREE_YEARS)
    assert night(scope) == (0, 0, 0), "the last moment counts as a sign of life"
    clock.advance(seconds=1)
    assert night(scope) == (1, 0, 0)
    told = waiting_mails(scope)
    assert [(mail.to, mail.subject) for _, mail in told] == [
        ("anna@example.com", "Op 3 april 2029 wissen we je gegevens")
    ]
    assert night(scope) == (0, 0, 0), "a repeat tells nobody again"
    assert len(waiting_mails(scope)) == 1
    clock.advance(days=29, hours=23)
    assert night(scope) == (0, 0, 0)
    clock.advance(hours=1)
    assert night(scope) == (0, 1, 0)
    assert status_of(scope, anna.member_id) == "erased"
    assert sums(scope) == before
    assert verify(scope).mismatches == []
    assert [(one.kind, one.channel) for one in list_requests(scope, view="done")] == [("erasure", "retention")]
    assert night(scope) == (0, 0, 0)


def by_visit(scope: Scope, shop: Shop, anna: Holder) -> None:
    assert visit(shop.counter(), anna).ok


def by_sign_in(scope: Scope, shop: Shop, anna: Holder) -> None:
    open_session(scope, member_id=anna.member_id, began="code")


def by_app(scope: Scope, shop: Shop, anna: Holder) -> None:
    with scope.transaction() as tx:
        tx.session.execute(update(Member).where(Member.id == anna.member_id).values(last_seen_at=scope.now))


def by_consent(scope: Scope, shop: Shop, anna: Holder) -> None:
    own = replace(scope, member_id=anna.member_id)
    set_consent(own, merchant_id=shop.merchant_id, channel="email", is_given=True, how="app", wording="News")


@pytest.mark.parametrize("sign", [by_visit, by_sign_in, by_app, by_consent])
def test_who_comes_back_in_between_is_not_erased(
    scope: Scope, shop: Shop, anna: Holder, clock: FixedClock, sign: Callable[[Scope, Shop, Holder], None]
) -> None:
    clock.set(THREE_YEARS + timedelta(days=1))
    assert night(scope) == (1, 0, 0)
    clock.advance(days=29)
    sign(scope, shop, anna)
    clock.advance(days=2)
    assert night(scope) == (0, 0, 1)
    assert status_of(scope, anna.member_id) == "claimed"
    clock.advance(days=400)
    assert night(scope) == (0, 0, 0)
    clock.advance(days=3 * 366)
    assert night(scope) == (1, 0, 0), "and is told anew when she is silent again"


def test_who_comes_back_as_the_night_begins_is_not_erased(scope: Scope, anna: Holder, clock: FixedClock) -> None:
    """The night's list was read before she came: the look that counts is made with her row held."""
    clock.set(THREE_YEARS + timedelta(days=1))
    night(scope)
    clock.advance(days=31)

    def come_back(_: int) -> None:
        with replace(scope).transaction() as tx:
            tx.session.execute(update(Member).where(Member.id == second.member_id).values(last_seen_at=scope.now))

    second = make_person(scope, "bea@example.com")
    with scope.transaction() as tx:
        tx.session.execute(
            update(Member).where(Member.id == second.member_id).values(created_at=SEEN, last_seen_at=SEEN)
        )
        tx.session.execute(
            insert(RetentionNotice).values(
                member_id=second.member_id,
                channel="mail",
                told_at=clock() - timedelta(days=31),
                erase_at=clock() - timedelta(days=1),
            )
        )
    # Anna's id is the smaller one: after her, and before the second is looked at, the second comes back.
    kept = keep_retention(scope, public_url=URL, on_progress=come_back)
    assert (kept.erased, kept.came_back) == (1, 1)
    assert (status_of(scope, anna.member_id), status_of(scope, second.member_id)) == ("erased", "claimed")


def test_printed_cards_that_nobody_claimed_are_left_alone(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    holder = make_holder(scope)
    assert visit(shop.counter(), holder).ok
    clock.set(THREE_YEARS + timedelta(days=400))
    assert night(scope) == (0, 0, 0)
    clock.advance(days=40)
    assert night(scope) == (0, 0, 0)
    assert status_of(scope, holder.member_id) == "anonymous"
    assert waiting_mails(scope) == []


def test_who_told_a_name_and_no_address_is_told_in_the_inbox(scope: Scope, clock: FixedClock) -> None:
    member_id = issue_anonymous_member(scope).member_id
    with scope.transaction() as tx:
        write_profile(tx, scope, member_id, {"name": "Bea"})
    clock.set(THREE_YEARS + timedelta(days=1))
    assert night(scope) == (1, 0, 0)
    assert waiting_mails(scope) == []
    with scope.reading() as tx:
        said = tx.session.scalars(select(MemberMessage).where(MemberMessage.member_id == member_id)).all()
    assert [one.params["title"]["en"] for one in said] == ["On 4 April 2029 we erase your data"]
    clock.advance(days=31)
    assert night(scope) == (0, 1, 0)


def test_members_of_a_sandbox_and_who_has_left_are_left_alone(scope: Scope, anna: Holder, clock: FixedClock) -> None:
    with scope.transaction() as tx:
        tx.session.execute(update(Member).where(Member.id == anna.member_id).values(is_sandbox=True))
    clock.set(THREE_YEARS + timedelta(days=1))
    assert night(scope) == (0, 0, 0)


def test_two_nights_at_once_tell_once(scope: Scope, anna: Holder, clock: FixedClock) -> None:
    clock.set(THREE_YEARS + timedelta(days=1))
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda _: night(replace(scope)), range(2)))
    assert sorted(told) == [(0, 0, 0), (1, 0, 0)]
    assert len(waiting_mails(scope)) == 1


def test_the_period_can_be_set_and_the_page_counts(scope: Scope, anna: Holder, clock: FixedClock) -> None:
    with pytest.raises(InvalidError):
        change_retention(scope, months=6, grace_days=30, reason="quicker")
    with pytest.raises(InvalidError):
        change_retention(scope, months=24, grace_days=7, reason="quicker")
    with pytest.raises(InvalidError):
        change_retention(scope, months=24, grace_days=30, reason=" ")
    assert read_retention(scope).period.months == 36
    change_retention(scope, months=24, grace_days=14, reason="the supervisor asked for it")
    clock.set(datetime(2028, 1, 10, tzinfo=UTC))
    found = read_retention(scope)
    assert (found.near, found.due, found.told, found.erased) == (1, 0, 0, 0)
    clock.set(datetime(2028, 3, 5, 13, tzinfo=UTC))
    assert read_retention(scope).due == 1
    assert night(scope) == (1, 0, 0)
    found = read_retention(scope)
    assert (found.due, found.told, found.next_erasure) == (0, 1, clock() + timedelta(days=14))
    clock.advance(days=14)
    assert night(scope) == (0, 1, 0)
    found = read_retention(scope)
    assert (found.near, found.told, found.erased) == (0, 0, 1)


def test_the_job_runs_by_night(scope: Scope, settings: Settings, anna: Holder, clock: FixedClock) -> None:
    context = JobContext(settings, scope.database, clock)
    job = next(one for one in JOBS if one.name == "retention")
    clock.set(THREE_YEARS + timedelta(days=1))
    assert job.work is keep
    assert run_if_due(context, job)
    assert len(waiting_mails(scope)) == 1
    assert not run_if_due(context, job)
    with scope.reading() as tx:
        assert tx.session.scalar(select(Login.member_id)) == anna.member_id
