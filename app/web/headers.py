"""The headers that every page carries. The JSON face sets its own."""

from __future__ import annotations

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


def init_app(flask_app: Flask, *, is_strict: bool) -> None:
    """Add the headers to everything but the JSON face's answers; ``is_strict`` tells browsers to come back by HTTPS
    alone, which a certificate made on the spot must not do."""

    @flask_app.after_request
    def add(response: Response) -> Response:
        path = request.path
        if path.startswith(API):
            return response
        headers = response.headers
        for name, value in HEADERS:
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
