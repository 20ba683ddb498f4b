"""That an import books what the counter would have booked, once, and for the right people and shops."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cards.service import block_card, issue_printed_cards
from app.common.database import Database
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.verifying import verify
from app.merchants import service as merchants
from app.rewards.service import add_version
from app.scanning.importing import EachAMerchant, ImportImpossibleError, one_merchant, read_map
from tests.books import standing
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, visit
from tests.integration.importing.history import (
    START,
    balances,
    bring,
    count,
    everything,
    reasons,
    row,
    vouchers,
    write,
)

CARRYING = {"earn": [{"per": "amount", "units": "0.3"}], "rounding": "carry"}
RULES: dict[str, dict[str, Any]] = {
    "points": {"points": "1"},
    "carried": {"rules": CARRYING},
    "stamps": {"stamps": 3},
    "a day's cap": {"rules": {"earn": [{"per": "amount", "units": "1"}], "caps": {"day": {"units": 25}}}},
    "a visit a day": {"rules": {"earn": [{"per": "visit", "units": "1"}], "caps": {"day": {"visits": 1}}}},
    "a card's cap": {"rules": {"earn": [{"per": "amount", "units": "1"}], "caps": {"card": {"units": 50}}}},
    "expiry": {
        "rules": {"earn": [{"per": "amount", "units": "1"}], "expiry": {"kind": "months", "months": 1}},
    },
    "tiers": {
        "rules": {
            "earn": [{"per": "amount", "units": "1"}],
            "tiers": {
                "by": "units",
                "months": 12,
                "table": [
                    {"key": "silver", "from": 30, "multiplier": "1.5"},
                    {"key": "gold", "from": 100, "multiplier": "2"},
                ],
            },
        },
    },
    "few rewards": {"stamps": 2, "reward": {"stock": 3}},
}


def by_hand(scope: Scope, clock: FixedClock, shop: Shop, number: str, hours: list[int], amounts: list[int]) -> None:
    for hour, amount in zip(hours, amounts, strict=True):
        clock.set(START + timedelta(hours=hour))
        assert visit(shop.counter(), number, amount_minor=amount).ok


@pytest.mark.parametrize("chunk", [1, 4, 1000])
@pytest.mark.parametrize("rules", RULES)
def test_an_import_gives_what_the_counter_gives(
    rules: str, chunk: int, scope: Scope, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.scanning.importing.running.CHUNK", chunk)
    counted, brought = make_shop(scope, **RULES[rules]), make_shop(scope, **RULES[rules])
    mine, theirs = make_holder(scope), make_holder(scope)
    hours = [0, 1, 2, 26, 27, 50, 51, 52, 400, 401, 900, 901, 902, 1300]
    amounts = [1000, 550, 1999, 20, 3000, 1, 700, 0, 1250, 999, 4000, 333, 100, 2500]
    by_hand(scope, clock, counted, mine.number, hours, amounts)
    file = write(
        tmp_path / "v.csv",
        [
            row(hour, card=theirs.number, amount=f"{amount // 100}.{amount % 100:02}")
            for hour, amount in zip(hours, amounts, strict=True)
        ],
    )
    assert bring(scope, file, one_merchant(scope, brought.merchant_id)).imported == len(hours)
    assert facts(scope, brought, theirs.member_id) == facts(scope, counted, mine.member_id)
    assert verify(scope).mismatches == []


ACCOUNT = Statement(
    "SELECT balance, owed, remainder, remainder_per, visits, units_earned, tier, next_expiry_at, first_visit_at,"
    " last_visit_at FROM account WHERE member_id = :member_id AND programme_id = :programme_id"
)
EARNED = Statement("SELECT earned FROM visit WHERE member_id = :member_id ORDER BY occurred_at")
MONTHS = Statement("SELECT month, gathered FROM tier_month WHERE member_id = :member_id ORDER BY month")
GIVEN = Statement("SELECT status, cost FROM voucher WHERE member_id = :member_id")


def facts(scope: Scope, shop: Shop, member_id: str) -> Any:
    """All that the rules made of a member's visits, without ids."""
    who = {"member_id": member_id, "programme_id": shop.programme_id}
    with scope.reading() as tx:
        earned = [str(entry[0]).replace(shop.programme_id, "this") for entry in tx.rows(EARNED, who)]
        return [*(tx.rows(statement, who) for statement in (ACCOUNT, MONTHS, GIVEN)), earned]


