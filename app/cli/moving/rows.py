"""Rows in a form that both kinds of database share, and a digest over them that does not depend on the kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, Integer, LargeBinary, Table, Text
from sqlalchemy.sql.type_api import TypeEngine

from app.common.types import Id, UtcDateTime

Row = tuple[Any, ...]
# A number of any length stays what it is: the usual context would round it.
_EXACT = Context(prec=10_000)
_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Id, "id"),
    (UtcDateTime, "time"),
    (JSON, "json"),
    (Boolean, "bool"),
    (LargeBinary, "bytes"),
    (Float, "float"),
    (BigInteger, "int"),
    (Integer, "int"),
    (Text, "text"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns in order, what each holds, and the places of its key's columns."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    key: tuple[int, ...]

    @classmethod
    def of(cls, table: Table) -> Shape:
        """The shape of a table of ours. Raises ``TypeError`` for a column type that this module does not know: it must
        be added here before such a table can be moved."""
        columns = tuple(column.name for column in table.columns)
        kinds = tuple(_kind(column.type) for column in table.columns)
        return cls(table.name, columns, kinds, tuple(columns.index(column.name) for column in table.primary_key))


def _kind(of: TypeEngine[Any]) -> str:
    for known, kind in _KINDS:
        if isinstance(of, known):
            return kind
    raise TypeError(f"{of!r} can't be moved yet")


def from_sqlite(shape: Shape) -> Callable[[Row], Row]:
    """What makes the shared form of a row that SQLite's driver gave."""
    # SQLite has no types of its own for these, and turns a JSON document that is a bare number into one.
    turned: dict[str, Callable[[Any], Any]] = {"bool": _as_bool, "json": _as_json_text, "float": float}
    places = [(place, turned[kind]) for place, kind in enumerate(shape.kinds) if kind in turned]

    def made(row: Row) -> Row:
        values = list(row)
        for place, turn in places:
            if values[place] is not None:
                values[place] = turn(values[place])
        return tuple(values)

    return made


def for_sqlite(shape: Shape) -> Callable[[Row], Row]:
    """What makes a row for SQLite's driver from the shared form."""
    places = [place for place, kind in enumerate(shape.kinds) if kind == "bool"]

    def made(row: Row) -> Row:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = int(values[place])
        return tuple(values)

    return made


def for_postgresql(shape: Shape) -> Callable[[Row], Row]:
    """What makes a row for PostgreSQL's COPY from the shared form: times are named as UTC."""
    places = [place for place, kind in enumerate(shape.kinds) if kind == "time"]

    def made(row: Row) -> Row:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = f"{values[place]}+00"
        return tuple(values)

    return made


class Digest:
    """A digest over a table's rows as they come, which must be in the order of their keys."""

    def __init__(self, shape: Shape) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()
        self._documents = [place for place, kind in enumerate(shape.kinds) if kind == "json"]

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take these rows in."""
        for row in rows:
            values = list(row)
            for place in self._documents:
                if values[place] is not None:
                    values[place] = canonical(values[place])
            self._digest.update(repr(values).encode())
            self.rows += 1

    def told(self) -> str:
        """The digest over all rows so far."""
        return self._digest.hexdigest()


def canonical(text: str) -> str:
    """A JSON document in one form only: ``jsonb`` keeps neither the order of names nor how a number was written."""
    document = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), default=_number)


def _number(value: Decimal) -> dict[str, str]:
    # No document of ours has such a name, and jsonb could not hold it.
    return {"\0": str(value.normalize(_EXACT) if value else 0)}


def _as_bool(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


def _as_json_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
