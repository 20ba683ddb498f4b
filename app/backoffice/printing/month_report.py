"""The report of a month on one page of paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.cards.lettering import DISPLAY, STRONG, TEXT, cut, register_fonts, wrapped

_INK, _SOFT, _LINE, _MARK = HexColor("#1E222B"), HexColor("#5A5F6B"), HexColor("#DED7C8"), HexColor("#8A8474")
_LEFT, _RIGHT, _TOP = 20.0, A4[0] / mm - 20.0, A4[1] / mm - 22.0


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its word, and what it was the month before."""

    number: str
    word: str
    before: str


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """What stands on the page, in one language already. ``days``: visits of each day of the month; ``rows`` of the
    table below have as many cells as ``heads``."""

    title: str
    shop: str
    finding: str
    lines: Sequence[Line]
    days: Sequence[int]
    days_word: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]
    foot: str
    language: str


def draw_month(sheet: MonthSheet) -> bytes:
    """The page as a PDF."""
    register_fonts()
    written = BytesIO()
    canvas = Canvas(written, pagesize=A4, pageCompression=1, lang=sheet.language)
    canvas.setTitle(f"{sheet.shop}: {sheet.title}")
    canvas.setCreator("Zegel")
    _write(canvas, _LEFT, _TOP, sheet.shop, TEXT, 11, _SOFT)
    _write(canvas, _LEFT, _TOP - 9, sheet.title, DISPLAY, 22)
    y = _paragraph(canvas, _TOP - 19, sheet.finding, STRONG, 12)
    y = _figures(canvas, y - 6, sheet.lines)
    y = _days(canvas, y - 4, sheet.days, sheet.days_word)
    y = _table(canvas, y - 8, sheet.heads, sheet.rows)
    for note in sheet.notes:
        y = _paragraph(canvas, y - 2, note, TEXT, 9)
    _write(canvas, _LEFT, 14, sheet.foot, TEXT, 8, _SOFT)
    canvas.showPage()
    canvas.save()
    return written.getvalue()


def _write(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, colour: HexColor = _INK) -> None:
    canvas.setFillColor(colour)
    canvas.setFont(font, size)
    canvas.drawString(x * mm, y * mm, text)


def _paragraph(canvas: Canvas, y: float, text: str, font: str, size: float) -> float:
    for line in wrapped(text, font, size, (_RIGHT - _LEFT) * mm):
        _write(canvas, _LEFT, y, line, font, size)
        y -= size * 0.5
    return y


def _figures(canvas: Canvas, y: float, lines: Sequence[Line]) -> float:
    """Three beside one another."""
    width = (_RIGHT - _LEFT) / 3
    for number, line in enumerate(lines):
        x = _LEFT + number % 3 * width
        top = y - number // 3 * 21
        _write(canvas, x, top - 7, line.number, DISPLAY, 20)
        _write(canvas, x, top - 12, line.word, STRONG, 9)
        _write(canvas, x, top - 16, line.before, TEXT, 8, _SOFT)
    return y - (len(lines) + 2) // 3 * 21


def _days(canvas: Canvas, y: float, days: Sequence[int], word: str) -> float:
    _write(canvas, _LEFT, y, word, STRONG, 9)
    height, ground = 30.0, y - 36
    most = max([*days, 1])
    width = (_RIGHT - _LEFT) / max(1, len(days))
    canvas.setStrokeColor(_MARK)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT * mm, ground * mm, _RIGHT * mm, ground * mm)
    for number, count in enumerate(days):
        x = _LEFT + number * width
        is_top = count == most and count and list(days).index(count) == number
        canvas.setFillColor(_INK if is_top else _MARK)
        left, tall = (x + width * 0.15) * mm, height * count / most * mm
        canvas.rect(left, ground * mm, width * 0.7 * mm, tall, stroke=0, fill=1)
        canvas.setFillColor(_SOFT)
        if is_top:
            canvas.setFont(STRONG, 8)
            canvas.drawCentredString((x + width / 2) * mm, (ground + height + 1.5) * mm, str(count))
        if number == 0 or (number + 1) % 5 == 0:
            canvas.setFont(TEXT, 7)
            canvas.drawCentredString((x + width / 2) * mm, (ground - 3.5) * mm, str(number + 1))
    return ground - 6


def _table(canvas: Canvas, y: float, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    if not rows:
        return y
    width = (_RIGHT - _LEFT) / (len(heads) + 1)  # the first column has two parts
    canvas.setStrokeColor(_LINE)
    for cells, font, colour in [(heads, TEXT, _SOFT), *((row, TEXT, _INK) for row in rows)]:
        for number, cell in enumerate(cells):
            canvas.setFillColor(colour)
            canvas.setFont(font, 9)
            if number == 0:
                canvas.drawString(_LEFT * mm, y * mm, cut(cell, font, 9, 2 * width * mm))
            else:
                canvas.drawRightString((_LEFT + (number + 2) * width) * mm, y * mm, cell)
        canvas.line(_LEFT * mm, (y - 2) * mm, _RIGHT * mm, (y - 2) * mm)
        y -= 6.5
    return y
