"""Whoever is called from outside: one that speaks TLS, with a certificate of its own, and one without TLS."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.cli import lan


class _Answering(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever does not trust the certificate hangs up: no news."""


def _answering(status: int, headers: Mapping[str, str]) -> type[http.server.BaseHTTPRequestHandler]:
    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    return Answers


@contextmanager
def https(folder: Path, *, made: datetime | None = None, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of one who answers by TLS with these headers, with a certificate that was ``made`` then, in the
    folder; it is good for three months."""
    pair = lan.certificate(folder, "127.0.0.1", made or datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = _Answering(("127.0.0.1", 0), _answering(200, headers or {}))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with _served(server):
        yield f"https://127.0.0.1:{server.server_address[1]}"


@contextmanager
def http_alone(status: int, headers: Mapping[str, str]) -> Iterator[int]:
    """The port of one who answers every request like this, without TLS."""
    server = _Answering(("127.0.0.1", 0), _answering(status, headers))
    with _served(server):
        yield int(server.server_address[1])


@contextmanager
def _served(server: http.server.HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
