"""What a form was served with, as a short word that comes back with it: whoever would overwrite a change is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from app.merchants.errors import SomebodyWasFasterError


def revision_of(values: Mapping[str, Any]) -> str:
    """The word for these values: the same for the same ones, whatever their order."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def require_unchanged(values: Mapping[str, Any], revision: str) -> None:
    """Raises SomebodyWasFasterError unless ``values``, read in the transaction that changes them and with their row
    locked, are those that ``revision`` stands for."""
    if revision_of(values) != revision:
        raise SomebodyWasFasterError
