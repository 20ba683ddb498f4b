"""Memory stays flat however long the file is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.importing import write_history

ROOT = Path(__file__).parents[3]
IMPORT = """
import resource, sys
from app.cli.commands import zegel
zegel(["visits", "import", sys.argv[1], "--each-location-a-merchant", "--points-per-unit", "1"], standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
SHORT, LONG = 10_000, 1_000_000
ALLOWANCE = 72  # MiB: of which SQLite's page cache takes 64 once it is full


def peak(environment: dict[str, str], folder: Path, visits: int) -> int:
    """MiB that importing a file of so many visits took at most."""
    file = folder / f"{visits}.csv"
    write_history(file, visits, members=max(visits // 60, 100), shops=50)
    run = subprocess.run(
        [sys.executable, "-c", IMPORT, str(file)],
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(run.stdout.split()[-1])


@pytest.mark.prove
def test_a_million_visits_take_the_memory_of_ten_thousand(environment: dict[str, str], tmp_path: Path) -> None:
    short = peak(environment, tmp_path, SHORT)
    long = peak(environment, tmp_path, LONG)
    print(f"{SHORT} visits: {short} MiB, {LONG} visits: {long} MiB")
    assert long <= short + ALLOWANCE
