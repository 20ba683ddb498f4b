"""A batch of cards as files for a print shop: sheets as PDF, a list as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from app.cards import numbers
from app.cards.batch_codes import PrintableCard
from app.cards.codes import card_url
from app.cards.print_sheet import PrintedCard, write_sheets

CARDS_IN_PART = 1_000  # of a PDF: a hundred sheets, some seconds of work


def parts_of(count: int) -> list[tuple[int, int]]:
    """The first and last card of each PDF that a batch of so many cards is printed from."""
    return [(first, min(first + CARDS_IN_PART - 1, count)) for first in range(1, count + 1, CARDS_IN_PART)]


def sheets(cards: Sequence[PrintableCard], *, part: int, host: str, town: str, locale: str) -> io.BytesIO:
    """One part (from 1) of a batch as a PDF of A4 sheets with bleed and crop marks."""
    begin = (part - 1) * CARDS_IN_PART
    some = (
        PrintedCard(card.number, card.claim_code, card_url(host, card.number))
        for card in cards[begin : begin + CARDS_IN_PART]
    )
    file = io.BytesIO()
    write_sheets(file, some, town=town, locale=locale)
    file.seek(0)
    return file


def card_list(cards: Iterable[PrintableCard], *, host: str) -> bytes:
    """A batch as CSV in UTF-8: the number as printed, the address for the QR, the code under the scratch field. No cell
    can be taken for a formula: they hold capitals, digits, spaces and an address, none of which begins one."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(("number", "url", "claim_code"))
    for card in cards:
        cells = (
            numbers.format_number(card.number),
            card_url(host, card.number),
            numbers.format_number(card.claim_code),
        )
        writer.writerow([_plain(cell) for cell in cells])
    return file.getvalue().encode("utf-8")


def _plain(cell: str) -> str:
    """A cell that a spreadsheet shows and never computes."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
