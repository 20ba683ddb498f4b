"""Raw SQL against the ledger: the database refuses it, and whoever gets past the database is found by ``verify``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Integer, LargeBinary, Table

from app.common.ids import new_id
from app.common.scope import Scope
from app.common.types import Id, UtcDateTime, decode_time, encode_time
from app.ledger import anchors
from app.ledger.models import COUNTERS, KINDS, Account, LedgerTransaction, Lot, Transfer
from app.ledger.verifying import Verification, verify
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, redeem_voucher, reverse, visit
from tests.integration.ledger.intruder import REFUSALS, Intruder, intruder

WATCHED: dict[str, Table] = {
    model.__tablename__: model.__table__  # type: ignore[misc]
    for model in (LedgerTransaction, Transfer, Lot, Account)
}


WRITTEN_WHEN = {"updated_at"}  # says nothing about what is held


@dataclass
class Town:
    shop: Shop
    stamps: Shop
    holders: list[Holder]


@pytest.fixture
def town(scope: Scope, clock: FixedClock) -> Town:
    """Two shops, two members, and every kind of booking."""
    rules = {"earn": [{"per": "amount", "units": "1", "step": "7"}], "rounding": "carry"}
    shop = make_shop(scope, rules={**rules, "expiry": {"kind": "months", "months": 2}}, reward={"cost": 2})
    stamps = make_shop(scope, stamps=3, name="Café")
    holders = [make_holder(scope) for _ in range(2)]
    for holder in holders:
        for minor in (10_00, 25_00, 33_00):
            booked = visit(shop.counter(), holder, amount_minor=minor)
            clock.advance(days=1)
        redeem(shop.counter(), holder, shop.reward_ids[0])
        reverse(shop.counter(), booked.transaction_id, 4_00)
        filled = visit(stamps.counter(), holder, units=4)
        redeem_voucher(stamps.counter(), filled.body["unlocked"][0]["voucher_code"])
    assert verify(scope).mismatches == []
    return Town(shop, stamps, holders)


@pytest.fixture
def outsider(database_url: str, town: Town) -> Iterator[Intruder]:
    with intruder(database_url, breaks_in=False) as made:
        yield made


@pytest.fixture
def insider(database_url: str, town: Town) -> Iterator[Intruder]:
    with intruder(database_url, breaks_in=True) as made:
        yield made


def found(scope: Scope, heads: anchors.Heads | None = None) -> Verification:
    return verify(scope, anchored=heads)


def kinds(result: Verification) -> set[str]:
    return {mismatch["kind"] for mismatch in result.mismatches}


# --- what the database itself refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["ledger_transaction", "transfer"])
def test_no_booking_can_be_changed_deleted_or_replaced(table: str, scope: Scope, outsider: Intruder) -> None:
    before = outsider.copy(table)
    for column in before[0]:
        with pytest.raises(REFUSALS):
            outsider.run(f"UPDATE {table} SET {column} = {column}")
    with pytest.raises(REFUSALS):
        outsider.run(f"DELETE FROM {table}")
    if outsider.is_sqlite:
        row = {**before[0], "seal": b"\0" * 32}
        marks = ", ".join("?" * len(row))
        with pytest.raises(REFUSALS):
            outsider.run(f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    else:
        for target in (table, f"{table} CASCADE", "ledger_transaction, transfer, visit"):
            with pytest.raises(REFUSALS):
                outsider.run(f"TRUNCATE {target}")
    assert outsider.copy(table) == before
    assert found(scope).mismatches == []


def test_without_the_triggers_replacing_works_and_is_found(scope: Scope, insider: Intruder) -> None:
    """The twin: what the triggers refuse is possible once they are gone, so the tests above can tell."""
    row = {**insider.copy("transfer")[0], "amount": 1000}
    key = (row["member_id"], row["account_id"], row["seq"])
    insider.run("DELETE FROM transfer WHERE member_id = ? AND account_id = ? AND seq = ?", key)
    insider.insert("transfer", row)
    assert found(scope).mismatches


def test_the_services_own_role_has_no_right_to_change_bookings(scope: Scope, town: Town) -> None:
    with scope.database.engine.connect() as connection:
        if scope.database.dialect == "sqlite":
            assert connection.exec_driver_sql("PRAGMA recursive_triggers").scalar() == 1
            return
        assert connection.exec_driver_sql("SELECT current_user").scalar() == "zegel_app"
        for table in ("ledger_transaction", "transfer"):
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                asked = f"SELECT has_table_privilege(current_user, '{table}', '{right}')"
                assert connection.exec_driver_sql(asked).scalar() is False
            assert connection.exec_driver_sql(f"SELECT has_table_privilege('{table}', 'INSERT')").scalar() is True


# --- what verify finds -----------------------------------------------------------------------------------------------


def altered(column: Any, value: Any, row: dict[str, Any]) -> Any:
    """Another value that the column's type and constraints take."""
    name = column.name
    if name in WRITTEN_WHEN or (name == "reverses_id" and value is None):
        return None
    if name == "kind":
        if value == "reverse":
            return None
        return next(kind for kind in KINDS if kind not in (value, "reverse"))
    if name == "seq":
        return value + 1000
    if name in ("debit", "credit"):
        if value in COUNTERS:
            return next(counter for counter in COUNTERS if counter != value)
        return None
    if isinstance(column.type, Id):
        return new_id()
    if isinstance(column.type, UtcDateTime):
        if value is None:
            value = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
        elif isinstance(value, str):
            return encode_time(decode_time(value) + timedelta(seconds=1))
        return encode_time(value + timedelta(seconds=1)) + "+00:00"
    if isinstance(column.type, LargeBinary):
        return bytes(value[:-1]) + bytes([value[-1] ^ 1])
    if isinstance(column.type, Integer):
        return value - 1 if name == "remaining" and value == row.get("amount") else value + 1
    return f"{value or ''}x"


