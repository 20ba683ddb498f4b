"""Printed cards as a PDF: A4 sheets of ten cards of 85.6 × 54 mm (ISO/IEC 7810 ID-1) with bleed and crop marks.

Each card is a trading stamp on the seal's red: the QR on a perforated stamp, the number in fours under it, the town's
name, and the claim code on a field that is covered with a scratch label before the card is handed out. Cards touch, so
that one cut parts two of them. All static drawing is stored once in the file, whatever the number of cards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, pi, sin
from typing import BinaryIO
from urllib.parse import urlsplit

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.cards import numbers, qr
from app.cards.lettering import DISPLAY, STRONG, TEXT, bounded, fitted, register_fonts, wrapped

CARD_WIDTH, CARD_HEIGHT = 85.6, 54.0  # all measures in this module are millimetres
COLUMNS, ROWS = 2, 5
CARDS_PER_SHEET = COLUMNS * ROWS
SMALLEST_MODULE = 0.5

_PAGE_WIDTH, _PAGE_HEIGHT = A4[0] / mm, A4[1] / mm
_LEFT = (_PAGE_WIDTH - COLUMNS * CARD_WIDTH) / 2
_BOTTOM = (_PAGE_HEIGHT - ROWS * CARD_HEIGHT) / 2
_BLEED = 3.0
_MARK_GAP, _MARK_LENGTH = 1.0, 5.0

_MARGIN = 4.0
_HOLE_PITCH, _HOLE_RADIUS = 2.0, 0.62
_STAMP_WIDTH, _STAMP_HEIGHT = 40.0, 46.0  # multiples of the pitch, so that no corner cuts a hole
_QR_SIDE = 37.0  # quiet zone included: one millimetre a module for version 3
_COLUMN = _MARGIN + _STAMP_WIDTH + 4.0
_COLUMN_WIDTH = CARD_WIDTH - _MARGIN - _COLUMN
_SCRATCH_HEIGHT = 10.0

_INK = HexColor("#1E222B")
_SEAL = HexColor("#B4232A")
_LINE = HexColor("#DED7C8")


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """What is printed on one card. `url` is the address in its QR, `claim_code` goes under the scratch label."""

    number: str
    claim_code: str
    url: str


@dataclass(frozen=True, slots=True)
class _Words:
    tagline: str
    claim: str
    margin: str


_WORDS = {
    "nl": _Words(
        "Eén kaart voor elke winkel",
        "Scan, kras de code open en de kaart is van jou.",
        "Vel {sheet} · druk af op 100 % · deze lijn is 50 mm · plak op elk codeveld een krasetiket van 34 × 10 mm",
    ),
    "fr": _Words(
        "Une carte, tous les commerces",
        "Scannez, grattez le code : la carte est à vous.",
        "Feuille {sheet} · imprimez à 100 % · ce trait mesure 50 mm · collez sur chaque code une étiquette à gratter "
        "de 34 × 10 mm",
    ),
    "de": _Words(
        "Eine Karte für jedes Geschäft",
        "Scannen, Code freirubbeln: Die Karte gehört Ihnen.",
        "Bogen {sheet} · mit 100 % drucken · diese Linie ist 50 mm lang · jedes Codefeld mit einem Rubbeletikett von "
        "34 × 10 mm bekleben",
    ),
    "en": _Words(
        "One card for every shop",
        "Scan, scratch the code, and the card is yours.",
        "Sheet {sheet} · print at 100 % · this line is 50 mm · cover each code with a scratch label of 34 × 10 mm",
    ),
}
LOCALES = tuple(_WORDS)


def write_sheets(
    file: BinaryIO, cards: Iterable[PrintedCard], *, town: str, locale: str = "nl", colour: str | None = None
) -> int:
    """Writes a PDF of the cards to `file`, ten a sheet, and returns how many there were.

    `town` is the name of the street, town or alliance whose card it is, `colour` its own as `#rrggbb` instead of the
    seal's red. Cards are drawn as they come, so a long list
    need not be held. The last sheet has as many as are left; without any card an empty sheet is written.

    Raises ValueError for an unknown locale, and for an address so long that its QR would have modules of less than
    half a millimetre.
    """
    words = _WORDS.get(locale)
    if words is None:
        raise ValueError(f"no words for the locale {locale!r}")
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle(town)
    canvas.setCreator("Zegel")
    canvas.beginForm("card", -_BLEED * mm, -_BLEED * mm, (CARD_WIDTH + _BLEED) * mm, (CARD_HEIGHT + _BLEED) * mm)
    _draw_blank_card(canvas, town, words, _SEAL if colour is None else HexColor(colour))
    canvas.endForm()
    count = 0
    for count, card in enumerate(cards, start=1):
        place = (count - 1) % CARDS_PER_SHEET
        if place == 0:
            if count > 1:
                canvas.showPage()
            _draw_sheet(canvas, words, sheet=(count - 1) // CARDS_PER_SHEET + 1)
        row, column = divmod(place, COLUMNS)
        canvas.saveState()
        _move(canvas, _LEFT + column * CARD_WIDTH, _BOTTOM + (ROWS - 1 - row) * CARD_HEIGHT)
        canvas.doForm("card")
        _draw_card(canvas, card)
        canvas.restoreState()
    canvas.showPage()
    canvas.save()
    return count


def _draw_sheet(canvas: Canvas, words: _Words, *, sheet: int) -> None:
    """Crop marks, and what the printer needs to know in the margin."""
    width, height = COLUMNS * CARD_WIDTH, ROWS * CARD_HEIGHT
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(0.25)
    near, far = _BLEED + _MARK_GAP, _BLEED + _MARK_GAP + _MARK_LENGTH
    for column in range(COLUMNS + 1):
        x = _LEFT + column * CARD_WIDTH
        _line(canvas, x, _BOTTOM - near, x, _BOTTOM - far)
        _line(canvas, x, _BOTTOM + height + near, x, _BOTTOM + height + far)
    for row in range(ROWS + 1):
        y = _BOTTOM + row * CARD_HEIGHT
        _line(canvas, _LEFT - near, y, _LEFT - far, y)
        _line(canvas, _LEFT + width + near, y, _LEFT + width + far, y)
    y = _BOTTOM - far + 1.6
    _line(canvas, _LEFT + 2, y + 2.6, _LEFT + 52, y + 2.6)
    _text(canvas, _LEFT + 2, y, words.margin.format(sheet=sheet), TEXT, 5, _INK)


def _draw_blank_card(canvas: Canvas, town: str, words: _Words, colour: Color) -> None:
    """All that is the same on every card, from its lower left corner; its bleed reaches into a neighbour's margin."""
    canvas.setFillColor(colour)
    _rectangle(canvas, -_BLEED, -_BLEED, CARD_WIDTH + 2 * _BLEED, CARD_HEIGHT + 2 * _BLEED)
    _draw_stamp(canvas, _MARGIN, _MARGIN, _STAMP_WIDTH, _STAMP_HEIGHT, colour)
    top = CARD_HEIGHT - _MARGIN
    _draw_seal(canvas, _COLUMN + 4.6, top - 4.6, 4.6, colour)
    lines, size = fitted(town, DISPLAY, largest=16, smallest=9, width=_COLUMN_WIDTH * mm, most_lines=2)
    y = top - 10.6 - size * 0.26
    for line in lines:
        _text(canvas, _COLUMN, y, line, DISPLAY, size, white)
        y -= size * 1.06 / mm
    size = bounded(words.tagline, TEXT, 6.2, _COLUMN_WIDTH * mm)
    _text(canvas, _COLUMN, _scratch_bottom() + _SCRATCH_HEIGHT + 2.6, words.tagline, TEXT, size, white)
    _draw_scratch_field(canvas)
    y = _scratch_bottom() - 3.4
    for line in wrapped(words.claim, TEXT, 6.2, _COLUMN_WIDTH * mm):
        _text(canvas, _COLUMN, y, line, TEXT, 6.2, white)
        y -= 2.7


