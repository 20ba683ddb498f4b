"""Two people at the ledger: one of support, one of finance."""

from __future__ import annotations

import pytest

from app.common.scope import Scope
from tests.admin.ledger.people import operator


@pytest.fixture
def jan(scope: Scope) -> Scope:
    return operator(scope, "jan")


@pytest.fixture
def eva(scope: Scope) -> Scope:
    return operator(scope, "eva", "finance")
