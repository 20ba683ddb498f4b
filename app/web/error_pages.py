"""Errors as pages: what happened and what to do, never a trace."""

from __future__ import annotations

import structlog
from flask import Flask, current_app, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound, ServiceUnavailable
from werkzeug.wrappers import Response

from app import messages
from app.common.errors import DomainError, Kind
from app.web.front_end import FrontEndNotBuiltError

STATUS = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.REFUSED: 409,
    Kind.INVALID: 422,
    Kind.TOO_MANY: 429,
}
TITLES = {
    400: _l("That could not be read"),
    401: _l("Please sign in"),
    403: _l("Not for you"),
    404: _l("Nothing here"),
    405: _l("Not in this way"),
    409: _l("Not possible any more"),
    413: _l("Too large"),
    422: _l("Something is missing or wrong"),
    429: _l("Too many tries"),
    500: _l("We made a mistake"),
    503: _l("Not ready yet"),
}
_log = structlog.get_logger("zegel.web")


def init_app(flask_app: Flask) -> None:
    """Answer every error of this application by a page; faces of another language come first (``app.extensions``)."""
    flask_app.register_error_handler(Exception, page)


def page(error: Exception) -> Response:
    """An error as a page in the visitor's language."""
    if isinstance(error, DomainError):
        return _page(STATUS[error.kind], messages.sentence(error))
    if isinstance(error, FrontEndNotBuiltError):
        _log.error("front_end_not_built", path=request.path)
        return _page(503, str(error))
    if isinstance(error, NotFound):
        return _page(404, messages.text("page_unknown"))
    if isinstance(error, HTTPException):
        if error.code is not None and error.code < 400:
            return error.get_response()
        response = _page(error.code or 500, messages.text(_code_of(error)))
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after", "www-authenticate"):
                response.headers[name] = value
        return response
    if current_app.testing:
        raise error
    _log.error("unforeseen", exc_info=error, path=request.path)
    return _page(500, messages.text("fault"))


def _code_of(error: HTTPException) -> str:
    if isinstance(error, ServiceUnavailable):
        return "not_ready"
    if isinstance(error, InternalServerError) or (error.code or 500) >= 500:
        return "fault"
    return {403: "forbidden", 405: "method_not_allowed", 413: "body_too_large", 429: "too_many"}.get(
        error.code or 400, "malformed"
    )


def _page(status: int, detail: str) -> Response:
    title = TITLES.get(status, TITLES[400] if status < 500 else TITLES[500])
    body = render_template("web/error.html", status=status, title=title, detail=detail)
    return current_app.response_class(body, status=status)
