"""Pictures as they are sent."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select

from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.rewards.models import Picture

Size = Literal["small", "large"]


def get_picture(scope: Scope, picture_id: str, size: Size) -> bytes:
    """The WebP of a picture, for whoever knows its id: what a shop shows, it shows to everybody. Raises
    NotFoundError."""
    column = Picture.small if size == "small" else Picture.large
    with scope.reading() as tx:
        found = tx.session.scalar(select(column).where(Picture.id == picture_id)) if is_id(picture_id) else None
    if found is None:
        raise NotFoundError(what="picture")
    return bytes(found)


def picture_path(picture_id: str, size: Size) -> str:
    """Where it is served. What is behind a path never changes."""
    return f"/pictures/{picture_id}-{size}.webp"
