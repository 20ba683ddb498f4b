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


class ProgrammeUnknownError(DomainError):
    """The merchant has no such programme."""

    code = "programme_unknown"
    kind = Kind.NOT_FOUND


class RewardUnknownError(DomainError):
    """The merchant has no such reward."""

    code = "reward_unknown"
    kind = Kind.NOT_FOUND


class RewardNotOfferedError(DomainError):
    """The reward can't be had now: it is off, not yet on, over, or outside its redeeming window."""

    code = "reward_not_offered"


class RewardSoldOutError(DomainError):
    """None of it is left."""

    code = "reward_sold_out"


class RewardLimitError(DomainError):
    """The member has had as many of it as one member may."""

    code = "reward_limit"


class RewardTierError(DomainError):
    """The reward is for another tier."""

    code = "reward_tier"


class SpendingLockedError(DomainError):
    """The member has locked spending."""

    code = "spending_locked"


class VoucherUnknownError(DomainError):
    """No such voucher here."""

    code = "voucher_unknown"
    kind = Kind.NOT_FOUND


class VoucherUsedError(DomainError):
    """The voucher was redeemed before."""

    code = "voucher_used"


class VoucherOverError(DomainError):
    """The voucher has expired or was cancelled."""

    code = "voucher_over"


class VoucherHeldError(DomainError):
    """The voucher is reserved for another shop's tablet."""

    code = "voucher_held"


class HoldOverError(DomainError):
    """The hold was committed, cancelled or has run out."""

    code = "hold_over"
