"""What the camera of a tablet sees: a seeded set of grey pictures of 1280×720, each with a code that is known.

The pictures are made the way a camera makes them: a card or a phone lies somewhere in a room, seen through a pinhole of
a webcam's focal length; then come blur, motion, light, glare, noise. Whatever a condition does not say stays mild. How
bad a condition gets was set before anything was measured, from what happens at a counter, and includes what no decoder
reads.
"""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage, signal

from app.cards.qr import QUIET_ZONE, Level, encode
from benchmarks.tablet.texts import FOREIGN, KINDS, text_of

__all__ = ["BEYOND", "CONDITIONS", "HEIGHT", "WIDTH", "Frame", "picture", "plan"]

WIDTH, HEIGHT = 1280, 720
FOCAL = 1000.0  # pixels: a webcam that sees 65 degrees from side to side
MODULE = 8  # pixels of a module in the object's own picture
OVERSAMPLED = 3
SEED = 20261122

Picture = NDArray[np.float32]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Look:
    """How an object is seen. Lengths in pixels of the frame, angles in degrees, light as a share of full scale."""

    side: float  # of the code without its quiet zone
    turn: float = 0.0
    tilt: float = 0.0
    blur: float = 0.6  # standard deviation; no lens is sharper than that
    motion: float = 0.0  # how far it moves while the shutter is open
    exposure: float = 1.0
    contrast: float = 1.0
    noise: float = 3.0  # standard deviation of 255
    lamps: int = 0
    shadow: float = 0.0
    is_inverted: bool = False
    cracks: tuple[float, float] | None = None  # their widths, as shares of the side
    moire: float = 0.0
    quality: int | None = None  # of a camera that compresses its pictures as JPEG


def _ordinary(random: Random) -> float:
    return float(random.uniform(140, 320))


def _handheld(random: Random) -> float:
    return float(random.uniform(-10, 10))


def _real(random: Random, side: float) -> Look:
    """A little of everything at once. What is further away also moves by fewer pixels."""
    return Look(
        side=side,
        turn=random.uniform(-25, 25),
        tilt=random.uniform(10, 35),
        blur=random.uniform(0.8, 1.8),
        motion=side * random.uniform(0.008, 0.03),
        exposure=random.uniform(0.35, 0.75),
        noise=random.uniform(5, 12),
        lamps=int(random.random() < 0.3),
        shadow=random.uniform(0, 0.5),
        cracks=HAIRLINES if random.random() < 0.15 else None,
        moire=random.uniform(0, 6),
        quality=int(random.integers(60, 91)),
    )


