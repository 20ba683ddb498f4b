"""Reading a request's JSON body: bounded, whole, and never a fault whatever was sent."""

from __future__ import annotations

import time
from typing import Any

import orjson
from flask import Request

from app.common.errors import DomainError, InvalidError, Kind

LIMIT = 1024 * 1024
_PIECE = 64 * 1024
_DRAINED = 256 * LIMIT
_DRAINED_SECONDS = 20
_READ = "zegel.body_read"


class JsonUnreadableError(DomainError):
    """The body is not JSON in UTF-8, or was cut off on its way."""

    code = "json_unreadable"
    kind = Kind.MALFORMED


class NotJsonError(DomainError):
    """The body's media type is not JSON."""

    code = "not_json"
    kind = Kind.MALFORMED


class BodyTooLargeError(DomainError):
    """The body is larger than 1 MiB."""

    code = "body_too_large"
    kind = Kind.MALFORMED


def parse(http: Request) -> Any:
    """The value of a JSON body.

    Raises :class:`NotJsonError`, :class:`BodyTooLargeError` (after reading on to the body's end, so that the client
    can read the answer), :class:`JsonUnreadableError`, and :class:`InvalidError` for a text with the character NUL,
    which no database column can hold.
    """
    environ = http.environ
    media_type = environ.get("CONTENT_TYPE", "")
    if media_type != "application/json" and not _is_json(media_type):
        raise NotJsonError
    data = _read(environ)
    try:
        value = orjson.loads(data)
    except ValueError:
        raise JsonUnreadableError from None
    if b"\\u0000" in data:
        _refuse_nul(value)
    return value


def parse_optional(http: Request) -> Any:
    """Like :func:`parse`; no body at all is an empty object."""
    if not has_body(http):
        return {}
    return parse(http)


def has_body(http: Request) -> bool:
    """Whether the request announces a body."""
    environ = http.environ
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ


def drain(http: Request) -> None:
    """Read what is left of a body and throw it away: a client that is still sending can't read an answer."""
    environ = http.environ
    if environ.get(_READ) or not has_body(http):
        return
    environ[_READ] = True
    stream, left, until = environ["wsgi.input"], _DRAINED, time.monotonic() + _DRAINED_SECONDS
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdigit():
        left = min(left, int(length))
    while left > 0 and time.monotonic() < until:
        piece = stream.read(min(_PIECE, left))
        if not piece:
            return
        left -= len(piece)


def _read(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        if not length.isdigit() or not length.isascii():
            raise JsonUnreadableError
        expected = int(length)
        if expected > LIMIT:
            raise BodyTooLargeError(limit=LIMIT)
        data: bytes = stream.read(expected)
        environ[_READ] = True
        if len(data) != expected:
            raise JsonUnreadableError
        return data
    if "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    pieces: list[bytes] = []
    size = 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > LIMIT:
            raise BodyTooLargeError(limit=LIMIT)
    environ[_READ] = True
    return b"".join(pieces)


def _is_json(media_type: str) -> bool:
    essence, *parameters = (part.strip().lower() for part in media_type.split(";"))
    if essence != "application/json":
        return False
    charsets = (part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset"))
    return all(charset in ("utf-8", "utf8") for charset in charsets)


def _refuse_nul(value: Any) -> None:
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, here = waiting.pop()
        if isinstance(here, str) and "\x00" in here:
            raise InvalidError(errors={path or "_schema": ["The character NUL can't be taken."]})
        if isinstance(here, dict):
            if any("\x00" in name for name in here):
                raise InvalidError(errors={path or "_schema": ["The character NUL can't be taken."]})
            waiting += ((f"{path}.{name}" if path else name, inner) for name, inner in here.items())
        elif isinstance(here, list):
            waiting += ((f"{path}.{index}" if path else str(index), inner) for index, inner in enumerate(here))
