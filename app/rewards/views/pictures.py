"""The pictures of rewards."""

from __future__ import annotations

from flask import Blueprint, Response

from app.extensions import platform
from app.rewards.queries.pictures import Size, get_picture

blueprint = Blueprint("pictures", __name__)
_YEAR = 365 * 24 * 3600


@blueprint.get("/pictures/<picture_id>-<any(small, large):size>.webp")
def show_picture(picture_id: str, size: Size) -> Response:
    """One size of a picture, for good."""
    response = Response(get_picture(platform().scope(), picture_id, size), mimetype="image/webp")
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