def _draw_stamp(canvas: Canvas, x: float, y: float, width: float, height: float, colour: Color) -> None:
    """White paper with half holes along its edges, punched by the ground's colour."""
    canvas.setFillColor(white)
    _rectangle(canvas, x, y, width, height)
    canvas.setFillColor(colour)
    across, up = round(width / _HOLE_PITCH), round(height / _HOLE_PITCH)
    for step in range(across):
        for edge in (y, y + height):
            _circle(canvas, x + (step + 0.5) * _HOLE_PITCH, edge, _HOLE_RADIUS)
    for step in range(up):
        for edge in (x, x + width):
            _circle(canvas, edge, y + (step + 0.5) * _HOLE_PITCH, _HOLE_RADIUS)


def _draw_seal(canvas: Canvas, x: float, y: float, radius: float, colour: Color) -> None:
    """The scalloped seal with its tick."""
    scallops = 18
    canvas.setFillColor(white)
    _circle(canvas, x, y, radius * 0.9)
    for scallop in range(scallops):
        angle = 2 * pi * scallop / scallops
        _circle(canvas, x + radius * 0.86 * cos(angle), y + radius * 0.86 * sin(angle), radius * 0.16)
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(radius * 0.2 * mm)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    tick = canvas.beginPath()
    tick.moveTo((x - radius * 0.42) * mm, (y + radius * 0.02) * mm)
    tick.lineTo((x - radius * 0.1) * mm, (y - radius * 0.32) * mm)
    tick.lineTo((x + radius * 0.45) * mm, (y + radius * 0.34) * mm)
    canvas.drawPath(tick)


