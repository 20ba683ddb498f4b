"""Kinds of customers: members who come in the same way, as clusters that tell themselves in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.common.scope import Scope
from app.insights.models import MemberValue, Persona
from app.rewards.models import ShopMember


@dataclass(frozen=True, slots=True)
class Kind:
    """One of them: its number, how many members it has, and what they have in common."""

    number: int
    members: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OfKind:
    """One member of a kind; ``name`` None: she is known by the end of her card."""

    member_id: str
    name: str | None
    card_tail: str | None
    relationship: str | None
    visits_year: int
    last_day: date


def list_kinds(scope: Scope) -> Sequence[Kind]:
    """The kinds of customers of the scope's merchant, the largest first."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(Persona)
            .where(Persona.merchant_id == scope.merchant_id, Persona.members > 0)
            .order_by(Persona.members.desc(), Persona.number)
        ).all()
        return [Kind(row.number, row.members, row.facts) for row in rows]


def list_of_kind(scope: Scope, number: int, *, most: int = 100) -> Sequence[OfKind]:
    """Members of one kind, who was here last first; at most so many."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(MemberValue, ShopMember.card_tail)
            .join(
                ShopMember,
                (ShopMember.member_id == MemberValue.member_id) & (ShopMember.place_id == MemberValue.merchant_id),
            )
            .where(MemberValue.merchant_id == scope.merchant_id, MemberValue.persona == number)
            .order_by(MemberValue.last_day.desc(), MemberValue.member_id)
            .limit(most)
        ).all()
        names = names_of(tx, scope, [row.member_id for row, _ in rows])
        return [
            OfKind(
                row.member_id,
                (known := names.get(row.member_id, NAMELESS)).called or known.shown,
                tail,
                row.relationship,
                row.visits_year,
                date.fromisoformat(row.last_day),
            )
            for row, tail in rows
        ]
