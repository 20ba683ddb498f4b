"""Requests that nobody would think of, made from the OpenAPI document: each gets an answer that the document tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.shops import AppCard, PlasticCard, Shop


def ask_everything(flask_app: Flask, tokens: dict[str, str], number: str, examples: int) -> int:
    """Send ``examples`` odd requests to each route, some of them with a card that there is; how many routes."""
    flask_app.testing = False  # a fault is to be seen as the client sees it
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", flask_app)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        token = tokens["device" if "/pos/" in operation.path else "member"]

        _ask(operation.as_strategy(), token, number, examples)
        asked += 1
    return asked


def _ask(cases: SearchStrategy[Any], token: str, number: str, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        case.headers.pop("X-Staff-Token", None)
        if isinstance(case.body, dict) and isinstance(case.body.get("code"), str) and len(case.body["code"]) % 2:
            case.body["code"] = number
            case.body.pop("scan_id", None)
        answer = case.call()
        case.validate_response(
            answer, checks=[not_a_server_error, status_code_conformance, response_schema_conformance]
        )

    ask()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_few_odd_requests(
    flask_app: Flask, shop: Shop, app_card: AppCard, plastic_card: PlasticCard, session_token: Callable[[AppCard], str]
) -> None:
    tokens = {"device": shop.key, "member": session_token(app_card)}
    assert ask_everything(flask_app, tokens, plastic_card.number, 6) > 40


@pytest.mark.prove
def test_very_many_odd_requests(
    flask_app: Flask, shop: Shop, app_card: AppCard, plastic_card: PlasticCard, session_token: Callable[[AppCard], str]
) -> None:
    tokens = {"device": shop.key, "member": session_token(app_card)}
    assert ask_everything(flask_app, tokens, plastic_card.number, 400) > 40
