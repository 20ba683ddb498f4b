"""Logos drawn as trading stamps: a perforated edge in the shop's colour, a thin frame, the sign of its trade."""

from __future__ import annotations

import re
from functools import lru_cache
from math import cos, pi, sin
from pathlib import Path
from typing import Final

# The signs are kept as a drawing of their own, so that they can be looked at and changed with any drawing program.
_SIGN = re.compile(r'<g id="([a-z]+)">(.*?)</g>', re.DOTALL)
_SIGNS: Final = {
    name: "".join(line.strip() for line in shapes.splitlines())
    for name, shapes in _SIGN.findall(Path(__file__).with_name("pictograms.svg").read_text())
}
TRADES: Final = tuple(_SIGNS)
_SIDE = 96.0
_HOLES = 8  # on each side; a whole hole at no corner, so that touching stamps share them
_RADIUS = 3.6
# The lightness and chroma at which every hue stays readable under white; as in the pages' tokens.
_LIGHTNESS, _CHROMA = 0.52, 0.13


def draw_logo(trade: str, hue: int) -> str:
    """The SVG of a logo: viewBox 0 0 96 96, no script, no font, no link, colours as hexadecimal.

    ``trade`` is one of :data:`TRADES`; any other gets the sign of a shop. ``hue`` is an OKLCH hue in degrees. The same
    arguments give the same text.
    """
    shapes = _SIGNS.get(trade, _SIGNS["general"])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img">'
        f'<path d="{_edge()}" fill="{shop_colour(hue)}"/>'
        '<rect x="11" y="11" width="74" height="74" fill="none" stroke="#ffffff" stroke-opacity=".5"/>'
        '<g transform="translate(16 16)" fill="none" stroke="#ffffff" stroke-width="3" stroke-linecap="round" '
        f'stroke-linejoin="round">{shapes}</g></svg>'
    )


def sign(trade: str) -> str:
    """The shapes of a trade's sign alone, to stand in an SVG with viewBox 0 0 64 64 that strokes them; the sign of a
    shop for any other trade."""
    return _SIGNS.get(trade, _SIGNS["general"])


@lru_cache(maxsize=1)
def _edge() -> str:
    """A square whose sides are bitten by holes, clockwise from the upper left corner."""
    pitch = _SIDE / _HOLES
    gap = (pitch - 2 * _RADIUS) / 2
    bite, flat = 2 * _RADIUS, 2 * gap
    sides = []
    for axis, sign, sweep in (("h", 1, 0), ("v", 1, 0), ("h", -1, 0), ("v", -1, 0)):
        step = f"{sign * bite:g} 0" if axis == "h" else f"0 {sign * bite:g}"
        hole = f"a{_RADIUS:g} {_RADIUS:g} 0 0 {sweep} {step}"
        start = f"{axis}{sign * gap:g}"
        sides.append(start + f"{hole}{axis}{sign * flat:g}" * (_HOLES - 1) + hole + start)
    return "M0 0" + "".join(sides) + "z"


@lru_cache(maxsize=360)
def shop_colour(hue: int) -> str:
    """The shop's colour as ``#rrggbb``: OKLCH at a lightness of 0.52, with the chroma brought into sRGB if need be."""
    chroma = _CHROMA
    while True:
        channels = _linear_rgb(_LIGHTNESS, chroma, hue)
        if chroma <= 0 or all(-0.0001 <= channel <= 1.0001 for channel in channels):
            return "#" + "".join(f"{round(255 * _gamma(channel)):02x}" for channel in channels)
        chroma -= 0.002


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Björn Ottosson's OKLab, from its published matrices."""
    a, b = chroma * cos(hue * pi / 180), chroma * sin(hue * pi / 180)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _gamma(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
