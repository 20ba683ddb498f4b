"""The ground that the other tests stand on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import text

from app.common.database import Database
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Operator
from tests.clocks import FixedClock

COUNT = Statement("SELECT count(*) FROM operator")


def test_each_test_has_a_fresh_migrated_database(database: Database) -> None:
    with database.transaction() as tx:
        assert tx.rows(COUNT, {}) == [(0,)]
        tx.session.add(Operator(id=new_id(), email="a@example.org", created_at=FixedClock()()))
    with database.reading() as tx:
        assert tx.rows(COUNT, {}) == [(1,)]


def test_threads_see_each_others_commits(scope: Scope) -> None:
    def add(number: int) -> None:
        with scope.database.transaction() as tx:
            tx.session.add(Operator(id=new_id(), email=f"{number}@example.org", created_at=scope.now))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(32)))
    with scope.reading() as tx:
        assert tx.rows(COUNT, {}) == [(32,)]


def test_the_application_has_one_engine(flask_app: Flask, database: Database) -> None:
    with flask_app.app_context():
        assert database.engine is flask_app.extensions["sqlalchemy"].engine
    assert database is flask_app.extensions["zegel"].database


def test_the_service_takes_on_the_role_that_may_not_change_bookings(database: Database) -> None:
    if database.dialect == "postgresql":
        with database.reading() as tx:
            assert tx.session.execute(text("SELECT current_user")).scalar() == "zegel_app"
