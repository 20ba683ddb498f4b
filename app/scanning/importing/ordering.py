"""Putting records in order of time with flat memory: sorted runs in a temporary file, merged while they are read."""

from __future__ import annotations

import heapq
import marshal
import os
import tempfile
from collections.abc import Iterator

from app.scanning.importing.records import Record

_RUN = 20_000  # records sorted at once
_BLOCK = 250  # records read at once from each run


class Spool:
    """Records come in any order and go out by time. What is in order already makes one run, however long."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="zegel-import-")  # noqa: SIM115  closed by close()
        self._waiting: list[Record] = []
        self._runs: list[list[tuple[int, int]]] = []  # per run: where its blocks are, and how long
        self._last: Record | None = None
        self._end = 0
        self.count = 0

    def add(self, record: Record) -> None:
        """Take one record in."""
        self._waiting.append(record)
        self.count += 1
        if len(self._waiting) >= _RUN:
            self._write_run()

    def records(self) -> Iterator[Record]:
        """All records, the earliest first; those of one moment in the order of the file."""
        self._write_run()
        yield from heapq.merge(*(self._read_run(blocks) for blocks in self._runs))

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def _write_run(self) -> None:
        if not self._waiting:
            return
        self._waiting.sort()
        if self._last is None or self._waiting[0] < self._last:
            self._runs.append([])
        self._last = self._waiting[-1]
        for start in range(0, len(self._waiting), _BLOCK):
            block = marshal.dumps([tuple(record) for record in self._waiting[start : start + _BLOCK]])
            self._file.write(block)
            self._runs[-1].append((self._end, len(block)))
            self._end += len(block)
        self._file.flush()
        self._waiting = []

    def _read_run(self, blocks: list[tuple[int, int]]) -> Iterator[Record]:
        for place, length in blocks:
            # marshal reads only what this process wrote a moment ago, from a file without a name.
            for values in marshal.loads(os.pread(self._file.fileno(), length, place)):  # noqa: S302
                yield Record._make(values)
