"""Letters on paper: the faces that everything printed is set in, and text that fits a width. Widths and sizes are in
points."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

DISPLAY, TEXT, STRONG = "BricolageGrotesque-Bold", "Inter-Medium", "Inter-SemiBold"
_FONTS = Path(__file__).parent / "fonts"


@cache
def register_fonts() -> None:
    """Make the three faces known to reportlab; a repeat does nothing."""
    for name in (DISPLAY, TEXT, STRONG):
        pdfmetrics.registerFont(TTFont(name, _FONTS / f"{name}.ttf"))


def width_of(text: str, font: str, size: float) -> float:
    """How wide a line is."""
    return float(pdfmetrics.stringWidth(text, font, size))


def wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """The lines into which the words go; a word that is wider than the width has one of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", font, size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def cut(line: str, font: str, size: float, width: float) -> str:
    """The line, with an ellipsis where it is too wide."""
    if width_of(line, font, size) <= width:
        return line
    while line and width_of(f"{line}…", font, size) > width:
        line = line[:-1]
    return f"{line}…"


def bounded(text: str, font: str, size: float, width: float) -> float:
    """``size``, or the smaller one at which the text just fits."""
    return min(size, size * width / max(width_of(text, font, size), 0.01))


def fitted(
    text: str, font: str, *, largest: float, smallest: float, width: float, most_lines: int, step: float = 0.5
) -> tuple[list[str], float]:
    """The text's lines, and the largest size at which they fit, tried by ``step``; cut off at the smallest."""
    size = largest
    while size > smallest:
        lines = wrapped(text, font, size, width)
        if len(lines) <= most_lines and all(width_of(line, font, size) <= width for line in lines):
            return lines, size
        size -= step
    return [cut(line, font, size, width) for line in wrapped(text, font, size, width)][:most_lines], size
