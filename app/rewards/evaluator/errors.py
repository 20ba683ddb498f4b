"""Why a part of a visit can't be taken back."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class EmptyRefundError(DomainError):
    """The refunded amount is not above zero."""

    code = "refund_empty"
    kind = Kind.INVALID


class RefundTooLargeError(DomainError):
    """More is refunded than the visit has left; ``left_minor`` says how much that is."""

    code = "refund_too_large"
    kind = Kind.REFUSED


class RefundWithoutAmountError(DomainError):
    """A part of a visit that has no amount: it can only be reversed whole."""

    code = "refund_without_amount"
    kind = Kind.REFUSED
