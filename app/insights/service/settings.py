"""What an owner sets about the shop's relationships: the two lines, the words for the groups, and the margin. Members
are put into their groups anew at once, by statements alone; nothing is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.common import audit
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights.errors import RelationsChangedError
from app.insights.models import GROUPS, MerchantModel, RelationshipSetting
from app.insights.relationships import two_figures
from app.insights.service.drawing import note_drawn
from app.insights.valuing import ANNUITY, usual_margin
from app.merchants.models import Merchant, Staff

LONGEST_NAME = 24
MOST_VISITS = 1_000.0
MOST_MINOR = 100_000_000

_BEGIN = Statement(
    "INSERT INTO relationship_setting (merchant_id, names, revision, changed_at)"
    " VALUES (:merchant_id, '{}', 0, :now) ON CONFLICT DO NOTHING"
)
_NEW = """CASE WHEN profit_year_minor >= :profit
    THEN CASE WHEN expected_visits >= :visits THEN 'friend' ELSE 'butterfly' END
    ELSE CASE WHEN expected_visits >= :visits THEN 'barnacle' ELSE 'stranger' END END"""
_PROFIT = Statement(
    """
    UPDATE member_value SET profit_year_minor =
        ((spend_year_minor + unpriced_year * :basket) * :margin + 50) / 100 - cost_year_minor
    WHERE merchant_id = :merchant_id
    """
)
_VALUE = Statement(
    """
    UPDATE member_value SET value_minor = CAST(round(
        to_come * (expected_basket_minor * CAST(:share AS double precision) - CAST(:visit_cost AS double precision))
        - alive * CAST(:year_cost AS double precision)) AS bigint)
    WHERE merchant_id = :merchant_id AND to_come IS NOT NULL
    """
)
_GROUP = Statement(
    f"""
    UPDATE member_value SET relationship = {_NEW},
        since_day = CASE WHEN relationship = {_NEW} THEN since_day ELSE :today END
    WHERE merchant_id = :merchant_id AND relationship <> {_NEW}
    """  # noqa: S608  constants
)
# Lines that move are no movement of members: what went on this month begins anew.
_RESTART = Statement(
    "UPDATE member_value SET was = relationship"
    " WHERE merchant_id = :merchant_id AND was IS NOT NULL AND was <> relationship"
)
_SHOW = Statement(
    """
    UPDATE shop_member SET relationship = v.relationship FROM member_value v
    WHERE shop_member.place_id = :merchant_id AND v.member_id = shop_member.member_id
        AND v.merchant_id = :merchant_id AND shop_member.relationship <> v.relationship
    """
)
_CLEAR = Statement("DELETE FROM relationship_month WHERE merchant_id = :merchant_id AND month = :month")
_COUNT = Statement(
    """
    INSERT INTO relationship_month (merchant_id, month, was, relationship, members, profit_minor)
    SELECT merchant_id, CAST(:month AS text), coalesce(was, ''), relationship, count(*), sum(profit_year_minor)
    FROM member_value WHERE merchant_id = :merchant_id AND relationship IS NOT NULL
    GROUP BY merchant_id, coalesce(was, ''), relationship
    """
)
_SUM = Statement("SELECT sum(value_minor) FROM member_value WHERE merchant_id = :merchant_id")


def set_lines(scope: Scope, visits_line: float | None, profit_line_minor: int | None, revision: int) -> int:
    """Put the lines where the scope's merchant wants them: visits in the coming twelve months, and minor units of
    profit in the last twelve; None: as the data say. Returns the new revision.

    Raises ``InvalidError`` for a line that is out of range, and :class:`RelationsChangedError` where what is set is not
    as ``revision`` says any more (0: nothing was set yet). A repeat is refused by its revision.
    """
    if visits_line is not None and not 0.1 <= visits_line <= MOST_VISITS:
        raise InvalidError(errors={"visits_line": ["line_expected"]})
    if profit_line_minor is not None and not -MOST_MINOR <= profit_line_minor <= MOST_MINOR:
        raise InvalidError(errors={"profit_line": ["line_expected"]})

    def change(tx: Transaction, setting: RelationshipSetting, merchant: Merchant) -> None:
        setting.visits_line, setting.profit_line_minor = visits_line, profit_line_minor
        model = tx.session.get(MerchantModel, merchant.id, with_for_update=True)
        if model is not None:
            _regroup(tx, scope, setting, merchant, model)

    return _change(scope, revision, ("visits_line", "profit_line_minor"), change)


def set_names(scope: Scope, names: Mapping[str, str], revision: int) -> int:
    """Call the groups as the owner does: a word for each of them, or none for the usual one. Returns the new revision.
    Raises as :func:`set_lines` does."""
    called = {group: " ".join(name.split()) for group, name in names.items()}
    wrong = {group: ["group_name_expected"] for group, name in called.items() if len(name) > LONGEST_NAME}
    wrong |= {group: ["group_name_expected"] for group in called if group not in GROUPS}
    given = [name.casefold() for name in called.values() if name]
    wrong |= {group: ["group_name_taken"] for group, name in called.items() if given.count(name.casefold()) > 1}
    if wrong:
        raise InvalidError(errors=wrong)

    def change(_: Transaction, setting: RelationshipSetting, __: Merchant) -> None:
        setting.names = {group: called[group] for group in GROUPS if called.get(group)}

    return _change(scope, revision, ("names",), change)


def set_margin(scope: Scope, percent: int | None, revision: int) -> int:
    """Say what stays of a sale after paying for the goods, in per cent of its price; None: what is usual in the trade.
    Values, profits and groups follow at once. Returns the new revision. Raises as :func:`set_lines` does."""
    if percent is not None and not 1 <= percent <= 100:
        raise InvalidError(errors={"margin": ["margin_expected"]})

    def change(tx: Transaction, setting: RelationshipSetting, merchant: Merchant) -> None:
        setting.margin_percent = percent
        model = tx.session.get(MerchantModel, merchant.id, with_for_update=True)
        if model is not None:
            _reckon(tx, model, percent or usual_margin(merchant.category))
            _regroup(tx, scope, setting, merchant, model)

    return _change(scope, revision, ("margin_percent",), change)


def _change(
    scope: Scope,
    revision: int,
    fields: tuple[str, ...],
    change: Callable[[Transaction, RelationshipSetting, Merchant], None],
) -> int:
    def work(tx: Transaction) -> int:
        merchant = tx.session.get(Merchant, scope.merchant_id)
        if merchant is None:
            raise NotFoundError(what="merchant")
        tx.run(_BEGIN, {"merchant_id": merchant.id, "now": scope.now})
        setting = tx.session.get_one(RelationshipSetting, merchant.id, with_for_update=True, populate_existing=True)
        if setting.revision != revision:
            by = None if setting.changed_by is None else tx.session.get(Staff, setting.changed_by)
            raise RelationsChangedError(who="" if by is None else by.name)
        before = {name: getattr(setting, name) for name in fields}
        setting.revision = revision + 1
        setting.changed_at, setting.changed_by = scope.now, scope.staff_id
        change(tx, setting, merchant)
        after = {name: getattr(setting, name) for name in fields}
        audit.record(tx, scope, "relations.changed", "merchant", merchant.id, before=before, after=after)
        return revision + 1

    return scope.run(work)


def _reckon(tx: Transaction, model: MerchantModel, margin: int) -> None:
    """Profits and values with another margin, as :mod:`app.insights.valuing` reckons them."""
    here = {"merchant_id": model.merchant_id}
    tx.run(_PROFIT, {**here, "basket": model.basket_minor, "margin": margin})
    costs = {"visit_cost": model.visit_cost_minor, "year_cost": model.year_cost_minor * ANNUITY}
    tx.run(_VALUE, {**here, "share": margin / 100, **costs})
    model.profit_line_minor = max(two_figures(model.profit_line_minor * margin / model.margin_percent), 1)
    model.margin_percent = margin
    if model.equity_minor is not None:
        model.equity_minor = int(tx.rows(_SUM, here)[0][0] or 0)


def _regroup(
    tx: Transaction, scope: Scope, setting: RelationshipSetting, merchant: Merchant, model: MerchantModel
) -> None:
    today = scope.now.astimezone(zone(merchant.timezone)).date().isoformat()
    visits = model.visits_line if setting.visits_line is None else setting.visits_line
    profit = model.profit_line_minor if setting.profit_line_minor is None else setting.profit_line_minor
    here: dict[str, Any] = {"merchant_id": merchant.id}
    tx.run(_GROUP, {**here, "visits": visits, "profit": profit, "today": today})
    tx.run(_RESTART, here)
    tx.run(_SHOW, here)
    month = {**here, "month": model.month}
    tx.run(_CLEAR, month)
    tx.run(_COUNT, month)
    tx.session.flush()
    note_drawn(tx, merchant.id)
    tx.session.refresh(model, ["drawn"])
