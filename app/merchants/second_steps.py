"""What proves the second step of signing in: the codes of an authenticator app, and codes on paper for a lost phone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

from app.common.keys import Keys
from app.common.sealing import seal, unseal

STEP_SECONDS = 30
RECOVERY_CODES = 10
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else on paper
_HALF = 5
_TOTP = "staff second step"
_RECOVERY = "staff recovery code"


def new_secret() -> str:
    """A fresh secret for an authenticator app, in base32: 160 random bits."""
    return pyotp.random_base32()


def seal_secret(keys: Keys, login_id: str, secret: str) -> bytes:
    """What is stored of a secret."""
    return seal(keys.data, _TOTP, secret.encode(), bound=login_id)


def open_secret(keys: Keys, login_id: str, sealed: bytes) -> str:
    """The secret again. Raises :class:`~app.common.sealing.UnreadableSecretError`."""
    return unseal(keys.data, _TOTP, sealed, bound=login_id).decode()


def address_of(secret: str, email: str, town: str) -> str:
    """What an authenticator app reads from the QR: ``otpauth://totp/…``. ``town``: under which name it keeps it."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=town)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is: this one, the one before or the next; None for none of them."""
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(totp.generate_otp(step), typed):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten fresh codes as they are read: ``7K3MP-9QX2R``, 49 bits each."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hashes(keys: Keys, login_id: str, code: str) -> list[bytes]:
    """A code's keyed hashes by all secret keys, the active one first: any of them finds it while keys rotate."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return [
        hmac.digest(key, f"{login_id}:{plain}".encode(), hashlib.sha256) for key in keys.secret.derive_all(_RECOVERY)
    ]