@pytest.mark.parametrize("table", WATCHED)
def test_every_changed_column_is_refused_or_found(table: str, scope: Scope, insider: Intruder) -> None:
    keys = [column.name for column in WATCHED[table].primary_key]
    where = " AND ".join(f"{key} = ?" for key in keys)
    seen: set[str] = set()
    for row in insider.copy(table)[:8]:
        for column in WATCHED[table].columns:
            changed = altered(column, row[column.name], row)
            if changed is None:
                continue
            try:
                insider.run(
                    f"UPDATE {table} SET {column.name} = ? WHERE {where}", [changed, *(row[key] for key in keys)]
                )
            except REFUSALS:
                continue
            assert found(scope).mismatches, f"{table}.{column.name}: {row[column.name]!r} became {changed!r}"
            seen.add(column.name)
            now = {**row, column.name: changed}
            insider.run(
                f"UPDATE {table} SET {column.name} = ? WHERE {where}", [row[column.name], *(now[key] for key in keys)]
            )
    assert seen == {column.name for column in WATCHED[table].columns} - WRITTEN_WHEN
    assert found(scope).mismatches == []


@pytest.mark.parametrize("table", WATCHED)
def test_every_deleted_row_is_found(table: str, scope: Scope, insider: Intruder) -> None:
    rows = insider.copy(table)
    keys = [column.name for column in WATCHED[table].primary_key]
    for row in rows:
        insider.run(f"DELETE FROM {table} WHERE {' AND '.join(f'{key} = ?' for key in keys)}", [row[k] for k in keys])
        assert found(scope).mismatches, row
        insider.insert(table, row)
    assert found(scope).mismatches == []


def test_an_emptied_ledger_is_found(scope: Scope, insider: Intruder) -> None:
    insider.run("DELETE FROM transfer")
    insider.run("DELETE FROM ledger_transaction")
    assert kinds(found(scope)) >= {"seal", "transaction"}


