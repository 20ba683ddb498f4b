"""Reading a list as it comes out of another system or a spreadsheet: whatever its letters, its separator and its order
of columns; and guessing which column is what."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.merchants.listing import fold
from app.rewards.errors import ImportTooLongError, ImportUnreadableError

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 60
SAMPLE = 5
_APART = re.compile(r"[_.\-]+")
ROLES: Mapping[str, Sequence[str]] = {
    "members": ("card", "name", "surname", "balance", "note"),
    "visits": ("card", "date", "amount"),
}
# As such columns are called in the four languages and by the systems that shops come from, folded.
_CALLED: Mapping[str, Sequence[str]] = {
    "card": (
        "card number", "cardnumber", "card", "card no", "card id", "loyalty card", "barcode", "member id",
        "member number", "customer number", "customer id", "customer no", "kaartnummer", "kaart", "klantenkaart",
        "klantnummer", "lidnummer", "klant id", "klantnr", "numero de carte", "no de carte", "carte",
        "numero client", "no client", "code barre", "kartennummer", "karte", "kundenkarte", "kundennummer",
        "kundennr", "mitgliedsnummer", "reference", "card ref",
    ),
    "surname": (
        "surname", "last name", "lastname", "family name", "achternaam", "familienaam", "nom de famille", "nachname",
    ),
    "name": (
        "name", "full name", "first name", "firstname", "customer", "customer name", "naam", "voornaam", "klant", "nom",
        "prenom", "client", "vorname", "kunde",
    ),
    "balance": (
        "balance", "points", "stamps", "point balance", "saldo", "punten", "stempels", "zegels", "puntensaldo", "solde",
        "tampons", "timbres", "punkte", "stempel", "punktestand", "kontostand", "visits left",
    ),
    "note": (
        "note", "notes", "remark", "comment", "notitie", "opmerking", "opmerkingen", "remarque", "bemerkung", "notiz",
    ),
    "date": (
        "date", "datum", "visit date", "visited at", "occurred at", "time", "when", "bezoek", "bezoekdatum", "tijdstip",
        "date de visite", "besuch", "besuchsdatum", "zeitpunkt",
    ),
    "amount": (
        "amount", "total", "spent", "bedrag", "totaal", "omzet", "montant", "total ttc", "betrag", "summe", "umsatz",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list: the names of its columns, and its rows, each as wide as they are."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_sheet(content: bytes) -> Sheet:
    """The list in a file: comma, semicolon or tab; UTF-8 or what an old Windows program writes.

    Raises :class:`ImportUnreadableError` for what is no list with a line of names and at least one row,
    :class:`ImportTooLongError`.
    """
    if not content.strip() or len(content) > MOST_BYTES or b"\x00" in content:
        raise ImportUnreadableError
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    try:
        lines = list(_taken(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)))
    except csv.Error:
        raise ImportUnreadableError from None
    if len(lines) < 2 or len(lines[0]) > MOST_COLUMNS:
        raise ImportUnreadableError
    columns = tuple(name.strip()[:80] for name in lines[0])
    if not any(columns):
        raise ImportUnreadableError
    width = len(columns)
    rows = tuple(tuple(_clean(value) for value in (*line, *[""] * width)[:width]) for line in lines[1:])
    return Sheet(columns, rows)


def guess(sheet: Sheet, kind: str) -> dict[str, int]:
    """Which column is what, by what they are called; the first that fits. A list of one column is card numbers."""
    roles = ROLES[kind]
    found: dict[str, int] = {}
    names = [" ".join(_APART.sub(" ", fold(name)).split()) for name in sheet.columns]
    for is_exact in (True, False):
        for role in roles:
            for place, name in enumerate(names):
                fits = name in _CALLED[role] if is_exact else any(one in name.split() for one in _CALLED[role])
                if fits and role not in found and place not in found.values():
                    found[role] = place
    if not found and len(sheet.columns) == 1:
        found["card"] = 0
    return found


def _taken(reader: Iterable[list[str]]) -> list[list[str]]:
    lines: list[list[str]] = []
    for line in reader:
        if not any(value.strip() for value in line):
            continue
        lines.append(line)
        if len(lines) > MOST_ROWS + 1:
            raise ImportTooLongError(most=MOST_ROWS)
    return lines


def _clean(value: str) -> str:
    text = " ".join(value.split())[:1000]
    # Spreadsheets keep a long number whole by writing it as a text of a formula.
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text
