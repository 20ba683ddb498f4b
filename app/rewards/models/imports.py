"""Tables of what came from another system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class ImportedVisit(Model):
    """A row of another system's history that is here already, per source: a second import skips it."""

    __tablename__ = "imported_visit"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    visit_id: Mapped[str] = mapped_column(Id)


class ImportRun(Model):
    """How far an import of one source's file got, so that a killed one goes on where it stopped."""

    __tablename__ = "import_run"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    file_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(server_default="0")
    totals: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