# A code on a phone is 30 mm wide: cracks of 0.1 to 0.4 mm, and of up to three quarters of a millimetre.
HAIRLINES, SHARDS = (0.003, 0.014), (0.006, 0.025)
CONDITIONS: dict[str, Callable[[Random], Look]] = {
    "clean": lambda r: Look(side=r.uniform(140, 420), turn=_handheld(r)),
    "rotation": lambda r: Look(side=_ordinary(r), turn=r.uniform(0, 360)),
    "blur": lambda r: Look(side=_ordinary(r), turn=_handheld(r), blur=r.uniform(1.5, 4)),
    "motion": lambda r: Look(side=_ordinary(r), turn=_handheld(r), motion=r.uniform(4, 15)),
    "perspective": lambda r: Look(side=_ordinary(r), turn=r.uniform(-20, 20), tilt=r.uniform(25, 55)),
    "60 pixels": lambda r: Look(side=60, turn=r.uniform(0, 30), blur=r.uniform(0.6, 0.8)),
    "low light": lambda r: Look(
        side=_ordinary(r), turn=_handheld(r), exposure=r.uniform(0.12, 0.25), noise=r.uniform(4, 7)
    ),
    "noise": lambda r: Look(side=_ordinary(r), turn=_handheld(r), noise=r.uniform(15, 35)),
    "glare": lambda r: Look(side=_ordinary(r), turn=_handheld(r), lamps=1, contrast=r.uniform(0.65, 1)),
    "inverted": lambda r: Look(side=_ordinary(r), turn=_handheld(r), is_inverted=True),
    "cracked": lambda r: Look(side=_ordinary(r), turn=_handheld(r), cracks=HAIRLINES),
    "real": lambda r: _real(r, r.uniform(90, 260)),
}
# Worse than what a person goes on holding there: reported apart, since hardly anybody reads any of it.
BEYOND: dict[str, Callable[[Random], Look]] = {
    "two lamps": lambda r: Look(side=_ordinary(r), turn=_handheld(r), lamps=2, contrast=r.uniform(0.65, 1)),
    "shattered": lambda r: Look(side=_ordinary(r), turn=_handheld(r), cracks=SHARDS),
    "walking by": lambda r: replace(_real(r, r.uniform(90, 260)), motion=r.uniform(2, 7)),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the set: what is in it (``text``, None for nothing) and how it is seen."""

    kind: str
    condition: str
    seed: int
    text: str | None

    @property
    def random(self) -> Random:
        """Its own numbers, which do not change when the set grows."""
        return np.random.default_rng([SEED, self.seed, zlib.crc32(f"{self.kind} {self.condition}".encode())])


def plan(seeds: int) -> list[Frame]:
    """The set: ``seeds`` pictures of each kind of code under each condition, and as many with none of our codes.

    A smaller set is a part of a larger one.
    """
    frames = [
        Frame(kind, condition, seed, text_of(kind, np.random.default_rng([SEED, seed, number])))
        for number, kind in enumerate(KINDS)
        for condition in (*CONDITIONS, *BEYOND)
        for seed in range(seeds)
        if kind != "voucher" or condition in CONDITIONS
    ]
    frames += [Frame("empty", "empty", seed, None) for seed in range(2 * seeds)]
    frames += [Frame("foreign", "foreign", seed, FOREIGN[seed % len(FOREIGN)]) for seed in range(2 * seeds)]
    return frames


def picture(frame: Frame) -> NDArray[np.uint8]:
    """The frame's picture, the same each time."""
    random = frame.random
    scene = _room(random)
    if frame.text is None:
        look = Look(side=200, noise=random.uniform(2, 14), exposure=random.uniform(0.3, 1))
        if random.random() < 0.5:  # a card's back, a hand with a phone: something without a code
            scene = _put(scene, _blank_object(random), look, random)
    else:
        make = (CONDITIONS | BEYOND).get(frame.condition, CONDITIONS["clean"])
        look = make(random)
        scene = _put(scene, _object(frame, look, random), look, random)
    return _through_camera(scene, look, random)


# --- the room and what is held in it ----------------------------------------------------------------------------------


def _room(random: Random) -> Picture:
    """Walls, furniture and a few lines of print in the background, out of focus."""
    level = random.uniform(60, 170)
    image = Image.new("L", (WIDTH // 2, HEIGHT // 2), int(level))
    draw = ImageDraw.Draw(image)
    for _ in range(random.integers(6, 15)):
        x, y = random.uniform(-60, WIDTH / 2), random.uniform(-60, HEIGHT / 2)
        box = (x, y, x + random.uniform(20, 260), y + random.uniform(20, 200))
        draw.rectangle(box, fill=int(np.clip(level + random.uniform(-70, 70), 0, 255)))
    _print_lines(draw, random, (random.uniform(0, 500), random.uniform(0, 260)), 110, 6)
    scene = np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), dtype=np.float32)
    scene = ndimage.gaussian_filter(scene, random.uniform(1.5, 4))
    slope = random.uniform(-25, 25) * np.linspace(-1, 1, WIDTH, dtype=np.float32)
    return np.asarray(scene + slope, dtype=np.float32)


def _print_lines(
    draw: ImageDraw.ImageDraw, random: Random, at: tuple[float, float], width: float, lines: int, ink: int = 40
) -> None:
    """Lines of words as a camera sees them: dark dashes."""
    x0, y = at
    height = max(2.0, width / 26)
    for _ in range(lines):
        x, until = x0, x0 + width * random.uniform(0.5, 1)
        while x < until:
            word = random.uniform(1, 4) * height
            draw.rectangle((x, y, min(x + word, until), y + height), fill=ink)
            x += word + height
        y += height * 2.2


@dataclass(frozen=True, slots=True)
class _Object:
    """A flat thing: its picture, where in it the code's square is, and where it is see-through."""

    image: Image.Image
    shape: Image.Image
    corner: float
    side: float


def _object(frame: Frame, look: Look, random: Random) -> _Object:
    """A printed card, or a phone that shows a code."""
    assert frame.text is not None
    level = Level.PRINT if frame.kind == "printed" else Level.SCREEN
    code = encode(frame.text, level)
    side = code.size * MODULE
    margin = int(side * 0.75)
    whole = side + 2 * margin
    is_phone = frame.kind in ("app", "voucher")
    paper, ink = (250, 12) if is_phone else (random.integers(215, 246), random.integers(20, 60))
    if look.is_inverted:
        paper, ink = 24, 236
    surround = int(paper) if look.is_inverted or random.random() < 0.6 else int(random.uniform(70, 240))
    image = Image.new("L", (whole, whole), surround)
    draw = ImageDraw.Draw(image)
    quiet = QUIET_ZONE * MODULE
    draw.rectangle((margin - quiet, margin - quiet, margin + side + quiet, margin + side + quiet), fill=int(paper))
    for column, row, length in code.runs():
        x, y = margin + column * MODULE, margin + row * MODULE
        draw.rectangle((x, y, x + length * MODULE - 1, y + MODULE - 1), fill=int(ink))
    _print_lines(draw, random, (margin, margin - quiet - side * 0.3), side, 2, 20 if surround > 128 else 220)
    _print_lines(draw, random, (margin, margin + side + quiet + side * 0.1), side, 2, 20 if surround > 128 else 220)
    if look.cracks:
        _break(draw, random, margin, side, look.cracks, from_one_point=is_phone)
    shape = Image.new("L", image.size, 0)
    inset = margin * 0.25
    ImageDraw.Draw(shape).rounded_rectangle((inset, inset, whole - inset, whole - inset), margin * 0.3, fill=255)
    return _Object(image, shape, margin, side)


def _blank_object(random: Random) -> _Object:
    image = Image.new("L", (400, 400), int(random.uniform(15, 245)))
    draw = ImageDraw.Draw(image)
    _print_lines(draw, random, (60, 60), 280, 14, int(random.uniform(0, 255)))
    return _Object(image, Image.new("L", image.size, 255), 90, 220)


def _break(
    draw: ImageDraw.ImageDraw,
    random: Random,
    margin: float,
    side: float,
    widths: tuple[float, float],
    *,
    from_one_point: bool,
) -> None:
    """Cracks that run from where it fell on, or the scratches of a card that lived in a pocket."""
    x0, y0 = (margin + side * random.uniform(-0.2, 1.2) for _ in range(2))
    rays = random.integers(5, 11)
    for ray in range(rays):
        angle = 2 * math.pi * float(ray + random.uniform(-0.3, 0.3)) / float(rays)
        if not from_one_point:
            x0, y0 = (margin + side * random.uniform(0, 1) for _ in range(2))
            angle = float(random.uniform(0, 2 * math.pi))
        points = [(x0, y0)]
        for _ in range(random.integers(3, 6)):
            angle += float(random.uniform(-0.35, 0.35))
            step = side * random.uniform(0.15, 0.35)
            points.append((points[-1][0] + step * math.cos(angle), points[-1][1] + step * math.sin(angle)))
        shade = random.uniform(190, 255) if random.random() < 0.6 else random.uniform(10, 90)
        draw.line(points, fill=int(shade), width=max(1, round(side * random.uniform(*widths))))


# --- how it comes before the lens -------------------------------------------------------------------------------------


def _put(scene: Picture, thing: _Object, look: Look, random: Random) -> Picture:
    """Holds the object into the scene, its code wholly in view, and casts shadow and glare on it."""
    corners = _corners(thing, look, random)
    left, top = np.floor(corners.min(axis=0)).astype(int) - 2
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 2
    size = ((right - left) * OVERSAMPLED, (bottom - top) * OVERSAMPLED)
    target = (corners - (left, top)) * OVERSAMPLED
    edge = thing.image.width
    coefficients = _homography(target, np.array([(0, 0), (edge, 0), (edge, edge), (0, edge)], dtype=float))
    seen, shape = (
        np.asarray(
            one.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR).reduce(
                OVERSAMPLED
            ),
            dtype=np.float32,
        )
        for one in (thing.image, thing.shape)
    )
    if look.moire:
        rows, columns = np.mgrid[0 : seen.shape[0], 0 : seen.shape[1]].astype(np.float32)
        across, down = random.uniform(0.2, 0.9, 2)
        seen = seen + look.moire * np.sin(across * columns + down * rows)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, WIDTH), min(bottom, HEIGHT)
    inner = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    covered = shape[inner] / 255
    result = scene.copy()
    result[y0:y1, x0:x1] = scene[y0:y1, x0:x1] * (1 - covered) + seen[inner] * covered
    middle = corners.mean(axis=0)
    if look.shadow:
        result *= _shadow(look.shadow, middle, random)
    if look.contrast != 1:
        result = 128 + (result - 128) * look.contrast
    for _ in range(look.lamps):
        largest = 0.22 if look.lamps > 1 else 0.15
        result = result + _lamp(look.side, largest, middle, random)
    return result


