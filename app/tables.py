"""Every table, for Alembic and for whoever needs the whole metadata. Imports all models and nothing else."""

from __future__ import annotations

from app.billing import models as billing
from app.campaigns import models as campaigns
from app.cards import models as cards
from app.common import models as common
from app.common.model import Model
from app.insights import models as insights
from app.ledger import models as ledger
from app.merchants import models as merchants
from app.privacy import models as privacy
from app.rewards import models as rewards
from app.risk import models as risk
from app.support import models as support

metadata = Model.metadata

__all__ = [
    "billing",
    "campaigns",
    "cards",
    "common",
    "insights",
    "ledger",
    "merchants",
    "metadata",
    "privacy",
    "rewards",
    "risk",
    "support",
]
