"""What the ledger refuses."""

from __future__ import annotations

from app.common.errors import DomainError


class NotEnoughError(DomainError):
    """The balance does not pay for it. ``needed`` and ``balance`` are in units."""

    code = "not_enough"


class AlreadyReversedError(DomainError):
    """That transaction, or that part of it, was reversed before."""

    code = "already_reversed"


class NotReversibleError(DomainError):
    """A reversal or a move can't be reversed itself: book anew instead."""

    code = "not_reversible"
