"""What support refuses."""

from __future__ import annotations

from app.common.errors import DomainError


class QuestionNoAddressError(DomainError):
    """There is nobody to answer to: the asker has left, or never gave an address."""

    code = "support_no_address"


class QuestionTakenError(DomainError):
    """A colleague took the question a moment ago."""

    code = "support_taken"


class PlaceholderLeftError(DomainError):
    """An answer still has a placeholder in it that nobody filled."""

    code = "support_placeholder_left"
