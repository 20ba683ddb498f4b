"""What the operators' pages refuse."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class MergeChangedError(DomainError):
    """What two members have is no longer what the operator was shown before merging them."""

    code = "merge_changed"


class MessageSettledError(DomainError):
    """The message is not given up any more: somebody tried it again or dropped it, or it was never there."""

    code = "message_settled"


class BackupUnderWayError(DomainError):
    """A backup waits or runs already: there is one at a time."""

    code = "backup_under_way"


class NewCardNeededError(DomainError):
    """Nobody has the app behind a printed card that was never claimed: a digital card in its place would be lost."""

    code = "new_card_needed"


class ListUnreadableError(DomainError):
    """The file is no list of shops; ``line`` is where reading ended."""

    code = "shop_list_unreadable"
    kind = Kind.INVALID


class ListTooLongError(DomainError):
    """The list of shops is longer than is taken at a time."""

    code = "shop_list_too_long"
    kind = Kind.INVALID
