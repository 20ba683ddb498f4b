"""Files of visits for tests, and what an import left in the database, asked in plain SQL."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.common.database import Database
from app.common.scope import Scope
from app.common.sql import Statement
from app.scanning import importing
from app.scanning.importing import EachAMerchant, ImportReport, Places

HEADER = "visit_id,card_ref,location_ref,occurred_at,amount,currency"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)

_BALANCES = Statement(
    """
    SELECT r.reference, s.reference, a.balance, a.visits FROM account a
    JOIN card_reference r ON r.member_id = a.member_id
    JOIN programme p ON p.id = a.programme_id
    JOIN location l ON l.merchant_id = p.merchant_id
    JOIN location_reference s ON s.location_id = l.id
    """
)
_VOUCHERS = Statement(
    """
    SELECT r.reference, s.reference, count(*) FROM voucher v
    JOIN card_reference r ON r.member_id = v.member_id
    JOIN location l ON l.merchant_id = v.merchant_id
    JOIN location_reference s ON s.location_id = l.id
    GROUP BY r.reference, s.reference
    """
)


def row(number: int, *, card: str = "c1", place: str = "s1", amount: str = "10.00", **other: str) -> str:
    """A good line: visit ``number``, that many hours after :data:`START`."""
    at = other.get("at", (START + timedelta(hours=number)).isoformat())
    return f"{other.get('visit', f'v{number}')},{card},{place},{at},{amount},{other.get('currency', 'EUR')}"


def write(path: Path, rows: Iterable[str], *, header: str = HEADER, end: str = "\n") -> Path:
    path.write_bytes((end.join([header, *rows]) + end).encode())
    return path


def bring(scope: Scope, path: Path, places: Places | None = None, **options: Any) -> ImportReport:
    """Import with points of one a euro at a merchant for each location, unless told."""
    places = places if places is not None else EachAMerchant(points_per_unit="1")
    return importing.import_visits(scope, path, places, **{"source": path.name, **options})


def rejected(path: Path) -> list[dict[str, str]]:
    """What went to the file of rejected rows."""
    beside = path.with_name(path.name + ".rejected.csv")
    if not beside.exists():
        return []
    with beside.open(newline="") as file:
        return list(csv.DictReader(file))


def reasons(path: Path) -> dict[int, str]:
    return {int(one["line"]): one["reason"] for one in rejected(path)}


def balances(database: Database) -> dict[tuple[str, str], tuple[int, int]]:
    """Balance and visits by foreign card and shop."""
    with database.reading() as tx:
        return {(card, shop): (balance, visits) for card, shop, balance, visits in tx.rows(_BALANCES, {})}


def vouchers(database: Database) -> dict[tuple[str, str], int]:
    with database.reading() as tx:
        return {(card, shop): int(number) for card, shop, number in tx.rows(_VOUCHERS, {})}


def count(database: Database, table: str) -> int:
    with database.reading() as tx:
        return int(tx.rows(Statement(f"SELECT count(*) FROM {table}"), {})[0][0])


def everything(database: Database) -> dict[str, int]:
    """How many rows each table has that an import may write."""
    tables = [
        *("merchant", "location", "location_reference", "programme", "reward", "member", "card", "card_reference"),
        *("account", "visit", "ledger_transaction", "transfer", "lot", "voucher", "location_transaction"),
        *("imported_visit", "tier_month"),
    ]
    return {table: count(database, table) for table in tables}
