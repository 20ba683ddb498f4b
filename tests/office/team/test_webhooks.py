"""A webhook from its beginning to its end."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.delivering import deliver_due
from app.merchants import webhooks
from tests.clocks import FixedClock
from tests.factories import make_shop
from tests.office.desk import Desk, sit_down
from tests.office.team.colleagues import with_second


def test_a_webhook_from_its_beginning_to_its_end(
    owner: Desk, scope: Scope, settings: Any, clock: FixedClock, flask_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_second(owner, scope)
    assert owner.post("/team/webhooks/new", {"url": "http://127.0.0.1/", "events": "visit.recorded"}).status_code == 422
    made = owner.post("/team/webhooks/new", {"url": "https://hook.example/x", "events": ["visit.recorded"]})
    [secret] = re.findall(r"whsec_[\w+/=]+", made.get_data(as_text=True))
    own = replace(scope, merchant_id=owner.merchant_id)
    [endpoint] = webhooks.endpoints(own)
    page = owner.get(f"/team/webhooks/{endpoint.id}").get_data(as_text=True)
    assert "whsec_" not in page
    other = with_second(sit_down(flask_app, scope, make_shop(scope, name="Other").merchant_id), scope)
    for path in (f"/team/webhooks/{endpoint.id}", f"/team/webhooks/{endpoint.id}/change"):
        answer = other.post(path, {"act": "stop"}) if path.endswith("change") else other.get(path)
        assert answer.status_code == 404
    assert owner.post(f"/team/webhooks/{endpoint.id}/change", {"act": "test"}).status_code == 303
    from app.common.outgoing import Answer
    from app.merchants import deliveries

    sent: list[tuple[str, bytes]] = []

    def ask(_method: str, url: str, body: bytes, *_: Any, **__: Any) -> Answer:
        sent.append((url, body))
        return Answer(500, b"<b>no room</b>\x00")

    monkeypatch.setattr(deliveries, "ask", ask)
    deliver_due(JobContext(settings, scope.database, clock))
    assert json.loads(sent[0][1])["type"] == "test"
    page = owner.get(f"/team/webhooks/{endpoint.id}").get_data(as_text=True)
    [path] = re.findall(r"/team/deliveries/[0-9a-f-]+", page)
    detail = owner.get(path).get_data(as_text=True)
    assert "&lt;b&gt;no room&lt;/b&gt;" in detail, "what came back is shown as text"
    assert "500" in detail
    assert other.get(path).status_code == other.post(path).status_code == 404
    assert owner.post(path).status_code == 303
    deliver_due(JobContext(settings, scope.database, clock))
    assert len(sent) == 2
    renewed = owner.post(f"/team/webhooks/{endpoint.id}/change", {"act": "secret"}).get_data(as_text=True)
    assert secret not in renewed
    assert "whsec_" in renewed
    owner.post(f"/team/webhooks/{endpoint.id}/change", {"act": "stop"})
    assert not webhooks.endpoints(own)[0].is_active
    assert owner.post(f"/team/webhooks/{endpoint.id}/change", {"act": "test"}).status_code == 303
    owner.post(f"/team/webhooks/{endpoint.id}/change", {"act": "start"})
    assert webhooks.endpoints(own)[0].is_active
