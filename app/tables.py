"""Every table, for Alembic and for whoever needs the whole metadata. Imports all models and nothing else."""

from __future__ import annotations

from app.cards import models as cards
from app.common import models as common
from app.common.model import Model
from app.ledger import models as ledger
from app.merchants import models as merchants
from app.rewards import models as rewards

metadata = Model.metadata

__all__ = ["cards", "common", "ledger", "merchants", "metadata", "rewards"]
