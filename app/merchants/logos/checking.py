"""Whether an SVG may be a logo: plain shapes only, nothing that runs, moves, links or fetches.

A list of what is allowed, since nobody knows all that a browser may do with the rest.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from app.merchants.errors import LogoRefusedError

LONGEST = 32 * 1024  # characters
MOST_ELEMENTS = 500
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc"))
_ATTRIBUTES = frozenset(
    {
        *("viewBox", "version", "preserveAspectRatio", "role", "aria-hidden", "id", "transform", "opacity", "color"),
        *("width", "height", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "d", "points"),
        *("fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap"),
        *("stroke-linejoin", "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit"),
    }
)
_VALUE = re.compile(r"[\w\s.,#%()+-]*", re.ASCII)


def check_logo(svg: str) -> str:
    """The drawing itself, when it holds nothing but plain shapes.

    Raises :class:`LogoRefusedError` naming the first part that a logo may not hold: more than 32,768 characters or 500
    elements, an element or attribute that is not on the list, a link of any sort, a document type.
    """
    if len(svg) > LONGEST:
        raise LogoRefusedError(part="size")
    # Entities and processing instructions are refused before a parser could follow them.
    if "<!" in svg or "<?" in svg:
        raise LogoRefusedError(part="declaration")
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314  without a document type there are no entities to expand
    except ElementTree.ParseError:
        raise LogoRefusedError(part="xml") from None
    if root.tag != f"{_SVG}svg" or "viewBox" not in root.attrib:
        raise LogoRefusedError(part="svg")
    for count, element in enumerate(root.iter()):
        if count >= MOST_ELEMENTS:
            raise LogoRefusedError(part="size")
        name = str(element.tag).removeprefix(_SVG)
        if name not in _ELEMENTS or not str(element.tag).startswith(_SVG):
            raise LogoRefusedError(part=name[:40])
        for attribute, value in element.attrib.items():
            if attribute not in _ATTRIBUTES or _VALUE.fullmatch(value) is None or "url" in value.lower():
                raise LogoRefusedError(part=attribute[:40])
    return svg
