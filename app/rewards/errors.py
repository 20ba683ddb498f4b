"""What can go wrong with programmes, promotions and rewards."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class VersionInThePastError(DomainError):
    """A version of the rules would begin in the past, and change what visits earned that are booked already."""

    code = "version_in_the_past"
    kind = Kind.INVALID


class VersionTooEarlyError(DomainError):
    """A version of the rules would begin before the one that was planned last."""

    code = "version_too_early"
    kind = Kind.INVALID


class RewardElsewhereError(DomainError):
    """The reward belongs to another programme."""

    code = "reward_elsewhere"
    kind = Kind.INVALID
