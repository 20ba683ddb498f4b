"""An automation as it stands in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.automations.catalogue import READY, Ready
from app.campaigns.automations.settings import Settings, read_settings
from app.campaigns.models import Campaign

NO_GROUP = "stranger"
"""Who has no group yet counts as one of these."""


@dataclass(frozen=True, slots=True)
class Automation:
    """An automation as it stands in one transaction. ``country`` and ``timezone`` are its shop's."""

    id: str | None
    merchant_id: str
    trigger: str
    settings: Settings
    seed: int
    control_percent: int
    timezone: str
    ways: tuple[str, ...]
    has_offer: bool

    @property
    def ready(self) -> Ready:
        """What is ready-made of it."""
        return READY[self.trigger]

    @property
    def is_news(self) -> bool:
        """Whether it wants a consent for this shop: what comes with an offer is news, whatever it says beside it."""
        return self.ready.is_marketing or self.has_offer


def automation_of(row: Campaign, timezone: str) -> Automation:
    """A campaign's row as an automation."""
    assert row.trigger is not None
    return Automation(
        row.id,
        row.merchant_id,
        row.trigger,
        read_settings(row.settings, READY[row.trigger].standard),
        row.seed,
        row.control_percent if READY[row.trigger].control_percent else 0,
        timezone,
        tuple(way for way in row.ways if way in READY[row.trigger].ways),
        row.reward_id is not None,
    )
