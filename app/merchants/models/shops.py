"""Tables of businesses and their shops."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

# In the order of code points on both databases, whatever the server's language is.
_Plain = Text().with_variant(Text(collation="C"), "postgresql")


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
    suspended_at: Mapped[datetime | None]  # since when it earns nothing by the operator's word
    is_listed: Mapped[bool] = mapped_column(server_default=true())
    # Nothing is earned from then on: the subscription is unpaid (app.billing), or the shop leaves. Redeeming goes on.
    paused_from: Mapped[datetime | None]
    frozen_from: Mapped[datetime | None]
    sandbox_of: Mapped[str | None] = mapped_column(Id, ForeignKey("merchant.id"))
    approved_at: Mapped[datetime | None]  # none: on trial, see app.merchants.trial
    cards_printed: Mapped[int] = mapped_column(server_default="0")  # by the shop itself
    config_version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class Location(Model):
    """A shop: where cards are scanned."""

    __tablename__ = "location"
    __table_args__ = (
        Index("ix_location_merchant_id", "merchant_id"),
        Index("uq_location_merchant_id_slug", "merchant_id", "slug", unique=True),
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
    slug: Mapped[str | None] = mapped_column(Text)  # in its page's address; given once, so that links stay true
    created_at: Mapped[datetime]


class ShopListing(Model):
    """What finding a public shop takes, copied from its location and merchant whenever one of them changes
    (:mod:`app.merchants.listing`). A shop that is not public has no row here."""

    __tablename__ = "shop_listing"
    __table_args__ = (
        # Whole in themselves: which shops are near is read from the index alone.
        Index("ix_shop_listing_cell", "cell", "x", "y", "z", "location_id"),
        Index("ix_shop_listing_category_cell", "category", "cell", "x", "y", "z", "location_id"),
        Index("ix_shop_listing_name", "name", "location_id"),
        Index("ix_shop_listing_town", "town", "name", "location_id"),
        Index("ix_shop_listing_merchant_id", "merchant_id"),
        CheckConstraint(
            "(cell IS NULL) = (x IS NULL) AND (x IS NULL) = (y IS NULL) AND (y IS NULL) = (z IS NULL)", name="place"
        ),
    )

    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    category: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(_Plain)  # folded, to be put in order
    words: Mapped[str] = mapped_column(_Plain)  # folded: all that a search may find
    town: Mapped[str] = mapped_column(_Plain)  # as it stands in addresses of pages
    timezone: Mapped[str] = mapped_column(Text)
    # A digit for each local hour of a week from Monday on: its bits are the quarters in which it may be open
    open_hours: Mapped[str] = mapped_column(Text)
    cell: Mapped[int | None]  # see app.merchants.cells
    x: Mapped[float | None] = mapped_column(Float)  # the place on the unit sphere
    y: Mapped[float | None] = mapped_column(Float)
    z: Mapped[float | None] = mapped_column(Float)


class LocationReference(Model):
    """A foreign name of a shop (another system's shop number) that stands for one of our locations, per source."""

    __tablename__ = "location_reference"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"))
