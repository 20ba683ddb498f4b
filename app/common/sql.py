"""Statements for the raw driver, written once for SQLite and PostgreSQL.

The counter's path may spend no time on building SQL: each statement is compiled to the form of its dialect when its
module is imported, and the driver gets the text and a dict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")

Params = Mapping[str, Any]
Row = tuple[Any, ...]


class Statement:
    """One SQL text with ``:name`` parameters. ``sqlite`` replaces the whole text where the dialects differ."""

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, text: str, *, sqlite: str | None = None) -> None:
        folded = " ".join(text.split())
        self.postgresql = _PARAMETER.sub(r"%(\1)s", folded.replace("%", "%%"))
        self.sqlite = folded if sqlite is None else " ".join(sqlite.split())

    def __repr__(self) -> str:
        return f"Statement({self.sqlite[:60]!r})"


class Executor(Protocol):
    """What domain code may do with rows: the driver's three calls, in the dialect's own form."""

    @property
    def dialect(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""

    def rows(self, statement: Statement, params: Params) -> list[Row]:
        """All rows that a query gives."""

    def run(self, statement: Statement, params: Params) -> int:
        """How many rows a change touched."""

    def run_many(self, statement: Statement, params: Sequence[Params]) -> None:
        """The same change for each set of parameters."""


def many(executor: Executor, values: Iterable[str]) -> object:
    """A list of texts as one parameter: an array on PostgreSQL (``= ANY(CAST(:name AS text[]))``), a JSON text on
    SQLite (``IN (SELECT value FROM json_each(:name))``)."""
    return json.dumps(list(values)) if executor.dialect == "sqlite" else list(values)