def _draw_scratch_field(canvas: Canvas) -> None:
    """A white field whose waves keep the code from being read through the label against the light."""
    x, y = _COLUMN, _scratch_bottom()
    canvas.setFillColor(white)
    _rectangle(canvas, x, y, _COLUMN_WIDTH, _SCRATCH_HEIGHT)
    canvas.saveState()
    field = canvas.beginPath()
    field.rect(x * mm, y * mm, _COLUMN_WIDTH * mm, _SCRATCH_HEIGHT * mm)
    canvas.clipPath(field, stroke=0)
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(0.16 * mm)
    half = 1.4
    waves = canvas.beginPath()
    for line in range(-1, int(_SCRATCH_HEIGHT / 0.9) + 2):
        at, level = x - half, y + line * 0.9
        waves.moveTo(at * mm, level * mm)
        up = 1
        while at < x + _COLUMN_WIDTH:
            waves.curveTo(
                (at + half / 2) * mm,
                (level + up) * mm,
                (at + half / 2) * mm,
                (level + up) * mm,
                (at + half) * mm,
                level * mm,
            )
            at, up = at + half, -up
    canvas.drawPath(waves)
    canvas.restoreState()


def _draw_card(canvas: Canvas, card: PrintedCard) -> None:
    """What is one card's own."""
    code = qr.encode(card.url, qr.Level.PRINT)
    module = _QR_SIDE / (code.size + 2 * qr.QUIET_ZONE)
    if module < SMALLEST_MODULE:
        raise ValueError(f"the address is too long to be printed: a module of its QR would be {module:.2f} mm")
    left = _MARGIN + (_STAMP_WIDTH - _QR_SIDE) / 2 + qr.QUIET_ZONE * module
    top = _MARGIN + _STAMP_HEIGHT - (_STAMP_WIDTH - _QR_SIDE) / 2 - qr.QUIET_ZONE * module
    canvas.saveState()
    _move(canvas, left, top)
    canvas.scale(module * mm, -module * mm)
    canvas.setFillColor(_INK)
    path = canvas.beginPath()  # one path, so that no viewer shows seams between its rows
    for column, row, length in code.runs():
        path.rect(column, row, length, 1)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
    middle = _MARGIN + _STAMP_WIDTH / 2
    _centred(canvas, middle, _MARGIN + 4.7, _in_fours(card.number), STRONG, 8.5, _QR_SIDE - 1.5)
    _centred(canvas, middle, _MARGIN + 2.0, urlsplit(card.url.lower()).netloc, TEXT, 5.6, _QR_SIDE - 1.5)
    middle = _COLUMN + _COLUMN_WIDTH / 2
    _centred(canvas, middle, _scratch_bottom() + 3.4, _in_fours(card.claim_code), STRONG, 13, _COLUMN_WIDTH - 2)


def _in_fours(number: str) -> str:
    return numbers.format_number(number).replace(" ", "  ")  # a single space of this face is too narrow to part groups


def _scratch_bottom() -> float:
    return _MARGIN + 7.4


def _text(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, colour: Color) -> None:
    canvas.setFillColor(colour)
    canvas.setFont(font, size)
    canvas.drawString(x * mm, y * mm, text)


def _centred(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, width: float) -> None:
    canvas.setFillColor(_INK)
    canvas.setFont(font, bounded(text, font, size, width * mm))
    canvas.drawCentredString(x * mm, y * mm, text)


def _move(canvas: Canvas, x: float, y: float) -> None:
    canvas.translate(x * mm, y * mm)


def _rectangle(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    canvas.rect(x * mm, y * mm, width * mm, height * mm, stroke=0, fill=1)


def _circle(canvas: Canvas, x: float, y: float, radius: float) -> None:
    canvas.circle(x * mm, y * mm, radius * mm, stroke=0, fill=1)


def _line(canvas: Canvas, x1: float, y1: float, x2: float, y2: float) -> None:
    canvas.line(x1 * mm, y1 * mm, x2 * mm, y2 * mm)
