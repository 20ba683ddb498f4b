"""What a backup says about itself: from when it is, what is in it, and digests by which a restore proves it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from app.common.keys import KeyRing

FORMAT = 1
NAME = "manifest.json"
_PURPOSE = b"backup manifest"


class BackupError(Exception):
    """Something stands in the way of a backup or a restore. The message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the backup: a table's rows with their columns in order, or the whole SQLite file."""

    name: str
    size: int
    sha256: str
    table: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """``heads_digest`` is keyed with the ledger key ``key_id``, over the head of every account's chain. The parts stand
    in an order in which their rows can be written."""

    made_at: str
    dialect: str
    schema_version: str
    counts: dict[str, int]
    heads_digest: str
    key_id: str
    parts: tuple[Part, ...]
    format: int = FORMAT

    def sealed(self, ring: KeyRing) -> bytes:
        """The manifest as it is stored, with its seal."""
        document = asdict(self)
        return json.dumps({"manifest": document, "seal": _seal(ring.keys[self.key_id], document)}, indent=1).encode()

    @classmethod
    def opened(cls, stored: bytes, ring: KeyRing) -> Manifest:
        """The manifest in a backup. Raises :class:`BackupError` for one that was changed, or that no key here fits."""
        try:
            envelope = json.loads(stored)
            document = envelope["manifest"]
            if document["format"] != FORMAT:
                raise BackupError(f"This backup has format {document['format']}, which this version can't read.")
            key = ring.keys.get(document["key_id"])
            if key is None:
                raise BackupError(
                    f"This backup was sealed with the ledger key {document['key_id']}, which LEDGER_KEY does not hold:"
                    " add the key of that time behind the present one."
                )
            if not hmac.compare_digest(_seal(key, document), envelope["seal"]):
                raise BackupError("The backup's manifest was changed, or LEDGER_KEY is not the key it was made with.")
            parts = tuple(Part(**{**part, "columns": tuple(part["columns"])}) for part in document.pop("parts"))
            return cls(**document, parts=parts)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupError("The backup's manifest can't be read.") from None


def digest_of_heads(ring: KeyRing, key_id: str, heads: Iterable[tuple[str, int, bytes]]) -> str:
    """A keyed digest over ``(account id, seq, chain)`` of every account, in the order of their ids."""
    digest = hmac.new(hmac.digest(ring.keys[key_id], b"backup heads", "sha256"), digestmod=hashlib.sha256)
    for account_id, seq, chain in heads:
        digest.update(f"{account_id}:{seq}:{bytes(chain).hex()}\n".encode())
    return digest.hexdigest()


def _seal(key: bytes, document: dict[str, Any]) -> str:
    content = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(hmac.digest(key, _PURPOSE, "sha256"), content, "sha256").hex()
