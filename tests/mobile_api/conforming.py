"""Holds every answer that a test gets against the OpenAPI document: its status is told there, and its body has the
shape that is told."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException

from mobile_api.documents import openapi

_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
# Any route may be called wrongly in these ways; they are not told of each.
_ALWAYS = {"405", "500"}


_documents: dict[str, dict[str, Any]] = {}


def _document(flask_app: Flask) -> dict[str, Any]:
    # The same code gives the same document, whichever test's application is asked.
    if "it" not in _documents:
        _documents["it"] = openapi(flask_app, "test")
    return _documents["it"]


def check(flask_app: Flask, method: str, path: str, status: int, media_type: str, body: Any) -> None:
    """Raises ``AssertionError`` for an answer that the document does not tell."""
    try:
        rule, _ = flask_app.url_map.bind("test").match(path, method=method, return_rule=True)
    except HTTPException:
        return
    if not rule.rule.startswith("/api/v1/"):
        return
    document = _document(flask_app)
    operation = document["paths"][_PARAMETER.sub(r"{\1}", rule.rule)][method.lower()]
    told = operation["responses"].get(str(status))
    if told is None:
        assert str(status) in _ALWAYS, f"{method} {rule.rule} answers {status}, which its document does not tell"
        return
    content = told.get("content", {}).get(media_type.split(";")[0])
    if content is None:
        assert body is None, f"{method} {rule.rule} answers {status} with {media_type}"
        return
    # References are looked up in the whole document, so the schema stands inside of it.
    validator = Draft202012Validator({**content["schema"], "components": document["components"]})
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in validator.iter_errors(body)
    ]
    assert not faults, f"{method} {rule.rule} {status}: {faults}"
