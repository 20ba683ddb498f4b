"""Opening a file of visits: CSV, plain or gzipped, or Parquet, told by its first bytes and not by its name.

One line is one row, so that a stray quotation mark spoils its own row and not what follows; rows are handed on one by
one, so that memory stays flat however long the file is.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow
import pyarrow.parquet

from app.scanning.importing.errors import ImportImpossibleError
from app.scanning.importing.records import COLUMNS

_LONGEST_LINE = 64 * 1024  # characters
_PIECE = 1024 * 1024
_ROWS = 10_000  # of a Parquet file at once
_TOLD_EVERY = 5_000

Values = Sequence[Any]
OnBytes = Callable[[int, int], None]
# A line's number, its values in the order of COLUMNS, or the text of a line that can't be taken apart and why.
Row = tuple[int, Values | None, str, str]


class VisitFile:
    """A file to be read once, from its beginning to its end. ``hash`` names its content (SHA-256)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.size = path.stat().st_size
            with path.open("rb") as file:
                self._magic = file.read(4)
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256")
        except OSError as error:
            raise ImportImpossibleError(f"{path} can't be read: {error.strerror or error}.") from None
        self.hash = digest.hexdigest()

    def rows(self, on_bytes: OnBytes | None = None) -> Iterator[Row]:
        """All rows in the file's order. ``on_bytes`` is told how many of its bytes were read, now and then.

        Raises :class:`ImportImpossibleError` for a file without the columns, or one that breaks off.
        """
        if self._magic == b"PAR1":
            return self._parquet(on_bytes)
        return self._csv(on_bytes)

    def _csv(self, on_bytes: OnBytes | None) -> Iterator[Row]:
        with self.path.open("rb") as file:
            unpacked: Any = gzip.GzipFile(fileobj=file) if self._magic[:2] == b"\x1f\x8b" else file
            # utf-8-sig: a byte order mark is no part of the first column's name.
            text = io.TextIOWrapper(io.BufferedReader(unpacked), encoding="utf-8-sig", errors="surrogateescape")
            try:
                yield from _lines(text, file, self.size, on_bytes, self.path)
            except (EOFError, OSError, zlib.error) as error:
                raise ImportImpossibleError(f"{self.path} breaks off or is damaged: {error}") from None

    def _parquet(self, on_bytes: OnBytes | None) -> Iterator[Row]:
        try:
            with pyarrow.parquet.ParquetFile(self.path) as file:
                _check_columns(file.schema_arrow.names, self.path)
                total, seen = file.metadata.num_rows, 0
                for batch in file.iter_batches(batch_size=_ROWS, columns=list(COLUMNS)):
                    columns = [batch.column(name).to_pylist() for name in COLUMNS]
                    for values in zip(*columns, strict=True):
                        seen += 1
                        yield seen, values, "", ""
                    if on_bytes is not None:
                        on_bytes(self.size * seen // max(total, 1), self.size)
        except (pyarrow.ArrowException, OSError) as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else "unknown fault"
            raise ImportImpossibleError(f"{self.path} is not a readable Parquet file: {first}") from None


def _lines(text: io.TextIOWrapper, file: BinaryIO, size: int, on_bytes: OnBytes | None, path: Path) -> Iterator[Row]:
    header_line = text.readline(_LONGEST_LINE)
    delimiter = max(",;\t", key=header_line.count)
    header = [name.strip().lower() for name in next(csv.reader([header_line], delimiter=delimiter), [])]
    _check_columns(header, path)
    places = [header.index(name) for name in COLUMNS]
    plain, width, line = places == list(range(len(header))), len(header), 1
    while True:
        raw = text.readline(_LONGEST_LINE)
        if not raw:
            break
        line += 1
        if on_bytes is not None and not line % _TOLD_EVERY:
            on_bytes(min(file.tell(), size), size)
        if len(raw) == _LONGEST_LINE and raw[-1] != "\n":
            _skip_line(text)
            yield line, None, raw[:1000], "the line is too long"
            continue
        raw = raw.rstrip("\n")
        if not raw.strip():
            continue
        if '"' in raw:
            try:
                values = next(csv.reader([raw], delimiter=delimiter, strict=True))
            except csv.Error:
                yield line, None, raw, "the line can't be taken apart: a quotation mark stands alone"
                continue
        else:
            values = raw.split(delimiter)
        if len(values) != width:
            yield line, None, raw, f"the line has {len(values)} fields, the header has {width}"
            continue
        yield line, values if plain else [values[place] for place in places], "", ""


def _skip_line(text: io.TextIOWrapper) -> None:
    while (rest := text.readline(_PIECE)) and rest[-1] != "\n":
        pass


def _check_columns(header: Sequence[str], path: Path) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise ImportImpossibleError(
            f"{path} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}:"
            f" the first line must name {','.join(COLUMNS)}."
        )
