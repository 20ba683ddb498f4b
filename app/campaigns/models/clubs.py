"""Tables of a shop's club, its events, and who has a place at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

AUDIENCES = ("members", "club", "interest", "group")
EVENT_STATES = ("draft", "open", "cancelled")
PLACE_STATES = ("waiting", "offered", "held", "gone", "cancelled")


def _among(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


class Club(Model):
    """A shop's club. Without a row, or while ``is_on`` is false, there is none, and no events either."""

    __tablename__ = "club"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    is_on: Mapped[bool] = mapped_column(server_default=false())
    name: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    interests: Mapped[list[Any]]  # in the shop's own words
    revision: Mapped[int] = mapped_column(server_default="0")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(Id)


class ClubMember(Model):
    """That a member joined a shop's club of her own will, and what she is interested in. Gone when she leaves it."""

    __tablename__ = "club_member"
    __table_args__ = (Index("ix_club_member_merchant_id", "merchant_id", "joined_at"),)

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    interests: Mapped[list[Any]]
    wording: Mapped[str] = mapped_column(Text)  # what she was shown when she joined
    joined_at: Mapped[datetime]


class ClubEvent(Model):
    """An event. ``taken`` counts places that are held or offered; the database keeps it within ``places``. Its tickets
    are vouchers of ``reward_id``, a reward that stands in no catalogue."""

    __tablename__ = "club_event"
    __table_args__ = (
        CheckConstraint(f"status IN ({_among(EVENT_STATES)})", name="status"),
        CheckConstraint(f"audience IN ({_among(AUDIENCES)})", name="audience"),
        CheckConstraint("(audience IN ('interest', 'group')) = (wanted IS NOT NULL)", name="wanted"),
        CheckConstraint("places > 0 AND taken >= 0 AND taken <= places", name="places"),
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("status <> 'open' OR reward_id IS NOT NULL", name="tickets"),
        Index("ix_club_event_merchant_id", "merchant_id", "starts_at"),
        Index(
            "ix_club_event_unsettled",
            "starts_at",
            postgresql_where=text("status <> 'draft' AND settled_at IS NULL"),
            sqlite_where=text("status <> 'draft' AND settled_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    status: Mapped[str] = mapped_column(Text, server_default="draft")
    title: Mapped[dict[str, Any]]  # by locale
    text: Mapped[dict[str, Any]]
    location_id: Mapped[str | None] = mapped_column(Id)
    address: Mapped[str | None] = mapped_column(Text)  # where it isn't at the shop
    price: Mapped[str | None] = mapped_column(Text)  # in words: nothing is paid here
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(server_default="0")
    audience: Mapped[str] = mapped_column(Text)
    wanted: Mapped[str | None] = mapped_column(Text)  # the interest, or the relationship group
    reward_id: Mapped[str | None] = mapped_column(Id, ForeignKey("reward.id"))
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)
    cancelled_at: Mapped[datetime | None]
    # Of what nothing is left to do: over and counted, or cancelled and everybody told.
    settled_at: Mapped[datetime | None]
    attended: Mapped[int | None]
    missed: Mapped[int | None]


class EventPlace(Model):
    """A member at an event: ``waiting`` in the order of ``queue_id``, ``offered`` a place until ``offered_until``,
    ``held`` with a ticket, ``gone`` (given back, passed on, not wanted) or ``cancelled`` with the event."""

    __tablename__ = "event_place"
    __table_args__ = (
        CheckConstraint(f"status IN ({_among(PLACE_STATES)})", name="status"),
        CheckConstraint("(status = 'offered') = (offered_until IS NOT NULL)", name="offered"),
        CheckConstraint("status <> 'held' OR voucher_id IS NOT NULL", name="held"),
        CheckConstraint("(pass_hash IS NULL) = (pass_until IS NULL)", name="passing"),
        Index("ix_event_place_event_id", "event_id", "status", "queue_id"),
        Index(
            "uq_event_place_pass_hash",
            "pass_hash",
            unique=True,
            postgresql_where=text("pass_hash IS NOT NULL"),
            sqlite_where=text("pass_hash IS NOT NULL"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("club_event.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    status: Mapped[str] = mapped_column(Text)
    queue_id: Mapped[str] = mapped_column(Id)  # the order in which members asked
    voucher_id: Mapped[str | None] = mapped_column(Id)
    is_passed_on: Mapped[bool] = mapped_column(server_default=false())  # came from somebody, and goes no further
    offered_until: Mapped[datetime | None]
    pass_hash: Mapped[str | None] = mapped_column(Text)  # of the code by which somebody else may take it over
    pass_until: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
