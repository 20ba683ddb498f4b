"""Numbers of a queue that never came: noticed, mended by what comes late, told to the operators once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.merchants import service as merchants
from app.scanning.requests import TabletFacts
from app.scanning.service import missing, raise_gap_alarms, write_off_missing
from config import Settings
from tests.books import count
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop
from tests.tablets import Tablet, seen

_FACTS = Statement(
    "SELECT app_version, queue_length, is_storage_kept, clock_offset_ms, synced_sequence, last_seen_at FROM device"
    " WHERE id = :device_id"
)


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1", reward={"cost": 5})


@pytest.fixture
def tablet(shop: Shop) -> Tablet:
    return Tablet.paired(shop)


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


def send(tablet: Tablet, holder: Holder, *numbers: int) -> tuple[tuple[int, int], ...]:
    """Events with those numbers; what is missing then."""
    now = tablet.shop.scope.now
    return tablet.sync([seen(holder, number, now, amount_minor=100) for number in numbers]).missing


def test_what_is_skipped_is_missing_until_it_comes(tablet: Tablet, holder: Holder) -> None:
    assert send(tablet, holder, 1, 2) == ()
    assert send(tablet, holder, 10) == ((3, 9),)
    assert send(tablet, holder, 6) == ((3, 5), (7, 9))
    assert send(tablet, holder, 3, 9) == ((4, 5), (7, 8))
    assert send(tablet, holder, 12, 14) == ((4, 5), (7, 8), (11, 11), (13, 13))
    assert send(tablet, holder, 11, 4, 8, 2) == ((5, 5), (7, 7), (13, 13))
    assert tablet.missing() == [(5, 5), (7, 7), (13, 13)]
    assert send(tablet, holder, 13, 7, 5) == ()
    assert tablet.missing() == []


def test_a_queue_that_begins_late_has_lost_its_beginning(tablet: Tablet, holder: Holder) -> None:
    assert send(tablet, holder, 4) == ((1, 3),)


def test_what_was_refused_has_come(tablet: Tablet, holder: Holder, clock: FixedClock) -> None:
    refused = seen("0000000000000000", 1, clock.now)
    old = seen(holder, 2, clock.now - timedelta(hours=80))
    synced = tablet.sync([refused, old], unread=[3])
    assert [result.status for result in synced.results] == ["rejected", "review"]
    assert (synced.missing, synced.reviews) == ((), 1)
    assert send(tablet, holder, 4) == ()


def test_a_sign_of_life_tells_about_the_tablet(tablet: Tablet, clock: FixedClock) -> None:
    synced = tablet.sync(facts=TabletFacts(1500, "1.2.3", 7, True))
    assert (synced.results, synced.received_at, synced.releases, synced.reviews) == ((), clock.now, (), 0)
    facts = {"device_id": tablet.device_id}
    with tablet.shop.scope.reading() as tx:
        version, length, is_kept, offset, highest, seen_at = tx.rows(_FACTS, facts)[0]
    assert (version, length, bool(is_kept), offset, highest, seen_at) == ("1.2.3", 7, True, 1500, 0, clock.now)
    tablet.sync(sent_at=clock.now + timedelta(seconds=2))
    with tablet.shop.scope.reading() as tx:
        version, length, is_kept, offset, *_ = tx.rows(_FACTS, facts)[0]
    assert (version, length, bool(is_kept), offset) == ("1.2.3", 7, True, 2000)  # what is not told stays as it was


def test_each_tablet_counts_for_itself(shop: Shop, tablet: Tablet, holder: Holder) -> None:
    other = Tablet.paired(shop, "Other")
    send(tablet, holder, 3)
    assert send(other, holder, 1) == ()
    assert tablet.missing() == [(1, 2)]


def alarms(scope: Scope) -> int:
    return count(scope, "audit_event", "action = 'device.gap_alarmed'")


def test_operators_are_told_once_of_what_stays_missing(
    tablet: Tablet, holder: Holder, scope: Scope, clock: FixedClock, settings: Settings
) -> None:
    for email in ("ann@platform.example", "bob@platform.example"):
        merchants.add_operator(scope, email)
    context = JobContext(settings, scope.database, clock)
    drain(context)  # their own links
    before = set(mails(settings))
    send(tablet, holder, 2, 5)
    clock.advance(minutes=9)
    assert (raise_gap_alarms(scope), alarms(scope)) == (0, 0)
    with scope.reading() as tx:
        assert missing(tx, scope.now).numbers == 0
    clock.advance(minutes=1)
    with scope.reading() as tx:
        assert (missing(tx, scope.now).runs, missing(tx, scope.now).numbers) == (2, 3)
    assert (raise_gap_alarms(scope), raise_gap_alarms(scope), alarms(scope)) == (2, 0, 1)
    drain(context)
    told = sorted(text for path, text in mails(settings).items() if path not in before)
    assert len(told) == 2
    assert "To: ann@platform.example" in told[0] + told[1]
    assert all("1, 3 to 4" in text and tablet.device_id in text for text in told)
    # A piece that is left of it is no news, another gap is.
    send(tablet, holder, 4)
    clock.advance(minutes=11)
    assert raise_gap_alarms(scope) == 0
    send(tablet, holder, 8)
    clock.advance(minutes=10)
    assert (raise_gap_alarms(scope), alarms(scope)) == (1, 2)


def mails(settings: Settings) -> dict[Path, str]:
    return {path: path.read_text() for path in (settings.var / "outbox").glob("*.eml")}


def test_what_comes_in_time_alarms_nobody(tablet: Tablet, holder: Holder, scope: Scope, clock: FixedClock) -> None:
    send(tablet, holder, 3)
    clock.advance(minutes=5)
    send(tablet, holder, 2, 1)
    clock.advance(minutes=30)
    assert (raise_gap_alarms(scope), alarms(scope)) == (0, 0)


def test_what_is_lost_for_good_is_written_off(tablet: Tablet, holder: Holder, scope: Scope, clock: FixedClock) -> None:
    send(tablet, holder, 4, 6)
    lost = write_off_missing(scope, tablet.device_id, reason="The browser's data was cleared")
    assert (lost.missing, lost.written_off_at) == (((1, 3), (5, 5)), None)
    assert write_off_missing(scope, tablet.device_id, reason="Again").missing == ()
    assert count(scope, "audit_event", "action = 'device.gap_written_off'") == 1
    # The tablet goes on, and what comes after all is booked.
    assert tablet.sync([seen(holder, 5, clock.now, amount_minor=100)]).results[0].status == "applied"
    assert send(tablet, holder, 8) == ((7, 7),)
