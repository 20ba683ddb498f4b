"""A shop with years behind it, made for measuring: its visits are booked by the importer, so that every row is sealed
and ``zegel ledger verify`` agrees with it. See ``multiplying`` for making more of them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Merchant, Staff
from app.rewards.rules import stamps_document
from app.rewards.service import change_programme, create_programme, create_reward
from app.scanning.importing import Mapped, import_visits
from app.scanning.importing.places import Place
from app.scanning.importing.records import COLUMNS

GOAL = 10
YEARS = 3
PLACES = ("Main street", "Station", "Market")
# How busy a bakery is, by hour from 7 to 18 o'clock and by weekday from Monday on.
HOURS = (8, 12, 9, 7, 8, 9, 6, 5, 6, 8, 9, 5)
WEEKDAYS = (6, 7, 7, 8, 10, 14, 11)


@dataclass(frozen=True, slots=True)
class BigShop:
    """A shop with its history, and its owner's login."""

    merchant_id: str
    slug: str
    programme_id: str
    location_ids: tuple[str, ...]
    login_id: str
    source: str  # under which its cards are known
    members: int
    visits: int


def build(scope: Scope, folder: Path, *, name: str, visits: int, members: int, seed: int = 1) -> BigShop:
    """Make a shop with ``visits`` of ``members`` in the three years before the scope's now, regulars and people who
    came once, and about a tenth as many vouchers. Each call makes another."""
    merchant_id = merchants.create_merchant(
        scope, name=name, category="bakery", country="BE", currency="EUR", timezone="Europe/Brussels"
    )
    location_ids = tuple(
        merchants.add_location(scope, merchant_id, name=place, city="Gent", lat=51.05 + n / 100, lon=3.72)
        for n, place in enumerate(PLACES)
    )
    programme_id = create_programme(
        scope, merchant_id, name="Bread card", kind="stamps", rules={**stamps_document(GOAL), "goal": GOAL}
    )
    full_card = create_reward(scope, programme_id, name="Free bread", cost=GOAL, kind="amount_off", amount_minor=3_20)
    change_programme(scope, programme_id, full_card_reward_id=full_card)
    create_reward(scope, programme_id, name="Coffee", cost=3, kind="amount_off", amount_minor=2_40, position=1)
    for location_id in location_ids:
        merchants.create_key(scope, location_id, name="Till", scopes=["approve"])
    email = f"owner-{merchant_id[-12:]}@bench.example"
    merchants.add_staff(scope, merchant_id, name="An Peeters", role="owner", email=email)
    source = f"bench-{merchant_id}"
    file = folder / f"{source}.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(_history(scope.now, location_ids, visits, members, seed))
    places = {location_id: Place(location_id, merchant_id) for location_id in location_ids}
    report = import_visits(scope, file, Mapped(places), source=source)
    if report.imported != visits:
        raise RuntimeError(f"only {report.imported} of {visits} visits were taken")
    file.unlink()
    with scope.reading() as tx:
        slug, login_id = tx.session.execute(
            select(Merchant.slug, Staff.login_id).join(Staff).where(Merchant.id == merchant_id)
        ).one()
    assert login_id is not None
    return BigShop(merchant_id, slug, programme_id, location_ids, login_id, source, members, visits)


def _history(
    now: datetime, location_ids: tuple[str, ...], visits: int, members: int, seed: int
) -> Iterator[tuple[str, ...]]:
    draw = random.Random(seed)
    days = 365 * YEARS
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    weights = [WEEKDAYS[(today - timedelta(days=day)).weekday()] for day in range(days, 0, -1)]
    until = [visits * sum(weights[: day + 1]) // sum(weights) for day in range(days)]
    number = 0
    for day in range(days):
        begins = today - timedelta(days=days - day)
        hours = draw.choices(range(7, 19), HOURS, k=until[day] - number)
        for at in sorted(begins + timedelta(hours=hour, seconds=draw.randrange(3600)) for hour in hours):
            # Everybody comes at least once; after that the first ones are the regulars.
            member = number if number < members else int(members * draw.random() ** 3)
            place = location_ids[0 if draw.random() < 0.6 else member % len(location_ids)]
            amount = f"{draw.randint(2, 24)}.{draw.randrange(0, 100, 5):02}"
            yield f"v{number}", f"c{member}", place, at.isoformat(), amount, "EUR"
            number += 1
