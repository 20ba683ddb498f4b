"""The eight digits that an app's code shows for 15 seconds: RFC 6238 (TOTP), SHA-1.

They prove that the installation was there at that moment. That a step is accepted once only is the business of the
table that records used steps; this module says which step the digits belong to.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from typing import TypedDict

import pyotp

ALGORITHM = "SHA1"  # the only one that Google Wallet's rotating barcode knows
DIGITS = 8
PERIOD = 15  # seconds
SECRET_BYTES = 20  # RFC 4226 recommends the length of the hash's output
STEPS_EITHER_SIDE = 1


class Provisioning(TypedDict):
    """What an installation needs to compute its codes; `period` is in seconds, `secret` in base32 without padding."""

    secret: str
    algorithm: str
    period: int
    digits: int


def new_secret() -> bytes:
    """Returns 20 random bytes that one installation and the server share."""
    return secrets.token_bytes(SECRET_BYTES)


def provisioning(secret: bytes) -> Provisioning:
    """Returns what is handed to an installation, once."""
    return {"secret": _base32(secret), "algorithm": ALGORITHM, "period": PERIOD, "digits": DIGITS}


def step_of(when: datetime, *, period: int = PERIOD) -> int:
    """Returns the number of whole periods (seconds) since 1970 at `when`.

    Raises ValueError for a time without a zone or before 1970.
    """
    if when.tzinfo is None:
        raise ValueError("a time without a zone names no moment")
    step = int(when.timestamp() // period)
    if step < 0:
        raise ValueError("codes begin in 1970")
    return step


def code_at(secret: bytes, when: datetime, *, period: int = PERIOD) -> str:
    """Returns the eight digits that `secret` shows at `when`."""
    return _code_of_step(secret, step_of(when, period=period))


def match(secret: bytes, digits: str, when: datetime, *, period: int = PERIOD) -> int | None:
    """Returns the step whose code `digits` is, or None.

    Looked at are the step of `when` and one either side, so that clocks may differ and a hand may be slow. All three
    are always compared, each in constant time.
    """
    own = step_of(when, period=period)
    given = digits.encode()
    matched = None
    for step in (own + STEPS_EITHER_SIDE, own - STEPS_EITHER_SIDE, own):
        if step >= 0 and hmac.compare_digest(_code_of_step(secret, step).encode(), given):
            matched = step
    return matched


def _code_of_step(secret: bytes, step: int) -> str:
    return pyotp.HOTP(_base32(secret), digits=DIGITS).at(step)


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")
