"""What tests ask of the books afterwards: by plain SQL, not by the code that wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.verifying import verify

_ACCOUNT = Statement(
    "SELECT balance, owed, remainder, remainder_per, visits, units_earned, tier FROM account"
    " WHERE member_id = :member_id AND programme_id = :programme_id"
)
_LOTS = Statement(
    "SELECT l.remaining, l.expires_at FROM lot l JOIN account a ON a.member_id = l.member_id AND a.id = l.account_id"
    " WHERE a.member_id = :member_id AND a.programme_id = :programme_id AND l.remaining > 0"
    " ORDER BY l.expires_at IS NULL, l.expires_at, l.id"
)
_TOTALS = Statement(
    """
    SELECT a.id, a.balance, a.owed,
        coalesce(sum(CASE WHEN t.credit = 'balance' THEN t.amount
            WHEN t.debit = 'balance' THEN -t.amount ELSE 0 END), 0),
        coalesce(sum(CASE WHEN t.debit = 'owed' THEN t.amount WHEN t.credit = 'owed' THEN -t.amount ELSE 0 END), 0),
        (SELECT coalesce(sum(l.remaining), 0) FROM lot l WHERE l.member_id = a.member_id AND l.account_id = a.id)
    FROM account a LEFT JOIN transfer t ON t.member_id = a.member_id AND t.account_id = a.id
    GROUP BY a.member_id, a.id, a.balance, a.owed
    """
)
_BY_PROGRAMME = Statement(
    """
    SELECT programme_id,
        sum(CASE WHEN credit IN ('balance', 'owed') AND debit NOT IN ('balance', 'owed') THEN amount ELSE 0 END)
        - sum(CASE WHEN debit IN ('balance', 'owed') AND credit NOT IN ('balance', 'owed') THEN amount ELSE 0 END)
    FROM transfer GROUP BY programme_id
    """
)
_HELD = Statement("SELECT programme_id, sum(balance) - sum(owed) FROM account GROUP BY programme_id")


@dataclass(frozen=True)
class Standing:
    """An account as it stands; all zero where there is none."""

    balance: int = 0
    owed: int = 0
    remainder: Fraction = Fraction(0)
    visits: int = 0
    units_earned: int = 0
    tier: str | None = None


def standing(scope: Scope, member_id: str, programme_id: str) -> Standing:
    with scope.reading() as tx:
        rows = tx.rows(_ACCOUNT, {"member_id": member_id, "programme_id": programme_id})
    if not rows:
        return Standing()
    balance, owed, remainder, per, visits, units_earned, tier = rows[0]
    return Standing(balance, owed, Fraction(remainder, per), visits, units_earned, tier)


def open_lots(scope: Scope, member_id: str, programme_id: str) -> list[tuple[int, datetime | None]]:
    """What is left in each lot and when it ends, the first to end first."""
    with scope.reading() as tx:
        return [(row[0], row[1]) for row in tx.rows(_LOTS, {"member_id": member_id, "programme_id": programme_id})]


def count(scope: Scope, table: str, where: str = "1 = 1") -> int:
    """How many rows a table has."""
    with scope.reading() as tx:
        return int(tx.rows(Statement(f"SELECT count(*) FROM {table} WHERE {where}"), {})[0][0])


def assert_books_balance(scope: Scope) -> None:
    """Every balance and debt is the sum of its transfers and of its lots, none is negative, what members hold of a
    programme is what its counter-accounts gave, and the seals verify."""
    with scope.reading() as tx:
        for account_id, balance, owed, made, due, left in tx.rows(_TOTALS, {}):
            assert (balance, owed, balance) == (made, due, left), account_id
            assert balance >= 0, account_id
            assert owed >= 0, account_id
            assert not (balance and owed), f"{account_id} has units and owes some"
        held = {row[0]: row[1] for row in tx.rows(_HELD, {}) if row[1]}
        given = {row[0]: row[1] for row in tx.rows(_BY_PROGRAMME, {}) if row[1]}
        assert held == given
    assert verify(scope).mismatches == []
