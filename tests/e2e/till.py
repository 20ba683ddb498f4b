"""A shop's till, which calls for a location with an API key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from app.common.ids import new_id
from app.merchants import service as merchants
from tests.e2e.live import Live, Shop


@dataclass
class Till:
    """One location's till."""

    url: str
    key: str = field(repr=False)

    @classmethod
    def of(cls, live: Live, shop: Shop) -> Till:
        """A till that may approve what needs somebody of the shop."""
        key = merchants.create_key(live.scope, shop.location_id, name="Till", scopes=["approve"])
        return cls(live.url, key.token)

    def visit(self, code: str, **body: object) -> dict[str, Any]:
        """Book a visit."""
        return self._done("/visits", {"code": code, **body})

    def scan(self, code: str) -> dict[str, Any]:
        """Look at a card; its rotating code is used up."""
        return self._done("/scans", {"code": code})

    def redeem(self, scan: dict[str, Any], reward: str) -> tuple[int, dict[str, Any]]:
        """Redeem a reward by its name: the status, and the answer or refusal."""
        [reward_id] = [one["reward_id"] for one in scan["rewards"] if one["name"] == reward]
        return self.call("/redemptions", {"scan_id": scan["scan_id"], "reward_id": reward_id})

    def refusal(self, code: str) -> str:
        """What a look at a card that is dead is answered."""
        status, answer = self.call("/scans", {"code": code})
        assert status == 409, answer
        return str(answer["type"]).rsplit("/", 1)[-1]

    def call(self, path: str, body: dict[str, object]) -> tuple[int, dict[str, Any]]:
        """Any call: the status and the answer."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": new_id(),
        }
        request = Request(f"{self.url}/api/v1/pos{path}", json.dumps(body).encode(), headers)
        try:
            with urlopen(request) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def _done(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        status, answer = self.call(path, body)
        assert status in (200, 201), answer
        return answer
