"""Telling the day's page at once that something was booked.

A stream holds one of the server's threads, not one of the few places at which requests are worked on; so there are few
of them, they are short and are asked for anew, and whoever gets none asks by the half minute instead. The counter never
waits for any of this.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from flask import Response
from flask.typing import ResponseReturnValue

from app.backoffice.doors import door, scope
from app.backoffice.queries.today import newest_booking
from app.backoffice.views.reports.blueprint import blueprint
from app.common.scope import Scope

MOST = 8  # streams at once in a process, of its 32 threads
LIFE_SECONDS = 25.0
LOOK_SECONDS = 2.0
_places = threading.Semaphore(MOST)


class Stream:
    """One browser's stream: a line whenever the shop's latest booking is another one. Gives its place back once, at its
    end or when the browser leaves."""

    def __init__(self, shop: Scope) -> None:
        self._shop = shop
        self._is_open = True
        self._lock = threading.Lock()

    def lines(self) -> Iterator[str]:
        try:
            yield "retry: 3000\n\n"
            known = newest_booking(self._shop)
            until = time.monotonic() + LIFE_SECONDS
            while self._is_open and time.monotonic() < until:
                time.sleep(LOOK_SECONDS)
                newest = newest_booking(self._shop)
                # A line that says nothing finds out whether anybody still listens.
                yield ": \n\n" if newest == known else f"event: news\ndata: {newest}\n\n"
                known = newest
        finally:
            self.close()

    def close(self) -> None:
        """Give the place back. A repeat does nothing."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                _places.release()


@door(blueprint, "/office/<slug>/live", least="cashier")
def live() -> ResponseReturnValue:
    """News of the day as server-sent events; no content where all streams are taken, which tells the browser to ask no
    more."""
    if not _places.acquire(blocking=False):
        return "", 204
    stream = Stream(scope())
    response = Response(stream.lines(), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # a proxy must not collect the lines
    response.call_on_close(stream.close)
    return response
