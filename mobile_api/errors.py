"""Every refusal under ``/api`` as RFC 9457 ``application/problem+json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from flask import Response, current_app, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app import messages
from app.common.errors import DomainError, Kind
from mobile_api import bodies

MEDIA_TYPE = "application/problem+json"
_STATUS = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.REFUSED: 409,
    Kind.INVALID: 422,
    Kind.TOO_MANY: 429,
}
# Two refusals of HTTP itself that no kind of domain error stands for.
_STATUS_BY_CODE = {bodies.NotJsonError.code: 415, bodies.BodyTooLargeError.code: 413}
_CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: bodies.BodyTooLargeError.code,
    414: "address_too_long",
    415: bodies.NotJsonError.code,
    422: "invalid",
    429: "too_many",
}
_MOST_ERRORS = 50
_LONGEST_NAME = 120
_log = structlog.get_logger("zegel.api")


def status_of(error: DomainError) -> int:
    """The status that a domain error is answered with."""
    return _STATUS_BY_CODE.get(error.code) or _STATUS[error.kind]


def document(status: int, code: str, detail: str, errors: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A problem as RFC 9457 has it; ``errors`` maps the path of each bad field (``items.0.amount``) to sentences."""
    problem: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    if errors:
        problem["errors"] = errors
    return problem


def document_of(error: DomainError) -> dict[str, Any]:
    """The problem that tells a domain error, in the language of the request."""
    fields = error.params.get("errors") if error.kind is Kind.INVALID else None
    told = flat(fields) if isinstance(fields, Mapping) else None
    return document(status_of(error), error.code, messages.sentence(error), told)


def flat(errors: Mapping[Any, Any]) -> dict[str, list[str]]:
    """Nested validation errors as ``{"items.0.amount": ["…"]}``, at most fifty, and no name of any length."""
    found: dict[str, list[str]] = {}
    waiting: list[tuple[str, Any]] = [("", errors)]
    while waiting and len(found) < _MOST_ERRORS:
        path, here = waiting.pop()
        if isinstance(here, Mapping):
            inner = [(_join(path, str(name)), value) for name, value in here.items()]
            waiting += reversed(inner)
        else:
            sentences = here if isinstance(here, list | tuple) else [here]
            found.setdefault(path, []).extend(messages.field(str(sentence)) for sentence in sentences)
    return found


def _join(path: str, name: str) -> str:
    if name == "_schema":
        return path or name
    name = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return f"{path}.{name}" if path else name


def response(problem: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer that carries a problem."""
    answer = Response(orjson.dumps(problem), status=problem["status"], mimetype=MEDIA_TYPE)
    answer.headers["Content-Language"] = messages.language()
    if headers:
        answer.headers.update(headers)
    return answer


def answer(error: Exception) -> Response:
    """The answer to anything that a view or the routing raised. What was not foreseen is logged and is a 500."""
    bodies.drain(request)
    if isinstance(error, DomainError):
        return response(document_of(error), _headers_of(error))
    if isinstance(error, ValidationError):
        detail = messages.text("invalid")
        fields = error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}
        return response(document(422, "invalid", detail, flat(fields)))
    if isinstance(error, HTTPException) and error.code:
        return _http(error)
    if current_app.testing:
        raise error
    rule = request.url_rule.rule if request.url_rule else "-"
    _log.error("unforeseen", exc_info=error, route=rule, id=request.environ.get("zegel.request_id"))
    return response(document(500, "fault", messages.text("fault")))


def _headers_of(error: DomainError) -> dict[str, str]:
    if error.kind is Kind.UNAUTHENTICATED:
        return {"WWW-Authenticate": 'Bearer realm="zegel"'}
    if error.kind is Kind.TOO_MANY:
        return {"Retry-After": str(max(1, int(error.params.get("retry_after", 60))))}
    return {}


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 and isinstance(found := error.get_response(), Response):  # a redirect of the routing
        return found
    headers: dict[str, str] = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    code = _CODES.get(status, "malformed" if status < 500 else "fault")
    return response(document(status, code, messages.text(code)), headers)
