"""From rows to what the models take."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.insights.errors import HistoryTooShortError, HistoryUnreadableError
from app.insights.purchases import counts_between, read_history, summarise

ROWS = """customer,shop,at,amount
ann,1,2026-01-01,10
ann,1,2026-01-01T18:00:00+01:00,5.50
bob,1,2026-01-02,3
ann,2,2026-01-15,20
ann,1,2026-01-08,30.00
cat,1,2026-02-01,1
"""


def file(folder: Path, text: str = ROWS) -> Path:
    path = folder / "purchases.csv"
    path.write_text(text)
    return path


def test_a_day_is_one_purchase_and_the_first_starts_the_clock(tmp_path: Path) -> None:
    history = read_history(file(tmp_path))
    assert date.fromordinal(history.first_day) == date(2026, 1, 1)
    assert date.fromordinal(history.last_day) == date(2026, 2, 1)
    summary = summarise(history, date(2026, 1, 22).toordinal())
    assert summary.x.tolist() == [2, 0]
    assert summary.t_x.tolist() == [2, 0]
    assert summary.age.tolist() == [3, 20 / 7]
    assert summary.mean_amount.tolist() == [25, 0]  # of the repeat days: 30 and 20


def test_packed_or_not_makes_no_difference(tmp_path: Path) -> None:
    packed = tmp_path / "purchases.csv.gz"
    packed.write_bytes(gzip.compress(ROWS.encode()))
    plain = read_history(file(tmp_path))
    again = read_history(packed)
    assert np.array_equal(plain.day, again.day)
    assert np.array_equal(plain.amount, again.amount)


def test_days_of_purchase_within_a_span(tmp_path: Path) -> None:
    history = read_history(file(tmp_path))
    first = date(2026, 1, 1).toordinal()
    assert counts_between(history, np.array([0, 1]), first, first + 14).tolist() == [2, 1]
    assert counts_between(history, np.array([1]), first + 14, first + 99).tolist() == [0]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("customer,at\na,2026-01-01\n", 1, "amount"),
        ("", 1, "customer"),
        ("customer,at,amount\na,2026-01-01,1\nb,yesterday,1\n", 3, "date"),
        ("customer,at,amount\n,2026-01-01,1\n", 2, "customer"),
        ("customer,at,amount\na,2026-01-01,much\n", 2, "amount"),
        ("customer,at,amount\na,2026-01-01,nan\n", 2, "amount"),
        ("customer,at,amount\na\n", 2, "date"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(HistoryUnreadableError) as refused:
        read_history(file(tmp_path, text))
    assert refused.value.params["line"] == line
    assert reason in refused.value.params["reason"]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(b"customer,at,amount\n\xff\xfe,2026-01-01,1\n")
    with pytest.raises(HistoryUnreadableError):
        read_history(path)


def test_a_file_without_rows_is_too_short(tmp_path: Path) -> None:
    with pytest.raises(HistoryTooShortError):
        read_history(file(tmp_path, "customer,at,amount\n"))
    with pytest.raises(HistoryTooShortError):
        summarise(read_history(file(tmp_path)), date(2025, 1, 1).toordinal())
