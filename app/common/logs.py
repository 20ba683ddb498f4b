"""The log: one line for each event on standard error, as text for people or as JSON for machines."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

_INFO, _WARNING = 20, 30


class _StandardError:
    """Writes each line with one call, so that lines of several processes don't mix."""

    def msg(self, line: bytes) -> None:
        os.write(2, line + b"\n")

    log = debug = info = warn = warning = error = critical = fatal = exception = failure = msg


def configure(log_format: str, *, is_quiet: bool = False) -> None:
    """Set up ``structlog`` for this process: ``log_format`` is text or json; ``is_quiet`` leaves out what is usual."""
    render = _json if log_format == "json" else _text
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_WARNING if is_quiet else _INFO),
        logger_factory=_make_logger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(render))
    root = logging.getLogger("zegel")
    root.handlers = [handler]
    root.setLevel(_WARNING if is_quiet else _INFO)


class _Formatter(logging.Formatter):
    """Lines of the standard library's logging in the same form."""

    def __init__(self, render: Callable[[WrappedLogger, str, EventDict], bytes]) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        event: EventDict = {
            "timestamp": when.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return self._render(None, record.levelname, event).decode()


def _make_logger(*_: Any) -> _StandardError:
    return _StandardError()


def _json(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    return orjson.dumps(event, default=repr)


def _text(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    when, level, what = event.pop("timestamp"), event.pop("level"), event.pop("event")
    trace = event.pop("exception", None)
    # repr keeps a line a line: what was sent from outside can't begin one of its own.
    told = " ".join(f"{name}={value!r}" for name, value in event.items())
    line = f"{when[:23]}Z {level:<7} {what} {told}"
    return (f"{line}\n{trace}" if trace else line).encode("utf-8", "backslashreplace")
