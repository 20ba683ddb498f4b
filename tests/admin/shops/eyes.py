"""A browser with which an operator looks through a shop's eyes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Staff
from app.web.looking import LOOK_COOKIE
from tests.admin.desk import Desk
from tests.office.desk import Desk as OfficeDesk
from tests.office.test_doors import filled as filled_in

_TOKEN = re.compile(r'X-CSRFToken": "([^"]+)"')
REASON = "The owner asked why nobody earns."


@dataclass
class Eyes:
    """A browser that looks."""

    client: FlaskClient
    slug: str

    def get(self, path: str = "", **how: Any) -> TestResponse:
        return self.client.get(f"/office/{self.slug}{path}", **how)

    def post(self, path: str, data: dict[str, Any] | None = None) -> TestResponse:
        return self.client.post(f"/office/{self.slug}{path}", data={**(data or {}), "csrf_token": self.token()})

    def token(self) -> str:
        """The token of this browser's forms."""
        page = self.get("").get_data(as_text=True)
        found = _TOKEN.search(page)
        assert found is not None, page
        return found[1]


def of_operator(scope: Scope, operator_id: str) -> Scope:
    """The scope that an operator's pages have."""
    return replace(scope, actor_kind="operator", actor_id=operator_id)


def look(flask_app: Flask, scope: Scope, desk: Desk, merchant_id: str, mode: str = "read") -> Eyes:
    """Begin to look, in a browser that has nothing else."""
    opened = merchants.begin_looking(of_operator(scope, desk.operator_id), merchant_id, mode=mode, reason=REASON)
    client = flask_app.test_client()
    client.set_cookie(LOOK_COOKIE, opened.token)
    return Eyes(client, opened.slug)


def events(scope: Scope, merchant_id: str, *actions: str) -> list[AuditEvent]:
    """What stands in a shop's audit list of these kinds, the oldest first."""
    with scope.reading() as tx:
        found = list(
            tx.session.scalars(
                select(AuditEvent)
                .where(AuditEvent.merchant_id == merchant_id, AuditEvent.action.in_(actions))
                .order_by(AuditEvent.id)
            )
        )
        tx.session.expunge_all()
        return found


def filled(rule: str, slug: str) -> str:
    """An address of a rule, with ids that exist nowhere."""
    return filled_in(re.sub("<uuid:[^>]+>", "0192a000-0000-7000-8000-000000000000", rule), slug)


def methods(verbs: frozenset[str], *, is_safe: bool) -> list[str]:
    return sorted(verb for verb in verbs - {"HEAD", "OPTIONS"} if (verb == "GET") is is_safe)


def count_events(scope: Scope) -> int:
    with scope.reading() as tx:
        return int(tx.session.scalar(select(func.count()).select_from(AuditEvent)) or 0)


def login_of(scope: Scope, desk: OfficeDesk) -> str:
    with scope.reading() as tx:
        return str(tx.session.get_one(Staff, desk.staff_id).login_id)
