"""Lists of a webshop's codes, as a shop uploads them: a column of a CSV, or one code a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from app.rewards.errors import CodesUnreadableError

MOST = 50_000  # at a time
LONGEST = 100
_HEADS = frozenset({"code", "codes", "coupon", "coupon code", "voucher", "discount code", "code promo", "gutschein"})


def read_codes(text: str) -> list[str]:
    """The codes of a list, each once, in its order: the first column of a CSV (comma, semicolon or tab), or one a line.

    A head ("code") is left out, empty lines too. Raises CodesUnreadableError: with none, with more than 50,000, with
    one of more than 100 characters, or with signs that can't be shown.
    """
    body = text.lstrip("\ufeff")
    found: dict[str, None] = {}
    try:
        rows = csv.reader(io.StringIO(body), delimiter=_separator(body), strict=False)
        for number, row in enumerate(rows):
            code = row[0].strip() if row else ""
            if not code or (number == 0 and code.casefold() in _HEADS):
                continue
            if len(code) > LONGEST or not code.isprintable():
                raise CodesUnreadableError(line=number + 1)
            found[code] = None
            if len(found) > MOST:
                raise CodesUnreadableError(line=number + 1)
    except csv.Error:
        raise CodesUnreadableError(line=1) from None
    if not found:
        raise CodesUnreadableError(line=1)
    return list(found)


def count_lines(text: str) -> int:
    """How many lines of a list hold a code, the same one twice counted twice."""
    return sum(1 for line in _lines(text))


def _lines(text: str) -> Iterable[str]:
    for number, line in enumerate(text.lstrip("\ufeff").splitlines()):
        code = line.split(_separator(line))[0].strip().strip('"')
        if code and not (number == 0 and code.casefold() in _HEADS):
            yield code


def _separator(body: str) -> str:
    head = body.partition("\n")[0]
    return next((sign for sign in (";", "\t") if sign in head), ",")
