"""Cards of another system that a shop brought with it, at its counters afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.cards import numbers
from app.cards.errors import CodeMistypedError, CodeUnreadableError
from app.common.errors import DomainError
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.service import create_key
from app.rewards.sandbox import create_sandbox_key
from app.scanning import service as scanning
from app.scanning.errors import ApprovalNotOfferedError, CardAmbiguousError, CardSwappedError, ProofNeededError
from app.scanning.importing import EachAMerchant, one_merchant, read_map
from app.scanning.requests import Identification, RedemptionRequest, VisitRequest
from tests.books import standing
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, visit
from tests.integration.importing.history import bring, row, write

_MEMBER = Statement("SELECT member_id FROM card_reference WHERE source = :source AND reference = :reference")
_RETIRE = Statement("UPDATE card_reference SET retired_at = :now WHERE reference = :reference")
_FIRST = Statement("SELECT l.id, l.merchant_id FROM location l JOIN location_reference r ON r.location_id = l.id")


def member_of(scope: Scope, source: str, reference: str) -> str:
    with scope.reading() as tx:
        [(member_id,)] = tx.rows(_MEMBER, {"source": source, "reference": reference})
    return str(member_id)


def retire(scope: Scope, reference: str) -> None:
    scope.run(lambda tx: tx.run(_RETIRE, {"reference": reference, "now": scope.now}))


def brought(scope: Scope, shop: Shop, tmp_path: Path, *cards: str, source: str = "old") -> None:
    """Import one visit of 10.00 for each card."""
    lines = [row(number, card=card, visit=f"{source}-{number}") for number, card in enumerate(cards)]
    bring(scope, write(tmp_path / f"{source}.csv", lines), one_merchant(scope, shop.merchant_id), source=source)


def refused(shop: Shop, code: str) -> type[DomainError]:
    with pytest.raises(DomainError) as refusal:
        scanning.scan(shop.counter(), code)
    return type(refusal.value)


@pytest.mark.parametrize(
    ("reference", "scanned"),
    [
        ("123", "123"),
        ("Klant 7", " Klant 7\r\n"),
        ("2900000012345", "]E02900000012345"),
        ("2900000012345", "2900 0000 12345"),
        ("https://old.example/c/9", "https://old.example/c/9"),
        ("V00000000000000000", "V00000000000000000"),
        ("ABCDEFGHJKMNPQRS", "ABCDEFGHJKMNPQRS"),  # as long as ours, with another check character
    ],
)
def test_it_is_known_as_it_is_scanned_or_typed_and_earns(
    scope: Scope, tmp_path: Path, reference: str, scanned: str
) -> None:
    shop = make_shop(scope, points="1")
    brought(scope, shop, tmp_path, reference)
    member_id = member_of(scope, "old", reference)
    seen = scanning.scan(shop.counter(), scanned)
    assert (seen.card_kind, seen.reference, seen.accounts[0].balance) == ("foreign", reference, 10)
    assert visit(shop.counter(), scanned, amount_minor=5_00).ok
    asked = VisitRequest(Identification(scan_id=seen.scan_id), amount_minor=1_00)
    assert scanning.preview_visit(shop.counter(), asked).accounts[0].balance == 16
    assert standing(scope, member_id, shop.programme_id).balance == 15


def test_sixteen_digits_are_another_systems_also_where_our_check_character_fits_by_chance(
    scope: Scope, tmp_path: Path
) -> None:
    reference = next(
        number for number in map(str, range(4_000_000_000_000_000, 4_000_000_000_001_000)) if numbers.is_valid(number)
    )
    shop = make_shop(scope, points="1")
    brought(scope, shop, tmp_path, reference)
    assert scanning.scan(shop.counter(), reference).card_kind == "foreign"


def test_the_same_visit_by_code_and_by_scan_is_one(scope: Scope, tmp_path: Path) -> None:
    shop = make_shop(scope, points="1")
    brought(scope, shop, tmp_path, "123")
    seen = scanning.scan(shop.counter(), "123")
    first = visit(shop.counter(), "123", key="k", amount_minor=5_00)
    again = scanning.record_visit(
        shop.counter(),
        VisitRequest(Identification(scan_id=seen.scan_id), amount_minor=5_00),
        key="k",
        render=str,
        render_refusal=lambda error: (409, error.code),
    )
    assert again.is_replay
    assert again.body == first.reply.body


def test_it_is_only_taken_where_it_was_brought(scope: Scope, tmp_path: Path) -> None:
    shop, other = make_shop(scope, points="1"), make_shop(scope, points="1", name="Bookshop")
    assert refused(shop, "123") is CodeUnreadableError
    brought(scope, shop, tmp_path, "123", "ABCDEFGHJKMNPQRS")
    assert refused(other, "123") is CodeUnreadableError
    assert refused(other, "ABCDEFGHJKMNPQRS") is CodeMistypedError
    assert refused(shop, "124") is CodeUnreadableError
    assert refused(shop, "1" * 65) is CodeUnreadableError
    assert refused(shop, "\x00") is CodeUnreadableError


def test_it_redeems_by_staff_approval_alone(scope: Scope, tmp_path: Path) -> None:
    shop = make_shop(scope, points="1", reward={"cost": 5})
    brought(scope, shop, tmp_path, "123")
    [coffee] = shop.reward_ids
    unapproved = shop.counter(scopes=frozenset())
    for fields in ({}, {"member_pin": "2580"}):
        with pytest.raises((ProofNeededError, ApprovalNotOfferedError)):
            redeem(unapproved, "123", coffee, **fields)
    assert scanning.scan(unapproved, "123").rewards[0].needs == ("staff_approval",)
    seen = scanning.scan(unapproved, "123")
    with pytest.raises(ProofNeededError):
        scanning.redeem(
            unapproved,
            _redemption(seen.scan_id, coffee),
            key="k",
            render=str,
            render_refusal=lambda error: (409, error.code),
        )
    assert redeem(shop.counter(), "123", coffee).ok


def _redemption(scan_id: str, reward_id: str) -> RedemptionRequest:
    return RedemptionRequest(Identification(scan_id=scan_id), reward_id)


def test_one_that_was_swapped_says_so(scope: Scope, tmp_path: Path) -> None:
    shop = make_shop(scope, points="1")
    brought(scope, shop, tmp_path, "123", "124")
    retire(scope, "123")
    assert refused(shop, "123") is CardSwappedError
    with pytest.raises(CardSwappedError):
        visit(shop.counter(), "123", amount_minor=1_00)
    assert visit(shop.counter(), "124", amount_minor=1_00).ok


def test_a_number_of_two_systems_is_nobodys_until_one_is_swapped(scope: Scope, tmp_path: Path) -> None:
    shop = make_shop(scope, points="1")
    brought(scope, shop, tmp_path, "123", source="till")
    brought(scope, shop, tmp_path, "123", source="web")
    assert refused(shop, "123") is CardAmbiguousError
    with scope.reading() as tx:
        assert len(tx.rows(Statement("SELECT 1 FROM card_source"), {})) == 2
    scope.run(
        lambda tx: tx.run(
            Statement("UPDATE card_reference SET retired_at = :now WHERE source = 'till'"), {"now": scope.now}
        )
    )
    assert scanning.scan(shop.counter(), "123").reference == "123"


def test_every_way_of_importing_says_whose_counters_take_the_cards(scope: Scope, tmp_path: Path) -> None:
    shop, other = make_shop(scope, points="1"), make_shop(scope, points="1", name="Bookshop")
    chart = write(tmp_path / "map.csv", [f"s1,{shop.location_id}"], header="location_ref,location_id")
    bring(scope, write(tmp_path / "mapped.csv", [row(1, card="m1")]), read_map(scope, chart), source="mapped")
    assert scanning.scan(shop.counter(), "m1").reference == "m1"
    assert refused(other, "m1") is CodeUnreadableError

    each = write(tmp_path / "each.csv", [row(1, card="e1", place="a"), row(2, card="e1", place="b")])
    bring(scope, each, EachAMerchant(points_per_unit="1"), source="each")
    with scope.reading() as tx:
        made = tx.rows(_FIRST, {})
    assert len(made) == 2
    for location_id, merchant_id in made:
        key = create_key(scope, location_id, name="Till")
        there = replace(
            shop, location_id=location_id, merchant_id=merchant_id, device_id=key.device_id, token=key.token
        )
        assert scanning.scan(there.counter(), "e1").reference == "e1"

    bring(
        scope,
        write(tmp_path / "dry.csv", [row(1, card="d1")]),
        one_merchant(scope, other.merchant_id),
        source="dry",
        dry_run=True,
    )
    with scope.reading() as tx:
        assert not tx.rows(Statement("SELECT 1 FROM card_source WHERE source = 'dry'"), {})


def test_the_sandbox_takes_none_of_them(scope: Scope, tmp_path: Path) -> None:
    shop = make_shop(scope, points="1")
    brought(scope, shop, tmp_path, "123")
    made = create_sandbox_key(scope, shop.location_id, name="Practice").key
    twin = replace(shop, merchant_id=made.merchant_id, location_id=made.location_id, device_id=made.device_id)
    assert refused(twin, "123") is CodeUnreadableError


def test_our_own_cards_are_never_looked_for_among_them(
    scope: Scope, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, holder = make_shop(scope, points="1"), make_holder(scope)
    brought(scope, shop, tmp_path, "123")
    monkeypatch.setattr("app.scanning.foreign_cards.many", None)  # any look would fail
    assert visit(shop.counter(), holder, amount_minor=1_00).ok
    assert scanning.scan(shop.counter(), holder.number).card_kind == "digital"
