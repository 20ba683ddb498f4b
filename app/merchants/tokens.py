"""Secrets that let devices and people in: drawn here, handed over once, kept only as hashes.

Tokens are long enough for a plain SHA-256. Pairing codes are short, since somebody types them on a tablet; their hash
is keyed, so that a thief of the database can't try them all within their fifteen minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from app.common.keys import Keys

DEVICE_PREFIX = "zg_dev_"
KEY_PREFIX = "zg_key_"
LINK_PREFIX = "zg_set_"
SESSION_PREFIX = "zg_ses_"
LOGIN_LINK_PREFIX = "zg_log_"
LOOK_PREFIX = "zg_see_"
INVITATION_PREFIX = "zg_inv_"
PAIRING_LENGTH = 8
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_CONFUSABLE = str.maketrans("ILO", "110")
_PAIRING = "pairing code"
_TRAINING = "training device"


def new_token(prefix: str) -> str:
    """A fresh token of 256 random bits behind a prefix that tells scanners of leaked secrets what it is."""
    return prefix + secrets.token_urlsafe(32)


def training_tokens(keys: Keys, device_id: str) -> list[str]:
    """The token of a device in its merchant's sandbox, by each secret key, the active one first. Always the same, so
    that practising again makes no other device; nobody's to guess."""
    return [
        DEVICE_PREFIX
        + base64.urlsafe_b64encode(hmac.digest(key, device_id.encode(), hashlib.sha256)).decode().rstrip("=")
        for key in keys.secret.derive_all(_TRAINING)
    ]


def token_hash(token: str) -> bytes:
    """What is stored of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def new_pairing_code() -> str:
    """Eight random characters of Crockford's alphabet: 40 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(PAIRING_LENGTH))


def show_pairing_code(code: str) -> str:
    """A pairing code in fours: ``7K3M-9QX2``."""
    return f"{code[:4]}-{code[4:]}"


def read_pairing_code(text: str) -> str | None:
    """The canonical form of a typed code (spaces, dashes, any case, I and L for 1, O for 0); ``None`` if it is none."""
    code = "".join(character for character in text[:40] if character not in " -\u2013\u2011\t")
    code = code.upper().translate(_CONFUSABLE)
    return code if len(code) == PAIRING_LENGTH and all(character in _ALPHABET for character in code) else None


def pairing_code_hash(keys: Keys, code: str) -> bytes:
    """What is stored of a pairing code in canonical form: a keyed hash by the active key."""
    return pairing_code_hashes(keys, code)[0]


def pairing_code_hashes(keys: Keys, code: str) -> list[bytes]:
    """The code's hashes by all secret keys, the active one first: any of them finds it while keys rotate."""
    return [hmac.digest(key, code.encode(), hashlib.sha256) for key in keys.secret.derive_all(_PAIRING)]
