"""Pictures that a shop uploads: read with suspicion, and made anew, so that nothing of the file itself is kept.

What comes out are pixels as WebP: no place where it was taken, no camera, no comment, no second image behind the first.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from app.rewards.errors import PictureTooLargeError, PictureUnreadableError

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
# What can't be made smaller while it is read costs its whole size in memory.
MOST_PIXELS_WHOLE = 25_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SMALL, LARGE = 400, 1280  # the longer side, in pixels
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A picture as WebP in two sizes; ``width`` and ``height`` are the large one's."""

    small: bytes
    large: bytes
    width: int
    height: int


def make_picture(data: bytes) -> MadePicture:
    """Read a JPEG, PNG, WebP or GIF (its first image) and make it anew in two sizes, upright.

    Raises PictureTooLargeError (more than 8 MiB, or more pixels than 40 million, told by its head before anything is
    unpacked) and PictureUnreadableError (another kind of file whatever its name says, an SVG too, or a broken one).
    """
    if len(data) > MOST_BYTES:
        raise PictureTooLargeError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as found:
                return _make(found)
    except (PictureTooLargeError, PictureUnreadableError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLargeError from None
    # A file of a stranger's: whatever its reader stumbles over, it is no picture for us.
    except Exception:
        raise PictureUnreadableError from None


def _make(found: Image.Image) -> MadePicture:
    is_jpeg = found.format == "JPEG"
    if found.width * found.height > (MOST_PIXELS if is_jpeg else MOST_PIXELS_WHOLE):
        raise PictureTooLargeError
    if is_jpeg:
        found.draft("RGB", (2 * LARGE, 2 * LARGE))
    found.load()
    profile = found.info.get("icc_profile")
    upright = ImageOps.exif_transpose(found)
    pixels = upright.convert("RGBA" if _is_see_through(upright) else "RGB")
    large = _within(_as_srgb(pixels, profile), LARGE)
    return MadePicture(_webp(_within(large, SMALL)), _webp(large), large.width, large.height)


def _is_see_through(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _as_srgb(image: Image.Image, profile: object) -> Image.Image:
    """In the colours that every screen shows, since the profile is not kept."""
    if not isinstance(profile, bytes) or image.mode != "RGB":
        return image
    try:
        made = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return image
    return image if made is None else made


def _within(image: Image.Image, side: int) -> Image.Image:
    made = image.copy()
    made.thumbnail((side, side), Image.Resampling.LANCZOS)
    return made


def _webp(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "WEBP", quality=_QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return written.getvalue()
