"""Importing visits against a floor that only inserts the same rows in bulk."""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from app.common.batch import Table
from app.common.database import Database, Transaction
from app.common.database.engines import open_engine
from app.ledger.writing import ACCOUNT, LOCATION_TRANSACTION, LOT, TRANSACTION, TRANSFER
from app.rewards.booking import VISIT
from app.scanning.importing import EachAMerchant, import_visits
from app.scanning.importing.chunks import IMPORTED_VISIT
from app.scanning.importing.records import COLUMNS
from app.scanning.importing.running import CHUNK
from benchmarks.counter import Effort
from benchmarks.databases import Ground, Place
from benchmarks.town import BEGINNING

_CARD = Table("card", 1, "number id member_id kind status issued_at")
_MEMBER = Table("member", 0, "id status locale is_sandbox is_spending_locked created_at")
_REFERENCE = Table("card_reference", 2, "source reference number member_id")
_SOURCE = "history"
_ONCE = (_MEMBER, _CARD, _REFERENCE, ACCOUNT)
_PER_VISIT = (TRANSACTION, LOT, TRANSFER, LOCATION_TRANSACTION, VISIT, IMPORTED_VISIT)


def write_history(path: Path, visits: int, *, members: int, shops: int, prefix: str = "") -> None:
    """A CSV of invented visits in order of time, of regulars and of people who come once."""
    draw = random.Random(prefix)
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for number in range(visits):
            member = int(members * draw.random() ** 2)
            shop = (member * 7 + int(6 * draw.random() ** 3)) % shops
            at = BEGINNING + timedelta(seconds=200 * number)
            amount = f"{draw.randint(1, 80)}.{draw.randint(0, 99):02}"
            writer.writerow((f"{prefix}v{number}", f"{prefix}c{member}", f"s{shop}", at.isoformat(), amount, "EUR"))


def against_floor(ground: Ground, effort: Effort) -> dict[str, Any]:
    """Rows a second of an import, and of its rows inserted in bulk, in turn, each time into a fresh database."""
    file = ground.folder / "history.csv"
    write_history(file, effort.imported, members=max(effort.imported // 60, 10), shops=100)
    opened = ground.migrated()
    shops = ground.folder / "shops.csv"
    write_history(shops, 400, members=400, shops=100, prefix="first-")
    _import(opened, shops)  # the shops are there in both: what is measured is visits
    rates: dict[str, list[float]] = {"ours": [], "floor": []}
    for _ in range(max(2, effort.rounds // 2)):
        ours = ground.copy(opened)
        rates["ours"].append(effort.imported / _import(ours, file))
        rates["floor"].append(effort.imported / _insert(ours, ground.copy(opened), opened))
    ratios = [ours / floor for ours, floor in zip(rates["ours"], rates["floor"], strict=True)]
    return {
        "visits": effort.imported,
        "visits_per_second": round(median(rates["ours"])),
        "floor_per_second": round(median(rates["floor"])),
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
    }


def _import(place: Place, file: Path) -> float:
    with place.scope() as scope:
        started = time.perf_counter()
        import_visits(scope, file, EachAMerchant(points_per_unit="1"), source=_SOURCE)
        return time.perf_counter() - started


def _insert(filled: Place, target: Place, opened: Place) -> float:
    """How long it takes to insert into ``target`` what ``filled`` has and ``opened`` had not, table by table in chunks
    of as many visits as an import takes at once."""
    rows = {table: _new_rows(filled, opened, table) for table in (*_ONCE, *_PER_VISIT)}
    database = Database(open_engine(target.url))
    try:
        started = time.perf_counter()
        _write(database, _ONCE, rows, 1_000_000_000)
        _write(database, _PER_VISIT, rows, CHUNK)
        return time.perf_counter() - started
    finally:
        database.close()


def _write(database: Database, tables: tuple[Table, ...], rows: dict[Table, list[tuple[Any, ...]]], size: int) -> None:
    waiting: dict[Table, Iterator[tuple[Any, ...]]] = {table: iter(rows[table]) for table in tables}
    while True:
        chunk = {table: list(islice(waiting[table], size)) for table in tables}
        if not any(chunk.values()):
            return
        with database.transaction() as tx:
            for table, some in chunk.items():
                _bulk(tx, table, some)


def _bulk(tx: Transaction, table: Table, rows: list[tuple[Any, ...]]) -> None:
    cursor = tx.cursor()
    if tx.dialect == "sqlite":
        cursor.executemany(table.insert_sqlite, rows)
        return
    with cursor.copy(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _new_rows(filled: Place, opened: Place, table: Table) -> list[tuple[Any, ...]]:
    keys = {
        table.columns.index(name)
        for name in ("id", "seq", "number", "transaction_id", "visit_id")
        if name in table.columns
    }
    there = {tuple(row[key] for key in keys) for row in _rows(opened, table)}
    return [row for row in _rows(filled, table) if tuple(row[key] for key in keys) not in there]


def _rows(place: Place, table: Table) -> list[tuple[Any, ...]]:
    """All rows in the order in which they were written, as text where the driver would make objects of them."""
    engine = open_engine(place.url)
    columns = ", ".join(
        f"{name}::text" if place.kind == "postgresql" and name in ("earned", "items") else name
        for name in table.columns
    )
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"SELECT {columns} FROM {table.name}")
        return [tuple(row) for row in cursor.fetchall()]
    finally:
        connection.close()
        engine.dispose()
