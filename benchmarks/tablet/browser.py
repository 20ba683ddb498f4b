"""Debian's Chromium for the benchmarks, and a small server for a page of ours."""

from __future__ import annotations

import mimetypes
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from benchmarks.databases import ROOT

DIST = ROOT / "app" / "web" / "static" / "dist"
CHROMIUM = os.environ.get("ZEGEL_CHROMIUM") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
)

# An address that begins so is answered from a folder, or by what a function makes of the rest of it.
Source = Path | Callable[[str], bytes]


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A headless browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=[*FLAGS.split(), *flags]
        )  # fmt: skip
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serving(sources: Mapping[str, Source]) -> Iterator[str]:
    """Serves ``sources`` by the longest beginning that fits. Gives the address, without a slash at its end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            body = _find(sources, path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", mimetypes.guess_type(path)[0] or "text/html")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Nothing: the benchmark tells what matters."""

    mimetypes.add_type("application/wasm", ".wasm")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _find(sources: Mapping[str, Source], path: str) -> bytes | None:
    for start in sorted(sources, key=len, reverse=True):
        if not path.startswith(start):
            continue
        source, rest = sources[start], path.removeprefix(start)
        if not isinstance(source, Path):
            return source(rest)
        file = source / rest if rest else source
        return file.read_bytes() if file.is_file() else None
    return None
