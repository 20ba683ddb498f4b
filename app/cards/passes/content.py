"""What stands on a pass, whichever wallet it is in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance as it is told: whose, and how much in words. ``programme_id`` tells it apart from others."""

    programme_id: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class News:
    """What a shop tells on the pass: its name, and a title."""

    shop: str
    title: str


@dataclass(frozen=True, slots=True)
class PassCard:
    """A card for a wallet. ``card_id`` is the pass's serial number, ``url`` what its QR holds without digits,
    ``balances`` those of its member, the latest first, ``news`` the latest of a shop that may tell it here. A card that
    is dead has no code any more."""

    card_id: str
    number: str
    url: str
    locale: str
    balances: tuple[Balance, ...] = ()
    is_dead: bool = False
    news: News | None = None
