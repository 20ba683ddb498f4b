"""Reading a list of shops to invite, as it comes out of a spreadsheet: what each line says, or why it can't be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from app.admin.errors import ListTooLongError, ListUnreadableError
from app.merchants.service.shop_invitations import LANGUAGES, ShopToInvite

MOST_BYTES = 1024 * 1024
MOST_ROWS = 2_000
COLUMNS = ("name", "email", "city", "category", "locale")
_LONGEST = 80  # of a shop's name and of a town, as in signing up
_FORMULA = tuple("=+-@")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, by its number there. ``problem`` is why it can't be read (``columns``, ``name``, ``email``,
    ``city``, ``locale`` or ``twice``), None for one that can. ``has_lost_trade``: its trade is none that we know, and
    is left to the shop."""

    number: int
    said: str
    shop: ShopToInvite | None
    problem: str | None = None
    has_lost_trade: bool = False


def read_shops(content: bytes, *, locale: str, trades: Collection[str]) -> list[Line]:
    """The lines of a file: UTF-8, with commas or semicolons, its columns named in the first line in any order.
    ``locale`` is for lines that name none; ``trades`` are those that there are.

    Raises ListTooLongError, and ListUnreadableError with the line where reading ended.
    """
    if len(content) > MOST_BYTES:
        raise ListTooLongError(most=MOST_ROWS)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListUnreadableError(line=content.count(b"\n", 0, error.start) + 1) from None
    if "\x00" in text:
        raise ListUnreadableError(line=text.count("\n", 0, text.index("\x00")) + 1)
    rows = _rows(text)
    number, head = next(rows, (1, []))
    places = _places(head)
    if "name" not in places or "email" not in places:
        raise ListUnreadableError(line=number)
    lines: list[Line] = []
    seen: set[str] = set()
    for number, row in rows:
        if len(lines) == MOST_ROWS:
            raise ListTooLongError(most=MOST_ROWS)
        if len(row) != len(head):
            lines.append(Line(number, ", ".join(row)[:_LONGEST], None, "columns"))
            continue
        line = _read(number, {name: row[place] for name, place in places.items()}, locale, trades)
        if line.shop is not None and line.shop.email in seen:
            line = Line(number, line.said, None, "twice")
        if line.shop is not None:
            seen.add(line.shop.email)
        lines.append(line)
    return lines


def write_shops(shops: Collection[ShopToInvite]) -> str:
    """A list that :func:`read_shops` reads as these shops."""
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(COLUMNS)
    sheet.writerows([one.name, one.email, one.city or "", one.category or "", one.locale] for one in shops)
    return written.getvalue()


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the number of its first line."""
    first = text.lstrip("\r\n").partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(",;", key=first.count), strict=True, skipinitialspace=True
    )
    start = 1
    try:
        for row in reader:
            cleaned = [" ".join(value.split()) for value in row]
            if any(cleaned):
                yield start, cleaned
            start = reader.line_num + 1
    except csv.Error:
        raise ListUnreadableError(line=start) from None


def _places(head: list[str]) -> Mapping[str, int]:
    names = [name.casefold() for name in head]
    return {name: names.index(name) for name in COLUMNS if names.count(name) == 1}


def _read(number: int, told: Mapping[str, str], locale: str, trades: Collection[str]) -> Line:
    name, city = told["name"], told.get("city", "")
    language = told.get("locale", "").lower() or locale
    category = told.get("category", "").lower()
    said = name[:_LONGEST] or told["email"][:_LONGEST]
    if not _is_plain(name) or not name:
        return Line(number, said, None, "name")
    try:
        email = validate_email(told["email"], check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return Line(number, said, None, "email")
    if not _is_plain(city):
        return Line(number, said, None, "city")
    if language not in LANGUAGES:
        return Line(number, said, None, "locale")
    is_known = category in trades
    shop = ShopToInvite(name, email, city or None, category if is_known else None, language)
    return Line(number, said, shop, has_lost_trade=bool(category) and not is_known)


def _is_plain(text: str) -> bool:
    """Whether a text may stand in a mail's subject and in a spreadsheet: no address, no formula, nothing unseen."""
    return len(text) <= _LONGEST and text.isprintable() and "://" not in text and not text.startswith(_FORMULA)
