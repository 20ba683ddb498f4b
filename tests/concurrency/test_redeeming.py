"""Sixty-four clients and one balance: it is spent as often as it pays, on both databases, and each guard is seen to
be one: with all of them out, the same harness sees more given than there was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from app.common.database import Database, Transaction
from app.common.database.engines import engine_options, open_engine
from app.common.scope import Scope
from app.ledger import writing
from app.scanning.service import redemptions
from tests.books import assert_books_balance, count, standing
from tests.concurrency.racing import at_once
from tests.factories import Answer, Holder, Shop, hold, make_holder, make_shop, redeem, visit

CLIENTS = 64
PAYS_FOR = 10


@dataclass
class Race:
    """One reward of 5 units, and a balance that pays for ten of it."""

    shop: Shop
    holder: Holder

    @classmethod
    def prepared(cls, scope: Scope, **reward: Any) -> Race:
        shop, holder = make_shop(scope, points="1", reward={"cost": 5, **reward}), make_holder(scope)
        visit(shop.counter(), holder, amount_minor=PAYS_FOR * 5 * 100 + 4_00)
        return cls(shop, holder)

    def run(self, scope: Scope, act: Callable[..., Answer] = redeem, clients: int = CLIENTS) -> list[Any]:
        self.shop.scope = scope

        def one() -> Answer:
            return act(self.shop.counter(), self.holder, self.shop.reward_ids[0])

        return at_once([one] * clients)


def granted(answers: list[Any]) -> int:
    return sum(isinstance(answer, Answer) and answer.ok for answer in answers)


@pytest.mark.parametrize("act", [redeem, hold])
def test_exactly_as_many_are_given_as_the_balance_pays_for(scope: Scope, act: Callable[..., Answer]) -> None:
    race = Race.prepared(scope)
    answers = race.run(scope, act)
    assert granted(answers) == PAYS_FOR
    assert [answer.code for answer in answers if not answer.ok] == ["not_enough"] * (CLIENTS - PAYS_FOR)
    assert standing(scope, race.holder.member_id, race.shop.programme_id).balance == 4
    assert count(scope, "voucher") == PAYS_FOR
    assert_books_balance(scope)


def test_stock_is_given_out_once(scope: Scope) -> None:
    shop = make_shop(scope, points="1", reward={"stock": 7})
    holders = [make_holder(scope) for _ in range(24)]
    for holder in holders:
        visit(shop.counter(), holder, amount_minor=5_00)
    answers = at_once([lambda h=h: redeem(shop.counter(), h, shop.reward_ids[0]) for h in holders])
    assert granted(answers) == 7
    assert {answer.code for answer in answers if not answer.ok} == {"reward_sold_out"}
    assert count(scope, "reward", "stock = 0") == 1
    assert_books_balance(scope)


def test_a_members_limit_holds(scope: Scope) -> None:
    race = Race.prepared(scope, per_member_limit=3)
    assert granted(race.run(scope, clients=24)) == 3
    assert_books_balance(scope)


# --- the guards, one by one ----------------------------------------------------------------------------------------

UNLOCKED = writing.SEE_HERE
UNGUARDED = copy(writing._CHANGE_ACCOUNT)
for form in ("sqlite", "postgresql"):
    # The same parameters, but whatever was read before does.
    unguarded = re.sub(r" AND (?!id\b)(\w+) = (\?|%s)", r" AND (\1 = \2 OR 1 = 1)", getattr(UNGUARDED, form))
    setattr(UNGUARDED, form, unguarded)


class DriversOwn(Database):
    """The database as the driver opens it by itself: on SQLite no BEGIN IMMEDIATE and no waiting in line."""

    def __init__(self, url: str) -> None:
        options = engine_options(url)
        if not url.startswith("sqlite"):
            super().__init__(open_engine(url))
            return
        options["connect_args"].pop("isolation_level")  # the driver begins when it first writes, not when it reads
        super().__init__(create_engine(url, **options))

    @contextmanager
    def transaction(self, shop: str | None = None) -> Iterator[Transaction]:
        del shop
        yield from self._transact(self.engine)


@pytest.fixture
def drivers_own(database_url: str) -> Iterator[Database]:
    database = DriversOwn(database_url)
    yield database
    database.close()


def allow_rewriting(database: Database) -> None:
    """Take away the primary key by which two transfers can't have the same place in their account's chain."""
    with database.engine.connect() as connection:
        connection.commit()
        if database.dialect == "postgresql":
            connection.execute(text("RESET ROLE"))
            connection.execute(text("ALTER TABLE transfer DROP CONSTRAINT pk_transfer"))
        else:
            connection.execute(text("CREATE TABLE copy AS SELECT * FROM transfer"))
            connection.execute(text("DROP TABLE transfer"))
            connection.execute(text("ALTER TABLE copy RENAME TO transfer"))
        connection.commit()


@pytest.mark.parametrize("guard", ["locked rows", "guarded change"])
def test_any_guard_alone_holds(scope: Scope, guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if guard == "guarded change":
        monkeypatch.setattr(redemptions, "LOCK_HERE", UNLOCKED)
    else:
        monkeypatch.setattr(writing, "_CHANGE_ACCOUNT", UNGUARDED)
    race = Race.prepared(scope)
    assert 1 <= granted(race.run(scope)) <= PAYS_FOR
    assert_books_balance(scope)


def test_without_any_guard_this_harness_sees_the_race(
    scope: Scope, drivers_own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = Race.prepared(scope)
    scope.database.close()
    allow_rewriting(drivers_own)
    monkeypatch.setattr(redemptions, "LOCK_HERE", UNLOCKED)
    monkeypatch.setattr(writing, "_CHANGE_ACCOUNT", UNGUARDED)
    answers = race.run(Scope(drivers_own, scope.keys, clock=scope.clock))
    assert granted(answers) > PAYS_FOR
