"""A poster for a shop's counter, as a PDF: its drawing on a large trading stamp in its own colour, what one collects
for, and a QR that leads to the card, with the address under it for whoever would rather type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A3, A4, A5
from reportlab.pdfgen.canvas import Canvas

from app.backoffice.printing.drawings import draw_svg
from app.cards import qr
from app.cards.lettering import DISPLAY, STRONG, TEXT, bounded, cut, fitted, register_fonts, wrapped
from app.common.branding import NAME
from app.merchants.logos import draw_logo, shop_colour

SIZES = {"a3": A3, "a4": A4, "a5": A5}
_INK = HexColor("#1E222B")
_SOFT = HexColor("#5A5F6B")
_HOLES_ACROSS = 22


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster, in its own language. ``offers`` are a few lines such as "10 stamps: a loaf"; ``steps``
    three short ones. ``url`` is in the QR, ``address`` is printed under it, ``town`` small in
    the corner: how the card is called."""

    shop: str
    hue: int
    category: str
    logo_svg: str | None
    headline: str
    offers: Sequence[str]
    steps: Sequence[str]
    url: str
    address: str
    town: str = NAME


def write_poster(file: BinaryIO, poster: Poster, *, size: str = "a4") -> None:
    """Write the poster's one page to ``file``, in a size of :data:`SIZES`. Raises ``KeyError`` for another size."""
    width, height = SIZES[size]
    register_fonts()
    canvas = Canvas(file, pagesize=(width, height), pageCompression=1)
    canvas.setTitle(poster.shop)
    canvas.setCreator("Zegel")
    colour = HexColor(shop_colour(poster.hue))
    unit = width / 100  # everything is in hundredths of the width, so that all sizes look alike
    canvas.setFillColor(white)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    _stamp(canvas, unit, height, colour)
    _head(canvas, poster, unit, height)
    _offers(canvas, poster, unit, height)
    _code(canvas, poster, unit, colour)
    canvas.showPage()
    canvas.save()


def _stamp(canvas: Canvas, unit: float, height: float, colour: HexColor) -> None:
    """The upper part: the shop's colour with a perforated edge."""
    left, width = 6 * unit, 88 * unit
    bottom, top = height - 74 * unit, height - 6 * unit
    canvas.setFillColor(colour)
    canvas.rect(left, bottom, width, top - bottom, stroke=0, fill=1)
    canvas.setFillColor(white)
    pitch = width / _HOLES_ACROSS
    radius = pitch * 0.31
    for hole in range(_HOLES_ACROSS):
        for edge in (bottom, top):
            canvas.circle(left + (hole + 0.5) * pitch, edge, radius, stroke=0, fill=1)
    down = round((top - bottom) / pitch)
    step = (top - bottom) / down
    for hole in range(down):
        for edge in (left, left + width):
            canvas.circle(edge, bottom + (hole + 0.5) * step, radius, stroke=0, fill=1)


def _head(canvas: Canvas, poster: Poster, unit: float, height: float) -> None:
    side = 22 * unit
    x, y = 12 * unit, height - 12 * unit - side
    canvas.setFillColor(white)
    canvas.roundRect(x - unit, y - unit, side + 2 * unit, side + 2 * unit, 1.5 * unit, stroke=0, fill=1)
    try:
        draw_svg(canvas, poster.logo_svg or draw_logo(poster.category, poster.hue), x, y, side)
    except ValueError:  # a brought drawing that we can't follow: the sign of its trade stands for it
        draw_svg(canvas, draw_logo(poster.category, poster.hue), x, y, side)
    canvas.setFillColor(white)
    lines, size = _fitted(poster.shop, 8 * unit, 3.4 * unit, 49 * unit, 3)
    at = y + side / 2 + (len(lines) - 1) * size * 0.54 - size * 0.34
    for line in lines:
        canvas.setFont(DISPLAY, size)
        canvas.drawString(39 * unit, at, line)
        at -= size * 1.08


def _offers(canvas: Canvas, poster: Poster, unit: float, height: float) -> None:
    canvas.setFillColor(white)
    lines, size = _fitted(poster.headline, 7 * unit, 4 * unit, 76 * unit, 2)
    at = height - 44 * unit
    for line in lines:
        canvas.setFont(DISPLAY, size)
        canvas.drawString(12 * unit, at, line)
        at -= size * 1.1
    at = min(at, height - 53 * unit)
    for offer in poster.offers[:3]:
        line, size = _one_line(offer, STRONG, 3.7 * unit, 2.4 * unit, 76 * unit)
        canvas.setFont(STRONG, size)
        canvas.drawString(12 * unit, at, line)
        at -= 5.6 * unit


def _code(canvas: Canvas, poster: Poster, unit: float, colour: HexColor) -> None:
    """The QR at the left, what to do at the right."""
    code = qr.encode(poster.url, qr.Level.PRINT)
    side = 44 * unit
    x, y = 8 * unit, 14 * unit
    module = side / (code.size + 2 * qr.QUIET_ZONE)
    canvas.saveState()
    canvas.translate(x + qr.QUIET_ZONE * module, y + side - qr.QUIET_ZONE * module)
    canvas.scale(module, -module)
    canvas.setFillColor(_INK)
    path = canvas.beginPath()  # one path, so that no viewer shows seams between its rows
    for column, row, length in code.runs():
        path.rect(column, row, length, 1)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
    line, size = _one_line(poster.address, STRONG, 3 * unit, 1.6 * unit, 82 * unit)
    canvas.setFillColor(_INK)
    canvas.setFont(STRONG, size)
    canvas.drawString(x + qr.QUIET_ZONE * module, y - 3 * unit, line)
    at = y + side - 8 * unit
    for number, step in enumerate(poster.steps[:3], start=1):
        canvas.setFillColor(colour)
        canvas.circle(57.5 * unit, at + 1.1 * unit, 3 * unit, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont(DISPLAY, 3.6 * unit)
        canvas.drawCentredString(57.5 * unit, at - 0.15 * unit, str(number))
        canvas.setFillColor(_INK)
        lines = wrapped(step, TEXT, 3 * unit, 31 * unit)
        y_of_line = at
        for line in lines[:3]:
            canvas.setFont(TEXT, 3 * unit)
            canvas.drawString(63 * unit, y_of_line, line)
            y_of_line -= 3.9 * unit
        at -= max(12 * unit, 3.9 * unit * len(lines[:3]) + 3 * unit)
    canvas.setFillColor(_SOFT)
    canvas.setFont(TEXT, 2 * unit)
    canvas.drawRightString(92 * unit, 5 * unit, poster.town)


def _one_line(text: str, font: str, size: float, smallest: float, width: float) -> tuple[str, float]:
    fitting = max(smallest, bounded(text, font, size, width))
    return cut(text, font, fitting, width), fitting


def _fitted(text: str, largest: float, smallest: float, width: float, most: int) -> tuple[list[str], float]:
    # In steps of the poster's own size: a large sheet is set like a small one.
    step = largest / 40
    return fitted(text, DISPLAY, largest=largest, smallest=smallest, width=width, most_lines=most, step=step)
