"""A history with everything that is hard to carry, and a place to carry it to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from tests.clocks import FixedClock
from tests.databases import PostgresqlTemplate
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, reverse, visit
from tests.integration.cli.moving.carrying import (
    ODD_DOCUMENT,
    ODD_NAMES,
    ODD_TEXT,
    ODD_TIMES,
    make_holder_alone,
)


@pytest.fixture
def to(database_url: str, tmp_path: Path, postgresql_template: PostgresqlTemplate) -> Iterator[str]:
    """An empty place of the other kind."""
    if not database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'moved.sqlite3'}"
        return
    url = postgresql_template.empty()
    yield url
    postgresql_template.drop(url)


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1", reward={"cost": 5})


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


@pytest.fixture
def history(scope: Scope, shop: Shop, holder: Holder, clock: FixedClock) -> None:
    """A few days of a shop, and rows with everything that two kinds of database may see differently."""
    other = make_holder(scope)
    for day in range(3):
        for card in (holder, other):
            assert visit(shop.counter(), card, amount_minor=1050 + day).ok
        clock.advance(days=1)
    assert redeem(shop.counter(), holder, shop.reward_ids[0]).ok
    returned = visit(shop.counter(), other, amount_minor=700)
    assert reverse(shop.counter(), returned.transaction_id).ok
    with scope.transaction() as tx:
        for number, at in enumerate(ODD_TIMES):
            values = {
                "id": new_id(),
                "topic": ODD_TEXT,
                "payload": json.dumps([ODD_DOCUMENT, "plain", 5][number]),
                "at": at,
                "tries": (-(2**63), 0, 2**63 - 1)[number],
            }
            tx.run(
                Statement(
                    "INSERT INTO outbox (id, topic, payload, created_at, available_at, tries)"
                    " VALUES (:id, :topic, CAST(:payload AS jsonb), :at, :at, :tries)",
                    sqlite="INSERT INTO outbox (id, topic, payload, created_at, available_at, tries)"
                    " VALUES (:id, :topic, :payload, :at, :at, :tries)",
                ),
                values,
            )
        for name in ODD_NAMES:
            tx.run(
                Statement("INSERT INTO job_run (name, started_at) VALUES (:name, :at)"), {"name": name, "at": clock()}
            )
        tx.run(
            Statement("INSERT INTO member_key (member_id, wrapped) VALUES (:id, :bytes)"),
            {"id": make_holder_alone(scope), "bytes": bytes(range(256))},
        )
        tx.run(
            Statement("UPDATE location SET lat = :lat, lon = :lon WHERE id = :id"),
            {"lat": 51.05434219999999, "lon": 0.1 + 0.2, "id": shop.location_id},
        )
