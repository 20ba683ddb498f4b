"""The pictures on a pass, drawn by ourselves: the scalloped seal with its Z."""

from __future__ import annotations

import io
from functools import cache
from math import cos, pi, sin

from PIL import Image, ImageDraw

SEAL = "#B4232A"
PAPER = "#FFFDF9"

_SCALLOPS = 22
_SMOOTH = 4  # drawn that many times larger, then scaled down, since Pillow draws hard edges
_Z = ((34, 34), (66, 34), (35, 66), (67, 66))


@cache
def seal_png(side: int, *, seal: str = SEAL, letter: str = PAPER) -> bytes:
    """Returns the seal as a PNG of ``side`` by ``side`` pixels on a transparent ground."""
    scale = side * _SMOOTH / 100

    def disc(x: float, y: float, radius: float, colour: str) -> None:
        draw.ellipse([scale * edge for edge in (x - radius, y - radius, x + radius, y + radius)], fill=colour)

    image = Image.new("RGBA", (side * _SMOOTH,) * 2, seal + "00")
    draw = ImageDraw.Draw(image)
    disc(50, 50, 45.5, seal)
    for scallop in range(_SCALLOPS):
        angle = 2 * pi * (scallop + 0.5) / _SCALLOPS
        disc(50 + 40.8 * sin(angle), 50 + 40.8 * cos(angle), 8.1, seal)
    draw.line([(scale * x, scale * y) for x, y in _Z], fill=letter, width=round(9 * scale), joint="curve")
    for x, y in _Z:
        disc(x, y, 4.5, letter)
    file = io.BytesIO()
    image.resize((side, side), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def apple_pictures() -> dict[str, bytes]:
    """The pictures of an Apple pass by their names there: the icon that every pass must have, and the logo, which
    stands on the seal's own colour; each for three densities of screen."""
    found = {}
    for density, suffix in ((1, ""), (2, "@2x"), (3, "@3x")):
        found[f"icon{suffix}.png"] = seal_png(29 * density)
        found[f"logo{suffix}.png"] = seal_png(50 * density, seal=PAPER, letter=SEAL)
    return found
