"""That PostgreSQL itself keeps one shop's back office from another shop's rows. On SQLite ``Scope`` alone does: there
the same tests show that the queries, which forget their condition, would see everything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import ProgrammingError

from app.cards.models import Card, ConsentEvent, Login
from app.common.batch import Batch, Table
from app.common.database import Database
from app.common.database import walls as building
from app.common.database.engines import APP_ROLE, OFFICE_ROLE, open_engine
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import service as merchants
from app.merchants.queries.shop_pages import overview
from app.rewards.models import Visit, Voucher
from app.rewards.rules import points_document
from app.rewards.service import create_programme
from app.rewards.service.adjusting import adjust
from app.tables import metadata
from app.walls import WALLS, wall_of
from tests.factories import Holder, Shop, make_holder, make_shop, visit

# Tables that the back office of every shop may read and write as a whole. Whoever adds one says in app/walls.py why.
OPEN = {
    "attempt",
    "billing_plan",
    "card_batch",
    "crossing_quarter",
    "import_run",
    "job_run",
    "member_feed",
    "support_counter",
    "trade_model",
}
# Tables in which the two shops of these tests have rows of their own.
MANY_SHOPS = (
    *("merchant", "location", "device", "staff", "staff_login", "pairing_code"),
    *("programme", "programme_version", "reward", "voucher", "voucher_code", "visit", "member", "card"),
    *("account", "lot", "transfer", "ledger_transaction", "idempotency_key", "location_transaction", "audit_event"),
)


def columns_of(table: str) -> frozenset[str]:
    return frozenset(column.name for column in metadata.tables[table].columns)


def test_every_table_has_a_wall_or_says_why_not() -> None:
    open_ = {
        table
        for table in metadata.tables
        if (wall := wall_of(table, columns_of(table))).sees is None and not wall.is_private
    }
    assert open_ == OPEN
    assert all(WALLS[table].why for table in open_)
    assert set(WALLS) <= set(metadata.tables), "a wall of a table that is gone"


def test_a_table_of_a_shop_or_a_member_is_walled_by_itself() -> None:
    assert wall_of("made_up", frozenset({"id", "merchant_id", "member_id"})).sees == "merchant_id = own_merchant()"
    assert "made_up.member_id" in (wall_of("made_up", frozenset({"id", "member_id"})).sees or "")


@dataclass
class Street:
    """Two shops with a customer each, and one who comes to both."""

    ours: Shop
    theirs: Shop
    regular: Holder
    stranger: Holder
    both: Holder
    staff: Scope


@pytest.fixture
def street(scope: Scope) -> Street:
    ours, theirs = (make_shop(scope, name=name, stamps=3) for name in ("Ours", "Theirs"))
    regular, stranger, both = (make_holder(scope) for _ in range(3))
    for shop, holders in ((ours, (regular, both)), (theirs, (stranger, both))):
        for holder in holders:
            for _ in range(4):
                assert visit(shop.counter(), holder).ok
    for shop in (ours, theirs):
        merchants.add_staff(scope, shop.merchant_id, name="An", role="owner", email=f"{shop.merchant_id}@zegel.example")
        merchants.create_pairing_code(scope, shop.location_id)
    staff = replace(scope, actor_kind="staff", merchant_id=ours.merchant_id, staff_role="owner")
    return Street(ours, theirs, regular, stranger, both, staff)


@pytest.fixture
def is_walled(database: Database) -> bool:
    return database.dialect == "postgresql"


def test_a_query_that_forgets_its_condition_finds_no_other_shops_rows(street: Street, is_walled: bool) -> None:
    with street.staff.reading() as tx:
        shops = set(tx.session.scalars(select(Visit.merchant_id)))
        raw = {str(row[0]) for row in tx.session.execute(text("SELECT DISTINCT merchant_id FROM voucher"))}
        codes = tx.rows(Statement("SELECT count(*) FROM voucher_code"), {})[0][0]
    everything = {street.ours.merchant_id, street.theirs.merchant_id}
    assert shops == raw == ({street.ours.merchant_id} if is_walled else everything)
    assert codes == (2 if is_walled else 4)


def test_of_every_table_the_shop_sees_its_own_rows_and_no_others(street: Street, is_walled: bool) -> None:
    if not is_walled:
        return
    ours = {
        "merchant_id": {street.ours.merchant_id},
        "member_id": {street.regular.member_id, street.both.member_id},
        "location_id": {street.ours.location_id},
        "programme_id": {street.ours.programme_id},
    }
    seen, hidden, wrong = set(), set(), []
    for table in metadata.sorted_tables:
        wall = wall_of(table.name, columns_of(table.name))
        if wall.is_private or wall.sees is None:
            continue
        with street.staff.reading() as tx:
            rows = [row._mapping for row in tx.session.execute(select(table))]
        with street.staff.database.reading() as tx:
            total = tx.session.scalar(select(func.count()).select_from(table)) or 0
        seen |= {table.name} if rows else set()
        hidden |= {table.name} if total > len(rows) else set()
        for row in rows:
            for column, own in ours.items():
                if row.get(column) is not None and row[column] not in own:
                    wrong.append((table.name, column))
    assert wrong == []
    for name in MANY_SHOPS:
        assert name in seen, f"{name}: the shop does not see its own"
        assert name in hidden, f"{name}: nothing was hidden, so this proves nothing of it"


def test_private_tables_are_shut(street: Street, is_walled: bool) -> None:
    if not is_walled:
        return
    for table in metadata.tables:
        if wall_of(table, columns_of(table)).is_private:
            with pytest.raises(ProgrammingError, match="permission denied"), street.staff.reading() as tx:
                tx.session.execute(text(f"SELECT 1 FROM {table}"))


def test_an_address_leads_to_a_member_only_where_she_lets_this_shop_find_her(street: Street, scope: Scope) -> None:
    def let(shop: Shop, is_given: bool) -> None:
        with scope.transaction() as tx:
            tx.session.add(
                ConsentEvent(
                    member_id=street.both.member_id,
                    id=new_id(),
                    merchant_id=shop.merchant_id,
                    channel="lookup",
                    is_given=is_given,
                    how="app",
                    wording="v1",
                    occurred_at=scope.now,
                )
            )

    def found() -> int:
        with street.staff.reading() as tx:
            return tx.session.scalar(select(func.count()).select_from(Login)) or 0

    with scope.transaction() as tx:
        told = {"member_id": street.both.member_id, "kind": "email", "verified_at": scope.now}
        tx.session.add(Login(blind=b"1", **told))
    if scope.database.dialect != "postgresql":
        return
    let(street.theirs, True)
    assert found() == 0
    let(street.ours, True)
    assert found() == 1
    let(street.ours, False)
    assert found() == 0


def test_another_shops_rows_can_not_be_changed(street: Street, scope: Scope, is_walled: bool) -> None:
    if not is_walled:
        return
    with street.staff.transaction() as tx:
        assert tx.session.execute(text("UPDATE reward SET name = 'Ours now'")).rowcount == 1  # type: ignore[attr-defined]
        assert tx.session.execute(text("UPDATE account SET balance = 999")).rowcount == 2  # type: ignore[attr-defined]
        assert tx.session.execute(text("DELETE FROM pairing_code")).rowcount == 1  # type: ignore[attr-defined]
        assert tx.session.execute(text("UPDATE member SET locale = 'fr'")).rowcount == 2  # type: ignore[attr-defined]
    with scope.reading() as tx:
        assert tx.session.execute(text("SELECT count(*) FROM reward WHERE name = 'Full card'")).scalar() == 1
        assert tx.session.execute(text("SELECT count(*) FROM account WHERE balance = 999")).scalar() == 2
        assert tx.session.execute(text("SELECT count(*) FROM pairing_code")).scalar() == 1


INTRUSIONS = {
    "reward": "UPDATE reward SET merchant_id = :theirs",
    "visit": "UPDATE visit SET merchant_id = :theirs",
    "account": "UPDATE account SET programme_id = :programme",
    "promotion": """INSERT INTO promotion (id, merchant_id, programme_id, name, rule, is_active, created_at)
        VALUES (:new, :theirs, :programme, 'Ours', '{}', true, now())""",
    "audit": """INSERT INTO audit_event (id, merchant_id, actor_kind, action, subject_kind, occurred_at)
        VALUES (:new, :theirs, 'staff', 'made.up', 'merchant', now())""",
    "outbox": """INSERT INTO outbox (id, topic, merchant_id, payload, created_at, available_at, tries)
        VALUES (:new, 'event', :theirs, '{}', now(), now(), 0)""",
    "lot": """INSERT INTO lot (member_id, id, account_id, origin_id, amount, remaining, earned_at)
        VALUES (:stranger, :new, :account, :new, 5, 5, now())""",
}


@pytest.mark.parametrize("table", INTRUSIONS)
def test_rows_can_not_be_put_into_another_shop(street: Street, scope: Scope, is_walled: bool, table: str) -> None:
    if not is_walled:
        return
    with scope.reading() as tx:
        asked = text("SELECT id FROM account WHERE member_id = :member")
        account = tx.session.execute(asked, {"member": street.stranger.member_id}).scalar()
    told = {
        "theirs": street.theirs.merchant_id,
        "programme": street.theirs.programme_id,
        "stranger": street.stranger.member_id,
        "account": account,
        "new": new_id(),
    }
    used = {name: value for name, value in told.items() if f":{name}" in INTRUSIONS[table]}
    with pytest.raises(ProgrammingError, match="row-level security"), street.staff.transaction() as tx:
        tx.session.execute(text(INTRUSIONS[table]), used)


def test_what_a_shop_does_for_its_own_members_goes_on_as_before(street: Street) -> None:
    given = adjust(
        street.staff, member_id=street.both.member_id, programme_id=street.ours.programme_id, units=1, reason="sorry"
    )
    assert given.balance == 2
    # Also with a new account: what one statement adds does not see itself.
    points = create_programme(
        street.staff, street.ours.merchant_id, name="Points", kind="points", rules=points_document("1")
    )
    assert (
        adjust(street.staff, member_id=street.regular.member_id, programme_id=points, units=7, reason="sorry").balance
        == 7
    )
    made = make_holder(street.staff)
    with street.staff.database.reading() as tx:
        assert tx.session.get(Card, made.number) is not None


def test_a_colleague_may_have_a_login_from_another_shop(street: Street, scope: Scope) -> None:
    address = f"{street.theirs.merchant_id}@zegel.example"
    merchants.add_staff(street.staff, street.ours.merchant_id, name="Bo", role="cashier", email=address)
    with scope.reading() as tx:
        asked = text("SELECT count(DISTINCT login_id), count(*) FROM staff WHERE email = :address")
        assert tx.session.execute(asked, {"address": address}).one() == (1, 2)


def test_every_way_into_a_transaction_has_the_wall(street: Street, is_walled: bool) -> None:
    asked = Statement("SELECT current_user, current_setting('zegel.merchant_id', true)", sqlite="SELECT NULL, NULL")
    ways: list[Any] = [street.staff.run, street.staff.run_single, street.staff.look]
    found = [way(lambda tx: tx.rows(asked, {})[0]) for way in ways]
    for opened in (street.staff.transaction, street.staff.reading):
        with opened() as tx:
            found.append(tx.rows(asked, {})[0])
    assert set(found) == {(OFFICE_ROLE, street.ours.merchant_id) if is_walled else (None, None)}


@pytest.mark.parametrize("kind", ["system", "device", "member", "login", "operator"])
def test_other_faces_have_no_wall(street: Street, is_walled: bool, kind: str) -> None:
    elsewhere = replace(street.staff, actor_kind=kind)
    with elsewhere.reading() as tx:
        assert set(tx.session.scalars(select(Visit.merchant_id))) == {
            street.ours.merchant_id,
            street.theirs.merchant_id,
        }
        if is_walled:
            assert tx.session.execute(text("SELECT current_user")).scalar() == APP_ROLE


def test_reports_have_the_same_wall(street: Street, is_walled: bool) -> None:
    reports = replace(street.staff, actor_kind="reports", staff_role=None)
    with reports.reading() as tx:
        assert len(set(tx.session.scalars(select(Visit.merchant_id)))) == (1 if is_walled else 2)


def test_two_shops_at_once_each_see_their_own(street: Street, is_walled: bool) -> None:
    def look(number: int) -> bool:
        shop = (street.ours, street.theirs)[number % 2].merchant_id
        with replace(street.staff, merchant_id=shop).reading() as tx:
            return set(tx.session.scalars(select(Voucher.merchant_id))) == {shop}

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(look, range(64))) == {is_walled}


def test_a_connection_keeps_nothing_of_the_last_shop(street: Street, database: Database, is_walled: bool) -> None:
    if not is_walled:
        return
    with street.staff.reading():
        pass
    assert database._office is not None
    with database._office.connect() as connection:  # as it comes out of the pool
        assert connection.execute(text("SELECT current_user")).scalar() == OFFICE_ROLE
        assert connection.execute(select(func.count()).select_from(Visit)).scalar() == 0
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("UPDATE ledger_transaction SET reason = 'mine'"))


def test_what_is_remembered_behind_a_wall_is_not_taken_for_the_whole(street: Street, scope: Scope) -> None:
    overview(street.staff)
    whole = overview(scope)
    assert whole.shops == 2


def test_rows_in_bulk_pass_the_wall_too(street: Street, is_walled: bool) -> None:
    def write(merchant_id: str) -> None:
        batch = Batch()
        table = Table("card_source", 0, "merchant_id source")
        for number in range(3):
            batch.insert(table, (merchant_id, f"till-{number}"))
        street.staff.run(batch.write_bulk)

    write(street.ours.merchant_id)
    if is_walled:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            write(street.theirs.merchant_id)


def test_the_migrations_leave_every_wall_standing(database: Database, database_url: str, is_walled: bool) -> None:
    if not is_walled:
        return
    with database.engine.connect() as connection:
        assert building.missing_walls(connection, wall_of) == []
        rows = connection.execute(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity")
        )
        held = {row[0] for row in rows}
    meant = {table for table in metadata.tables if wall_of(table, columns_of(table)).sees is not None}
    assert held == meant


def test_a_wall_that_was_taken_down_is_found_and_put_up_again(database_url: str, is_walled: bool) -> None:
    if not is_walled:
        return
    engine = open_engine(database_url)
    with engine.connect() as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("DROP POLICY own_shop ON visit"))
        connection.execute(text("ALTER TABLE voucher DISABLE ROW LEVEL SECURITY"))
        connection.execute(text(f"GRANT SELECT ON passkey TO {OFFICE_ROLE}"))
        assert building.missing_walls(connection, wall_of) == ["passkey", "visit", "voucher"]
        assert building.raise_walls(connection, wall_of) == ["passkey", "visit", "voucher"]
        assert building.raise_walls(connection, wall_of) == []
        assert building.missing_walls(connection, wall_of) == []
    engine.dispose()


def test_the_services_role_passes_without_the_right_to_bypass(
    street: Street, database_url: str, is_walled: bool
) -> None:
    """Where the migrating login may not give that right: a role that is the service's by membership has its policies
    alone."""
    if not is_walled:
        return
    role = f"zegel_test_{new_id()[-12:]}"
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} NOLOGIN")
        try:
            connection.execute(f"GRANT {APP_ROLE} TO {role}")
            connection.execute(f"SET ROLE {role}")
            held = connection.execute("SELECT row_security_active('visit')").fetchone()
            seen = connection.execute("SELECT count(DISTINCT merchant_id) FROM visit").fetchone()
            changed = connection.execute("UPDATE account SET balance = balance").rowcount
        finally:
            connection.execute("RESET ROLE")
            connection.execute(f"DROP ROLE {role}")
    assert (held, seen, changed) == ((True,), (2,), 4)


def test_without_the_role_the_scope_alone_holds_the_wall(street: Street, database_url: str, is_walled: bool) -> None:
    if not is_walled:
        return
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP FUNCTION own_merchant() CASCADE")
    database = Database(open_engine(database_url))
    bare = replace(street.staff, database=database)
    with bare.reading() as tx:
        assert tx.session.execute(text("SELECT current_user")).scalar() == APP_ROLE
    changed = update(Visit).where(Visit.merchant_id == street.ours.merchant_id).values(receipt_ref="1")
    bare.run(lambda tx: tx.session.execute(changed))
    database.close()
