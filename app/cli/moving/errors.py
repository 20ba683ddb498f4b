"""What stands in the way of a move."""

from __future__ import annotations


class MoveError(Exception):
    """The move was refused or did not succeed. The message says what to do; the source is as it was."""
