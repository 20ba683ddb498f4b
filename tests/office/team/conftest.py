"""A bakery and its owner."""

from __future__ import annotations

import pytest
from flask import Flask

from app.common.scope import Scope
from tests.factories import Shop, make_shop
from tests.office.desk import Desk, sit_down


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10, name="Bakery")


@pytest.fixture
def owner(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id)
