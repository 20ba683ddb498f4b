"""Drawing a logo's SVG on a PDF: the plain shapes that :func:`app.merchants.logos.check_logo` lets through, no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import acos, ceil, cos, pi, radians, sin, sqrt, tan
from typing import Any
from xml.etree import ElementTree

from reportlab.lib.colors import Color, black, toColor
from reportlab.pdfgen.canvas import Canvas

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_COMMAND = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])([^MmZzLlHhVvCcSsQqTtAa]*)")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_INHERITED = ("fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "color")
_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}
_MOST_POINTS = 20_000


def draw_svg(canvas: Canvas, svg: str, x: float, y: float, side: float) -> None:
    """Draw a checked logo into the square whose lower left corner is ``x``, ``y``, ``side`` points wide, keeping its
    proportions. Raises ``ValueError`` for a drawing that can't be followed; then nothing was drawn."""
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314  checked when it was stored: no document type
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    box = [float(number) for number in _NUMBER.findall(root.attrib.get("viewBox", ""))]
    if len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        raise ValueError("a drawing without a view box")
    shapes = list(_shapes(root, {}, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), box))
    scale = side / max(box[2], box[3])
    canvas.saveState()
    # SVG counts downwards.
    canvas.transform(
        scale,
        0,
        0,
        -scale,
        x + (side - box[2] * scale) / 2 - box[0] * scale,
        y + side - (side - box[3] * scale) / 2 + box[1] * scale,
    )
    clip = canvas.beginPath()
    clip.rect(box[0], box[1], box[2], box[3])
    canvas.clipPath(clip, stroke=0, fill=0)
    for style, matrix, segments in shapes:
        _paint(canvas, style, matrix, segments)
    canvas.restoreState()


Matrix = tuple[float, float, float, float, float, float]
Segments = list[tuple[str, tuple[float, ...]]]
Shape = tuple[Mapping[str, str], Matrix, Segments]


def _shapes(
    element: ElementTree.Element, above: Mapping[str, str], matrix: Matrix, box: list[float]
) -> Iterator[Shape]:
    own = {name: value.strip() for name, value in element.attrib.items()}
    style = {**above, **own}
    style["opacity"] = str(float(above.get("opacity", "1")) * _first(own.get("opacity"), 1.0))
    matrix = _times(matrix, _transform(own.get("transform", "")))
    tag = element.tag.removeprefix(_SVG)
    if tag in ("svg", "g"):
        kept = {
            name: value
            for name, value in style.items()
            if name in (*_INHERITED, "opacity", "stroke-linecap", "stroke-linejoin", "stroke-dasharray")
        }
        for child in element:
            yield from _shapes(child, kept, matrix, box)
        return
    segments = _segments(tag, own, box)
    if segments:
        yield style, matrix, segments


def _paint(canvas: Canvas, style: Mapping[str, str], matrix: Matrix, segments: Segments) -> None:
    opacity = float(style.get("opacity", "1"))
    fill = _colour(style, "fill", "black", opacity * _first(style.get("fill-opacity"), 1.0))
    stroke = _colour(style, "stroke", "none", opacity * _first(style.get("stroke-opacity"), 1.0))
    if fill is None and stroke is None:
        return
    canvas.saveState()
    canvas.transform(*matrix)
    path = canvas.beginPath()
    for command, points in segments:
        if command == "M":
            path.moveTo(*points)
        elif command == "L":
            path.lineTo(*points)
        elif command == "C":
            path.curveTo(*points)
        else:
            path.close()
    if fill is not None:
        canvas.setFillColor(fill)
    if stroke is not None:
        canvas.setStrokeColor(stroke)
        canvas.setLineWidth(_first(style.get("stroke-width"), 1.0))
        canvas.setLineCap(_CAPS.get(style.get("stroke-linecap", ""), 0))
        canvas.setLineJoin(_JOINS.get(style.get("stroke-linejoin", ""), 0))
        dashes = [float(one) for one in _NUMBER.findall(style.get("stroke-dasharray", ""))]
        if any(dashes):
            canvas.setDash(dashes)
    canvas.drawPath(
        path,
        stroke=int(stroke is not None),
        fill=int(fill is not None),
        fillMode=0 if style.get("fill-rule") == "evenodd" else 1,
    )
    canvas.restoreState()


def _colour(style: Mapping[str, str], name: str, otherwise: str, opacity: float) -> Color | None:
    told = style.get(name, otherwise)
    if told.lower() == "currentcolor":
        told = style.get("color", "black")
    if told.lower() in ("none", "transparent"):
        return None
    if re.fullmatch(r"#[0-9a-fA-F]{3}", told):
        told = "#" + "".join(digit * 2 for digit in told[1:])
    try:
        found: Any = toColor(told)
    except ValueError:
        found = black
    return Color(found.red, found.green, found.blue, max(0.0, min(1.0, opacity)))