def test_a_second_run_changes_nothing(scope: Scope, database: Database, tmp_path: Path) -> None:
    file = write(
        tmp_path / "v.csv", [*(row(n, card=f"c{n % 3}", place=f"s{n % 2}") for n in range(12)), row(50, at="x")]
    )
    assert bring(scope, file).totals() == {"read": 13, "imported": 12, "duplicates": 0, "rejected": 1}
    before, lines = everything(database), reasons(file)
    assert bring(scope, file).totals() == {"read": 13, "imported": 0, "duplicates": 12, "rejected": 1}
    assert everything(database) == before
    assert reasons(file) == lines
    assert verify(scope).mismatches == []


def test_a_longer_file_of_the_same_source_adds_what_is_new(scope: Scope, database: Database, tmp_path: Path) -> None:
    bring(scope, write(tmp_path / "v.csv", [row(n) for n in range(4)]))
    longer = write(tmp_path / "v.csv", [row(n) for n in range(7)])
    assert bring(scope, longer).totals() == {"read": 7, "imported": 3, "duplicates": 4, "rejected": 0}
    assert balances(database) == {("c1", "s1"): (70, 7)}
    assert count(database, "merchant") == 1


def test_earlier_visits_that_come_later_are_judged_by_their_own_time(
    scope: Scope, database: Database, tmp_path: Path
) -> None:
    bring(scope, write(tmp_path / "v.csv", [row(n) for n in (10, 11, 12)]), EachAMerchant(stamps=2))
    assert (vouchers(database), balances(database)) == ({("c1", "s1"): 1}, {("c1", "s1"): (1, 3)})
    bring(scope, write(tmp_path / "v.csv", [row(n) for n in (1, 2)]), EachAMerchant(stamps=2))
    assert (vouchers(database), balances(database)) == ({("c1", "s1"): 2}, {("c1", "s1"): (1, 5)})
    assert verify(scope).mismatches == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_same_visit_twice_in_a_file_counts_once(dry_run: bool, scope: Scope, tmp_path: Path) -> None:
    rows = [row(n % 900, visit=f"v{n % 5}") for n in range(4000)]
    assert bring(scope, write(tmp_path / "v.csv", rows), dry_run=dry_run).totals() == {
        "read": 4000,
        "imported": 5,
        "duplicates": 3995,
        "rejected": 0,
    }


def test_a_dry_run_tells_everything_and_books_nothing(scope: Scope, database: Database, tmp_path: Path) -> None:
    before = everything(database)
    file = write(tmp_path / "v.csv", [row(1), row(2, currency="USD"), row(3, amount="-1"), row(4, card="c9")])
    expected = {"read": 4, "imported": 2, "duplicates": 0, "rejected": 2}
    assert bring(scope, file, dry_run=True).totals() == expected
    assert everything(database) == before
    told = reasons(file)
    assert told == {3: "currency is USD, but the shop's is EUR", 4: "amount is negative"}
    assert bring(scope, file).totals() == expected
    assert reasons(file) == told


def test_references_are_unique_per_source(scope: Scope, database: Database, tmp_path: Path) -> None:
    """Two shops' customer 123 stay two people; one source's customer is one person in all its files."""
    bakery, butcher = make_shop(scope, name="Bakery"), make_shop(scope, name="Butcher")
    file = write(tmp_path / "v.csv", [row(1, card="123"), row(2, card="123")])
    bring(scope, file, one_merchant(scope, bakery.merchant_id), source=bakery.merchant_id)
    bring(scope, file, one_merchant(scope, butcher.merchant_id), source=butcher.merchant_id)
    assert count(database, "card_reference") == 2
    assert count(database, "account") == 2
    assert count(database, "visit") == 4


def test_a_number_of_an_issued_card_names_that_card(scope: Scope, database: Database, tmp_path: Path) -> None:
    shop = make_shop(scope)
    [card] = issue_printed_cards(scope, 1)
    spaced = " ".join(card.number[place : place + 4] for place in range(0, 16, 4)).lower()
    unknown = "0" * 16  # a number in form, but of no card
    file = write(tmp_path / "v.csv", [row(1, card=card.number), row(2, card=spaced), row(3, card=unknown)])
    assert bring(scope, file, one_merchant(scope, shop.merchant_id)).imported == 3
    assert standing(scope, card.member_id, shop.programme_id).balance == 20
    assert count(database, "card_reference") == 1


