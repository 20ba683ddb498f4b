"""A person's contact as operators see it: enough to recognise, too little to use."""

from __future__ import annotations

from dataclasses import dataclass

from app.cards.profiles import Profile

_GAP = "…"


@dataclass(frozen=True, slots=True)
class MaskedContact:
    """Name, address and number, masked; None where there is none."""

    name: str | None
    email: str | None
    phone: str | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the person."""
        return self.name is None and self.email is None and self.phone is None


def mask_email(address: str) -> str:
    """``s…k@proximus.be`` of ``sofie.dierickx@proximus.be``; of a short one the first letter alone."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{_GAP}{local[-1:] if len(local) > 2 else ''}@{domain}"


def mask_profile(profile: Profile) -> MaskedContact:
    """What a member told about herself, masked."""
    return MaskedContact(
        name=None if not profile.name else f"{profile.name[:1]}{_GAP}",
        email=None if not profile.email else mask_email(profile.email),
        phone=None if not profile.phone else f"{profile.phone[:3]} {_GAP} {profile.phone[-2:]}",
    )