def _segments(tag: str, own: Mapping[str, str], box: list[float]) -> Segments:
    def size(name: str, along: int = 0) -> float:
        text = own.get(name, "0")
        number = _first(text, 0.0)
        return number * box[2 + along] / 100 if text.endswith("%") else number

    if tag == "path":
        return _path(own.get("d", ""))
    if tag == "rect":
        return _rectangle(size("x"), size("y", 1), size("width"), size("height", 1), size("rx"), size("ry", 1))
    if tag == "circle":
        return _ellipse(size("cx"), size("cy", 1), size("r"), size("r"))
    if tag == "ellipse":
        return _ellipse(size("cx"), size("cy", 1), size("rx"), size("ry", 1))
    if tag == "line":
        return [("M", (size("x1"), size("y1", 1))), ("L", (size("x2"), size("y2", 1)))]
    if tag in ("polyline", "polygon"):
        numbers = [float(one) for one in _NUMBER.findall(own.get("points", ""))]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        made: Segments = [("L" if index else "M", pair) for index, pair in enumerate(pairs)]
        return [*made, ("Z", ())] if made and tag == "polygon" else made
    return []


def _rectangle(x: float, y: float, width: float, height: float, rx: float, ry: float) -> Segments:
    if width <= 0 or height <= 0:
        return []
    rx, ry = (rx or ry, ry or rx)
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if rx <= 0 or ry <= 0:
        corners = ((x + width, y), (x + width, y + height), (x, y + height))
        return [("M", (x, y)), *(("L", corner) for corner in corners), ("Z", ())]
    k = 0.5523
    right, bottom = x + width, y + height
    return [
        ("M", (x + rx, y)),
        ("L", (right - rx, y)),
        ("C", (right - rx + k * rx, y, right, y + ry - k * ry, right, y + ry)),
        ("L", (right, bottom - ry)),
        ("C", (right, bottom - ry + k * ry, right - rx + k * rx, bottom, right - rx, bottom)),
        ("L", (x + rx, bottom)),
        ("C", (x + rx - k * rx, bottom, x, bottom - ry + k * ry, x, bottom - ry)),
        ("L", (x, y + ry)),
        ("C", (x, y + ry - k * ry, x + rx - k * rx, y, x + rx, y)),
        ("Z", ()),
    ]


def _ellipse(cx: float, cy: float, rx: float, ry: float) -> Segments:
    return _rectangle(cx - rx, cy - ry, 2 * rx, 2 * ry, rx, ry)


def _path(text: str) -> Segments:
    made: Segments = []
    x = y = start_x = start_y = 0.0
    last: tuple[str, float, float] | None = None  # the last curve's second control point
    for letter, rest in _COMMAND.findall(text):
        command, is_relative = letter.upper(), letter.islower()
        if command == "Z":
            made.append(("Z", ()))
            x, y, last = start_x, start_y, None
            continue
        for numbers in _arguments(command, rest):
            ox, oy = (x, y) if is_relative else (0.0, 0.0)
            if command == "M":
                x, y = ox + numbers[0], oy + numbers[1]
                start_x, start_y = x, y
                made.append(("M", (x, y)))
                command, last = "L", None  # what follows a move is a line
            elif command in "LHV":
                x = ox + numbers[0] if command in "LH" else x
                y = oy + numbers[-1] if command in "LV" else y
                made.append(("L", (x, y)))
                last = None
            elif command in "CS":
                if command == "S":
                    first = (2 * x - last[1], 2 * y - last[2]) if last and last[0] == "C" else (x, y)
                    numbers = (first[0] - ox, first[1] - oy, *numbers)
                points = tuple(value + (oy if index % 2 else ox) for index, value in enumerate(numbers))
                made.append(("C", points))
                x, y, last = points[4], points[5], ("C", points[2], points[3])
            elif command in "QT":
                if command == "Q":
                    qx, qy = ox + numbers[0], oy + numbers[1]
                else:
                    qx, qy = (2 * x - last[1], 2 * y - last[2]) if last and last[0] == "Q" else (x, y)
                ex, ey = ox + numbers[-2], oy + numbers[-1]
                made.append(
                    (
                        "C",
                        (
                            x + 2 / 3 * (qx - x),
                            y + 2 / 3 * (qy - y),
                            ex + 2 / 3 * (qx - ex),
                            ey + 2 / 3 * (qy - ey),
                            ex,
                            ey,
                        ),
                    )
                )
                x, y, last = ex, ey, ("Q", qx, qy)
            else:
                ex, ey = ox + numbers[5], oy + numbers[6]
                made += _arc(x, y, numbers[0], numbers[1], numbers[2], bool(numbers[3]), bool(numbers[4]), ex, ey)
                x, y, last = ex, ey, None
            if len(made) > _MOST_POINTS:
                raise ValueError("a drawing with too many points")
    if made and made[0][0] != "M":
        raise ValueError("a path that begins nowhere")
    return made


def _arguments(command: str, text: str) -> Iterator[tuple[float, ...]]:
    numbers = _flagged(text) if command == "A" else [float(one) for one in _NUMBER.findall(text)]
    arity = _ARITY[command]
    if not numbers or len(numbers) % arity:
        raise ValueError("a path with a wrong number of figures")
    for start in range(0, len(numbers), arity):
        yield tuple(numbers[start : start + arity])


