"""The models at work from the command line; no database is there at all."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.integration.cli.calling import Zegel, caller, failed, told


@pytest.fixture
def zegel(tmp_path: Path) -> Zegel:
    nowhere = f"sqlite:///{tmp_path / 'none' / 'no.sqlite3'}"
    return caller({"ZEGEL_ENV": "test", "ZEGEL_VAR": str(tmp_path / "var"), "DATABASE_URL": nowhere})


@pytest.fixture
def purchases(tmp_path: Path) -> Path:
    chance = Random(5)
    rows = ["customer,at,amount"]
    for customer in range(150):
        day, leaves, pace = chance.uniform(0, 60), chance.betavariate(1, 6), chance.uniform(4, 40)
        while day < 365:
            at = date(2026, 1, 1) + timedelta(days=int(day))
            rows.append(f"c{customer},{at},{chance.lognormvariate(3, 0.5):.2f}")
            if chance.random() < leaves:
                break
            day += chance.expovariate(1 / pace)
    path = tmp_path / "purchases.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_fit(zegel: Zegel, purchases: Path) -> None:
    found = told(zegel("insights", "fit", str(purchases), "--json"))
    assert list(found) == ["customers", "bgnbd", "gamma_gamma"]
    assert list(found["bgnbd"]) == ["r", "alpha", "a", "b", "log_likelihood"]
    assert list(found["gamma_gamma"]) == ["p", "q", "v", "customers"]
    assert found["customers"] == 150
    early = told(zegel("insights", "fit", str(purchases), "--calibration-weeks", "4", "--json"))
    assert early["customers"] < 150
    assert "bgnbd alpha:" in zegel("insights", "fit", str(purchases)).stdout


def test_evaluate(zegel: Zegel, purchases: Path) -> None:
    found = told(zegel("insights", "evaluate", str(purchases), "--holdout-days", "60", "--json"))
    assert list(found) == ["customers", "mae", "auc", "baselines"]
    assert list(found["baselines"]) == ["repeat", "bgnbd"]
    assert all(list(found["baselines"][name]) == ["mae", "auc"] for name in found["baselines"])
    assert 0.5 < found["auc"] <= 1


def test_what_cannot_be_read_is_one_clear_line(zegel: Zegel, purchases: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("customer,at,amount\na,soon,1\n")
    assert "Line 2" in failed(zegel("insights", "fit", str(bad)))
    bad.write_text("customer,at,amount\na,2026-01-01,1\n")
    assert "too short" in failed(zegel("insights", "fit", str(bad)))
    assert "too short" in failed(zegel("insights", "evaluate", str(purchases), "--holdout-days", "300"))
    assert "exist" in failed(zegel("insights", "fit", str(tmp_path / "nothing.csv")))
