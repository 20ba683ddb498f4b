"""What every report is made of: a finding, a few figures, a chart, and its table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from typing import Any

from markupsafe import Markup

from app.backoffice.views.reports import words
from app.backoffice.views.reports.words import _
from app.common.money import exponent
from app.web.locale import language

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units; ``is_estimated``: made with an average basket or a guess of ours."""

    minor: float
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A share of one."""

    of_one: float


Cell = str | int | float | Money | Share | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its word, and what it was before."""

    number: str
    word: str
    detail: str = ""
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """``title`` states the finding. ``columns`` are heads of the table; the first names the row. ``key`` tells signs of
    the chart that have no label of their own, as (sign, words)."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    facts: Sequence[Fact] = ()
    chart: Markup | None = None
    key: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.rows


def shown(cell: Cell, currency: str) -> str:
    """A cell as the page writes it."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Money):
        return ("± " if cell.is_estimated else "") + words.money(cell.minor, currency)
    if isinstance(cell, Share):
        return words.percent(cell.of_one)
    return words.count(cell)


def as_csv(report: Report, currency: str) -> str:
    """The table as a spreadsheet opens it where the language is spoken: semicolons and decimal commas, in English
    commas and points. No cell is taken for a formula."""
    is_english = language() == "en"
    separator = "," if is_english else ";"
    written = StringIO()
    guessed = {
        at for row in report.rows for at, cell in enumerate(row) if isinstance(cell, Money) and cell.is_estimated
    }
    heads = [f"{head} ({_('estimated')})" if at in guessed else head for at, head in enumerate(report.columns)]
    for row in [heads, *report.rows]:
        written.write(separator.join(_field(cell, currency, is_english=is_english) for cell in row) + "\r\n")
    return "\ufeff" + written.getvalue()


def _field(cell: Cell, currency: str, *, is_english: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        told = "'" + cell if cell.startswith(_FORMULAS) else cell
        return '"' + told.replace('"', '""') + '"'
    if isinstance(cell, Money):
        digits = exponent(currency)
        told = f"{Decimal(round(cell.minor)).scaleb(-digits):.{digits}f}"
    elif isinstance(cell, Share):
        told = f"{cell.of_one:.4f}"
    else:
        told = f"{cell:g}" if isinstance(cell, float) else str(cell)
    return told if is_english else told.replace(".", ",")
