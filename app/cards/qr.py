"""QR codes as modules, SVG and PNG.

The card's address is all capitals so that it fits the alphanumeric mode; a code is made in that mode wherever its text
allows, since it holds half as much again as the byte mode and so gives larger modules.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape, quoteattr

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import ALPHA_NUM, MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

QUIET_ZONE = 4  # modules of light on each side, as ISO/IEC 18004 asks
INK = "#1E222B"
LIGHT = "#FFFFFF"
LONGEST_HOST_IN_VERSION_3 = 20  # with its port: level Q holds 47 characters, HTTPS:// /C/ and number take 27

_ALPHANUMERIC = frozenset(ALPHA_NUM.decode())


class Level(Enum):
    """How much of the code may be lost: a quarter in print, where cards wear; 15 % on screens, where size counts."""

    SCREEN = ERROR_CORRECT_M
    PRINT = ERROR_CORRECT_Q


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code's dark (True) and light modules, row by row from the top, without the quiet zone."""

    text: str
    level: Level
    version: int
    modules: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> int:
        """Modules along one side: 21 for version 1, four more with each version."""
        return len(self.modules)

    def runs(self) -> list[tuple[int, int, int]]:
        """Returns the dark modules as horizontal runs (column, row, length), from the top left."""
        found = []
        for row, line in enumerate(self.modules):
            start = None
            for column, dark in enumerate((*line, False)):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    found.append((start, row, column - start))
                    start = None
        return found


def encode(text: str, level: Level) -> QrCode:
    """Returns the smallest QR code that holds `text`.

    Raises ValueError for an empty text and for one that no QR code holds.
    """
    if not text:
        raise ValueError("a QR code needs a text")
    mode = MODE_ALPHA_NUM if _ALPHANUMERIC.issuperset(text) else MODE_8BIT_BYTE
    code = qrcode.QRCode(error_correction=level.value, border=0)
    code.add_data(QRData(text.encode(), mode=mode), optimize=0)
    code.make(fit=True)
    modules = tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
    return QrCode(text, level, code.version, modules)


def as_svg(code: QrCode, *, title: str | None = None, dark: str = INK, light: str = LIGHT) -> str:
    """Returns the code with its quiet zone as an SVG document of one unit a module, to be scaled freely.

    `title` is read out to those who can't see the picture. Colours are CSS colours; keep dark on light, since many
    scanners read no inverted codes.
    """
    side = code.size + 2 * QUIET_ZONE
    path = "".join(f"M{column + QUIET_ZONE} {row + QUIET_ZONE}h{n}v1h-{n}z" for column, row, n in code.runs())
    named = f' role="img"><title>{escape(title)}</title>' if title else ' aria-hidden="true">'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"{named}'
        f'<path fill={quoteattr(light)} d="M0 0h{side}v{side}H0z"/><path fill={quoteattr(dark)} d="{path}"/></svg>'
    )


def as_png(code: QrCode, *, pixels_per_module: int = 8) -> bytes:
    """Returns the code with its quiet zone as a black and white PNG of `pixels_per_module` pixels a module."""
    if not 1 <= pixels_per_module <= 64:
        raise ValueError("between 1 and 64 pixels a module")
    side = code.size + 2 * QUIET_ZONE
    image = Image.new("1", (side, side), 1)
    for row, line in enumerate(code.modules):
        for column, dark in enumerate(line):
            if dark:
                image.putpixel((column + QUIET_ZONE, row + QUIET_ZONE), 0)
    image = image.resize((side * pixels_per_module,) * 2, Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
