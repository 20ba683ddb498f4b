"""Which shops a refresh is for, and how each of them stood after the last one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.common.database import Transaction
from app.common.sql import Row, Statement, many
from app.insights.bgnbd import BgNbd
from app.insights.gamma_gamma import GammaGamma
from app.insights.relationships import Lines
from app.insights.service.reading import OVERLAP
from app.insights.valuing import Costs

QUIET = timedelta(days=7)
"""Where nothing was booked, time passes all the same: such a shop is looked at once in so long."""

_SHOPS = """
    SELECT m.id, m.category, m.currency, m.timezone, m.sandbox_of IS NOT NULL,
        s.revision, s.margin_percent, s.visits_line, s.profit_line_minor,
        k.basis, k.customers, k.repeaters, k.visits, k.r, k.alpha, k.a, k.b, k.log_likelihood, k.p, k.q, k.v,
        k.visits_line, k.profit_line_minor, k.month, k.upto, k.fitted_at, k.refreshed_at,
        coalesce(c.members, 0), k.margin_percent, k.visit_cost_minor, k.year_cost_minor
    FROM merchant m LEFT JOIN merchant_model k ON k.merchant_id = m.id
    LEFT JOIN relationship_setting s ON s.merchant_id = m.id
    LEFT JOIN shop_place c ON c.place_id = m.id
"""
_DUE = Statement(
    f"""
    {_SHOPS} WHERE k.refreshed_at <= :quiet OR EXISTS (
        SELECT 1 FROM location l WHERE l.merchant_id = m.id AND EXISTS (
            SELECT 1 FROM location_transaction t
            WHERE t.location_id = l.id AND (k.upto IS NULL OR t.transaction_id > k.upto)
        )
    ) ORDER BY m.id
    """  # noqa: S608  constants
)
_ALL = Statement(f"{_SHOPS} ORDER BY m.id")
_ONE = Statement(f"{_SHOPS} WHERE m.id = :merchant_id")
_OLDEST = Statement("SELECT refreshed_at FROM merchant_model ORDER BY refreshed_at LIMIT 1")
_MERGES = Statement(
    "SELECT member_id, merged_member_id, merged_at, undone_at FROM merge WHERE merged_at > :since OR undone_at > :since"
)
_WHERE = Statement(
    "SELECT DISTINCT merchant_id, member_id FROM member_value WHERE member_id = ANY(CAST(:members AS uuid[]))",
    sqlite="SELECT DISTINCT merchant_id, member_id FROM member_value"
    " WHERE member_id IN (SELECT value FROM json_each(:members))",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in a shop's model since its last refresh."""

    basis: str
    customers: int
    repeaters: int
    days: int
    coming: BgNbd | None
    spending: GammaGamma | None
    lines: Lines
    costs: Costs
    month: str
    upto: str | None
    fitted_at: datetime
    refreshed_at: datetime


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop to refresh, with about so many ``members``. ``revision`` is of what its owner set (0: nothing yet)."""

    merchant_id: str
    trade: str
    currency: str
    timezone: str
    is_sandbox: bool
    revision: int
    margin_percent: int | None
    visits_line: float | None
    profit_line_minor: int | None
    members: int
    standing: Standing | None

    def lines(self, natural: Lines) -> Lines:
        """The lines in force: the owner's own, else those that the data set."""
        return Lines(
            natural.visits if self.visits_line is None else self.visits_line,
            natural.profit_minor if self.profit_line_minor is None else self.profit_line_minor,
        )


@dataclass(frozen=True, slots=True)
class Joined:
    """Members who were merged, or parted again, and when."""

    members: tuple[str, str]
    at: datetime


def shops_due(tx: Transaction, now: datetime) -> list[Shop]:
    """Shops where something was booked since their last refresh, and those that were quiet for a week."""
    return [_shop(row) for row in tx.rows(_DUE, {"quiet": now - QUIET})]


def all_shops(tx: Transaction) -> list[Shop]:
    """Every shop."""
    return [_shop(row) for row in tx.rows(_ALL, {})]


def shop_of(tx: Transaction, merchant_id: str) -> Shop | None:
    """One of them; None where there is none."""
    rows = tx.rows(_ONE, {"merchant_id": merchant_id})
    return _shop(rows[0]) if rows else None


def merges_since(tx: Transaction) -> list[Joined]:
    """Merges and their undoing since the oldest refresh of any shop."""
    oldest = tx.rows(_OLDEST, {})
    if not oldest:
        return []
    since = oldest[0][0] - OVERLAP
    return [
        Joined((member_id, merged_id), max(moment for moment in (merged_at, undone_at) if moment is not None))
        for member_id, merged_id, merged_at, undone_at in tx.rows(_MERGES, {"since": since})
    ]


def shops_of(tx: Transaction, members: Iterable[str]) -> dict[str, set[str]]:
    """At which shops these members have figures: merchant to members."""
    found: dict[str, set[str]] = {}
    asked = sorted(set(members))
    if asked:
        for merchant_id, member_id in tx.rows(_WHERE, {"members": many(tx, asked)}):
            found.setdefault(merchant_id, set()).add(member_id)
    return found


def _shop(row: Row) -> Shop:
    told: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    standing = None
    if told["basis"] is not None:
        standing = Standing(
            basis=told["basis"],
            customers=int(told["customers"]),
            repeaters=int(told["repeaters"]),
            days=int(told["visits"]),
            coming=_coming(told),
            spending=_spending(told),
            lines=Lines(float(told["natural_visits"]), int(told["natural_profit"])),
            costs=Costs(int(told["reckoned_margin"]), float(told["visit_cost_minor"]), float(told["year_cost_minor"])),
            month=told["month"],
            upto=told["upto"],
            fitted_at=told["fitted_at"],
            refreshed_at=told["refreshed_at"],
        )
    return Shop(
        merchant_id=told["id"],
        trade=told["category"],
        currency=told["currency"],
        timezone=told["timezone"],
        is_sandbox=bool(told["is_sandbox"]),
        revision=int(told["revision"] or 0),
        margin_percent=told["margin_percent"],
        visits_line=told["visits_line"],
        profit_line_minor=told["profit_line_minor"],
        members=int(told["members"]),
        standing=standing,
    )


_NAMES = (
    *("id", "category", "currency", "timezone", "is_sandbox", "revision", "margin_percent", "visits_line"),
    *("profit_line_minor", "basis", "customers", "repeaters", "visits", "r", "alpha", "a", "b", "log_likelihood"),
    *("p", "q", "v", "natural_visits", "natural_profit", "month", "upto", "fitted_at", "refreshed_at"),
    *("members", "reckoned_margin", "visit_cost_minor", "year_cost_minor"),
)


def _coming(told: dict[str, Any]) -> BgNbd | None:
    if told["r"] is None:
        return None
    likelihood = told["log_likelihood"]
    return BgNbd(told["r"], told["alpha"], told["a"], told["b"], float("nan") if likelihood is None else likelihood)


def _spending(told: dict[str, Any]) -> GammaGamma | None:
    return None if told["p"] is None else GammaGamma(told["p"], told["q"], told["v"], 0)
