"""Tables of what a merchant knows of its members: figures that are kept up behind the counter, notes, segments, and
lists that were imported. Everything here follows from bookings, or was written by the shop itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class ShopMember(Model):
    """A member as one business sees her: once for the business as a whole (``place_id`` is the merchant's id), and once
    for each of its shops that she visited (``place_id`` is the location's). Made from visits and accounts by
    :mod:`app.rewards.shop_members` and by nothing else; it can be thrown away and made anew."""

    __tablename__ = "shop_member"
    __table_args__ = (
        CheckConstraint("visits >= 0 AND spend_minor >= 0 AND fill >= 0", name="figures"),
        CheckConstraint("birth_month IS NULL OR birth_month BETWEEN 1 AND 12", name="birth_month"),
        # Whole in what a sorted list is read by: the page is found without looking at the others.
        Index("ix_shop_member_seen", "place_id", "seen_at", "member_id"),
        Index("ix_shop_member_visits", "place_id", "visits", "member_id"),
        Index("ix_shop_member_spend", "place_id", "spend_minor", "member_id"),
        Index("ix_shop_member_fill", "place_id", "fill", "member_id"),
        Index("ix_shop_member_first", "place_id", "first_at", "member_id"),
        Index("ix_shop_member_overdue", "place_id", "overdue_at", "member_id"),
        Index("ix_shop_member_card", "place_id", "card_tail"),
        # Few may be so, and they are to be found among all.
        Index(
            "ix_shop_member_app",
            "place_id",
            "has_app",  # always the same, but without it SQLite takes another index for as good
            "seen_at",
            "member_id",
            postgresql_where=text("has_app IS true"),
            sqlite_where=text("has_app IS 1"),
        ),
        Index(
            "ix_shop_member_birth_month",
            "place_id",
            "birth_month",
            "seen_at",
            "member_id",
            postgresql_where=text("birth_month IS NOT NULL"),
            sqlite_where=text("birth_month IS NOT NULL"),
        ),
        Index(
            "ix_shop_member_tier",
            "place_id",
            "tier",
            "seen_at",
            "member_id",
            postgresql_where=text("tier IS NOT NULL"),
            sqlite_where=text("tier IS NOT NULL"),
        ),
        Index(
            "ix_shop_member_relationship",
            "place_id",
            "relationship",
            "seen_at",
            "member_id",
            postgresql_where=text("relationship IS NOT NULL"),
            sqlite_where=text("relationship IS NOT NULL"),
        ),
        Index(
            "ix_shop_member_rung",
            "place_id",
            "rung",
            "seen_at",
            "member_id",
            postgresql_where=text("rung IS NOT NULL"),
            sqlite_where=text("rung IS NOT NULL"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    place_id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    visits: Mapped[int]
    spend_minor: Mapped[int]  # less what was refunded
    first_at: Mapped[datetime]  # the first visit; without one, when the account was opened
    seen_at: Mapped[datetime]  # the last one
    gap_days: Mapped[int | None]  # between two visits, as she usually comes; none: too few to tell
    overdue_at: Mapped[datetime | None]  # from then on she is away for longer than usual
    recent: Mapped[list[Any]]  # the latest days with a visit, as days since 1970
    programme_id: Mapped[str | None] = mapped_column(Id)  # the one whose balance this is: the merchant's first
    balance: Mapped[int]
    fill: Mapped[int]  # thousandths of the card, or of the cheapest reward
    tier: Mapped[str | None] = mapped_column(Text)
    has_app: Mapped[bool]
    birth_month: Mapped[int | None]  # only if she shares her profile with this shop
    card_tail: Mapped[str | None] = mapped_column(Text)
    # What she is to the business as a whole (no location has them): written by those who compute it, by night,
    # and left alone when the figures above are made anew.
    relationship: Mapped[str | None] = mapped_column(Text)
    rung: Mapped[str | None] = mapped_column(Text)
    alive: Mapped[int | None]  # the chance that she still comes, in thousandths
    refreshed_at: Mapped[datetime]


class ShopPlace(Model):
    """How many members a business, or one of its shops, has: counted along, so that no page counts them."""

    __tablename__ = "shop_place"

    place_id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    members: Mapped[int] = mapped_column(server_default="0")


class ShopMemberWord(Model):
    """By which beginnings of words a business finds a member: keyed hashes, since a name is sealed with its member's
    own key and must be gone when that is destroyed."""

    __tablename__ = "shop_member_word"
    __table_args__ = (Index("ix_shop_member_word_member", "member_id", "merchant_id"),)

    merchant_id: Mapped[str] = mapped_column(Id, primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id, primary_key=True)


class MemberFeed(Model):
    """How far the members' figures have followed the counters' bookings."""

    __tablename__ = "member_feed"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    transaction_id: Mapped[str] = mapped_column(Id)
    followed_at: Mapped[datetime]


class MemberNote(Model):
    """What a business wrote down about a member, sealed with her own key: it goes with her when she leaves, and is in
    the record that she may take away. ``kind`` ``name`` is how the shop calls her."""

    __tablename__ = "member_note"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'name')", name="kind"),
        Index("ix_member_note_merchant", "member_id", "merchant_id"),
        Index("ix_member_note_import_id", "import_id"),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Text)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    staff_id: Mapped[str | None] = mapped_column(Id)
    import_id: Mapped[str | None] = mapped_column(Id)
    written_at: Mapped[datetime]


class Segment(Model):
    """A filter of members that a business saved under a name. ``revision`` counts its changes."""

    __tablename__ = "segment"
    __table_args__ = (
        UniqueConstraint("merchant_id", "name"),
        CheckConstraint("members >= 0", name="members"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    name: Mapped[str] = mapped_column(Text)
    wanted: Mapped[dict[str, Any]]  # as :class:`app.rewards.segments.MemberFilter` writes it
    revision: Mapped[int] = mapped_column(server_default="1")
    members: Mapped[int] = mapped_column(server_default="0")
    filled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(Id)  # of the staff


class MemberImport(Model):
    """A list of customers, or a history of visits, that a business brought with it: uploaded, tried out, taken over,
    and undone as a whole while nothing of it is spent. ``content`` is sealed, and goes when it is no longer needed."""

    __tablename__ = "member_import"
    __table_args__ = (
        CheckConstraint("kind IN ('members', 'visits')", name="kind"),
        CheckConstraint("status IN ('uploaded', 'tried', 'running', 'done', 'undoing', 'undone')", name="status"),
        Index("ix_member_import_merchant_id", "merchant_id", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"))  # where what it brings is booked
    file_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="uploaded")
    options: Mapped[dict[str, Any]]  # which column is what, and what the balance counts in
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    rows: Mapped[int]
    position: Mapped[int] = mapped_column(server_default="0")  # rows that are done
    totals: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(server_default="1")
    staff_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class MemberImportRow(Model):
    """What became of one row of an import, so that it can be undone and a killed import goes on where it stopped."""

    __tablename__ = "member_import_row"
    __table_args__ = (
        ForeignKeyConstraint(["import_id"], ["member_import.id"]),
        CheckConstraint("outcome IN ('new', 'known', 'skipped', 'rejected')", name="outcome"),
        Index(
            "ix_member_import_row_problems",
            "import_id",
            "line",
            postgresql_where=text("reason IS NOT NULL"),
            sqlite_where=text("reason IS NOT NULL"),
        ),
        Index("ix_member_import_row_member_id", "member_id"),
    )

    import_id: Mapped[str] = mapped_column(Id, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)  # the code of why it was not taken
    member_id: Mapped[str | None] = mapped_column(Id)
    transaction_id: Mapped[str | None] = mapped_column(Id)
    visit_id: Mapped[str | None] = mapped_column(Id)
    made_reference: Mapped[bool] = mapped_column(server_default=false())  # the card number came with this row
    undone_at: Mapped[datetime | None]