def test_an_inserted_booking_is_found(scope: Scope, insider: Intruder) -> None:
    account = insider.copy("account")[0]
    booked = next(row for row in insider.copy("ledger_transaction") if row["member_id"] == account["member_id"])
    copied = {**booked, "id": new_id()}
    insider.insert("ledger_transaction", copied)
    assert kinds(found(scope)) == {"seal"}
    last = max(
        (row for row in insider.copy("transfer") if row["account_id"] == account["id"]), key=lambda row: row["seq"]
    )
    insider.insert("transfer", {**last, "seq": last["seq"] + 1, "transaction_id": copied["id"]})
    assert len(found(scope).mismatches) > 1


def test_a_gift_with_all_its_sums_in_order_is_found(scope: Scope, insider: Intruder) -> None:
    """Ten units more in a lot, its transfer and the balance: every sum agrees, the seals don't."""
    lot = next(row for row in insider.copy("lot") if row["remaining"])
    insider.run("UPDATE lot SET amount = amount + 10, remaining = remaining + 10 WHERE id = ?", [lot["id"]])
    insider.run(
        "UPDATE transfer SET amount = amount + 10 WHERE lot_id = ? AND credit = 'balance' AND seq ="
        " (SELECT min(seq) FROM transfer WHERE lot_id = ?)",
        [lot["id"], lot["id"]],
    )
    insider.run("UPDATE account SET balance = balance + 10 WHERE id = ?", [lot["account_id"]])
    assert kinds(found(scope)) == {"seal"}


def test_rows_swapped_between_accounts_are_found(scope: Scope, insider: Intruder) -> None:
    transfers = [row for row in insider.copy("transfer") if row["seq"] == 1]
    ours, theirs = transfers[0], transfers[-1]
    assert ours["account_id"] != theirs["account_id"]
    places = ("member_id", "account_id", "transaction_id", "programme_id", "lot_id")
    for row in (ours, theirs):
        insider.run("DELETE FROM transfer WHERE account_id = ? AND seq = 1", [row["account_id"]])
    insider.insert("transfer", {**ours, **{name: theirs[name] for name in places}})
    insider.insert("transfer", {**theirs, **{name: ours[name] for name in places}})
    assert "seal" in kinds(found(scope))


def test_two_accounts_that_change_owners_are_found(scope: Scope, insider: Intruder) -> None:
    first, second = [row for row in insider.copy("account") if row["programme_id"]][:2]
    for column in ("balance", "seal"):
        insider.run(f"UPDATE account SET {column} = ? WHERE id = ?", [second[column], first["id"]])
        insider.run(f"UPDATE account SET {column} = ? WHERE id = ?", [first[column], second["id"]])
    assert found(scope).mismatches


def cut_tail(insider: Intruder, account_id: str) -> None:
    """Delete the last transfer and its transaction, and set everything that anybody could recompute to match."""
    transfers = sorted(
        (row for row in insider.copy("transfer") if row["account_id"] == account_id), key=lambda row: row["seq"]
    )
    last, before = transfers[-1], transfers[-2]
    insider.run("DELETE FROM transfer WHERE account_id = ? AND seq = ?", [account_id, last["seq"]])
    if not [row for row in transfers if row is not last and row["transaction_id"] == last["transaction_id"]]:
        insider.run("DELETE FROM ledger_transaction WHERE id = ?", [last["transaction_id"]])
        insider.run("DELETE FROM location_transaction WHERE transaction_id = ?", [last["transaction_id"]])
    back = last["amount"] if last["debit"] == "balance" else -last["amount"]
    insider.run(
        "UPDATE account SET seq = seq - 1, chain = ?, balance = balance + ? WHERE id = ?",
        [before["seal"], back, account_id],
    )
    insider.run("UPDATE lot SET remaining = remaining + ? WHERE id = ?", [back, last["lot_id"]])
    insider.run("DELETE FROM lot WHERE id = ? AND remaining = 0 AND earned_at > ?", [last["lot_id"], "2999-01-01"])


