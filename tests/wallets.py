"""Who stands behind the wallets, on this machine: Apple's push service as it speaks (HTTP/2 over TLS, and only with
whom it knows by certificate), and Google's tokens and objects."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_server, socket
from typing import Any
from urllib.parse import parse_qs

import h2.config
import h2.connection
import h2.events
import jwt

from tests.signers import ACCOUNT, Signers

_PATH = re.compile(r"/walletobjects/v1/(loyaltyClass|loyaltyObject)(?:/(.+))?")


@dataclass
class Apple:
    """What was pushed: topic and token of each. ``answers`` are statuses with reasons by token, else 200."""

    url: str = ""
    pushes: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    had_a_stranger: threading.Event = field(default_factory=threading.Event)


@contextmanager
def apple(made: Signers) -> Iterator[Apple]:
    """A push service that takes nothing from whoever has no certificate of the issuer's."""
    state = Apple()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.folder / "here.pem", made.folder / "here.key")
    context.load_verify_locations(made.folder / "issuer.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    listening = create_server(("127.0.0.1", 0))
    state.url = f"https://localhost:{listening.getsockname()[1]}"

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_speak, args=(plain, context, state), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield state
    listening.close()


def _speak(plain: socket, context: ssl.SSLContext, state: Apple) -> None:
    plain.settimeout(20)
    try:
        connection = context.wrap_socket(plain, server_side=True)
    except (OSError, ssl.SSLError):
        state.had_a_stranger.set()
        plain.close()
        return
    protocol = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    protocol.initiate_connection()
    heads: dict[int, dict[str, str]] = {}
    with connection, suppress(OSError):
        connection.sendall(protocol.data_to_send())
        while data := connection.recv(65_536):
            for event in protocol.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    heads[event.stream_id] = dict(event.headers)  # type: ignore[arg-type]
                elif isinstance(event, h2.events.DataReceived):
                    assert event.data == b"{}"
                elif isinstance(event, h2.events.StreamEnded):
                    head = heads.pop(event.stream_id)
                    token = head[":path"].removeprefix("/3/device/")
                    status, reason = state.answers.get(token, (200, ""))
                    if status == 200:
                        state.pushes.append((head["apns-topic"], token))
                    protocol.send_headers(event.stream_id, [(":status", str(status))], end_stream=not reason)
                    if reason:
                        body = json.dumps({"reason": reason}).encode()
                        protocol.send_data(event.stream_id, body, end_stream=True)
            connection.sendall(protocol.data_to_send())


@dataclass
class Google:
    """What is kept on Google's side: classes and objects by their ids. ``is_down`` answers nothing but 503."""

    url: str = ""
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False


@contextmanager
def google(made: Signers) -> Iterator[Google]:
    """Tokens for whoever signs with the account's key, and objects for whoever has one."""
    state = Google()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = self._answer(body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_PUT = do_PATCH = _do  # noqa: N815  as the server names them

        def _answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
            if state.is_down:
                return 503, {}
            if self.path == "/token":
                form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
                claims = jwt.decode(
                    form["assertion"], made.google_public_key, algorithms=["RS256"], audience=f"{state.url}/token",
                    issuer=ACCOUNT, options={"verify_iat": False, "verify_exp": False},
                )  # fmt: skip
                assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
                assert claims["scope"] == "https://www.googleapis.com/auth/wallet_object.issuer"
                return 200, {"access_token": "ya29.token", "token_type": "Bearer"}
            if self.headers["Authorization"] != "Bearer ya29.token":
                return 401, {}
            found = _PATH.fullmatch(self.path)
            assert found, self.path
            state.calls.append(f"{self.command} {found[1]}")
            return self._keep(found[1], found[2], json.loads(body))

        def _keep(self, kind: str, name: str | None, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            kept = state.classes if kind == "loyaltyClass" else state.objects
            if name is None:
                if kind == "loyaltyObject" and content["classId"] not in state.classes:
                    return 404, {}
                if content["id"] in kept:
                    return 409, {}
                kept[content["id"]] = content
                return 200, content
            if name not in kept:
                return 404, {}
            kept[name] = content if self.command == "PUT" else kept[name] | content
            return 200, kept[name]

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()
