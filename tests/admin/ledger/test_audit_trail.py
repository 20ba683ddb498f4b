"""Nothing in the audit trail, nor in what was booked or consented to, can be changed or removed: the database refuses
it, whoever asks, by whichever statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from psycopg import errors
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.common.database.engines import APP_ROLE, OFFICE_ROLE, SETTING
from app.common.scope import Scope
from app.tables import metadata
from app.wallet.service.consenting import set_consent
from tests.admin.ledger.people import ask, collector, operator
from tests.factories import Holder, Shop, visit
from tests.integration.ledger.intruder import REFUSALS, intruder

KEPT = ("audit_event", "consent_event", "ledger_transaction", "transfer", "programme_version")
ROLES = ("application", "office", "owner")


@dataclass
class Town:
    shop: Shop
    holder: Holder
    operator: Scope


@pytest.fixture
def town(scope: Scope) -> Town:
    """Something in every one of these tables: bookings, an operator's act, a consent."""
    shop, holder = collector(scope)
    visit(shop.counter(), holder, units=2)
    jan = operator(scope, "jan")
    ask(jan, shop, holder, 3)
    set_consent(
        replace(scope, actor_kind="member", actor_id=holder.member_id, member_id=holder.member_id),
        merchant_id=shop.merchant_id,
        channel="email",
        is_given=True,
        how="app",
        wording="1",
    )
    return Town(shop, holder, jan)


def copies(scope: Scope) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is kept, as it stands."""
    found = {}
    with scope.reading() as tx:
        for table in KEPT:
            keys = ", ".join(column.name for column in metadata.tables[table].primary_key)
            found[table] = [tuple(row) for row in tx.session.execute(text(f"SELECT * FROM {table} ORDER BY {keys}"))]
    assert all(found.values()), "every table holds something"
    return found


@contextmanager
def connected(scope: Scope, role: str, town: Town) -> Iterator[Connection]:
    """A connection as the service has it, in the part of a role; the owner's is the one that migrates."""
    with scope.database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            as_told = {"application": APP_ROLE, "office": OFFICE_ROLE}.get(role)
            connection.exec_driver_sql("RESET ROLE" if as_told is None else f"SET ROLE {as_told}")
            connection.exec_driver_sql(f"SELECT set_config('{SETTING}', '{town.shop.merchant_id}', false)")
            connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            # A connection that took on another role must not go back to the pool.
            connection.invalidate()


def changes(table: str, dialect: str) -> list[str]:
    """Every way in which a statement can change or remove a row."""
    columns = [column.name for column in metadata.tables[table].columns]
    keys = ", ".join(column.name for column in metadata.tables[table].primary_key)
    other = next(name for name in columns if name not in keys.split(", "))
    every, instead = ", ".join(columns), f"DO UPDATE SET {other} = excluded.{other}"
    found = [f"UPDATE {table} SET {name} = {name}" for name in columns]
    found += [
        f"DELETE FROM {table}",
        f"INSERT INTO {table} ({every}) SELECT {every} FROM {table} WHERE true ON CONFLICT ({keys}) {instead}",
    ]
    if dialect == "sqlite":
        return [
            *found,
            f"UPDATE OR REPLACE {table} SET {other} = {other}",
            f"INSERT OR REPLACE INTO {table} ({every}) SELECT {every} FROM {table}",
            f"REPLACE INTO {table} ({every}) SELECT {every} FROM {table}",
        ]
    return [
        *found,
        f"TRUNCATE {table}",
        f"TRUNCATE {table} CASCADE",
        f"MERGE INTO {table} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
        f"MERGE INTO {table} USING (SELECT 1) one ON true WHEN MATCHED THEN UPDATE SET {other} = {other}",
        f"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
    ]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", KEPT)
def test_no_role_changes_or_removes_what_is_kept(scope: Scope, town: Town, table: str, role: str) -> None:
    before = copies(scope)
    passed, refused = [], []
    with connected(scope, role, town) as connection:
        for statement in changes(table, connection.dialect.name):
            try:
                connection.exec_driver_sql(statement)
                passed.append(statement)
                connection.commit()
            except DBAPIError as error:
                refused.append(error)
                connection.rollback()
    assert all(isinstance(error.orig, REFUSALS) for error in refused), refused
    assert passed == []
    assert copies(scope) == before


@pytest.mark.parametrize("role", ROLES[:2])
def test_the_services_roles_cannot_take_the_refusal_away(scope: Scope, town: Town, role: str) -> None:
    if scope.database.dialect == "sqlite":
        return  # no roles there: who may write the file may write all of it, which sealed anchors outside show
    before = copies(scope)
    attempts: list[str] = ["SET session_replication_role = replica"]
    for table in KEPT:
        attempts += [
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"ALTER TABLE {table} DISABLE TRIGGER {table}_refuses_change",
            f"DROP TRIGGER {table}_refuses_change ON {table}",
            f"DROP TABLE {table} CASCADE",
            f"ALTER TABLE {table} RENAME TO {table}_old",
            f"GRANT UPDATE, DELETE, TRUNCATE ON {table} TO {APP_ROLE}",
        ]
    attempts.append(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
    )
    passed, refused = [], []
    with connected(scope, role, town) as connection:
        for statement in attempts:
            try:
                connection.exec_driver_sql(statement)
                if not statement.startswith("GRANT") or has_right(connection):
                    passed.append(statement)
            except DBAPIError as error:
                refused.append(error)
            connection.rollback()
    assert all(isinstance(error.orig, errors.InsufficientPrivilege) for error in refused), refused
    assert passed == []
    assert copies(scope) == before


def has_right(connection: Connection) -> bool:
    """Whether the service may change a kept table after all: a GRANT that gives nothing is only warned about."""
    return any(
        connection.exec_driver_sql(f"SELECT has_table_privilege('{APP_ROLE}', '{table}', '{right}')").scalar()
        for table in KEPT
        for right in ("UPDATE", "DELETE", "TRUNCATE")
    )


def test_the_connections_that_the_service_opens_are_in_those_roles(scope: Scope, town: Town) -> None:
    """The parts above are played by the connections that the service has, not by others."""
    with scope.database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA recursive_triggers").scalar() == 1
            return
        assert connection.exec_driver_sql("SELECT current_user").scalar() == APP_ROLE


def test_somebody_with_a_connection_of_her_own_is_refused_too(scope: Scope, town: Town, database_url: str) -> None:
    before = copies(scope)
    with intruder(database_url, breaks_in=False) as outsider:
        for table in KEPT:
            for statement in changes(table, "sqlite" if outsider.is_sqlite else "postgresql"):
                with pytest.raises(REFUSALS):
                    outsider.run(statement)
    assert copies(scope) == before


def test_what_refuses_is_the_database_and_not_the_test(scope: Scope, town: Town, database_url: str) -> None:
    """The twin: without the triggers the same statements pass for whoever owns the tables."""
    with intruder(database_url, breaks_in=True) as insider:
        statements: list[Callable[[], int]] = [
            lambda: insider.run("UPDATE audit_event SET action = action"),
            lambda: insider.run("DELETE FROM audit_event"),
        ]
        assert all(act() > 0 for act in statements)


def test_a_fresh_event_is_kept_by_the_same_rule(scope: Scope, town: Town) -> None:
    """What is added after the migrations is as safe: nothing hangs on single rows."""
    ask(town.operator, town.shop, town.holder, 1)
    with connected(scope, "owner", town) as connection, pytest.raises(DBAPIError):
        connection.exec_driver_sql("DELETE FROM audit_event WHERE action = 'adjustment.asked'")
