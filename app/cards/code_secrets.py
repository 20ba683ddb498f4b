"""Sealing the secrets from which installations compute their rotating digits.

They are sealed by the platform's data key, not by the member's own: the counter needs them within a scan, and they say
nothing about a person. Each is bound to its installation, so that it opens no other's code.
"""

from __future__ import annotations

from app.common.keys import KeyRing
from app.common.sealing import seal, unseal

_PURPOSE = "code secrets"


def seal_secret(ring: KeyRing, installation_id: str, secret: bytes) -> bytes:
    """What is stored of an installation's secret. ``ring`` is ``scope.keys.data``."""
    return seal(ring, _PURPOSE, secret, bound=installation_id)


def open_secret(ring: KeyRing, installation_id: str, stored: bytes) -> bytes:
    """The installation's secret. Raises ``UnreadableSecretError`` where it was altered, is another's, or its key is
    not in the ring any more."""
    return unseal(ring, _PURPOSE, stored, bound=installation_id)
