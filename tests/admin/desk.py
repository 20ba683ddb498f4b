"""A browser without scripts at the operators' door: signed in with the second step, filling in forms."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.admin.doors import COOKIE
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.service import list_operators

_TOKEN = re.compile(r'X-CSRFToken": "([^"]+)"')


@dataclass
class Desk:
    """A browser of one operator."""

    client: FlaskClient
    operator_id: str

    def get(self, path: str, **how: Any) -> TestResponse:
        """A page: ``/risk`` or ``/admin/risk``."""
        return self.client.get(_address(path), **how)

    def post(self, path: str, data: dict[str, Any] | None = None, *, token: bool = True, **how: Any) -> TestResponse:
        """Send a form, with the token that its page would have."""
        fields = dict(data or {})
        if token:
            fields["csrf_token"] = self.token()
        return self.client.post(_address(path), data=fields, **how)

    def token(self) -> str:
        """The token of this browser's forms."""
        page = self.client.get("/admin/me", follow_redirects=True).get_data(as_text=True)
        found = _TOKEN.search(page)
        assert found is not None, page
        return found[1]


def sit_down(flask_app: Flask, scope: Scope, rights: Iterable[str] = ("administrator",), *, name: str = "") -> Desk:
    """An operator with these rights (and this name: another one is another person), signed in a moment ago."""
    wanted = sorted(rights)
    email = f"{name.lower() or '-'.join(wanted) or 'nothing'}@zegel.example"
    known = next((one.operator_id for one in list_operators(scope) if one.email == email), None)
    operator_id = known or merchants.add_operator(scope, email, name=name or " and ".join(wanted), rights=wanted)
    client = flask_app.test_client()
    opened = merchants.open_operator_session(scope, operator_id, is_second_proved=True)
    client.set_cookie(COOKIE, opened.token, path="/admin")
    return Desk(client, operator_id)


def _address(path: str) -> str:
    return path if path.startswith("/admin") else f"/admin{path}"
