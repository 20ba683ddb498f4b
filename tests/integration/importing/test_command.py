"""``zegel visits import`` as a terminal sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.common.scope import Scope
from tests.factories import make_shop
from tests.integration.cli.calling import caller, failed
from tests.integration.importing.history import reasons, row, write

ZERO = '{"read": 2, "imported": 1, "duplicates": 0, "rejected": 1}'


def test_it_reports_four_counts_and_where_the_rejected_rows_are(environment: dict[str, str], tmp_path: Path) -> None:
    zegel = caller(environment)
    file = write(tmp_path / "v.csv", [row(1), row(2, amount="-1")])
    run = zegel("visits", "import", str(file), "--each-location-a-merchant", "--points-per-unit", "1", "--json")
    assert (run.exit_code, run.stdout.strip()) == (0, ZERO)
    assert str(file) + ".rejected.csv" in run.stderr
    assert reasons(file) == {3: "amount is negative"}
    again = zegel("visits", "import", str(file), "--each-location-a-merchant", "--points-per-unit", "1", "--json")
    assert again.stdout.strip() == ZERO.replace('"imported": 1, "duplicates": 0', '"imported": 0, "duplicates": 1')


def test_a_merchants_own_history(environment: dict[str, str], scope: Scope, tmp_path: Path) -> None:
    shop = make_shop(scope)
    zegel = caller(environment)
    file = write(tmp_path / "v.csv", [row(1), row(2, at="2026-01-06T10:00:00")])
    run = zegel(
        "visits", "import", str(file), "--merchant", shop.merchant_id, "--timezone", "Europe/Brussels", "--json"
    )
    assert '"imported": 2' in run.stdout
    places = tmp_path / "map.csv"
    places.write_text(f"location_ref,location_id\ns1,{shop.location_id}\n")
    run = zegel("visits", "import", str(file), "--merchant-map", str(places), "--dry-run", "--json")
    assert '"imported": 1' in run.stdout


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--merchant", "x", "--each-location-a-merchant", "--stamps", "3"],
        ["--each-location-a-merchant"],
        ["--each-location-a-merchant", "--stamps", "3", "--points-per-unit", "1"],
        ["--merchant", "x", "--stamps", "3"],
        ["--each-location-a-merchant", "--stamps", "3", "--timezone", "Nowhere"],
        ["--merchant", "x"],
    ],
)
def test_what_does_not_fit_together_is_told(options: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    file = write(tmp_path / "v.csv", [row(1)])
    assert failed(caller(environment)("visits", "import", str(file), *options))


def test_a_missing_column_is_one_clear_line(environment: dict[str, str], tmp_path: Path) -> None:
    file = write(tmp_path / "v.csv", ["v1,c1"], header="visit_id,card_ref")
    run = caller(environment)("visits", "import", str(file), "--each-location-a-merchant", "--stamps", "3")
    assert "lacks the columns location_ref, occurred_at, amount, currency" in failed(run)
