"""The last statement of a business, as a PDF of one page: what members were given, redeemed and hold, in units and
money, and how the leaving went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.cards.lettering import DISPLAY, STRONG, TEXT, cut, register_fonts, wrapped
from app.merchants.logos import shop_colour

_INK, _SOFT, _LINE = HexColor("#1E222B"), HexColor("#5A5F6B"), HexColor("#DED7C8")
_LEFT, _RIGHT = 20 * mm, A4[0] - 20 * mm


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on it, in the reader's language. ``facts`` are pairs of word and value; ``tables`` a title, a head
    and rows each, the first column of words and the rest of numbers."""

    title: str
    shop: str
    hue: int
    made: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]
    notes: Sequence[str]


def write_statement(file: BinaryIO, page: Page) -> None:
    """Write the statement to ``file``."""
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle(f"{page.title} – {page.shop}")
    canvas.setCreator("Zegel")
    canvas.setFillColor(HexColor(shop_colour(page.hue)))
    canvas.rect(0, A4[1] - 8 * mm, A4[0], 8 * mm, stroke=0, fill=1)
    y = A4[1] - 30 * mm
    canvas.setFillColor(_INK)
    y = _words(canvas, page.title, DISPLAY, 24, y, 28)
    y = _words(canvas, page.shop, STRONG, 14, y, 18)
    canvas.setFillColor(_SOFT)
    y = _words(canvas, page.made, TEXT, 10, y, 22)
    for word, value in page.facts:
        y = _room(canvas, y, 20)
        canvas.setFillColor(_SOFT)
        canvas.setFont(TEXT, 10)
        canvas.drawString(_LEFT, y, cut(word, TEXT, 10, 95 * mm))
        canvas.setFillColor(_INK)
        canvas.setFont(STRONG, 10)
        canvas.drawRightString(_RIGHT, y, value)
        y -= 16
    for title, head, rows in page.tables:
        y = _table(canvas, title, head, rows, y - 14)
    canvas.setFillColor(_SOFT)
    y -= 10
    for note in page.notes:
        for line in wrapped(note, TEXT, 9, _RIGHT - _LEFT):
            y = _room(canvas, y, 14)
            canvas.setFont(TEXT, 9)
            canvas.setFillColor(_SOFT)
            canvas.drawString(_LEFT, y, line)
            y -= 12
    canvas.save()


def _table(canvas: Canvas, title: str, head: Sequence[str], rows: Sequence[Sequence[str]], y: float) -> float:
    y = _room(canvas, y, 60)
    canvas.setFillColor(_INK)
    y = _words(canvas, title, DISPLAY, 14, y, 20)
    step = (_RIGHT - _LEFT - 45 * mm) / max(1, len(head) - 1)
    for place, row in enumerate([head, *rows]):
        y = _room(canvas, y, 20)
        canvas.setFillColor(_SOFT if place == 0 else _INK)
        canvas.setFont(STRONG if place == 0 else TEXT, 9)
        canvas.drawString(_LEFT, y, cut(row[0], STRONG, 9, 43 * mm))
        for column, value in enumerate(row[1:], start=1):
            canvas.drawRightString(_LEFT + 45 * mm + column * step, y, cut(value, STRONG, 9, step - 4))
        canvas.setStrokeColor(_LINE)
        canvas.line(_LEFT, y - 5, _RIGHT, y - 5)
        y -= 18
    return y


def _words(canvas: Canvas, text: str, font: str, size: float, y: float, step: float) -> float:
    for line in wrapped(text, font, size, _RIGHT - _LEFT):
        canvas.setFont(font, size)
        canvas.drawString(_LEFT, y, cut(line, font, size, _RIGHT - _LEFT))
        y -= step
    return y


def _room(canvas: Canvas, y: float, needed: float) -> float:
    """On to the next page, where there is too little room left."""
    if y - needed > 15 * mm:
        return y
    canvas.showPage()
    top: float = A4[1] - 25 * mm
    return top
