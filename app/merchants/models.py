"""Tables of the shops' side: merchants, locations, staff, devices, and the one-time codes that let people in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Merchant(Model):
    """A business. ``config_version`` grows with every change of rules, rewards, promotions, locations or devices, so
    that each process can keep the compiled configuration and still never use an old one."""

    __tablename__ = "merchant"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'closed')", name="status"),
        CheckConstraint("hue >= 0 AND hue < 360", name="hue"),
        Index("uq_merchant_sandbox_of", "sandbox_of", unique=True),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    category: Mapped[str] = mapped_column(Text, server_default="general")
    country: Mapped[str] = mapped_column(Text, server_default="BE")
    currency: Mapped[str] = mapped_column(Text, server_default="EUR")
    timezone: Mapped[str] = mapped_column(Text, server_default="Europe/Brussels")
    story: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # texts by locale
    hue: Mapped[int] = mapped_column(server_default="25")
    logo_svg: Mapped[str | None] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    status: Mapped[str] = mapped_column(Text, server_default="active")
    is_listed: Mapped[bool] = mapped_column(server_default=true())
    sandbox_of: Mapped[str | None] = mapped_column(Id, ForeignKey("merchant.id"))
    config_version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class Location(Model):
    """A shop: where cards are scanned."""

    __tablename__ = "location"
    __table_args__ = (
        Index("ix_location_merchant_id", "merchant_id"),
        CheckConstraint("lat IS NULL OR lat BETWEEN -90 AND 90", name="lat"),
        CheckConstraint("lon IS NULL OR lon BETWEEN -180 AND 180", name="lon"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    name: Mapped[str] = mapped_column(Text)
    street: Mapped[str | None] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    timezone: Mapped[str] = mapped_column(Text)
    opening_hours: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # {"mon": [["08:00", "18:00"]], …}
    is_listed: Mapped[bool] = mapped_column(server_default=true())
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class LocationReference(Model):
    """A foreign name of a shop (another system's shop number) that stands for one of our locations, per source."""

    __tablename__ = "location_reference"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"))


class Staff(Model):
    """A person who works at a merchant, with the least role that does the work."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'manager', 'cashier')", name="role"),
        UniqueConstraint("merchant_id", "email"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    location_id: Mapped[str | None] = mapped_column(Id, ForeignKey("location.id"))  # none: every location
    email: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    pin_hash: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class Operator(Model):
    """A person who runs the platform."""

    __tablename__ = "operator"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default="")
    role: Mapped[str] = mapped_column(Text, server_default="administrator")
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


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
    revoked_at: Mapped[datetime | None]


class PairingCode(Model):
    """A short code that turns a tablet into a device, once."""

    __tablename__ = "pairing_code"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[str | None] = mapped_column(Id, ForeignKey("device.id"))


class SetupLink(Model):
    """A one-time link by which a member of staff or an operator sets the password."""

    __tablename__ = "setup_link"
    __table_args__ = (CheckConstraint("(staff_id IS NULL) <> (operator_id IS NULL)", name="one_person"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(Id, ForeignKey("staff.id"))
    operator_id: Mapped[str | None] = mapped_column(Id, ForeignKey("operator.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebhookEndpoint(Model):
    """Where a merchant wants to be told what happened. The signing secret is sealed with the platform's data key."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (Index("ix_webhook_endpoint_merchant_id", "merchant_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    events: Mapped[list[Any]]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None] = mapped_column(Text)


class WebhookDelivery(Model):
    """One event on its way to one endpoint: what was sent, how often, and what came back."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
        Index(
            "ix_webhook_delivery_due",
            "next_at",
            postgresql_where=text("status = 'pending'"),
            sqlite_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook_endpoint.id"))
    event_id: Mapped[str] = mapped_column(Id)
    event_type: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="pending")
    tries: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
