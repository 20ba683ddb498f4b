"""The headers that every page carries. The JSON face sets its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from app.web.locale import language

API = "/api/v1/"
ASSETS = "/assets/"
# wasm-unsafe-eval lets the camera's QR reader be compiled, and nothing else: no inline script, no eval.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Permissions-Policy",
        "camera=(self), screen-wake-lock=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_YEAR = 365 * 24 * 3600
STRICT_TRANSPORT = f"max-age={_YEAR}"


def policy(tile_url: str | None) -> str:
    """The content policy of an application whose maps have their tiles from there."""
    if tile_url is None:
        return POLICY
    parts = urlsplit(tile_url)
    # One of several hosts may stand for the map: {s} is any of them.
    tiles = f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"
    return POLICY.replace("img-src 'self'", f"img-src 'self' {tiles}")


def init_app(flask_app: Flask, *, is_strict: bool, tile_url: str | None = None) -> None:
    """Add the headers to everything but the JSON face's answers; ``is_strict`` tells browsers to come back by HTTPS
    alone, which a certificate made on the spot must not do. Pictures may come from ``tile_url``'s host too."""
    sent = (("Content-Security-Policy", policy(tile_url)), *HEADERS[1:])
    flask_app.config["CONTENT_POLICY"] = policy(tile_url)

    @flask_app.after_request
    def add(response: Response) -> Response:
        path = request.path
        if path.startswith(API):
            return response
        headers = response.headers
        for name, value in sent:
            headers.setdefault(name, value)
        if is_strict:
            headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        if path.startswith(ASSETS + "dist/assets/") and response.status_code == 200:
            # Their names change with their content.
            headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        elif response.mimetype == "text/html":
            headers.setdefault("Cache-Control", "no-cache")
            headers.setdefault("Content-Language", language())
            headers.add("Vary", "Accept-Language, Cookie")
        return response
