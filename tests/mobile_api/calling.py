"""Calling the JSON face as a till or a tablet does."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from tests.mobile_api import conforming

_numbers = itertools.count(1)
POS = "/api/v1/pos"


@dataclass(frozen=True)
class Answer:
    """A status, what the JSON body said, and the headers."""

    status: int
    body: Any
    headers: Any
    text: str

    def problem(self) -> str:
        """The code of a refusal, after checking that it is a whole problem document."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        assert set(self.body) - {"errors"} == {"type", "title", "status", "detail"}
        assert self.body["status"] == self.status
        assert self.body["detail"].endswith((".", "!", "?"))
        return str(self.body["type"]).removeprefix("/problems/")


@dataclass(frozen=True)
class Caller:
    """Somebody with a token. A new idempotency key goes with each POST unless one is given; ``key=None`` leaves it
    out."""

    client: FlaskClient
    token: str | None
    prefix: str = POS

    def post(
        self, path: str, body: Any = None, *, key: str | None = "", headers: dict[str, str] | None = None
    ) -> Answer:
        sent = dict(headers or {})
        if key is not None:
            sent["Idempotency-Key"] = key or f"key-{next(_numbers)}"
        return self.send("POST", path, json.dumps({} if body is None else body), "application/json", sent)

    def get(self, path: str, **query: Any) -> Answer:
        return self.send("GET", path, None, None, {}, query)

    def send(
        self,
        method: str,
        path: str,
        data: str | bytes | None = None,
        content_type: str | None = "application/json",
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        response = self.client.open(
            self.prefix + path, method=method, data=data, content_type=content_type, headers=sent, query_string=query
        )
        data = response.get_data()
        media_type = response.headers.get("Content-Type", "")
        body = json.loads(data) if data and "json" in media_type else None
        conforming.check(self.client.application, method, self.prefix + path, response.status_code, media_type, body)
        return Answer(response.status_code, body, response.headers, data.decode())
