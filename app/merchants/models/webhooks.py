"""Tables of whom a merchant wants to be told, and of what was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


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
        # What an endpoint was sent, page by page; and of it, what ended in one way.
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "id"),
        Index("ix_webhook_delivery_status", "endpoint_id", "status", "id"),
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
    last_answer: Mapped[str | None] = mapped_column(Text)  # the beginning of what the endpoint said
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
