"""The pretended Stripe on a port of this machine: its API, its Checkout and portal pages, and its messages."""

from __future__ import annotations

import json
import random
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.stripe_fake.model import RETRIES, FakeStripe, Object

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""


@dataclass
class Served:
    """The pretended Stripe, where it is, and how its messages reach ``hook``."""

    fake: FakeStripe
    url: str
    hook: str | None = None
    tried: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def deliver(self, *, shuffled: random.Random | None = None, twice: bool = False) -> None:
        """Send what there is to tell: each message again until it is taken, as often as Stripe would."""
        with self.lock:
            events = self.fake.take_events()
        if twice:
            events = events * 2
        if shuffled is not None:
            shuffled.shuffle(events)
        for event in events:
            self._send(event)

    def _send(self, event: Object) -> None:
        assert self.hook is not None
        body = json.dumps(event).encode()
        for _ in RETRIES:
            headers = {"Content-Type": "application/json", "Stripe-Signature": self.fake.sign(body)}
            request = urllib.request.Request(self.hook, body, headers)
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
            self.tried.append((event["id"], status))
            if status < 300:
                return


@contextmanager
def pretended_stripe(clock: Callable[[], datetime]) -> Iterator[Served]:
    """Serve until the block ends, on a free port of the loopback interface alone."""
    fake = FakeStripe(clock)
    lock = threading.RLock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def do_DELETE(self) -> None:
            self._answer("DELETE")

        def log_message(self, *_: Any) -> None:
            return

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            with lock:
                if self.path.startswith("/v1/"):
                    status, answer = fake.handle(method, self.path, dict(self.headers.items()), body)
                    self._send(status, "application/json", json.dumps(answer))
                elif self.path.startswith("/pay/"):
                    self._pay(method, self.path.split("/")[2], body)
                elif self.path.startswith("/portal/"):
                    self._portal(method, self.path.split("/")[2], body)
                else:
                    self._send(404, "text/html", _PAGE.format(title="Not found", body=""))

        def _pay(self, method: str, session_id: str, body: str) -> None:
            [session] = [one for one in fake.all("checkout.session") if one["id"] == session_id]
            if method == "POST":
                if "pay" in parse_qs(body):
                    fake.pay_checkout(session_id)
                    self._go(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id))
                    return
                self._send(402, "text/html", _PAGE.format(title="Your card was declined", body=""))
                return
            self._send(
                200,
                "text/html",
                _PAGE.format(
                    title="Pretended checkout",
                    body='<form method="post"><button name="pay" value="1">Subscribe</button>'
                    '<button name="decline" value="1">Card declined</button></form>'
                    f'<a href="{escape(session["cancel_url"])}">Back</a>',
                ),
            )

        def _portal(self, method: str, session_id: str, body: str) -> None:
            [session] = [one for one in fake.all("billing_portal.session") if one["id"] == session_id]
            running = [
                one
                for one in fake.all("subscription")
                if one["customer"] == session["customer"] and one["status"] != "canceled"
            ]
            told = parse_qs(body)
            if method == "POST":
                for one in running:
                    if "cancel" in told:
                        fake.cancel(one["id"])
                    if "card" in told:
                        fake.card(session["customer"], is_good=True)
                        fake.retry(one["id"])
                self._go(session["return_url"])
                return
            self._send(
                200,
                "text/html",
                _PAGE.format(
                    title="Pretended portal",
                    body=f"<p>{len(running)} subscriptions</p>"
                    '<form method="post"><button name="cancel" value="1">Cancel plan</button>'
                    '<button name="card" value="1">Use a new card</button></form>'
                    f'<a href="{escape(session["return_url"])}">Back to the shop</a>',
                ),
            )

        def _go(self, address: str) -> None:
            self.send_response(303)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, status: int, kind: str, text: str) -> None:
            sent = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Served(fake, fake.origin, lock=lock)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
