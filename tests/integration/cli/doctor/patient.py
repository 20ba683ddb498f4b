"""What the doctor's tests ask, and what they break."""

from typing import Any

from app.cli.backups import making
from app.cli.doctor import examine
from app.cli.doctor.findings import Finding
from app.common.scope import Scope
from app.common.sql import Statement
from config import Settings
from tests.clocks import FixedClock

KEY = "k1:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


def found(environment: dict[str, str], check: str, clock: FixedClock) -> Finding:
    (finding,) = [finding for finding in examine(environment, clock=clock) if finding.check == check]
    return finding


def change(scope: Scope, statement: str, **values: Any) -> None:
    with scope.transaction() as tx:
        tx.run(Statement(statement), values)


def as_owner(scope: Scope, settings: Settings, *, sqlite: str, postgresql: str) -> None:
    """What somebody with the owner's rights could do behind our back."""
    if settings.is_sqlite:
        change(scope, sqlite)
        return
    with making.connect_postgresql(settings.database_url) as connection:
        connection.execute(postgresql)