def test_a_cut_off_tail_is_found_by_the_accounts_seal(scope: Scope, town: Town, insider: Intruder) -> None:
    account_id = next(row["id"] for row in insider.copy("account") if row["programme_id"] == town.shop.programme_id)
    cut_tail(insider, account_id)
    assert [(one["kind"], one["detail"]) for one in found(scope).mismatches] == [
        ("seal", "the account's row was changed")
    ]


def test_units_moved_from_one_lot_to_another_that_lives_longer_are_found(
    scope: Scope, town: Town, insider: Intruder, clock: FixedClock
) -> None:
    clock.advance(days=40)
    visit(town.shop.counter(), town.holders[0], amount_minor=14_00)
    spent = redeem(town.shop.counter(), town.holders[0], town.shop.reward_ids[0])
    assert spent.ok
    lots = [row for row in insider.copy("lot") if row["member_id"] == town.holders[0].member_id and row["expires_at"]]
    giving = next(row for row in lots if row["remaining"])
    taking = next(row for row in lots if row["remaining"] < row["amount"] and row["id"] != giving["id"])
    insider.run("UPDATE lot SET remaining = remaining - 1 WHERE id = ?", [giving["id"]])
    insider.run("UPDATE lot SET remaining = remaining + 1 WHERE id = ?", [taking["id"]])
    assert sum("is left in a lot, its transfers make" in one["detail"] for one in found(scope).mismatches) == 2


def test_history_from_another_branch_is_found(scope: Scope, town: Town, insider: Intruder) -> None:
    """Two futures of one backup, equal in every sum: an account of the one over the bookings of the other."""
    booked = ("ledger_transaction", "transfer", "lot", "location_transaction")
    older = {table: insider.copy(table) for table in (*booked, "account")}
    visit(town.shop.counter(), town.holders[0], amount_minor=70_00)
    first = {table: insider.copy(table) for table in booked}
    for table, rows in older.items():
        insider.put_back(table, rows)
    visit(town.shop.counter(), town.holders[0], amount_minor=70_00)
    assert found(scope).mismatches == []
    for table, rows in first.items():
        insider.put_back(table, rows)
    assert [one["detail"] for one in found(scope).mismatches] == [
        "the account's chain does not end where its transfers do"
    ]


def test_an_account_put_back_to_an_older_state_is_found_by_the_anchors(
    scope: Scope, town: Town, insider: Intruder, clock: FixedClock, tmp_path: Path
) -> None:
    tables = ("ledger_transaction", "transfer", "lot", "account", "location_transaction")
    older = {table: insider.copy(table) for table in tables}
    visit(town.shop.counter(), town.holders[0], amount_minor=70_00)
    anchors.write(scope, tmp_path)
    heads = anchors.read_heads(tmp_path, scope.keys.ledger)
    assert found(scope, heads).mismatches == []

    for table in tables:
        insider.put_back(table, older[table])

    assert found(scope).mismatches == []  # a whole older state is in order by itself: hence the anchors
    assert kinds(found(scope, heads)) == {"anchor"}


def test_an_account_that_is_gone_with_everything_is_found_by_the_anchors(
    scope: Scope, town: Town, insider: Intruder, tmp_path: Path
) -> None:
    anchors.write(scope, tmp_path)
    member_id = town.holders[0].member_id
    for table in ("location_transaction", "transfer", "lot", "account", "ledger_transaction"):
        insider.run(f"DELETE FROM {table} WHERE member_id = ?", [member_id])
    assert found(scope).mismatches == []
    assert kinds(found(scope, anchors.read_heads(tmp_path, scope.keys.ledger))) == {"account"}


def test_seals_of_another_key_are_found(scope: Scope, town: Town, insider: Intruder) -> None:
    insider.run("UPDATE ledger_transaction SET seal_key = 'k9'")
    assert "key" in kinds(found(scope))
    assert json.dumps(found(scope).mismatches)  # told as JSON by the command line
