"""Money: integer minor units with an ISO 4217 code, and decimal strings at the edges."""

from __future__ import annotations

import re
from decimal import Decimal

from app.common.errors import DomainError, Kind

# ISO 4217 exponents that differ from 2.
_EXPONENTS = dict.fromkeys(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
MAXIMUM = 1_000_000  # in major units, by contract
_AMOUNT = re.compile(r"[0-9]{1,7}(?:\.([0-9]{1,3}))?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class InvalidAmountError(DomainError):
    """An amount is not a plain decimal string that its currency can hold."""

    code = "invalid_amount"
    kind = Kind.INVALID


def exponent(currency: str) -> int:
    """How many decimals a currency has: EUR 2, JPY 0, KWD 3."""
    return _EXPONENTS.get(currency, 2)


def is_currency(code: object) -> bool:
    """Whether ``code`` has the form of an ISO 4217 code."""
    return isinstance(code, str) and _CURRENCY.fullmatch(code) is not None


def parse_amount(text: str, currency: str) -> int:
    """Minor units of a decimal string such as ``"12.50"``.

    Raises :class:`InvalidAmountError` for a sign, an exponent, too many decimals, or more than 1,000,000.
    """
    match = _AMOUNT.fullmatch(text)
    decimals = exponent(currency)
    if match is None or len(match[1] or "") > decimals:
        raise InvalidAmountError(currency=currency, decimals=decimals)
    whole, _, fraction = text.partition(".")
    minor: int = int(whole) * int(10**decimals) + int((fraction + "000")[:decimals] or "0")
    if minor > MAXIMUM * 10**decimals:
        raise InvalidAmountError(currency=currency, decimals=decimals)
    return minor


def format_amount(minor: int, currency: str) -> str:
    """The decimal string of minor units: ``1250, "EUR"`` → ``"12.50"``."""
    decimals = exponent(currency)
    return f"{Decimal(minor).scaleb(-decimals):.{decimals}f}"
