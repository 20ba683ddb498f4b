"""Pictures for the camera that Chromium pretends to have: an uncompressed video (Y4M) of one frame."""

from __future__ import annotations

import os
from pathlib import Path

import qrcode
from PIL import Image

SIZE = (1280, 720)


def still(path: Path, picture: Image.Image) -> None:
    """Write a grey picture as a video of one frame, whole or not at all: a running camera may be reading."""
    width, height = picture.size
    grey = picture.convert("L").point([round(16 + value * 219 / 255) for value in range(256)])
    chroma = bytes([128]) * ((width // 2) * (height // 2) * 2)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode())
        file.write(grey.tobytes() + chroma)
    os.replace(fresh, path)


def blank(size: tuple[int, int] = (320, 180)) -> Image.Image:
    """A counter with nothing on it. Small: nothing is looked for, and each test would pay for its drawing."""
    return Image.new("L", size, 120)


def showing(*texts: str) -> Image.Image:
    """QR codes held before the camera side by side, a little turned."""
    picture = blank(SIZE)
    for number, text in enumerate(texts):
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=11, border=4)
        code.add_data(text)
        code.make(fit=True)
        made = code.make_image().get_image().convert("L").rotate(7, expand=True, fillcolor=120)
        middle = SIZE[0] * (2 * number + 1) // (2 * len(texts))
        picture.paste(made, (middle - made.width // 2, (SIZE[1] - made.height) // 2))
    return picture
