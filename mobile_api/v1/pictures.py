"""Where a picture is, as answers tell it."""

from __future__ import annotations

from app.rewards.queries.pictures import picture_path


def picture(picture_id: str | None) -> dict[str, str] | None:
    """The addresses of both sizes; None where there is no picture."""
    if picture_id is None:
        return None
    return {"small": picture_path(picture_id, "small"), "large": picture_path(picture_id, "large")}
