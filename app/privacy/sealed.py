"""What a request says and where its answer goes: sealed by the platform's data key, bound to the request."""

from __future__ import annotations

from app.common.scope import Scope
from app.common.sealing import seal, unseal

WORDS, CONTACT = "privacy words", "privacy contact"


def hide(scope: Scope, purpose: str, request_id: str, text: str | None) -> bytes | None:
    """The text as it is kept; None for none."""
    return seal(scope.keys.data, purpose, text.encode(), bound=request_id) if text else None


def show(scope: Scope, purpose: str, request_id: str, sealed: bytes | None) -> str | None:
    """What :func:`hide` was given."""
    return None if sealed is None else unseal(scope.keys.data, purpose, bytes(sealed), bound=request_id).decode()
