"""Tables of how each relationship group is served, and of how far the automations have looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

LEVELS = ("basic", "reactive", "accountable", "proactive", "partnership")
"""From the least to the most; each does all that the ones before it do."""
SERVED = ("stranger", "butterfly", "barnacle", "friend")
_LEVELS = ", ".join(f"'{one}'" for one in LEVELS)
_SERVED = ", ".join(f"'{one}'" for one in SERVED)


class ServiceLevel(Model):
    """At which level a shop serves one of its relationship groups; ``staff_id`` is the person whom a partnership
    names. A group without a row was not chosen for yet."""

    __tablename__ = "service_level"
    __table_args__ = (
        CheckConstraint(f"relationship IN ({_SERVED})", name="relationship"),
        CheckConstraint(f"level IN ({_LEVELS})", name="level"),
        CheckConstraint("staff_id IS NULL OR level = 'partnership'", name="person"),
    )

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    relationship: Mapped[str] = mapped_column(Text, primary_key=True)
    level: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(server_default="1")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(Id)


class AutomationProgress(Model):
    """The local day for which an automation has looked through all members last: a day is looked through once."""

    __tablename__ = "automation_progress"

    campaign_id: Mapped[str] = mapped_column(Id, ForeignKey("campaign.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    day: Mapped[str] = mapped_column(Text)  # ISO
    tomorrow: Mapped[int | None]  # to how many it would write the day after, as far as could be told then
    planned_at: Mapped[datetime]
