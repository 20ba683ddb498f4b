"""Who sits behind a desk: their row, their login, their second step."""

from __future__ import annotations

import pyotp
from sqlalchemy import select

from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Staff
from tests.office.desk import Desk


def with_second(desk: Desk, scope: Scope) -> Desk:
    """The person behind a desk has an authenticator app."""
    login_id = login_of(scope, desk.staff_id)
    offered = merchants.offer_totp(scope, login_id)
    code = pyotp.TOTP(offered.secret).at(scope.now)
    cookie = desk.client.get_cookie("office")
    assert cookie is not None
    merchants.add_totp(scope, login_id, code, token=cookie.value, public_url="https://card.example")
    return desk


def login_of(scope: Scope, staff_id: str) -> str:
    with scope.reading() as tx:
        found = tx.session.scalars(select(Staff.login_id).where(Staff.id == staff_id)).one()
    assert found is not None
    return found


def row(scope: Scope, staff_id: str) -> Staff:
    with scope.reading() as tx:
        return tx.session.get_one(Staff, staff_id)
