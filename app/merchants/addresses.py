"""E-mail addresses as they are kept: checked for their form, in small letters."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from app.common.errors import InvalidError


def checked_address(email: str) -> str:
    """The address as it is kept. Raises InvalidError for what is none; whether it can be reached is not asked."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise InvalidError(errors={"email": ["email_expected"]}) from None
