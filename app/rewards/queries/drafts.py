"""Rules in the making: a programme's draft, and what the simulator found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Staff
from app.rewards.models import ProgrammeDraft, Simulation
from app.rewards.rows import programme_in


@dataclass(frozen=True, slots=True)
class DraftView:
    """A programme's draft. ``changed_by`` is the name of whoever saved it last, where that person works here."""

    rules: Mapping[str, Any]
    revision: int
    changed_by: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SimulationView:
    """A run of the simulator; ``result`` once it is done."""

    simulation_id: str
    programme_id: str
    rules: Mapping[str, Any]
    status: str
    done_steps: int
    all_steps: int
    result: Mapping[str, Any] | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.status in ("waiting", "running")


def get_draft(scope: Scope, programme_id: str) -> DraftView | None:
    """The programme's draft, if somebody is writing one. Raises NotFoundError for a programme of others."""
    with scope.reading() as tx:
        programme_in(tx, scope, programme_id)
        row = tx.session.execute(
            select(ProgrammeDraft, Staff.name)
            .outerjoin(
                Staff, (Staff.id == ProgrammeDraft.changed_by) & (Staff.merchant_id == ProgrammeDraft.merchant_id)
            )
            .where(ProgrammeDraft.programme_id == programme_id)
        ).first()
    if row is None:
        return None
    draft, name = row
    return DraftView(draft.rules, draft.revision, name, draft.changed_at)


def list_drafts(scope: Scope) -> dict[str, DraftView]:
    """The drafts of the scope's merchant, by programme."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(ProgrammeDraft, Staff.name)
            .outerjoin(
                Staff, (Staff.id == ProgrammeDraft.changed_by) & (Staff.merchant_id == ProgrammeDraft.merchant_id)
            )
            .where(ProgrammeDraft.merchant_id == scope.merchant_id)
        ).all()
    return {draft.programme_id: DraftView(draft.rules, draft.revision, name, draft.changed_at) for draft, name in rows}


def get_simulation(scope: Scope, simulation_id: str) -> SimulationView:
    """A run of the simulator. Raises NotFoundError for one that is not there or not the scope's."""
    with scope.reading() as tx:
        found = tx.session.get(Simulation, simulation_id)
        if found is None or scope.merchant_id not in (None, found.merchant_id):
            raise NotFoundError
        return _view(found)


def latest_simulation(scope: Scope, programme_id: str) -> SimulationView | None:
    """The programme's latest run that is under way or done. Raises NotFoundError."""
    with scope.reading() as tx:
        programme = programme_in(tx, scope, programme_id)
        found = tx.session.scalars(
            select(Simulation)
            .where(
                Simulation.merchant_id == programme.merchant_id,
                Simulation.programme_id == programme_id,
                Simulation.status.in_(("waiting", "running", "done")),
            )
            .order_by(Simulation.created_at.desc(), Simulation.id.desc())
            .limit(1)
        ).first()
        return None if found is None else _view(found)


def _view(row: Simulation) -> SimulationView:
    return SimulationView(
        row.id,
        row.programme_id,
        row.rules,
        row.status,
        row.done_steps,
        row.all_steps,
        row.result,
        row.created_at,
        row.finished_at,
    )
