"""What can't be done with members."""

from __future__ import annotations

from app.common.errors import DomainError


class MergeSpentError(DomainError):
    """Something that was merged has been spent, so the merge can't be undone any more."""

    code = "merge_spent"


class MergeUndoneError(DomainError):
    """The merge was undone already."""

    code = "merge_undone"