def _flagged(text: str) -> list[float]:
    """An arc's figures, whose two flags may stand without anything between: ``0 01 5 5``."""
    numbers: list[float] = []
    at = 0
    while match := re.compile(r"[\s,]*").match(text, at):
        at = match.end()
        if at >= len(text):
            break
        if len(numbers) % 7 in (3, 4):
            if text[at] not in "01":
                raise ValueError("an arc with a wrong flag")
            numbers.append(float(text[at]))
            at += 1
            continue
        found = _NUMBER.match(text, at)
        if found is None:
            raise ValueError("an arc that can't be read")
        numbers.append(float(found[0]))
        at = found.end()
    return numbers


def _arc(
    x: float,
    y: float,
    rx: float,
    ry: float,
    turn: float,
    is_large: bool,
    is_clockwise: bool,
    ex: float,
    ey: float,
) -> Segments:
    """An elliptical arc as curves, after the notes on implementation of SVG 1.1 (F.6)."""
    rx, ry = abs(rx), abs(ry)
    if (x, y) == (ex, ey):
        return []
    if rx == 0 or ry == 0:
        return [("L", (ex, ey))]
    phi = radians(turn)
    dx, dy = (x - ex) / 2, (y - ey) / 2
    px, py = cos(phi) * dx + sin(phi) * dy, -sin(phi) * dx + cos(phi) * dy
    grow = px * px / (rx * rx) + py * py / (ry * ry)
    if grow > 1:
        rx, ry = rx * sqrt(grow), ry * sqrt(grow)
    below = rx * rx * py * py + ry * ry * px * px
    factor = sqrt(max(0.0, (rx * rx * ry * ry - below) / below))
    if is_large == is_clockwise:
        factor = -factor
    cxp, cyp = factor * rx * py / ry, -factor * ry * px / rx
    cx, cy = cos(phi) * cxp - sin(phi) * cyp + (x + ex) / 2, sin(phi) * cxp + cos(phi) * cyp + (y + ey) / 2
    start = _angle(1, 0, (px - cxp) / rx, (py - cyp) / ry)
    sweep = _angle((px - cxp) / rx, (py - cyp) / ry, (-px - cxp) / rx, (-py - cyp) / ry)
    if not is_clockwise and sweep > 0:
        sweep -= 2 * pi
    elif is_clockwise and sweep < 0:
        sweep += 2 * pi
    parts = max(1, ceil(abs(sweep) / (pi / 2) - 1e-9))
    step = sweep / parts
    reach = 4 / 3 * tan(step / 4)
    made: Segments = []
    for part in range(parts):
        begin, end = start + part * step, start + (part + 1) * step
        controls = (
            (cos(begin) - reach * sin(begin), sin(begin) + reach * cos(begin)),
            (cos(end) + reach * sin(end), sin(end) - reach * cos(end)),
            (cos(end), sin(end)),
        )
        points: list[float] = []
        for ux, uy in controls:
            points += [
                cos(phi) * rx * ux - sin(phi) * ry * uy + cx,
                sin(phi) * rx * ux + cos(phi) * ry * uy + cy,
            ]
        made.append(("C", tuple(points)))
    return made


def _angle(ux: float, uy: float, vx: float, vy: float) -> float:
    length = sqrt((ux * ux + uy * uy) * (vx * vx + vy * vy))
    angle = acos(max(-1.0, min(1.0, (ux * vx + uy * vy) / length)))
    return -angle if ux * vy - uy * vx < 0 else angle


def _transform(text: str) -> Matrix:
    made: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    for name, inner in _TRANSFORM.findall(text):
        n = [float(one) for one in _NUMBER.findall(inner)] or [0.0]
        if name == "matrix" and len(n) == 6:
            made = _times(made, (n[0], n[1], n[2], n[3], n[4], n[5]))
        elif name == "translate":
            made = _times(made, (1, 0, 0, 1, n[0], n[1] if len(n) > 1 else 0.0))
        elif name == "scale":
            made = _times(made, (n[0], 0, 0, n[1] if len(n) > 1 else n[0], 0, 0))
        elif name == "rotate":
            turn = radians(n[0])
            x, y = (n[1], n[2]) if len(n) == 3 else (0.0, 0.0)
            made = _times(made, (1, 0, 0, 1, x, y))
            made = _times(made, (cos(turn), sin(turn), -sin(turn), cos(turn), 0, 0))
            made = _times(made, (1, 0, 0, 1, -x, -y))
        elif name in ("skewX", "skewY"):
            slope = tan(radians(n[0]))
            made = _times(made, (1, slope if name == "skewY" else 0, slope if name == "skewX" else 0, 1, 0, 0))
    return made


def _times(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[2] * b[1],
        a[1] * b[0] + a[3] * b[1],
        a[0] * b[2] + a[2] * b[3],
        a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4],
        a[1] * b[4] + a[3] * b[5] + a[5],
    )


def _first(text: str | None, otherwise: float) -> float:
    found = _NUMBER.search(text or "")
    return float(found[0]) if found else otherwise
