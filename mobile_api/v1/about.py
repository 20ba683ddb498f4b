"""What the interface says of itself."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Blueprint, Flask, current_app

from mobile_api import documents

blueprint = Blueprint("about", __name__)
_NAME = "zegel_openapi"


@documents.route(blueprint, "GET", "/openapi.json", summary="This document")
def openapi() -> dict[str, Any]:
    """OpenAPI 3.1, written from the code."""
    flask_app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    document: dict[str, Any] | None = flask_app.extensions.get(_NAME)
    if document is None:
        document = flask_app.extensions[_NAME] = documents.openapi(flask_app, _version())
    return document


def _version() -> str:
    try:
        return version("zegel")
    except PackageNotFoundError:
        return "0"
