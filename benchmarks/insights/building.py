"""Very many visits written straight into the tables that a refresh reads; what it does not read is left out."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import make_url

from app.common.types import encode_time
from benchmarks.databases import Place
from benchmarks.town import Shop

SHOPS_EACH = 4  # that a member goes to
VISITS_EACH = 12.5  # at one of them
DAYS = 730
TRADES = (
    "bakery",
    "cafe",
    "florist",
    "butcher",
    "bookshop",
    "general",
    "wine",
    "restaurant",
    "pharmacy",
    "hairdresser",
)
_REWARDED = 0.05
_SLICE = 200_000

_TABLES: dict[str, tuple[str, ...]] = {
    "member": ("id", "status", "created_at"),
    "visit": (
        *("member_id", "id", "transaction_id", "merchant_id", "location_id", "number", "amount_minor", "currency"),
        *("earned", "occurred_at", "recorded_at"),
    ),
    "location_transaction": ("location_id", "transaction_id", "member_id", "kind", "recorded_at"),
    "voucher": (
        *("member_id", "id", "code", "reward_id", "merchant_id", "programme_id", "status", "cost", "value", "source"),
        *("issued_at", "redeemed_at", "redeemed_location_id"),
    ),
    "shop_member": (
        *("member_id", "place_id", "merchant_id", "visits", "spend_minor", "first_at", "seen_at", "recent", "balance"),
        *("fill", "has_app", "refreshed_at"),
    ),
    "shop_place": ("place_id", "merchant_id", "members"),
}


@dataclass(frozen=True, slots=True)
class Town:
    """What was made: its shops, its members' ids, and how many visits."""

    shops: Sequence[Shop]
    members: Sequence[str]
    visits: int


