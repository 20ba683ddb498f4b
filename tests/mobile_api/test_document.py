"""The OpenAPI document, written from the code."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from mobile_api.documents import operations

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert [str(fault) for fault in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_is_in_it(flask_app: Flask, document: dict[str, Any]) -> None:
    told = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert len(told) == len(operations(flask_app))
    identifiers = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(identifiers) == len(set(identifiers))


def test_bookings_ask_for_a_key_and_everything_but_the_open_routes_for_a_token(document: dict[str, Any]) -> None:
    booking = document["paths"]["/api/v1/pos/visits"]["post"]
    assert {"in": "header", "name": "Idempotency-Key"}.items() <= booking["parameters"][0].items()
    open_routes = {
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if not operation["security"]
    }
    assert {path for path in open_routes if not path.startswith("/api/v1/auth/")} == {
        "/api/v1/app",
        "/api/v1/invitations/{code}",
        "/api/v1/openapi.json",
        # What Apple's phones ask without a token: nobody else knows a device's id, and of a log nothing is told.
        "/api/v1/passes/apple/v1/devices/{device}/registrations/{pass_type}",
        "/api/v1/passes/apple/v1/log",
        "/api/v1/pos/devices/pair",
        "/api/v1/shops/{location_id}/logo.svg",
    }
