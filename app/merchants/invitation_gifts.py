"""What a merchant gives for invitations. Kept in its settings under ``invitation``; nothing is given where nothing is
set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.common.errors import InvalidError

KEY = "invitation"
MOST_UNITS = 10_000
MOST_A_YEAR = 1_000
USUAL_A_YEAR = 20


@dataclass(frozen=True, slots=True)
class InvitationGifts:
    """Units for whoever ``inviter`` and ``invited`` is; ``most``: how many gifts one inviter gets in a year."""

    inviter: int
    invited: int
    most: int = USUAL_A_YEAR


def invitation_gifts(settings: Mapping[str, Any]) -> InvitationGifts | None:
    """The gifts in a merchant's settings; None where it gives nothing to anybody."""
    kept = settings.get(KEY)
    if not kept:
        return None
    gifts = InvitationGifts(**{name: kept[name] for name in InvitationGifts.__slots__ if name in kept})
    return gifts if gifts.inviter or gifts.invited else None


def checked(*, inviter: int, invited: int, most: int) -> InvitationGifts:
    """The gifts, if they can be set. Raises :class:`InvalidError` by field."""
    errors = {
        name: [f"{name}_expected"]
        for name, value, largest in (
            ("inviter", inviter, MOST_UNITS),
            ("invited", invited, MOST_UNITS),
            ("most", most, MOST_A_YEAR),
        )
        if not 0 <= value <= largest
    }
    if errors:
        raise InvalidError(errors=errors)
    return InvitationGifts(inviter, invited, most)
