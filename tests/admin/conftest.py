"""What the tests of the operators' door share."""

from __future__ import annotations

from tests.office.conftest import quick_passwords

__all__ = ["quick_passwords"]
