"""What the tests of the office's door share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from app.common.scope import Scope
from app.merchants import proofs
from app.merchants import service as merchants
from app.merchants.models import Staff
from tests.factories import make_shop
from tests.office.person import EMAIL, PASSWORD, Person


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed as ever, at the least cost there is. What takes their time into account asks for it."""
    monkeypatch.setattr(proofs, "_passwords", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    proofs._nobodys.cache_clear()
    yield
    proofs._nobodys.cache_clear()


@pytest.fixture
def person(flask_app: Flask, scope: Scope, quick_passwords: None) -> Person:
    shop = make_shop(scope)
    staff_id = merchants.add_staff(scope, shop.merchant_id, name="Ann", role="owner", email=EMAIL)
    merchants.set_password(scope, merchants.create_setup_link(scope, staff_id=staff_id).token, PASSWORD)
    with scope.reading() as tx:
        login_id = tx.session.scalars(select(Staff.login_id).where(Staff.id == staff_id)).one()
    assert login_id is not None
    return Person(flask_app, login_id)
