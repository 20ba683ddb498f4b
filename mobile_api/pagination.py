"""Lists in pages: ``limit`` and an opaque ``cursor`` in, ``{"items": […], "next": "cursor or null"}`` out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson

from app.common.errors import InvalidError

MOST = 100
USUAL = 50
LONGEST_CURSOR = 512


def encode(*place: str | int) -> str:
    """A cursor for the place after which the next page begins: the last row's sort key."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The place that a cursor names, its parts of the given types. Raises :class:`InvalidError` for any other text."""
    try:
        place = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != list(kinds):
        raise InvalidError(errors={"cursor": ["Not a cursor of this list."]})
    return tuple(place)


def page(items: Sequence[Any], following: str | None) -> dict[str, Any]:
    """A page as every list answers it."""
    return {"items": items, "next": following}
