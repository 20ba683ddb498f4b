"""Tables of what acts at a location: tablets and tills, and the codes that pair them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Device(Model):
    """Something that acts at one location: a paired tablet or a till's API key. Only the token's hash is kept."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("kind IN ('tablet', 'key')", name="kind"),
        Index("ix_device_location_id", "location_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"))
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[Any]] = mapped_column(server_default="[]")  # of a key: "approve"
    is_sandbox: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    synced_sequence: Mapped[int] = mapped_column(server_default="0")  # highest sequence number of its queue seen
    clock_offset_ms: Mapped[int | None]
    pin_tries: Mapped[int] = mapped_column(server_default="0")  # wrong staff PINs since the last right one
    pin_blocked_until: Mapped[datetime | None]
    # What a tablet tells about itself with its queue
    app_version: Mapped[str | None] = mapped_column(Text)
    queue_length: Mapped[int | None]
    is_storage_kept: Mapped[bool | None]  # whether its browser promised to keep the queue
    revoked_at: Mapped[datetime | None]
    written_off_at: Mapped[datetime | None]  # given up with its queue: what it had reserved is free again


class DeviceGap(Model):
    """Sequence numbers of a tablet's queue, ``first`` to ``last``, that never arrived though later ones did: a queue
    that was lost or tampered with. A part that arrives after all is taken out of it."""

    __tablename__ = "device_gap"
    __table_args__ = (CheckConstraint("first > 0 AND last >= first", name="range"),)

    device_id: Mapped[str] = mapped_column(Id, ForeignKey("device.id"), primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last: Mapped[int]
    noticed_at: Mapped[datetime]
    alarmed_at: Mapped[datetime | None]


class PairingCode(Model):
    """A short code that turns a tablet into a device, once."""

    __tablename__ = "pairing_code"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[str | None] = mapped_column(Id, ForeignKey("device.id"))
