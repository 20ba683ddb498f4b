"""What can be wrong with a history of purchases."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class HistoryUnreadableError(DomainError):
    """A row of the file can't be read; ``line`` counts from 1 for the heading, ``reason`` says what is wrong."""

    code = "history_unreadable"
    kind = Kind.INVALID


class HistoryTooShortError(DomainError):
    """There is too little history to say anything: too few customers who came again, or too few days."""

    code = "history_too_short"


class RelationsChangedError(DomainError):
    """The shop's lines, words or margin were changed by somebody else since they were read; ``who`` did, if that is
    known."""

    code = "relations_changed"
