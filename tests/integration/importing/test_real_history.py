"""The main job on real input: its totals agree with a count in a few lines of plain Python."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.common.database import Database
from app.common.scope import Scope
from app.ledger.verifying import verify
from app.scanning.importing import EachAMerchant
from tests.integration.importing.history import balances, bring, count, reasons, vouchers
from tests.integration.importing.real_history import write_real_history

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-c", "from app.cli import main; main()")


def counted(file: Path, stamps: int | None) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]], int]:
    """Units and visits of each card at each shop, and the returns: by nothing of ours."""
    units: Counter[tuple[str, str]] = Counter()
    visits: Counter[tuple[str, str]] = Counter()
    returns = 0
    with file.open() as lines:
        for row in csv.DictReader(lines):
            if row["amount"].startswith("-"):
                returns += 1
                continue
            pair = row["card_ref"], row["location_ref"]
            visits[pair] += 1
            units[pair] += 1 if stamps else int(row["amount"].split(".")[0])
    return units, visits, returns


def agrees(scope: Scope, database: Database, file: Path, stamps: int | None) -> None:
    units, visits, returns = counted(file, stamps)
    assert count(database, "visit") == visits.total()
    assert len(reasons(file)) == returns
    here = balances(database)
    if stamps:
        assert here == {pair: (earned % stamps, visits[pair]) for pair, earned in units.items()}
        assert vouchers(database) == {pair: earned // stamps for pair, earned in units.items() if earned >= stamps}
    else:
        assert {pair: balance for pair, (balance, _) in here.items() if balance} == {
            pair: earned for pair, earned in units.items() if earned
        }
    assert verify(scope).mismatches == []


@pytest.mark.parametrize("stamps", [None, 10])
def test_the_first_households(stamps: int | None, scope: Scope, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    write_real_history(file, households=40)
    bring(scope, file, EachAMerchant(stamps, None if stamps else "1"))
    agrees(scope, database, file, stamps)


@pytest.mark.prove
@pytest.mark.parametrize("stamps", [None, 10])
def test_all_of_it(stamps: int | None, scope: Scope, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    write_real_history(file)
    report = bring(scope, file, EachAMerchant(stamps, None if stamps else "1"))
    assert report.totals() == {"read": 155_848, "imported": 155_829, "duplicates": 0, "rejected": 19}
    agrees(scope, database, file, stamps)


def test_a_killed_import_goes_on_and_nothing_is_lost_or_doubled(
    scope: Scope, database: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    """Killed again and again with SIGKILL, in the middle of whatever it was doing."""
    file = tmp_path / "visits.csv"
    write_real_history(file, households=120)
    command = [*COMMAND, "visits", "import", str(file), "--each-location-a-merchant", "--stamps", "10", "--json"]
    variables = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    kills = before = 0
    while kills < 3:
        with subprocess.Popen(command, env=variables, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and count(database, "visit") == before:
                pass  # what is waited for is a chunk that it committed
            process.send_signal(signal.SIGKILL)
        if (now := count(database, "visit")) == before:
            break
        before, kills = now, kills + 1
    assert kills
    run = subprocess.run(command, env=variables, cwd=tmp_path, check=True, capture_output=True, text=True)
    told = json.loads(run.stdout)
    assert told["duplicates"] == before
    assert told["read"] == told["imported"] + told["duplicates"] + told["rejected"]
    agrees(scope, database, file, 10)
    again = json.loads(subprocess.run(command, env=variables, cwd=tmp_path, check=True, capture_output=True).stdout)
    assert (again["imported"], again["rejected"]) == (0, told["rejected"])
