"""A shop's members with all their history, written once more many times over. The importer books some thousands of
visits a second; a million of them in both databases would take longer than what is to be measured.

What is measured reads these rows as any others. But the copies have the seals of what they are copies of, so ``zegel
ledger verify`` would report each of them: a shop that was multiplied is for measuring only.
"""

from __future__ import annotations

from sqlalchemy import Column, Table

from app.common.scope import Scope
from app.common.types import Id
from app.tables import metadata
from benchmarks.office.building import BigShop

MOST = 0xFFF  # copies that an id can tell apart
# All that a visit writes, referenced tables first.
TABLES = (
    *("member", "card", "card_reference", "account", "ledger_transaction", "lot", "transfer"),
    *("visit", "voucher", "voucher_code", "imported_visit", "location_transaction"),
)
# Ids that are the shop's, not its members': the same in every copy.
_SHARED = frozenset(
    (
        *("merchant_id", "location_id", "device_id", "staff_id", "programme_id", "reward_id", "batch_id"),
        *("merged_into", "given_by", "hold_location_id", "hold_device_id", "redeemed_location_id"),
    )
)
_COUNTED = {
    "sqlite": "WITH RECURSIVE copy(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM copy WHERE k < {last})",
    "postgresql": "WITH copy AS (SELECT k FROM generate_series(1, {last}) AS k)",
}


def multiply(scope: Scope, shop: BigShop, times: int) -> None:
    """Make a shop's members and visits ``times`` as many. Each call does it anew, so call it once."""
    if not 1 <= times <= MOST:
        raise ValueError(f"from 1 to {MOST} times")
    if times == 1:
        return
    with scope.transaction() as tx:
        connection = tx.session.connection()
        if tx.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        counted = _COUNTED[tx.dialect].format(last=times - 1)
        ours = f"SELECT a.member_id FROM account a WHERE a.programme_id = '{shop.programme_id}'"
        connection.exec_driver_sql(f"CREATE TEMP TABLE copied AS {ours}")
        for name in TABLES:
            table = metadata.tables[name]
            names = ", ".join(column.name for column in table.columns)
            values = ", ".join(_copied(table, column, tx.dialect) for column in table.columns)
            member = "id" if name == "member" else "member_id"
            connection.exec_driver_sql(
                f"INSERT INTO {name} ({names}) {counted} SELECT {values} FROM {name} o CROSS JOIN copy"
                f" WHERE o.{member} IN (SELECT member_id FROM copied)"
            )
        connection.exec_driver_sql("DROP TABLE copied")
    look_through(scope)


def look_through(scope: Scope) -> None:
    """Let PostgreSQL count its rows, as it does by itself within a minute of a day's work."""
    if scope.database.dialect == "postgresql":
        with scope.database.engine.connect() as connection:
            connection.exec_driver_sql("RESET ROLE")
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def _copied(table: Table, column: Column[object], dialect: str) -> str:
    name = column.name
    mark = "lpad(to_hex(copy.k), {}, '0')" if dialect == "postgresql" else "printf('%0{}x', copy.k)"
    if isinstance(column.type, Id) and name not in _SHARED:
        # Ids of one moment differ in their last digits; the 20th says of which kind an id is; none of ours has an e.
        kind = "uuid" if dialect == "postgresql" else "text"
        text = f"CAST(o.{name} AS text)"
        return f"CAST(substr({text}, 1, 19) || 'e' || {mark.format(3)} || substr({text}, 24) AS {kind})"
    if name in ("number", "code"):
        return f"substr(o.{name}, 1, 12) || {mark.format(4)}"
    if name == "reference":
        return f"o.{name} || '-' || copy.k"
    return f"o.{name}"
