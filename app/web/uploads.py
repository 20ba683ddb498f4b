"""What a browser may send to a page: little as a rule, more where a page takes files. What is too much is read to its
end and thrown away, so that the browser can show the answer, and never kept."""

from __future__ import annotations

import time

from flask import request

FORM_LIMIT = 1024 * 1024
_PIECE = 64 * 1024
_DRAINED = 256 * 1024 * 1024
_DRAINED_SECONDS = 20


def limit_body(most: int) -> bool:
    """Let this request's body hold at most ``most`` bytes; to be called before anything reads it. False when it says
    that it is larger: then it has been read and thrown away."""
    request.max_content_length = most
    request.max_form_memory_size = most
    if request.content_length is None or request.content_length <= most:
        return True
    _drain()
    return False


def _drain() -> None:
    stream = request.environ["wsgi.input"]
    left = min(_DRAINED, request.content_length or 0)
    until = time.monotonic() + _DRAINED_SECONDS
    while left > 0 and time.monotonic() < until:
        piece = stream.read(min(_PIECE, left))
        if not piece:
            return
        left -= len(piece)
