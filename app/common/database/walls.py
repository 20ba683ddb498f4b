"""The wall around a shop, held by PostgreSQL itself: what back office and reports do runs under a role of its own,
whose row-level security lets it see and write one merchant's rows only. A query that forgets its condition finds
nothing more.

Which wall a table has is told by ``app.walls``; here is how walls are put up, taken down and looked at. SQLite has no
such thing: there ``Scope`` alone holds the wall.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from app.common.database.engines import APP_ROLE, OFFICE_ROLE, SETTING

POLICY = "own_shop"
APP_POLICY = "whole_service"


@dataclass(frozen=True, slots=True)
class Wall:
    """What the back office may do with a table.

    ``sees``: the condition, in SQL, for a row that is the shop's own, where the shop's id is ``own_merchant()``.
    ``writes``: the condition for a row that it adds or changes, the same unless told. Without ``sees`` the table is
    open, or, when ``is_private``, shut; both say why in ``why``.
    """

    sees: str | None = None
    writes: str | None = None
    is_private: bool = False
    why: str = ""

    def __post_init__(self) -> None:
        if self.sees is None and not self.why:
            raise ValueError("a table that is open, or shut, says why")

    @property
    def mark(self) -> str:
        """What tells this wall from another one."""
        return hashlib.sha256(f"{self.sees}|{self.writes}".encode()).hexdigest()[:16]


Walls = Callable[[str, frozenset[str]], Wall]  # from a table's name and columns to its wall

_FUNCTIONS = (
    # Nobody is set: no rows. The cast would fail on the empty text that a finished transaction leaves behind.
    f"""CREATE OR REPLACE FUNCTION own_merchant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('{SETTING}', true), '')::uuid $$""",
    # Rows that a statement adds do not see each other: an account that is not there yet is nobody else's.
    """CREATE OR REPLACE FUNCTION is_account_elsewhere(member uuid, account uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM public.account a JOIN public.programme p ON p.id = a.programme_id
        WHERE a.member_id = $1 AND a.id = $2 AND p.merchant_id IS DISTINCT FROM public.own_merchant()) $$""",
    # A colleague may have a login already, from another shop: its id is told, and nothing else of it.
    """CREATE OR REPLACE FUNCTION login_with_address(address text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM public.staff_login WHERE email = $1 $$""",
)
_NAMES = ("own_merchant()", "is_account_elsewhere(uuid, uuid)", "login_with_address(text)")

# Roles belong to the whole server: another database's migration may be at the same one at the same moment.
_MAKE_ROLE = (
    f"DO $$ BEGIN CREATE ROLE {OFFICE_ROLE} NOLOGIN;"
    " EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL; END $$"
)
# Whoever may take on the service's role may take on the back office's.
_GRANT_ROLE = (
    f"DO $$ BEGIN IF NOT pg_has_role('{APP_ROLE}', '{OFFICE_ROLE}', 'MEMBER') THEN"
    f" GRANT {OFFICE_ROLE} TO {APP_ROLE}; END IF; EXCEPTION WHEN"
    " undefined_object OR insufficient_privilege OR unique_violation OR internal_error THEN NULL; END $$"
)
# The service's own role passes the walls: by its right, where the login may give that, which costs nothing and lets it
# COPY; else by the policy that each wall has for it.
_LET_PASS = (
    f"DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}' AND NOT rolbypassrls) THEN"  # noqa: S608
    f" ALTER ROLE {APP_ROLE} BYPASSRLS; END IF;"
    " EXCEPTION WHEN insufficient_privilege OR internal_error THEN NULL; END $$"
)


def make_roles(connection: Connection) -> None:
    """Make the role, where the login may, and the functions that the conditions stand on. A repeat changes nothing."""
    for statement in (_MAKE_ROLE, _GRANT_ROLE, _LET_PASS, *_FUNCTIONS):
        connection.exec_driver_sql(statement)


def raise_walls(connection: Connection, walls: Walls) -> list[str]:
    """Put up the wall of every table that is there as ``walls`` tells it, and return the tables where something was
    changed. A repeat changes nothing. Does nothing where there is no role: see :func:`missing_walls`."""
    if not _is_ready(connection):
        return []
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {OFFICE_ROLE}")
    changed = []
    marks, rights = _marks(connection), _rights(connection)
    for table, columns in _tables(connection).items():
        wall = walls(table, columns)
        meant = frozenset() if wall.is_private else rights.get((APP_ROLE, table), frozenset())
        found = rights.get((OFFICE_ROLE, table), frozenset())
        if found != meant:
            connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {OFFICE_ROLE}")
            if meant:
                connection.exec_driver_sql(f"GRANT {', '.join(sorted(meant))} ON {table} TO {OFFICE_ROLE}")
            changed.append(table)
        if marks.get(table) != (None if wall.sees is None else wall.mark):
            _take_down(connection, table)
            if wall.sees is not None:
                _put_up(connection, table, wall)
            changed.append(table)
    return sorted(set(changed))


def lower_walls(connection: Connection) -> None:
    """Take the conditions away, so that what they name can be changed. The security stays on: until they are raised
    again the back office sees nothing."""
    for table in _marks(connection):
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {POLICY} ON {table}")


def remove_walls(connection: Connection) -> None:
    """Undo all that this module did to a database; the roles stay, since other databases may use them."""
    for table in _tables(connection):
        _take_down(connection, table)
    for name in _NAMES:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}")
    if _has_role(connection, OFFICE_ROLE):
        connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {OFFICE_ROLE}")
        connection.exec_driver_sql(f"REVOKE USAGE ON SCHEMA public FROM {OFFICE_ROLE}")


def missing_walls(connection: Connection, walls: Walls) -> list[str] | None:
    """The tables whose wall is not as told, by name; None where this login can't take on the role at all."""
    if not _is_ready(connection) or not _has_role(connection, OFFICE_ROLE, is_member=True):
        return None
    marks, rights = _marks(connection), _rights(connection)
    return sorted(
        table
        for table, columns in _tables(connection).items()
        if (wall := walls(table, columns))
        and (
            marks.get(table) != (None if wall.sees is None else wall.mark)
            or (wall.is_private and rights.get((OFFICE_ROLE, table)))
        )
    )


def has_walls(connection: Connection) -> bool:
    """Whether :func:`make_roles` was here."""
    return bool(connection.exec_driver_sql("SELECT to_regprocedure('public.own_merchant()') IS NOT NULL").scalar())


def _put_up(connection: Connection, table: str, wall: Wall) -> None:
    connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    connection.exec_driver_sql(f"CREATE POLICY {APP_POLICY} ON {table} TO {APP_ROLE} USING (true) WITH CHECK (true)")
    connection.exec_driver_sql(
        f"CREATE POLICY {POLICY} ON {table} TO {OFFICE_ROLE}"
        f" USING ({wall.sees}) WITH CHECK ({wall.writes or wall.sees})"
    )
    connection.exec_driver_sql(f"COMMENT ON POLICY {POLICY} ON {table} IS '{wall.mark}'")


def _take_down(connection: Connection, table: str) -> None:
    for policy in (POLICY, APP_POLICY):
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {policy} ON {table}")
    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _is_ready(connection: Connection) -> bool:
    return has_walls(connection) and _has_role(connection, APP_ROLE) and _has_role(connection, OFFICE_ROLE)


def _has_role(connection: Connection, role: str, *, is_member: bool = False) -> bool:
    condition = " AND pg_has_role(session_user, oid, 'MEMBER')" if is_member else ""
    asked = f"SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}'{condition})"  # noqa: S608  constants
    return bool(connection.exec_driver_sql(asked).scalar())


def _tables(connection: Connection) -> Mapping[str, frozenset[str]]:
    rows = connection.exec_driver_sql(
        """SELECT c.relname, array_agg(a.attname::text) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_version'
        AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.relname ORDER BY c.relname"""
    )
    return {table: frozenset(columns) for table, columns in rows}


def _marks(connection: Connection) -> dict[str, str | None]:
    """The tables that have a condition, each with what tells it from another one; a dropped one, and a table whose
    security is off, count as none."""
    rows = connection.exec_driver_sql(
        f"""SELECT c.relname, obj_description(p.oid, 'pg_policy') FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE p.polname = '{POLICY}' AND c.relrowsecurity"""  # noqa: S608  constants
    )
    return {table: mark or "unknown" for table, mark in rows}


def _rights(connection: Connection) -> dict[tuple[str, str], frozenset[str]]:
    """What the two roles may do with each table, by their own rights."""
    rows = connection.exec_driver_sql(
        f"""SELECT g.rolname, c.relname, array_agg(a.privilege_type) FROM pg_class c, aclexplode(c.relacl) a, pg_roles g
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND g.oid = a.grantee
        AND g.rolname IN ('{APP_ROLE}', '{OFFICE_ROLE}') GROUP BY g.rolname, c.relname"""  # noqa: S608  constants
    )
    return {(role, table): frozenset(rights) for role, table, rights in rows}
