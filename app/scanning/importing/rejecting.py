"""Rows that can't be taken: each goes to a file of its own with its line and the reason, and the rest goes on."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from app.scanning.importing.errors import ImportImpossibleError
from app.scanning.importing.records import COLUMNS

SUFFIX = ".rejected.csv"


class RejectedRows:
    """Writes ``FILE.rejected.csv``: line, reason, the row's six columns, and the whole line where it had none.

    Each import of a file judges every row of it again and writes the file anew, also one that goes on after a kill: so
    it is always whole. It can be mended and imported itself. Where the folder of ``FILE`` can't be written, it is made
    in the current one. No rejected row: no file, and one of an earlier run is removed.
    """

    def __init__(self, source: Path) -> None:
        name = source.name + SUFFIX
        folders = (source.absolute().parent, Path.cwd())
        usable = [folder for folder in folders if os.access(folder, os.W_OK | os.X_OK)]
        if not usable:
            raise ImportImpossibleError(
                f"Rejected rows have no place: neither {folders[0]} nor the current folder can be written."
            )
        self.path = usable[0] / name
        self.count = 0
        self._file: TextIO | None = None
        self._writer: Any = None

    def add(self, line: int, reason: str, values: Sequence[Any] | None, raw: str = "") -> None:
        """Keep one row."""
        if self._file is None:
            try:
                self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
            except OSError as error:
                raise ImportImpossibleError(f"{self.path} can't be written: {error.strerror or error}.") from None
            self._writer = csv.writer(self._file)
            self._writer.writerow(("line", "reason", *COLUMNS, "row"))
        self.count += 1
        self._writer.writerow((line, reason, *(values if values is not None else ("",) * len(COLUMNS)), raw))

    def flush(self) -> None:
        """Hand everything to the system, so that a kill loses none of it."""
        if self._file is not None:
            self._file.flush()

    def __enter__(self) -> RejectedRows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        elif kind is None:
            self.path.unlink(missing_ok=True)
