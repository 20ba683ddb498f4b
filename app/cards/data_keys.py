"""The platform's data keys: where every key that protects personal data or hashes a secret code is derived from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.common.keys import KeyRing

_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}", re.ASCII)


class UnknownDataKeyError(Exception):
    """Something was protected with a data key that is not configured any more. A fault of the set-up, not an answer."""


class DataKeys:
    """Several data keys by id, of which the first is active: it protects what is written from now on. The others still
    open what was written before them, until everything has been moved to the active one."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys` maps key ids (up to 32 letters, digits, `_`, `.`, `-`) to keys of 32 bytes or more, active one first.

        Raises ValueError where there is none, or where an id or a key is too short to be one.
        """
        if not keys:
            raise ValueError("at least one data key is needed")
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError(f"not a key id: {key_id!r}")
            if len(key) < _KEY_BYTES:
                raise ValueError(f"data key {key_id!r} has less than {_KEY_BYTES} bytes")
        self._keys = dict(keys)
        self._derived: dict[tuple[str, str], bytes] = {}

    def __repr__(self) -> str:
        return f"DataKeys({', '.join(self.ids)})"

    @property
    def ids(self) -> tuple[str, ...]:
        """All key ids, the active one first."""
        return tuple(self._keys)

    @property
    def active_id(self) -> str:
        """The id of the key that protects what is written now."""
        return next(iter(self._keys))

    def derive(self, key_id: str, purpose: str) -> bytes:
        """Returns 32 bytes for one purpose, so that no key serves two. Raises UnknownDataKeyError."""
        derived = self._derived.get((key_id, purpose))
        if derived is None:
            if key_id not in self._keys:
                raise UnknownDataKeyError(key_id)
            info = b"zegel " + purpose.encode()
            derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(self._keys[key_id])
            self._derived[key_id, purpose] = derived
        return derived


def data_keys(ring: KeyRing) -> DataKeys:
    """The data keys of the platform's ring. One object for each ring, so that derived keys are kept."""
    return _of_ring(ring.active, tuple(ring.keys.items()))


@lru_cache(maxsize=8)
def _of_ring(active: str, keys: tuple[tuple[str, bytes], ...]) -> DataKeys:
    by_id = dict(keys)
    return DataKeys({active: by_id[active], **by_id})
