"""Letting colleagues in."""

from __future__ import annotations

from collections.abc import Iterable

from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.service import SetupLink


def invite(scope: Scope, email: str, *, name: str, rights: Iterable[str]) -> tuple[str, SetupLink]:
    """Let one more person run the platform: the id, and the one-time link by which the password is set, told this once.

    Raises InvalidError, OperatorExistsError.
    """
    wanted = list(rights)

    def work(tx: Transaction) -> tuple[str, SetupLink]:
        del tx  # joined by both
        operator_id = merchants.add_operator(scope, email, name=name, rights=wanted)
        return operator_id, merchants.create_setup_link(scope, operator_id=operator_id)

    with scope.transaction() as tx:
        return work(tx)
