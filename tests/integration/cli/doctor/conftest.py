"""An installation in which all is well."""

from datetime import UTC, datetime

import pytest

from app.cli.backups import making
from app.common.scope import Scope
from app.jobs import rounds
from app.jobs.context import JobContext
from app.jobs.schedule import JOBS, OUTBOX
from config import Settings
from tests.clocks import FixedClock
from tests.databases import synced
from tests.factories import make_holder, make_shop, visit


@pytest.fixture
def clock() -> FixedClock:
    """The database's own clock is looked at too: so the real time, standing still."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def healthy(scope: Scope, settings: Settings, clock: FixedClock, environment: dict[str, str]) -> dict[str, str]:
    """The environment of an installation in which all is well."""
    environment = {**environment, "PUBLIC_URL": "http://127.0.0.1:8000"}
    if not settings.is_sqlite:
        synced(settings.database_url)
    shop = make_shop(scope, points="1")
    assert visit(shop.counter(), make_holder(scope), amount_minor=500).ok
    context = JobContext(settings, scope.database, clock)
    for job in JOBS:
        assert rounds.run_if_due(context, job)
    with scope.transaction() as tx:
        rounds.beat(tx, OUTBOX, now=clock.now, result={})
    file = settings.var / "backup.zegel"
    making.remember(settings.var, file, making.make(
        settings.database_url, file, settings.keys.ledger, now=clock.now, progress=lambda *_: None
    ))  # fmt: skip
    making.remember_drill(settings.var, file, made_at=clock.now.isoformat(), now=clock.now)
    return environment