def _corners(thing: _Object, look: Look, random: Random) -> NDArray[np.float64]:
    """Where the four corners of the object are in the frame."""
    half = 0.5 * thing.image.width / thing.side
    flat = np.array([(-half, -half), (half, -half), (half, half), (-half, half)])
    turn, axis, tilt = math.radians(look.turn), random.uniform(0, 2 * math.pi), math.radians(look.tilt)
    flat = flat @ _rotation(turn).T
    along = np.array([math.cos(axis), math.sin(axis)])
    across = np.array([-along[1], along[0]])
    a, b = flat @ along, flat @ across
    depth = FOCAL / look.side + b * math.sin(tilt)
    plane = np.outer(a, along) + np.outer(b * math.cos(tilt), across)
    projected = FOCAL * plane / depth[:, None]
    reach = look.side * 0.75
    centre = np.array([random.uniform(reach, WIDTH - reach), random.uniform(min(reach, 350), HEIGHT - min(reach, 350))])
    placed: NDArray[np.float64] = projected + centre
    return placed


def _rotation(angle: float) -> NDArray[np.float64]:
    return np.array([(math.cos(angle), -math.sin(angle)), (math.sin(angle), math.cos(angle))])


def _homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> tuple[float, ...]:
    """The eight numbers with which Pillow finds, for a point of ``source``, its place in ``target``."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    return tuple(float(value) for value in np.linalg.solve(np.array(rows), np.array(values)))


def _shadow(depth: float, middle: NDArray[np.float64], random: Random) -> Picture:
    """A hand's shadow: darker on one side of a soft line through the code."""
    angle = random.uniform(0, 2 * math.pi)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    distance = (columns - middle[0]) * math.cos(angle) + (rows - middle[1]) * math.sin(angle)
    return np.asarray(1 - depth / (1 + np.exp(-distance / random.uniform(6, 40))), dtype=np.float32)


