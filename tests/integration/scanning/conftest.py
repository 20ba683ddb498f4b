"""After every test at the counter, the books balance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.common.scope import Scope
from tests.books import assert_books_balance


@pytest.fixture(autouse=True)
def books(scope: Scope) -> Iterator[None]:
    yield
    assert_books_balance(scope)
