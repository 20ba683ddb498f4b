"""The pretended Stripe as the `stripe` package's way to the network. The package is the real one; no socket is open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from app.billing.stripe_gateway import Gateway
from tests.stripe_fake.model import FakeStripe


class Wire(stripe.HTTPClient):
    """Hands each call to the pretended Stripe."""

    name = "pretended"

    def __init__(self, fake: FakeStripe) -> None:
        super().__init__()
        self._fake = fake

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        status, answer = self._fake.handle(method.upper(), path, headers or {}, post_data or "")
        return json.dumps(answer), status, {"request-id": "req_pretended"}

    def _sleep_time_seconds(self, *_: Any, **__: Any) -> float:
        return 0.0

    def close(self) -> None:
        return


def gateway_to(fake: FakeStripe) -> Gateway:
    """The service's own way to Stripe, leading to the pretended one."""
    return Gateway(fake.api_key, (fake.secret,), "http://127.0.0.1:9", http_client=Wire(fake))