class Filler:
    """Writes rows as fast as the database takes them, without looking whether what they refer to is there."""

    def __init__(self, place: Place) -> None:
        self._sqlite: sqlite3.Connection | None = None
        self._postgresql: psycopg.Connection | None = None
        if place.kind == "sqlite":
            self._sqlite = sqlite3.connect(place.url.removeprefix("sqlite:///"), isolation_level=None)
            self._sqlite.execute("PRAGMA foreign_keys=OFF")
            self._sqlite.execute("PRAGMA cache_size=-262144")
        else:
            url = make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)
            self._postgresql = psycopg.connect(url, autocommit=True)
            self._postgresql.execute("SET session_replication_role = replica")

    def put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows of one table."""
        names = _TABLES[table]
        if self._sqlite is not None:
            self._sqlite.execute("BEGIN")
            marks = ", ".join("?" * len(names))
            self._sqlite.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
            self._sqlite.execute("COMMIT")
            return
        assert self._postgresql is not None
        with (
            self._postgresql.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def run(self, statement: str) -> None:
        """One statement."""
        if self._sqlite is not None:
            self._sqlite.execute(statement)
        if self._postgresql is not None:
            self._postgresql.execute(statement)

    def close(self) -> None:
        """Let PostgreSQL count its rows, and leave."""
        if self._postgresql is not None:
            self._postgresql.execute("ANALYZE")
            self._postgresql.close()
        if self._sqlite is not None:
            self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._sqlite.close()


def fill(place: Place, shops: Sequence[Shop], *, members: int, now: datetime, seed: int = 1) -> Town:
    """Give each member a history at four shops: rates, days of leaving and amounts differ from one to the other, as in
    the models' own world."""
    draw = np.random.default_rng(seed)
    filler = Filler(place)
    told = encode_time if place.kind == "sqlite" else _same
    for number, trade in enumerate(TRADES):
        theirs = ", ".join(f"'{shop.merchant_id}'" for shop in shops[number :: len(TRADES)])
        if theirs:
            filler.run(f"UPDATE merchant SET category = '{trade}' WHERE id IN ({theirs})")
    begin = now - timedelta(days=DAYS)
    ids = [_id(int((begin.timestamp() + n) * 1000), n) for n in range(members)]
    filler.put("member", ((one, "anonymous", told(begin)) for one in ids))
    pairs = members * SHOPS_EACH
    where = (
        np.repeat(np.arange(members) * 7919, SHOPS_EACH) + np.tile(np.arange(SHOPS_EACH) * 104_729, members)
    ) % len(shops)
    starts = draw.uniform(0, DAYS, pairs)
    rate = draw.gamma(0.9, VISITS_EACH * 3.4 / DAYS, pairs)
    leaving = draw.beta(0.6, 12.0, pairs)
    mean = draw.gamma(6.0, 350.0, pairs)
    second = 0
    for start in range(0, pairs, _SLICE // 10):
        rows = range(start, min(start + _SLICE // 10, pairs))
        visits = []
        for pair in rows:
            day, leave = starts[pair], leaving[pair]
            stays = min(int(draw.geometric(leave)), 400)
            days = day + np.concatenate(((0.0,), np.cumsum(draw.exponential(1 / rate[pair], stays - 1))))
            days = days[days < DAYS]
            amounts = draw.gamma(4.0, mean[pair] / 4.0, len(days)).astype(int) + 50
            visits.append((pair // SHOPS_EACH, int(where[pair]), days, amounts))
        second += _write(filler, told, shops, ids, visits, begin, now, draw)
    counted = np.bincount(where, minlength=len(shops))
    filler.put("shop_place", ((s.merchant_id, s.merchant_id, int(n)) for s, n in zip(shops, counted, strict=True)))
    filler.close()
    return Town(shops, ids, second)


def add(place: Place, town: Town, *, visits: int, now: datetime, seed: int = 2) -> None:
    """So many visits more, of members who know the shop, spread over all shops within the last hour."""
    draw = np.random.default_rng(seed)
    filler = Filler(place)
    told = encode_time if place.kind == "sqlite" else _same
    found = []
    begin = now - timedelta(days=DAYS)
    for pair in draw.integers(0, len(town.members) * SHOPS_EACH, visits).tolist():
        member = pair // SHOPS_EACH
        shop = (member * 7919 + pair % SHOPS_EACH * 104_729) % len(town.shops)
        day = DAYS - 1 / 24 + float(draw.uniform(0, 1 / 24))
        found.append((member, shop, np.array([day]), draw.integers(200, 4000, 1)))
    _write(filler, told, town.shops, town.members, found, begin, now, draw, is_new=False)
    filler.close()


def _write(
    filler: Filler,
    told: Any,
    shops: Sequence[Shop],
    ids: Sequence[str],
    visits: Sequence[tuple[int, int, Any, Any]],
    begin: datetime,
    now: datetime,
    draw: np.random.Generator,
    *,
    is_new: bool = True,
) -> int:
    rows: dict[str, list[Sequence[Any]]] = {name: [] for name in _TABLES}
    count = 0
    for member, place, days, amounts in visits:
        shop, member_id = shops[place], ids[member]
        for day, amount in zip(days.tolist(), amounts.tolist(), strict=True):
            at = begin + timedelta(days=day)
            moment, millis = told(at), int(at.timestamp() * 1000)
            booked = _id(millis, count)
            rows["visit"].append(
                (
                    *(member_id, _id(millis, count), booked, shop.merchant_id, shop.location_id, "", amount, "EUR"),
                    *("[]", moment, moment),
                )
            )
            rows["location_transaction"].append((shop.location_id, booked, member_id, "earn", moment))
            count += 1
        if is_new:
            for day in days[draw.random(len(days)) < _REWARDED].tolist():
                at = told(begin + timedelta(days=day))
                voucher = _id(int(begin.timestamp() * 1000), 0)
                rows["voucher"].append(
                    (
                        *(member_id, voucher, voucher, voucher, shop.merchant_id, shop.programme_id, "redeemed", 10),
                        *('{"amount": "2.50"}', "counter", at, at, shop.location_id),
                    )
                )
            first, last = (told(begin + timedelta(days=float(one))) for one in (days[0], days[-1]))
            rows["shop_member"].append(
                (
                    *(member_id, shop.merchant_id, shop.merchant_id, len(days), int(amounts.sum()), first, last),
                    *("[]", 0, 0, False, told(now)),
                )
            )
    for table, made in rows.items():
        if made:
            filler.put(table, made)
    return count


def _id(millis: int, _: int) -> str:
    """A UUIDv7 of that moment."""
    text = f"{millis:012x}7{secrets.token_hex(10)[1:]}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-8{text[17:20]}-{text[20:32]}"


def _same(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
