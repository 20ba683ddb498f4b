"""Whoever is called from outside: one that speaks TLS, with a certificate of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.cli import lan


@contextmanager
def https(folder: Path) -> Iterator[str]:
    """The address of one who answers a single caller, with a certificate that is made in the folder."""
    pair = lan.certificate(folder, "127.0.0.1", datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            try:
                with context.wrap_socket(caller, server_side=True) as secure:
                    secure.recv(1)
            except OSError:
                caller.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)
