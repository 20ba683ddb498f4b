"""What questions and messages say, sealed by the platform's data key and bound to their rows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from app.common.scope import Scope
from app.common.sealing import seal, unseal

ADDRESS, SUBJECT, BODY = "support address", "support subject", "support body"


@dataclass(frozen=True, slots=True)
class File:
    """Something that came with a mail, and was not kept."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Body:
    """What one message says. ``message_id`` and ``references`` are the mail's own, for the thread; ``is_cut``: it was
    longer than what is kept."""

    text: str
    files: tuple[File, ...] = ()
    message_id: str | None = None
    references: tuple[str, ...] = field(default=())
    is_cut: bool = False


def hide(scope: Scope, purpose: str, row_id: str, text: str) -> bytes:
    """A text as it is kept."""
    return seal(scope.keys.data, purpose, text.encode(), bound=row_id)


def show(scope: Scope, purpose: str, row_id: str, sealed: bytes | None) -> str | None:
    """What :func:`hide` was given; None for what was destroyed."""
    return None if sealed is None else unseal(scope.keys.data, purpose, bytes(sealed), bound=row_id).decode()


def hide_body(scope: Scope, row_id: str, body: Body) -> bytes:
    """A message as it is kept."""
    return hide(scope, BODY, row_id, json.dumps(asdict(body)))


def show_body(scope: Scope, row_id: str, sealed: bytes | None) -> Body | None:
    """What :func:`hide_body` was given; None for what was destroyed."""
    text = show(scope, BODY, row_id, sealed)
    if text is None:
        return None
    told: dict[str, Any] = json.loads(text)
    files = tuple(File(**one) for one in told.pop("files"))
    references = tuple(told.pop("references"))
    return Body(files=files, references=references, **told)


def masked(address: str | None) -> str | None:
    """An address as somebody reads it who need not know it: ``s…k@proximus.be``."""
    if not address:
        return None
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…{local[-1:] if len(local) > 2 else ''}@{domain}"