def test_a_blocked_card_takes_what_happened_before_it_was_blocked(
    scope: Scope, clock: FixedClock, tmp_path: Path
) -> None:
    shop, holder = make_shop(scope), make_holder(scope)
    clock.set(START + timedelta(hours=5))
    block_card(scope, card_id=holder.card_id)
    clock.set(START + timedelta(hours=50))
    file = write(tmp_path / "v.csv", [row(1, card=holder.number), row(9, card=holder.number)])
    assert bring(scope, file, one_merchant(scope, shop.merchant_id)).imported == 1
    assert reasons(file) == {3: "card_ref is a card that was blocked by then"}


def test_a_location_not_seen_before_is_made_under_its_merchant(
    scope: Scope, database: Database, tmp_path: Path
) -> None:
    shop = make_shop(scope)
    file = write(tmp_path / "v.csv", [row(1, place="north"), row(2, place="south"), row(3, place=shop.location_id)])
    assert bring(scope, file, one_merchant(scope, shop.merchant_id)).imported == 3
    assert count(database, "location") == 3
    bring(
        scope, write(tmp_path / "w.csv", [row(4, place="north")]), one_merchant(scope, shop.merchant_id), source="v.csv"
    )
    assert count(database, "location") == 3


def test_a_map_names_the_locations_and_others_are_rejected(scope: Scope, database: Database, tmp_path: Path) -> None:
    bakery, butcher = make_shop(scope, name="Bakery"), make_shop(scope, name="Butcher")
    places = tmp_path / "map.csv"
    places.write_text(f"location_ref,location_id\nn,{bakery.location_id}\ns,{butcher.location_id.upper()}\n")
    file = write(tmp_path / "v.csv", [row(1, place="n"), row(2, place="s"), row(3, place="elsewhere")])
    report = bring(scope, file, read_map(scope, places))
    assert report.totals() == {"read": 3, "imported": 2, "duplicates": 0, "rejected": 1}
    assert reasons(file) == {4: "location_ref is not in the map"}
    assert count(database, "location") == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n", "must have the columns"),
        ("location_ref,location_id\nn,nowhere\n", "is no location here"),
        ("location_ref,location_id\nn\n", "both columns are needed"),
        ("location_ref,location_id\nn,{0}\nn,other\n", "is mapped to two locations"),
    ],
)
def test_a_map_that_cant_be_used_is_told(text: str, sentence: str, scope: Scope, tmp_path: Path) -> None:
    places = tmp_path / "map.csv"
    places.write_text(text.format(make_shop(scope).location_id))
    with pytest.raises(ImportImpossibleError, match=sentence):
        read_map(scope, places)


def test_a_merchant_that_is_not_there_or_closed_is_told(scope: Scope) -> None:
    shop = make_shop(scope)
    merchants.change_merchant(scope, shop.merchant_id, status="closed")
    for merchant_id in (shop.merchant_id, "nobody", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(ImportImpossibleError, match=merchant_id):
            one_merchant(scope, merchant_id)


def test_each_location_is_a_merchant_with_the_currency_of_its_first_row(
    scope: Scope, database: Database, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "v.csv",
        [row(5, place="a", currency="USD"), row(1, place="a"), row(2, place="b"), row(3, place="a", currency="USD")],
    )
    assert bring(scope, file, EachAMerchant(points_per_unit="2.5")).totals()["imported"] == 3
    assert reasons(file) == {3: "currency is EUR, but the shop's is USD"}
    with database.reading() as tx:
        made = tx.rows(Statement("SELECT name, currency FROM merchant ORDER BY name"), {})
    assert [tuple(one) for one in made] == [("Shop a", "USD"), ("Shop b", "EUR")]
    assert balances(database) == {("c1", "a"): (50, 2), ("c1", "b"): (25, 1)}


def test_rules_of_the_visits_own_time_hold(scope: Scope, clock: FixedClock, tmp_path: Path) -> None:
    """A programme that changed: the first version counts from the beginning of time."""
    clock.set(START + timedelta(hours=10))
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    add_version(scope, shop.programme_id, {"earn": [{"per": "amount", "units": "3"}]})
    clock.set(START + timedelta(hours=40))
    file = write(tmp_path / "v.csv", [row(1, card=holder.number), row(20, card=holder.number)])
    bring(scope, file, one_merchant(scope, shop.merchant_id))
    assert standing(scope, holder.member_id, shop.programme_id).balance == 10 + 30
