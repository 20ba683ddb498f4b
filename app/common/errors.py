"""What can go wrong in the domain, told without HTTP.

A domain error is an answer ("not enough stamps"), not a fault. Each subclass has a stable ``code``, by which the faces
find its translated sentence, and one of few kinds, which each face maps to a status once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What a caller can do about an error; each face maps it to one status."""

    NOT_FOUND = "not_found"  # not there, or not yours to see
    FORBIDDEN = "forbidden"  # yours to see, not yours to do
    REFUSED = "refused"  # no longer possible in this state
    INVALID = "invalid"  # the content itself can't be taken
    MALFORMED = "malformed"  # the request can't be read
    UNAUTHENTICATED = "unauthenticated"
    TOO_MANY = "too_many"


class DomainError(Exception):
    """Base of every refusal. ``params`` fill the translated sentence; they never hold secrets or personal data."""

    code: ClassVar[str] = "error"
    kind: ClassVar[Kind] = Kind.REFUSED

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))
        return f"{self.code}({told})"


class NotFoundError(DomainError):
    """The thing is not there, or not the caller's to see: both get this same answer."""

    code = "not_found"
    kind = Kind.NOT_FOUND


class ForbiddenError(DomainError):
    """The caller may see the thing but may not do this to it."""

    code = "forbidden"
    kind = Kind.FORBIDDEN


class ReadOnlyError(DomainError):
    """Whoever acts may only look here."""

    code = "read_only"
    kind = Kind.FORBIDDEN


class InvalidError(DomainError):
    """A field's content can't be taken. ``errors`` maps field names to lists of codes or sentences."""

    code = "invalid"
    kind = Kind.INVALID


class KeyReusedError(DomainError):
    """An idempotency key came back with other content than it was first used with."""

    code = "key_reused"
    kind = Kind.INVALID


class TooManyError(DomainError):
    """A limit on tries was reached; ``retry_after`` is in seconds."""

    code = "too_many"
    kind = Kind.TOO_MANY
