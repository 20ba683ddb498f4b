"""Anchors: what was in the ledger is known outside the database, and nobody can quietly change that."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.common.keys import KeyRing
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger import anchors
from app.ledger.verifying import verify
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, visit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1")


def book(shop: Shop, holder: Holder) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok


def heads_now(scope: Scope) -> anchors.Heads:
    with scope.reading() as tx:
        rows = tx.rows(Statement("SELECT id, seq, chain FROM account"), {})
    return {row[0]: (row[1], bytes(row[2]).hex()) for row in rows}


def test_each_day_holds_the_heads_that_changed_since(scope: Scope, clock: FixedClock, shop: Shop, folder: Path) -> None:
    first, second = make_holder(scope), make_holder(scope)
    book(shop, first)
    clock.advance(hours=2)
    assert anchors.write(scope, folder).heads == 1
    clock.advance(days=1)
    book(shop, second)
    written = anchors.write(scope, folder)
    assert (written.path.name, written.heads) == ("2026-03-05.jsonl.gz", 1)
    assert anchors.read_heads(folder, scope.keys.ledger) == heads_now(scope)
    clock.advance(days=1)
    book(shop, first)
    anchors.write(scope, folder)
    assert anchors.read_heads(folder, scope.keys.ledger) == heads_now(scope)
    assert verify(scope, anchored=anchors.read_heads(folder, scope.keys.ledger)).mismatches == []


def test_the_lines_are_as_agreed(scope: Scope, shop: Shop, folder: Path) -> None:
    book(shop, make_holder(scope))
    path = anchors.write(scope, folder).path
    header, head, end = map(json.loads, gzip.decompress(path.read_bytes()).splitlines())
    assert set(header) == {"at", "previous"}
    assert set(head) == {"account_id", "seq", "chain"}
    assert set(end) == {"key_id", "digest"}
    assert [each.name for each in folder.iterdir()] == [path.name]


def test_a_repeat_on_the_same_day_keeps_what_was_there(
    scope: Scope, clock: FixedClock, shop: Shop, folder: Path
) -> None:
    book(shop, make_holder(scope))
    anchors.write(scope, folder)
    clock.advance(hours=6)
    book(shop, make_holder(scope))
    assert anchors.write(scope, folder).heads == 2
    assert anchors.write(scope, folder).heads == 2
    assert len(list(folder.iterdir())) == 1


def test_a_booking_under_way_at_the_last_anchor_is_taken_along(
    scope: Scope, clock: FixedClock, shop: Shop, folder: Path
) -> None:
    book(shop, make_holder(scope))  # its moment is before the anchor's, its commit after
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE account SET updated_at = :at"), {"at": clock.now - timedelta(minutes=5)})
    clock.advance(days=-1)
    anchors.write(scope, folder)
    clock.advance(days=1)
    assert anchors.write(scope, folder).heads == 1


def test_an_older_state_of_the_whole_ledger_is_found(scope: Scope, clock: FixedClock, shop: Shop, folder: Path) -> None:
    """Every remaining row is in order and sealed: only what was written elsewhere can tell."""
    holder = make_holder(scope)
    book(shop, holder)
    before = heads_now(scope)
    book(shop, holder)
    anchors.write(scope, folder)
    anchored = anchors.read_heads(folder, scope.keys.ledger)
    assert verify(scope, anchored=anchored).mismatches == []
    ((account_id, (seq, _)),) = anchored.items()
    assert [found["kind"] for found in verify(scope, anchored={account_id: (seq + 1, "00")}).mismatches] == ["anchor"]
    assert verify(scope, anchored=before).mismatches == []  # an older head is passed through
    missing = {**anchored, "01a20000-0000-7000-8000-000000000000": (1, "00")}
    assert len(verify(scope, anchored=missing).mismatches) == 1


def two_days(scope: Scope, clock: FixedClock, shop: Shop, folder: Path) -> list[Path]:
    for _ in range(3):
        book(shop, make_holder(scope))
        anchors.write(scope, folder)
        clock.advance(days=1)
    return sorted(folder.iterdir())


def test_a_changed_line_is_found(scope: Scope, clock: FixedClock, shop: Shop, folder: Path) -> None:
    path = two_days(scope, clock, shop, folder)[1]
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"seq":1', b'"seq":0')
    path.write_bytes(gzip.compress(b"".join(lines)))
    with pytest.raises(anchors.AnchorsAlteredError, match=path.name):
        anchors.read_heads(folder, scope.keys.ledger)


def test_a_cut_off_file_is_found(scope: Scope, clock: FixedClock, shop: Shop, folder: Path) -> None:
    path = two_days(scope, clock, shop, folder)[2]
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    for content in (gzip.compress(b"".join(lines[:-1])), gzip.compress(lines[0] + lines[-1]), b"", b"no gzip"):
        path.write_bytes(content)
        with pytest.raises(anchors.AnchorsAlteredError):
            anchors.read_heads(folder, scope.keys.ledger)


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_that_was_taken_away_is_found(
    scope: Scope, clock: FixedClock, shop: Shop, folder: Path, which: int
) -> None:
    two_days(scope, clock, shop, folder)[which].unlink()
    with pytest.raises(anchors.AnchorsAlteredError, match="taken away"):
        anchors.read_heads(folder, scope.keys.ledger)


def test_keys_may_change_in_between(scope: Scope, clock: FixedClock, shop: Shop, folder: Path) -> None:
    import dataclasses

    two_days(scope, clock, shop, folder)
    newer = KeyRing("k2", {"k2": bytes(range(50, 82)), **scope.keys.ledger.keys})
    later = dataclasses.replace(scope, keys=dataclasses.replace(scope.keys, ledger=newer))
    anchors.write(later, folder)
    assert len(anchors.read_heads(folder, newer)) == 3
    with pytest.raises(anchors.AnchorsAlteredError, match="k2"):
        anchors.read_heads(folder, scope.keys.ledger)


def test_where_nothing_was_anchored_there_is_nothing(scope: Scope, folder: Path) -> None:
    assert anchors.read_heads(folder, scope.keys.ledger) == {}
    assert anchors.last_written(folder, scope.keys.ledger) is None
