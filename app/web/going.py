"""Coming and going between pages: where a form leads back to, and which part of a page a script asked for."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, request
from flask.typing import ResponseReturnValue

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def safe_next(wanted: str | None, otherwise: str) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc or "\\" in wanted else wanted


def this_page(otherwise: str) -> str:
    """The page to come back to: the one that stands in the browser."""
    shown = request.headers.get("HX-Current-URL")
    if request.method in SAFE and shown is None:
        return request.full_path.rstrip("?")
    parts = urlsplit(shown or request.referrer or "")
    return safe_next(f"{parts.path}?{parts.query}" if parts.query else parts.path, otherwise)


def send_to(address: str) -> ResponseReturnValue:
    """Send the browser to another page, also where htmx asked for a part: the whole browser goes, not the part."""
    if request.headers.get("HX-Request"):
        return "", 204, {"HX-Redirect": address}
    return redirect(address)


def wants_part() -> bool:
    """Whether htmx asked for a part of a page; a browser that goes back through its history wants it whole."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
