"""What a member hears: her inbox, and what fills it."""

from __future__ import annotations

import json
from typing import Any

from app.campaigns import vapid
from tests.mobile_api.calling import Caller
from tests.shops import AppCard

EMAIL = "an@home.test"


def pushing_here() -> dict[str, str]:
    """An environment in which pushes may go to this machine itself."""
    return {
        "WEBHOOK_LOOPBACK": "1",
        "VAPID_PRIVATE_KEY": vapid.new_private_key(),
        "VAPID_SUBJECT": "mailto:shop@example.org",
    }


def put(call: Caller, path: str, body: Any) -> Any:
    return call.send("PUT", path, json.dumps(body))


def fill_a_card(till: Caller, card: AppCard) -> None:
    answers = [till.post("/visits", {"code": card.number}) for _ in range(3)]
    assert [len(answer.body["unlocked"]) for answer in answers] == [0, 0, 1]


def inbox(call: Caller, language: str = "en") -> list[dict[str, Any]]:
    answer = call.send("GET", "/me/messages", None, None, {"Accept-Language": language})
    assert answer.status == 200, answer.text
    items: list[dict[str, Any]] = answer.body["items"]
    return items
