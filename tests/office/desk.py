"""A browser without scripts at the back office: signed in as somebody, filling in forms as they are served."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.backoffice.doors import COOKIE
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Merchant, Staff

_TOKEN = re.compile(r'X-CSRFToken": "([^"]+)"')


@dataclass
class Desk:
    """A browser of one person, at one business."""

    client: FlaskClient
    slug: str
    merchant_id: str
    staff_id: str

    def get(self, path: str = "", **how: Any) -> TestResponse:
        """A page of the business (`/members`), or any path that begins with `/account` or `/office`."""
        return self.client.get(self.address(path), **how)

    def post(self, path: str, data: dict[str, Any] | None = None, *, token: bool = True, **how: Any) -> TestResponse:
        """Send a form, with the token that its page would have."""
        fields = dict(data or {})
        if token:
            fields["csrf_token"] = self.token()
        return self.client.post(self.address(path), data=fields, **how)

    def token(self) -> str:
        """The token of this browser's forms."""
        page = self.client.get("/account").get_data(as_text=True)
        found = _TOKEN.search(page)
        assert found is not None, page
        return found[1]

    def address(self, path: str) -> str:
        return (
            path
            if path.startswith(("/account", "/office", "/"))
            and path.split("/")[1:2]
            in (
                ["account"],
                ["office"],
            )
            else f"/office/{self.slug}{path}"
        )


def sit_down(
    flask_app: Flask, scope: Scope, merchant_id: str, role: str = "owner", *, location_id: str | None = None
) -> Desk:
    """Somebody with this role at the merchant, newly employed and signed in."""
    email = f"{role}-{merchant_id[-12:]}-{location_id or 'all'}@zegel.example"
    with scope.reading() as tx:
        known = tx.session.scalars(select(Staff.id).where(Staff.email == email)).first()
        slug = tx.session.scalars(select(Merchant.slug).where(Merchant.id == merchant_id)).one()
    staff_id = known or merchants.add_staff(
        scope, merchant_id, name=f"The {role}", role=role, email=email, location_id=location_id
    )
    with scope.reading() as tx:
        login_id = tx.session.scalars(select(Staff.login_id).where(Staff.id == staff_id)).one()
    assert login_id is not None
    client = flask_app.test_client()
    client.set_cookie(COOKIE, merchants.open_session(scope, login_id).token)
    return Desk(client, slug, merchant_id, staff_id)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({})
        elif self.found and tag == "input" and told.get("name") and told.get("type") not in ("checkbox", "radio"):
            self.found[-1][told["name"]] = told.get("value", "")


def forms_in(page: str) -> list[dict[str, str]]:
    """Per form of a page, its fields with what stands in them."""
    reader = _Forms()
    reader.feed(page)
    return reader.found