def _lamp(side: float, largest: float, middle: NDArray[np.float64], random: Random) -> Picture:
    """A lamp mirrored in or beside the code: white in the middle, and a halo. It may hide a corner mark."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = middle + side * random.uniform(-0.5, 0.5, 2)
    wide, high = side * random.uniform(0.05, largest, 2)
    away = ((columns - x) / wide) ** 2 + ((rows - y) / high) ** 2
    return np.asarray(random.uniform(250, 400) * np.exp(-(away**1.5)) + 40 * np.exp(-away / 12), dtype=np.float32)


def _through_camera(scene: Picture, look: Look, random: Random) -> NDArray[np.uint8]:
    """Lens, shutter, sensor, and what the camera sends."""
    seen = ndimage.gaussian_filter(np.clip(scene, 0, 255), look.blur)
    if look.motion:
        seen = _smear(seen, look.motion, random.uniform(0, math.pi))
    seen = seen * look.exposure + random.normal(0, 1, seen.shape).astype(np.float32) * look.noise
    made: NDArray[np.uint8] = np.clip(seen, 0, 255).astype(np.uint8)
    if look.quality is None:
        return made
    file = io.BytesIO()
    Image.fromarray(made).save(file, "JPEG", quality=look.quality)
    return np.asarray(Image.open(file), dtype=np.uint8)


def _smear(seen: Picture, length: float, angle: float) -> Picture:
    reach = int(length / 2) + 2
    kernel = Image.new("L", (8 * (2 * reach + 1),) * 2)
    half, centre = 4 * length, kernel.width / 2
    dx, dy = half * math.cos(angle), half * math.sin(angle)
    ImageDraw.Draw(kernel).line((centre - dx, centre - dy, centre + dx, centre + dy), fill=255, width=8)
    weights = np.asarray(kernel.reduce(8), dtype=np.float32)
    padded = np.pad(seen, reach, mode="edge")
    return np.asarray(signal.oaconvolve(padded, weights / weights.sum(), mode="valid"), dtype=np.float32)
