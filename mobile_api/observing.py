"""Around every request: gives it an id, measures it, logs it without secrets, and shuts the JSON face's answers off
from other sites and caches.

A WSGI layer, so that it costs a few microseconds and sees what Flask itself refuses.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask
from uuid_utils import uuid7

from mobile_api import metrics

REQUEST_ID = "zegel.request_id"
_UNMATCHED = "-"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PREFIX = "/api/v1/"
# Added here and not by Flask: a header costs Flask a microsecond or two.
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_log = structlog.get_logger("zegel.request")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


def init_app(flask_app: Flask) -> None:
    """Put the layer around an application."""
    flask_app.wsgi_app = _observed(flask_app.wsgi_app)  # type: ignore[method-assign,assignment]  # as Flask means it


def _observed(inner: Wsgi) -> Wsgi:
    clock = time.perf_counter

    def outer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = clock()
        given = environ.get("HTTP_X_REQUEST_ID")
        request_id = given if given and _GIVEN_ID.fullmatch(given) else str(uuid7())
        environ[REQUEST_ID] = request_id
        seen, route = "500", _UNMATCHED

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            nonlocal seen, route
            seen = status[:3]
            # Flask forgets its request before this layer is left.
            rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
            if rule is not None:
                route = rule.rule
            headers.append(("X-Request-Id", request_id))
            if environ["PATH_INFO"].startswith(_PREFIX):
                headers.extend(HEADERS)
            return start_response(status, headers, *failure)

        try:
            return inner(environ, start)
        finally:
            took = clock() - started
            method = environ["REQUEST_METHOD"]
            method = method if method in _METHODS else "OTHER"
            metrics.observe(method, route, int(seen), took)
            _log.info("request", id=request_id, method=method, route=route, status=int(seen), ms=round(took * 1000, 2))

    return outer
