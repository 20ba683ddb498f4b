"""What can go wrong with members, cards and their codes."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class CodeUnreadableError(DomainError):
    """What was scanned or typed is no card number, no card address and no voucher code."""

    code = "code_unreadable"
    kind = Kind.INVALID


class CodeMistypedError(DomainError):
    """It looks like a card number or a voucher code, but its check character is wrong: at least one character is."""

    code = "code_mistyped"
    kind = Kind.INVALID


class CodeForeignError(DomainError):
    """It looks like a card's address, but at a host that is not and never was ours."""

    code = "code_foreign"
    kind = Kind.INVALID


class EmailInvalidError(DomainError):
    """The text can't be an e-mail address."""

    code = "email_invalid"
    kind = Kind.INVALID


class PhoneInvalidError(DomainError):
    """The text can't be a telephone number of the country it was given for."""

    code = "phone_invalid"
    kind = Kind.INVALID


class PinInvalidError(DomainError):
    """A PIN has four to eight digits and nothing else."""

    code = "pin_invalid"
    kind = Kind.INVALID


class PinTooSimpleError(DomainError):
    """The PIN is one of those that a stranger tries first, such as 0000 or 1234."""

    code = "pin_too_simple"
    kind = Kind.INVALID
