"""The demo town."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from app.cli.demo.people import draw_people
from app.cli.demo.street import read_town
from app.cli.demo.year import PlannedCall, draw_year
from app.common.scope import Scope
from app.merchants import opening_hours
from app.merchants.logos import TRADES
from app.merchants.proofs import is_password
from app.merchants.service import pair_device, start_staff_session
from tests.integration.cli.calling import caller, failed, told

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIRST = NOW.date() - timedelta(days=365)


def year(seed: int) -> list[PlannedCall]:
    chance = Random(seed)
    people = draw_people(chance, FIRST, NOW.date())
    return list(draw_year(chance, people, read_town(NOW.date()).shops, FIRST, NOW))


def test_the_town_has_twenty_four_shops_of_as_many_trades_with_a_story_in_four_languages() -> None:
    shops = read_town(date(2026, 11, 22)).shops
    assert len(shops) == len({shop.name for shop in shops}) == len({shop.trade for shop in shops}) == 24
    assert {shop.trade for shop in shops} <= set(TRADES)
    assert len({(shop.lat, shop.lon) for shop in shops}) == 24
    for shop in shops:
        assert set(shop.story) == {"nl", "fr", "en", "de"}
        assert opening_hours.parse(shop.hours).is_known
    kinds = Counter(programme["kind"] for shop in shops for programme in shop.programmes)
    assert min(kinds.values()) >= 10


def test_the_same_seed_and_day_give_the_same_year_and_another_seed_another() -> None:
    assert year(1) == year(1) != year(2)


def test_nobody_comes_when_a_shop_is_shut_and_everybody_in_order() -> None:
    calls = year(1)
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    assert calls[-1].at < NOW
    assert calls[0].at.date() >= FIRST
    shops = read_town(NOW.date()).shops
    hours = [opening_hours.parse(shop.hours) for shop in shops]
    for call in calls:
        assert opening_hours.is_open(hours[call.shop], call.at, timezone="Europe/Brussels", country="BE")


def test_the_year_has_a_shops_rhythm() -> None:
    calls = year(1)
    shops = read_town(NOW.date()).shops
    ice = next(number for number, shop in enumerate(shops) if shop.trade == "ice")
    months = Counter(call.at.month for call in calls if call.shop == ice)
    assert months[7] > 5 * months[1]
    saturdays = sum(call.at.weekday() == 5 for call in calls)
    assert saturdays > 1.2 * sum(call.at.weekday() == 2 for call in calls)
    # Some come every week, some were seen once, and most are in between.
    each = Counter((call.person, call.shop) for call in calls)
    once = sum(count == 1 for count in each.values())
    often = sum(count > 30 for count in each.values())
    assert once > len(each) * 0.1
    assert often > len(each) * 0.05


def test_a_month_of_the_town_is_booked_and_the_logins_work(environment: dict[str, str], scope: Scope) -> None:
    zegel = caller(environment)
    made = told(zegel("demo", "--days", "30", "--json"))
    assert (made["shops"], made["members"]) == (24, 300)
    assert made["visits"] > 500
    assert made["redemptions"] > 5
    assert told(zegel("ledger", "verify", "--json"))["mismatches"] == []

    here = Scope(scope.database, scope.keys)
    tablet = pair_device(here, made["pairing_code"], "Test")
    here.merchant_id, here.location_id, here.device_id = tablet.merchant_id, tablet.location_id, tablet.device_id
    assert start_staff_session(here, made["cashier_pin"]).role == "cashier"
    with scope.reading() as tx:
        for table, email in (("staff_login", made["owner"]), ("operator", made["operator"])):
            stored = tx.session.execute(
                text(f"SELECT password_hash FROM {table} WHERE email = :email"), {"email": email}
            ).scalar_one()
            assert is_password(stored, made["password"])
        visits = tx.session.execute(text("SELECT count(*) FROM visit")).scalar_one()
        spare = tx.session.execute(
            text("SELECT count(*) FROM account JOIN card ON card.member_id = account.member_id WHERE number = :number"),
            {"number": made["card"]},
        ).scalar_one()
        waiting = tx.session.execute(text("SELECT count(*) FROM outbox WHERE done_at IS NULL AND topic <> 'push'"))
        [told_of, unread] = tx.session.execute(
            text("SELECT count(*), sum(CASE WHEN read_at IS NULL THEN 1 ELSE 0 END) FROM member_message")
        ).one()
    assert visits == made["visits"]
    assert spare == 0
    # Members have heard of it, and nobody opens the app for the first time with a year of news.
    assert waiting.scalar_one() == 0
    assert told_of >= made["redemptions"]
    assert 0 < unread < told_of / 2

    assert "not empty" in failed(zegel("demo"))
    again = told(zegel("demo", "--if-empty", "--json"))
    assert "visits" not in again
    assert again["member"] == made["member"]
    assert again["pairing_code"] != made["pairing_code"]
    with scope.reading() as tx:
        assert tx.session.execute(text("SELECT count(*) FROM visit")).scalar_one() == visits


def test_a_database_with_something_in_it_is_left_alone(environment: dict[str, str]) -> None:
    zegel = caller(environment)
    told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    assert "not empty" in failed(zegel("demo"))
    result = zegel("demo", "--if-empty")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.prove
def test_the_whole_year_agrees_with_its_ledger(environment: dict[str, str]) -> None:
    zegel = caller(environment)
    assert told(zegel("demo", "--json"))["visits"] > 10_000
    assert told(zegel("ledger", "verify", "--json"))["mismatches"] == []
