"""Shops, cards and visits behind them, made through the service's own use cases."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.cards.service import issue_printed_cards
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.service import add_location, create_key, create_merchant
from app.rewards.rules import points_document
from app.rewards.service import create_programme
from app.scanning.importing import Mapped, import_visits
from app.scanning.importing.places import Place
from app.scanning.importing.records import COLUMNS

BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop with one points programme, and the token of its till."""

    merchant_id: str
    programme_id: str
    location_id: str
    device_id: str
    token: str


def make_shop(scope: Scope, name: str, *, points_per_unit: str = "1") -> Shop:
    """Open one shop in one transaction."""

    def work(_: Transaction) -> Shop:
        merchant_id = create_merchant(scope, name=name)
        location_id = add_location(scope, merchant_id)
        programme_id = create_programme(
            scope, merchant_id, name="Points", kind="points", rules=points_document(points_per_unit)
        )
        key = create_key(scope, location_id, name="Till", scopes=["approve"])
        return Shop(merchant_id, programme_id, location_id, key.device_id, key.token)

    return scope.run(work)


def make_cards(scope: Scope, count: int) -> list[str]:
    """Numbers of new cards."""
    return [card.number for card in issue_printed_cards(scope, count)]


def visit(scope: Scope, folder: Path, visits: list[tuple[str, Shop]], *, name: str) -> None:
    """Book one visit after the other, a minute apart, each of a card at a shop."""
    file = folder / f"{name}.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for count, (number, shop) in enumerate(visits):
            at = BEGINNING + timedelta(seconds=20 * count)
            writer.writerow((f"{name}-{count}", number, shop.location_id, at.isoformat(), "12.50", "EUR"))
    places = {shop.location_id: Place(shop.location_id, shop.merchant_id) for _, shop in visits}
    report = import_visits(scope, file, Mapped(places), source=name)
    if report.imported != len(visits):
        raise RuntimeError(f"only {report.imported} of {len(visits)} visits were taken")
    file.unlink()
