"""Pages in shops' own colours: each hue stands in one style element, which the page's policy names by its digest."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from flask import Response, current_app
from markupsafe import Markup


def hue_style(hues: Iterable[int]) -> Markup:
    """The rules ``.hue-of-N`` (beside the class ``hue``) for a page's style element. Hues are degrees, 0 to 359."""
    return Markup("".join(f".hue-of-{hue:d}{{--hue:{hue:d}}}" for hue in sorted(set(hues))))  # noqa: S704  numbers


def allow_style(response: Response, style: Markup) -> Response:
    """Let the page's policy take this very style element, and no other."""
    digest = base64.b64encode(hashlib.sha256(str(style).encode()).digest()).decode()
    policy: str = current_app.config["CONTENT_POLICY"]
    response.headers["Content-Security-Policy"] = policy.replace(
        "style-src 'self'", f"style-src 'self' 'sha256-{digest}'"
    )
    return response
