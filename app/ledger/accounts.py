"""Accounts and lots as they stand while a booking is planned: loaded rows, free of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from app.common.ids import new_id
from app.ledger.seals import GENESIS


@dataclass(slots=True)
class LotState:
    """What one earn left unspent. ``origin_id`` is the transaction that first earned it."""

    id: str
    origin_id: str
    amount: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None
    is_new: bool = False
    is_changed: bool = False


@dataclass(slots=True)
class AccountState:
    """A member's account in one programme. ``lots`` is None until the open ones were loaded; an earn needs none."""

    member_id: str
    id: str
    programme_id: str
    opened_at: datetime
    balance: int = 0
    owed: int = 0
    remainder: Fraction = Fraction(0)
    visits: int = 0
    units_earned: int = 0
    first_visit_at: datetime | None = None
    last_visit_at: datetime | None = None
    tier: str | None = None
    next_expiry_at: datetime | None = None
    seq: int = 0
    chain: bytes = GENESIS
    is_new: bool = False
    stored_seal: bytes = b""  # as read: the guard of the update
    lots: list[LotState] | None = None
    new_lots: list[LotState] = field(default_factory=list)

    @classmethod
    def open(cls, *, member_id: str, programme_id: str, now: datetime) -> AccountState:
        """A new, empty account; written with the first booking."""
        return cls(member_id=member_id, id=new_id(), programme_id=programme_id, opened_at=now, is_new=True, lots=[])

    def open_lots(self) -> list[LotState]:
        """Lots with something left, first to expire first. Needs the lots loaded."""
        if self.lots is None:
            raise RuntimeError("the lots of this account were not loaded")
        known = [lot for lot in (*self.lots, *self.new_lots) if lot.remaining]
        known.sort(key=lambda lot: (lot.expires_at is None, lot.expires_at or lot.earned_at, lot.id))
        return known

    def lot(self, lot_id: str) -> LotState | None:
        """The loaded or new lot of that id."""
        known: list[LotState] = [*(self.lots or []), *self.new_lots]
        return next((lot for lot in known if lot.id == lot_id), None)

    def is_due(self, at: datetime) -> bool:
        """Whether a lot has expired by ``at`` and is still to be booked so."""
        return self.next_expiry_at is not None and self.next_expiry_at <= at
