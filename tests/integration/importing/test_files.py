"""What a file may look like, and what becomes of rows that can't be taken."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow
import pyarrow.parquet
import pytest

from app.common.database import Database
from app.common.scope import Scope
from app.ledger.verifying import verify
from app.scanning.importing import EachAMerchant, ImportImpossibleError
from app.scanning.importing.ordering import Spool
from app.scanning.importing.reading import VisitFile
from app.scanning.importing.records import Record, record_reader
from tests.integration.importing.history import (
    HEADER,
    START,
    balances,
    bring,
    everything,
    reasons,
    rejected,
    row,
    write,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
BAD = {
    row(1, amount="-0.50"): "amount is negative",
    row(1, amount=""): "amount is missing",
    row(1, amount="ten"): "amount is not a number such as 12.50",
    row(1, amount="1e3"): "amount is not a number such as 12.50",
    row(1, amount="٣"): "amount is not a number such as 12.50",
    row(1, amount="1.005"): "amount has more decimals than EUR has",
    row(1, amount="1.5", currency="JPY"): "amount has more decimals than JPY has",
    row(1, amount="1000000.01"): "amount is larger than 1000000",
    row(1, currency=""): "currency is missing",
    row(1, currency="euro"): "currency is not a code such as EUR",
    row(1, at="yesterday"): "occurred_at is not a time such as 2026-03-04T12:00:00+01:00",
    row(1, at="2026-02-30T10:00:00Z"): "occurred_at is not a time such as 2026-03-04T12:00:00+01:00",
    row(1, at="2026-02-03T10:00:00"): "occurred_at has no offset (say --timezone to read such times in a zone)",
    row(1, at="0001-01-01T00:00:00+14:00"): "occurred_at lies before 1970",
    row(1, at="2026-03-04T12:06:00Z"): "occurred_at lies in the future",
    row(1, at="9999-12-31T23:59:59-14:00"): "occurred_at lies in the future",
    row(1, visit=""): "visit_id is missing",
    row(1, card=" "): "card_ref is missing",
    row(1, place=""): "location_ref is missing",
    row(1, card="c" * 201): "card_ref is longer than 200 characters",
    row(1, card="a\x00b"): "card_ref holds characters that can't be read",
    row(1) + ",more": "the line has 7 fields, the header has 6",
    "v1,c1": "the line has 2 fields, the header has 6",
    'v1,"c1,s1,2026-01-05T09:00:00Z,1.00,EUR': "the line can't be taken apart: a quotation mark stands alone",
}


@pytest.mark.parametrize("line", BAD)
def test_a_row_that_cant_be_taken_is_told_why(line: str, tmp_path: Path) -> None:
    read = record_reader(NOW, None)
    [(number, values, raw, problem)] = VisitFile(write(tmp_path / "f.csv", [line])).rows()
    assert number == 2
    assert (problem if values is None else read(number, values)) == BAD[line]
    assert values is not None or raw == line


def test_bad_rows_stop_nothing_and_are_kept_with_their_lines(scope: Scope, database: Database, tmp_path: Path) -> None:
    lines = [row(0), *BAD, row(100)]
    file = write(tmp_path / "v.csv", lines)
    report = bring(scope, file)
    assert report.totals() == {"read": len(lines), "imported": 2, "duplicates": 0, "rejected": len(BAD)}
    assert reasons(file) == {place + 3: reason for place, reason in enumerate(BAD.values())}
    assert rejected(file)[0]["amount"] == "-0.50"
    assert balances(database) == {("c1", "s1"): (20, 2)}
    mended = [one["row"] for one in rejected(file) if one["row"]]
    assert mended == [line for line, reason in BAD.items() if reason.startswith("the line")]


def test_bytes_that_are_no_text_spoil_their_own_row_alone(scope: Scope, tmp_path: Path) -> None:
    file = tmp_path / "v.csv"
    file.write_bytes(f"{HEADER}\n".encode() + b"v\xff1,c1,s1,2026-01-05T09:00:00Z,1.00,EUR\n" + row(2).encode())
    assert bring(scope, file).totals() == {"read": 2, "imported": 1, "duplicates": 0, "rejected": 1}
    assert reasons(file) == {2: "visit_id holds characters that can't be read"}


def test_a_line_without_end_is_passed_over(scope: Scope, tmp_path: Path) -> None:
    file = write(tmp_path / "v.csv", [row(1), "x" * 3_000_000, row(2)])
    assert bring(scope, file).imported == 2
    assert reasons(file) == {3: "the line is too long"}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_line_ends_quotes_and_the_order_of_columns_do_not_matter(
    end: str, mark: str, scope: Scope, database: Database, tmp_path: Path
) -> None:
    lines = ['EUR,note,10.00,2026-01-05T09:00:00Z,"s1",c1,v1', "", 'EUR,"a, b",5.00,2026-01-05T10:00:00Z,s1,c1,v2']
    header = mark + "Currency,note,amount, occurred_at ,location_ref,card_ref,visit_id"
    file = write(tmp_path / "v.csv", lines, header=header, end=end)
    assert bring(scope, file).totals() == {"read": 2, "imported": 2, "duplicates": 0, "rejected": 0}
    assert balances(database) == {("c1", "s1"): (15, 2)}


def test_semicolons_and_gzip_are_seen(scope: Scope, tmp_path: Path) -> None:
    file = tmp_path / "v.data"
    file.write_bytes(gzip.compress("\n".join([HEADER, row(1), row(2)]).replace(",", ";").encode()))
    assert bring(scope, file).imported == 2


def test_parquet_is_read_with_its_own_types(scope: Scope, database: Database, tmp_path: Path) -> None:
    at = [START.astimezone(ZoneInfo("Europe/Brussels")) + timedelta(hours=hour) for hour in range(4)]
    table = pyarrow.table(
        {
            "visit_id": pyarrow.array([1, 2, 3, 4]),
            "card_ref": ["c1", "c1", None, "c1"],
            "location_ref": pyarrow.array([7, 7, 7, 7]),
            "occurred_at": at,
            "amount": [10.1, 0.3, 1.0, -2.0],
            "currency": ["EUR"] * 4,
        }
    )
    file = tmp_path / "v.parquet"
    pyarrow.parquet.write_table(table, file)
    assert bring(scope, file).totals() == {"read": 4, "imported": 2, "duplicates": 0, "rejected": 2}
    assert reasons(file) == {3: "card_ref is missing", 4: "amount is negative"}
    assert balances(database) == {("c1", "7"): (10, 2)}
    exact = table.set_column(4, "amount", pyarrow.array([Decimal("10.10")] * 4)).set_column(
        3, "occurred_at", pyarrow.array([START.isoformat()] * 4)
    )
    pyarrow.parquet.write_table(exact, file)
    assert bring(scope, file, source="exact").imported == 3


def test_times_without_an_offset_are_read_where_a_zone_is_told(scope: Scope, tmp_path: Path) -> None:
    read = record_reader(NOW, ZoneInfo("Europe/Brussels"))
    made = read(2, ["v", "c", "s", "2026-01-05T09:00:00", "1", "EUR"])
    assert isinstance(made, Record)
    assert made.occurred_at == datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "lacks the columns visit_id, card_ref"),
        (b"visit_id,card_ref,occurred_at,amount,currency\nv,c,x,1,EUR\n", "lacks the column location_ref:"),
        (b"\x89PNG\r\n\x1a\n", "lacks the columns"),
        (gzip.compress(HEADER.encode() + b"\n" + b"v,c,s,2026-01-05T09:00:00Z,1,EUR\n" * 9000)[:-400], "breaks off"),
        (b"PAR1 but no more", "is not a readable Parquet file"),
    ],
    ids=["empty", "a column", "a picture", "cut off", "parquet"],
)
def test_a_file_that_cant_be_used_changes_nothing(
    content: bytes, sentence: str, scope: Scope, database: Database, tmp_path: Path
) -> None:
    before = everything(database)
    file = tmp_path / "v.csv"
    file.write_bytes(content)
    with pytest.raises(ImportImpossibleError, match=sentence):
        bring(scope, file)
    assert everything(database) == before


def test_records_come_out_by_time_and_by_line(tmp_path: Path) -> None:
    spool = Spool()
    times = [(number * 7919) % 50_000 for number in range(70_000)]
    for line, at in enumerate(times):
        spool.add(Record(at, line, "v", "c", "s", 1, "EUR", "", ""))
    order = [(record.at, record.line) for record in spool.records()]
    spool.close()
    assert order == sorted((at, line) for line, at in enumerate(times))


def test_a_file_out_of_order_is_booked_in_order_of_time(scope: Scope, database: Database, tmp_path: Path) -> None:
    """Nine stamps, then the tenth, whatever line it stands on: two cards of five are full after ten visits."""
    file = write(tmp_path / "v.csv", [row(number) for number in (9, 3, 7, 1, 0, 8, 2, 6, 5, 4)])
    bring(scope, file, EachAMerchant(stamps=4))
    assert balances(database) == {("c1", "s1"): (2, 10)}
    assert verify(scope).mismatches == []
