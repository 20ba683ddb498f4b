"""What members are worth follows from what was booked, however it came to be booked, and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.common.errors import InvalidError
from app.common.scope import Scope
from app.insights import service as insights
from app.insights.errors import RelationsChangedError
from app.insights.models import GROUPS, RUNGS, MemberValue, MerchantModel, RelationshipMonth, RungMonth, TradeModel
from app.insights.queries import value
from app.insights.service import working
from app.jobs import refreshing
from app.jobs.context import JobContext, StoppedError
from app.members.service.merging import merge
from app.members.service.undoing import undo
from app.merchants.models import Merchant
from app.privacy.erasing import erase_member
from app.privacy.record import whole_record
from app.rewards.models import ShopMember
from app.rewards.segments import MemberFilter, conditions, read_filter
from app.rewards.service import shop_members
from config import Settings
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, reverse, visit
from tests.integration.cli.calling import caller, failed, told
from tests.integration.insights.histories import a_year, bring

Rows = dict[str, dict[str, Any]]
BY_HAND = {"computed_at", "since_day", "rung_since_day", "was", "rung_was"}
"""What depends on when somebody looked."""


def rows_of(scope: Scope, shop: Shop, *, leaving_out: Iterable[str] = ("computed_at",)) -> Rows:
    with scope.reading() as tx:
        rows = tx.session.scalars(select(MemberValue).where(MemberValue.merchant_id == shop.merchant_id)).all()
        names = [column.name for column in MemberValue.__table__.columns if column.name not in leaving_out]
        return {row.member_id: {name: getattr(row, name) for name in names} for row in rows}


def model_of(scope: Scope, shop: Shop) -> MerchantModel:
    with scope.reading() as tx:
        found = value.model_of(tx, shop.merchant_id)
    assert found is not None
    return found


def months_of(scope: Scope, shop: Shop) -> list[tuple[str, str, str, int]]:
    with scope.reading() as tx:
        moved = value.movement(tx, shop.merchant_id, since_month="")
        moved += value.climbing(tx, shop.merchant_id, since_month="")
    return [(one.month, one.was, one.now, one.members) for one in moved]


def owner(shop: Shop) -> Scope:
    return replace(shop.scope, actor_kind="staff", merchant_id=shop.merchant_id)


@pytest.fixture
def shop(scope: Scope, clock: FixedClock, tmp_path: Path) -> Shop:
    """A shop with a year behind it."""
    made = make_shop(scope)
    bring(scope, made, tmp_path, a_year(clock.now), name="year")
    shop_members.rebuild(scope)
    return made


def test_a_refresh_says_it_all_and_a_repeat_changes_nothing(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    told: list[tuple[int, int]] = []
    done = insights.refresh(scope, on_progress=lambda *at: told.append(at))
    assert (done.shops, done.fitted, done.written) == (1, 1, 40)
    assert told == [(1, 1)]
    rows, model = rows_of(scope, shop), model_of(scope, shop)
    assert model.basis == "own"
    assert model.equity_minor == sum(row["value_minor"] for row in rows.values())
    assert {row["relationship"] for row in rows.values()} >= {"stranger", "butterfly", "friend"}
    for row in rows.values():
        assert row["profit_year_minor"] == (row["spend_year_minor"] * model.margin_percent + 50) // 100
        pays = row["profit_year_minor"] >= model.profit_line_minor
        comes = row["expected_visits"] >= model.visits_line
        assert (
            row["relationship"]
            == {
                (True, True): "friend",
                (True, False): "butterfly",
                (False, True): "barnacle",
                (False, False): "stranger",
            }[pays, comes]
        )
    months = months_of(scope, shop)
    assert len({one[0] for one in months}) == 7  # six looked back on, and the present one
    assert insights.refresh(scope).shops == 0
    # By day the chance falls, and little of that is worth writing; asked for by name it is worked out all the same.
    assert insights.refresh(scope, merchant_id=shop.merchant_id).written == 0
    assert insights.refresh(scope, is_anew=True).written == 0
    assert rows_of(scope, shop) == rows
    assert months_of(scope, shop) == months
    with scope.reading() as tx:
        listed = tx.session.scalars(select(ShopMember).where(ShopMember.place_id == shop.merchant_id))
        shown = {row.member_id: row for row in listed}
        assert {one: (row["relationship"], row["rung"], int(row["alive"] * 1000)) for one, row in rows.items()} == {
            one: (row.relationship, row.rung, row.alive) for one, row in shown.items()
        }
    # The lists' own figures are made anew, and leave what was noted beside them alone.
    shop_members.rebuild(scope)
    with scope.reading() as tx:
        assert {row.rung for row in tx.session.scalars(select(ShopMember))} > {None}


def test_step_by_step_is_as_from_scratch(scope: Scope, shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    insights.refresh(scope)
    counter = shop.counter()
    ann = make_holder(scope)
    for days in (1, 9, 40):
        clock.advance(days=days)
        booked = visit(counter, ann, amount_minor=1250)
        assert visit(counter, make_holder(scope)).ok
        before = rows_of(scope, shop)
        assert insights.refresh(scope).fitted == 0
    assert rows_of(scope, shop)[ann.member_id]["x"] == before[ann.member_id]["x"] + 1 == 2
    # A reversal takes the visit out again.
    assert reverse(counter, booked.body["transaction_id"]).ok
    insights.refresh(scope)
    assert rows_of(scope, shop)[ann.member_id]["x"] == 1
    grown = a_year(clock.now, seed=2, customers=10)
    bring(scope, shop, tmp_path, [(f"n{who}", at, paid) for who, at, paid in grown], name="more")
    assert insights.refresh(scope).fitted == 1  # by more than a twentieth
    stepwise = rows_of(scope, shop, leaving_out=BY_HAND)
    assert len(stepwise) == 54
    with scope.transaction() as tx:
        for table in (MemberValue, MerchantModel, RelationshipMonth, RungMonth):
            tx.session.execute(delete(table))
    insights.refresh(scope)
    assert rows_of(scope, shop, leaving_out=BY_HAND) == stepwise


def test_as_time_passes_a_visit_leaves_the_year(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    insights.refresh(scope)
    first = rows_of(scope, shop)
    clock.advance(days=200)
    assert insights.refresh(scope).shops == 1  # nothing was booked, but a week went by
    later = rows_of(scope, shop)
    assert sum(row["visits_year"] for row in later.values()) < sum(row["visits_year"] for row in first.values())
    insights.refresh(scope, is_anew=True)
    anew = rows_of(scope, shop, leaving_out=BY_HAND)
    for name in ("x", "visits_year", "spend_year_minor", "unpriced_year", "profit_year_minor", "last_day"):
        assert {who: row[name] for who, row in later.items()} == {who: row[name] for who, row in anew.items()}
    month = clock.now.isoformat()[:7]
    moved = [one for one in months_of(scope, shop) if one[0] == month]
    assert moved
    assert "friend" in {one[1] for one in moved}
    assert {row["was"] for row in later.values()} == {row["relationship"] for row in first.values()}


def test_the_owners_lines_and_margin_hold_at_once_and_for_good(scope: Scope, shop: Shop) -> None:
    insights.refresh(scope)
    mine = owner(shop)
    assert insights.set_lines(mine, 3.5, 20_00, 0) == 1
    assert insights.set_margin(mine, 30, 1) == 2
    assert insights.set_names(mine, {"friend": "  Good   people ", "butterfly": ""}, 2) == 3
    by_statement, model = rows_of(scope, shop), model_of(scope, shop)
    assert model.equity_minor == sum(row["value_minor"] for row in by_statement.values())
    months = months_of(scope, shop)
    again = insights.refresh(scope, merchant_id=shop.merchant_id)
    assert again.written == 0
    assert rows_of(scope, shop) == by_statement
    assert months_of(scope, shop) == months
    reckoned = model_of(scope, shop)
    assert (reckoned.margin_percent, reckoned.is_estimated) == (30, False)
    for row in by_statement.values():
        assert row["profit_year_minor"] == (row["spend_year_minor"] * 30 + 50) // 100
        assert (row["relationship"] in ("friend", "barnacle")) == (row["expected_visits"] >= 3.5)
        assert (row["relationship"] in ("friend", "butterfly")) == (row["profit_year_minor"] >= 20_00)
    insights.refresh(scope, is_anew=True)
    exact = (*BY_HAND, "computed_at")
    assert rows_of(scope, shop, leaving_out=exact) == {
        who: {name: one for name, one in row.items() if name not in exact} for who, row in by_statement.items()
    }
    with scope.reading() as tx:
        shown = {
            row.member_id: row.relationship
            for row in tx.session.scalars(select(ShopMember).where(ShopMember.place_id == shop.merchant_id))
        }
        lines = value.lines_of(tx, shop.merchant_id)
    assert shown == {who: row["relationship"] for who, row in by_statement.items()}
    assert lines is not None
    assert (lines.visits, lines.profit_minor) == (3.5, 20_00)
    with pytest.raises(RelationsChangedError):
        insights.set_lines(mine, None, None, 1)
    with pytest.raises(InvalidError):
        insights.set_lines(mine, 0.0, None, 3)
    with pytest.raises(InvalidError):
        insights.set_names(mine, {"friend": "x" * 25}, 3)


def test_a_merge_an_undoing_and_a_leaving_are_followed(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    counter, ann, bob = shop.counter(), make_holder(scope), make_holder(scope)
    for who in (ann, bob):
        assert visit(counter, who, amount_minor=1000).ok
        clock.advance(days=2)
    insights.refresh(scope)
    alone = rows_of(scope, shop, leaving_out=BY_HAND)
    clock.advance(hours=1)
    merge_id = scope.run(lambda tx: merge(tx, scope, survivor_id=ann.member_id, merged_id=bob.member_id))
    assert rows_of(scope, shop).keys() == alone.keys() - {bob.member_id}
    assert insights.refresh(scope).shops == 1
    both = rows_of(scope, shop)
    assert (both[ann.member_id]["x"], both[ann.member_id]["spend_year_minor"]) == (1, 2000)
    clock.advance(hours=1)
    scope.run(lambda tx: undo(tx, scope, member_id=ann.member_id, merge_id=merge_id))
    insights.refresh(scope)
    parted = rows_of(scope, shop, leaving_out=BY_HAND)
    for who in (ann, bob):
        assert parted[who.member_id]["x"] == 0
        assert parted[who.member_id]["spend_year_minor"] == 1000
    with scope.reading() as tx:
        record = whole_record(tx, scope, ann.member_id)
    (figures,) = record["shop_figures"]
    assert figures["visits_last_year"] == 1
    words = json.dumps(record["shop_figures"])
    assert not any(word in words for word in (*GROUPS, *RUNGS, "rung", "persona", "value"))
    scope.run(lambda tx: erase_member(tx, scope, ann.member_id))
    assert ann.member_id not in rows_of(scope, shop)
    insights.refresh(scope, is_anew=True)
    assert ann.member_id not in rows_of(scope, shop)


def test_rewards_are_taken_off(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, points="1", reward={"name": "Coffee", "cost": 5, "kind": "item", "amount_minor": 250})
    counter, ann = shop.counter(), make_holder(scope)
    assert visit(counter, ann, amount_minor=2000).ok
    assert redeem(counter, ann, shop.reward_ids[0]).ok
    insights.refresh(scope)
    (row,) = rows_of(scope, shop).values()
    assert row["cost_year_minor"] == 250
    assert row["profit_year_minor"] == 2000 * model_of(scope, shop).margin_percent // 100 - 250
    # One member tells nothing: there are rungs, and neither groups nor values.
    assert (model_of(scope, shop).basis, model_of(scope, shop).equity_minor) == ("none", None)
    assert (row["relationship"], row["alive"], row["value_minor"], row["rung"]) == (None, None, None, "customer")


def test_a_small_shop_leans_to_five_of_its_trade_and_to_no_other(
    scope: Scope, clock: FixedClock, tmp_path: Path
) -> None:
    shops = [make_shop(scope, name=f"Shop {number}") for number in range(6)]
    for number, shop in enumerate(shops[:5]):
        bring(scope, shop, tmp_path, a_year(clock.now, seed=number, customers=36, days=120), name=f"s{number}")
    small, other = shops[5], make_shop(scope, name="Another trade")
    with scope.transaction() as tx:
        tx.session.get_one(Merchant, other.merchant_id).category = "wine"
    for one in (small, other):
        assert visit(one.counter(), make_holder(scope), amount_minor=1500).ok
    done = insights.refresh(scope)
    assert done.trades == 1
    bases = {one.merchant_id: model_of(scope, one).basis for one in (*shops, other)}
    assert [bases[one.merchant_id] for one in shops] == ["shrunk"] * 5 + ["trade"]
    assert bases[other.merchant_id] == "none"
    with scope.reading() as tx:
        trade = tx.session.scalars(select(TradeModel)).one()
    assert (trade.merchants, trade.trade) == (5, "general")
    assert model_of(scope, small).r == trade.r
    own = rows_of(scope, shops[0])
    # What happens at another shop moves nothing here.
    counter, ann = shops[1].counter(), make_holder(scope)
    clock.advance(days=1)
    assert visit(counter, ann, amount_minor=9900).ok
    assert insights.refresh(scope).shops == 1
    assert rows_of(scope, shops[0]) == own


@pytest.mark.prove
def test_two_processes_reckon_the_same(scope: Scope, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "FEW", 10)
    insights.refresh(scope)
    own = rows_of(scope, shop)
    done = insights.refresh(scope, is_anew=True, workers=2)
    assert (done.shops, done.written) == (1, 0)
    assert rows_of(scope, shop) == own
    monkeypatch.setattr(working, "_COMMAND", "raise SystemExit(1)")
    with pytest.raises(working.WorkerLostError):
        insights.refresh(scope, is_anew=True, workers=1)


def test_members_are_found_by_what_they_are(scope: Scope, shop: Shop, clock: FixedClock) -> None:
    insights.refresh(scope)
    rows = rows_of(scope, shop)

    def found(wanted: MemberFilter) -> set[str]:
        assert read_filter(wanted.document()) == wanted
        place = wanted.location_id or shop.merchant_id
        asked = conditions(wanted, now=clock.now, timezone="Europe/Brussels")
        with scope.reading() as tx:
            return set(tx.session.scalars(select(ShopMember.member_id).where(ShopMember.place_id == place, *asked)))

    friends = {who for who, row in rows.items() if row["relationship"] == "friend"}
    clients = {who for who, row in rows.items() if row["rung"] == "client"}
    assert found(MemberFilter(relationship="friend")) == friends
    assert found(MemberFilter(relationship="friend", location_id=shop.location_id)) == friends
    assert found(MemberFilter(rung="client", location_id=shop.location_id)) == clients
    risk = found(MemberFilter(is_at_risk=True))
    assert risk == {who for who, row in rows.items() if 0.05 <= row["alive"] < 0.5 and row["x"] >= 3}
    assert read_filter({"relationship": "foe", "rung": 3, "is_at_risk": "yes"}).is_empty
    with scope.reading() as tx:
        assert {one.member_id for one in value.at_risk(tx, shop.merchant_id, count=100)} == risk
        assert len(value.dots(tx, shop.merchant_id).member_id) == 40
        groups = value.groups(tx, shop.merchant_id, since_month="2025-11")
        assert value.dots(tx, make_holder(scope).member_id).member_id == ()
    assert sum(one.members for one in groups) == 40
    assert sum(one.change or 0 for one in groups) == 40 - sum(
        members for month, _, now, members in months_of(scope, shop) if month == "2025-11" and now in GROUPS
    )


def test_the_command_and_the_job_refresh(scope: Scope, shop: Shop, settings: Settings) -> None:
    url = scope.database.engine.url.render_as_string(hide_password=False)
    zegel = caller({"ZEGEL_ENV": "test", "ZEGEL_VAR": str(settings.var), "DATABASE_URL": url})
    done = told(zegel("insights", "refresh", "--json"))
    assert (done["shops"], done["members"], done["fitted"]) == (1, 40, 1)
    assert "shops:" in zegel("insights", "refresh", "--merchant", shop.merchant_id).stdout
    assert "nothing here" in failed(zegel("insights", "refresh", "--merchant", make_holder(scope).member_id)).lower()
    context = JobContext(settings, scope.database, scope.clock)
    assert refreshing.refresh(context)["shops"] == 0
    assert visit(shop.counter(), make_holder(scope)).ok
    context.stopping.set()
    with pytest.raises(StoppedError):  # a process that ends does not wait for it, and the next one goes on
        refreshing.refresh(context)
    assert refreshing.refresh(JobContext(settings, scope.database, scope.clock))["shops"] == 1


def test_nothing_is_booked_nothing_is_said(scope: Scope) -> None:
    shop = make_shop(scope)
    assert insights.refresh(scope).shops == 0
    done = insights.refresh(scope, merchant_id=shop.merchant_id)
    assert (done.members, done.written) == (0, 0)
    assert model_of(scope, shop).basis == "none"
