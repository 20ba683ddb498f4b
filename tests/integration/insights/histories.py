"""Shops with a history of visits behind them, brought in as a business brings its own."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from app.common.scope import Scope
from app.scanning.importing import Mapped, import_visits
from app.scanning.importing.places import Place
from app.scanning.importing.records import COLUMNS
from tests.factories import Shop

Bought = tuple[str, datetime, str | None]
"""Customer, moment, amount."""


def bring(scope: Scope, shop: Shop, folder: Path, bought: Iterable[Bought], *, name: str) -> None:
    """Book these visits at the shop."""
    rows = sorted(bought, key=lambda one: one[1])
    file = folder / f"{name}.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for count, (customer, at, amount) in enumerate(rows):
            writer.writerow((f"{name}-{count}", customer, shop.location_id, at.isoformat(), amount or "", "EUR"))
    places = {shop.location_id: Place(shop.location_id, shop.merchant_id)}
    report = import_visits(scope, file, Mapped(places), source=shop.merchant_id)
    assert report.imported == len(rows)


def a_year(now: datetime, *, seed: int = 1, customers: int = 40, days: int = 400) -> list[Bought]:
    """Regulars, some who stopped, and people who came once."""
    draw = random.Random(seed)
    found: list[Bought] = []
    for number in range(customers):
        at = now - timedelta(days=draw.uniform(5, days))
        gap, until = draw.choice((6, 12, 30, 400)), now - timedelta(days=draw.choice((0, 0, 0, 150)))
        while at < min(until, now) or not any(one[0] == f"c{number}" for one in found):
            at = min(at, now - timedelta(hours=1))
            found.append((f"c{number}", at, f"{draw.randint(5, 40)}.{draw.randrange(0, 100, 5):02}"))
            at += timedelta(days=draw.expovariate(1 / gap) + 0.5)
    return found


def names(customers: Sequence[Bought]) -> set[str]:
    return {one[0] for one in customers}
