"""The proof by which a tablet recognises, without a network, a voucher that a member's phone reserved for it.

A reservation is told as ``HTTPS://<HOST>/V/<CODE>/<PROOF>``, all capitals, so that its QR stays alphanumeric. The proof
is the reservation's id (26 characters), the reward's id (26), the voucher's end (7: whole seconds since 1970, 0 for
none) and the first 80 bits of an HMAC-SHA-256 over all of them and the code (16), each in Crockford's base32 with
leading zeros. Its key is the tablet's own: a tablet can forge reservations for itself alone, and they surface at its
sync.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from app.cards.numbers import ALPHABET
from app.common.keys import Keys

ID_LENGTH = 26
END_LENGTH = 7
MAC_LENGTH = 16
_PURPOSE = "reservation"


def reservation_key(keys: Keys, device_id: str) -> bytes:
    """The 32 bytes that only this device and the service hold: with them a reservation for it can be checked, and none
    for another device be made. The same each time, until the service's secret key is changed: then a tablet learns its
    new one with the facts of its shop."""
    return hmac.digest(keys.secret.derive(_PURPOSE), device_id.encode(), hashlib.sha256)


def proof(key: bytes, *, hold_id: str, code: str, reward_id: str, expires_at: datetime | None) -> str:
    """The 75 characters that prove a reservation to the tablet with this key.

    ``code`` is the voucher's, canonical; a fraction of its last second is left out. Raises ``ValueError`` for an end
    that seven characters can't hold (the year 3058).
    """
    end = 0 if expires_at is None else int(expires_at.timestamp())
    said = f"hold|{hold_id}|{code}|{reward_id}|{end}"
    mac = int.from_bytes(hmac.digest(key, said.encode(), hashlib.sha256)[:10])
    return (
        _letters(UUID(hold_id).int, ID_LENGTH)
        + _letters(UUID(reward_id).int, ID_LENGTH)
        + _letters(end, END_LENGTH)
        + _letters(mac, MAC_LENGTH)
    )


def reservation_url(host: str, code: str, proof: str) -> str:
    """The address in a reservation's QR. It is read by the tablet, and never opened."""
    return f"HTTPS://{host.upper()}/V/{code}/{proof}"


def _letters(value: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        value, place = divmod(value, len(ALPHABET))
        letters = ALPHABET[place] + letters
    if value:
        raise ValueError("too large to be told")
    return letters
