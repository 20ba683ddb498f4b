"""Between the server's threads and the application: slow clients wait outside, few requests are worked on at a time.

A server with one thread a process is the quickest, since the interpreter runs one thread at a time anyway; but then one
client that sends its body byte by byte stops a whole shop. So there are many threads, which read bodies; and a
turnstile, which lets as many into the application as it can work on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, Protocol

# What the application may want of a body, and a little more, so that it sees when one is too large. Pictures and lists
# are uploaded in the back office and by operators.
KEPT = 1024 * 1024 + 64 * 1024
KEPT_UPLOAD = 8 * KEPT
UPLOADS = ("/office/", "/admin/")
_PIECE = 64 * 1024
# A client that is still sending can't read an answer, so the rest is read too, within reason.
DRAINED = 256 * 1024 * 1024
DRAINED_SECONDS = 20.0

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Turnstile:
    """A WSGI application around another: reads the body, then lets at most `permits` requests in at once.

    The application finds the body in memory: whole, or cut after KEPT bytes when it is larger (KEPT_UPLOAD under
    UPLOADS), the rest thrown away.
    """

    def __init__(self, application: Application, permits: int) -> None:
        self.application = application
        self._permits = threading.Semaphore(permits)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = BytesIO(_read(environ["wsgi.input"], _most(environ)))
        with self._permits:
            return self.application(environ, start_response)


def _most(environ: dict[str, Any]) -> int:
    return KEPT_UPLOAD if str(environ.get("PATH_INFO", "")).startswith(UPLOADS) else KEPT


def _read(stream: _Readable, most: int) -> bytes:
    """The body up to ``most`` bytes, once it has come to its end or was too much; what came, when it was cut off."""
    pieces: list[bytes] = []
    kept = total = 0
    until = time.monotonic() + DRAINED_SECONDS
    try:
        while piece := stream.read(_PIECE):
            total += len(piece)
            if kept < most:
                pieces.append(piece)
                kept += len(piece)
            elif total > DRAINED or time.monotonic() > until:
                break
    except OSError:
        pass
    return b"".join(pieces)[:most]
