"""The jobs themselves, on what a shop has booked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.cards.service import issue_anonymous_member
from app.common import outbox
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs import schedule
from app.jobs.context import JobContext, StoppedError
from app.jobs.rounds import run_if_due
from app.jobs.tidying import tidy
from app.ledger import anchors
from app.merchants.service.shop_invitations import ShopToInvite, invite_shops
from app.rewards.rules import points_document
from app.wallet import service as wallet
from config import Settings
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, hold, make_holder, make_shop, visit


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


@pytest.fixture
def shop(scope: Scope) -> Shop:
    rules = {**points_document("1"), "expiry": {"kind": "months", "months": 1}}
    return make_shop(scope, rules=rules, reward={"name": "Coffee", "cost": 5})


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


def value(scope: Scope, statement: str) -> Any:
    with scope.reading() as tx:
        return tx.rows(Statement(statement), {})[0][0]


def test_every_job_runs_on_an_empty_and_on_a_busy_database(
    context: JobContext, scope: Scope, clock: FixedClock
) -> None:
    for _ in range(2):
        for job in schedule.JOBS:
            assert run_if_due(context, job)
        failed = "SELECT count(*) FROM job_run WHERE error IS NOT NULL OR finished_at IS NULL"
        assert value(scope, failed) == 0
        shop = make_shop(scope, points="1")
        assert visit(shop.counter(), make_holder(scope), amount_minor=500).ok
        clock.advance(days=1)


def test_names_are_told_apart_and_longer_than_their_slots() -> None:
    names = [job.name for job in schedule.JOBS]
    assert len(set(names)) == len(names)
    assert schedule.OUTBOX not in names
    assert all(job.longest > timedelta(0) and job.expected > timedelta(0) for job in schedule.JOBS)


def test_lots_expire_by_the_clock(
    context: JobContext, scope: Scope, clock: FixedClock, shop: Shop, holder: Holder
) -> None:
    assert visit(shop.counter(), holder, amount_minor=700).ok
    assert schedule.expire(context) == {"units": 0, "vouchers": 0}
    clock.advance(days=40)
    assert schedule.expire(context) == {"units": 7, "vouchers": 0}
    assert value(scope, "SELECT balance FROM account") == 0
    assert schedule.expire(context) == {"units": 0, "vouchers": 0}
    assert schedule.verify_ledger(context)["transactions"] == 2


def test_holds_that_ran_out_give_back_what_they_held(
    context: JobContext, scope: Scope, clock: FixedClock, shop: Shop, holder: Holder
) -> None:
    counter = shop.counter()
    assert visit(counter, holder, amount_minor=700).ok
    assert hold(counter, holder, shop.reward_ids[0]).ok
    assert value(scope, "SELECT balance FROM account") == 2
    assert schedule.release_holds(context) == {"released": 0}
    clock.advance(hours=1)
    assert schedule.release_holds(context) == {"released": 1}
    assert value(scope, "SELECT balance FROM account") == 7
    assert schedule.verify_ledger(context)["accounts"] == 1


def test_answers_are_kept_for_90_days_and_their_keys_for_ever(
    context: JobContext, scope: Scope, clock: FixedClock, shop: Shop, holder: Holder
) -> None:
    assert visit(shop.counter(), holder, amount_minor=700, key="a-key").ok
    bodies = "SELECT count(*) FROM idempotency_key WHERE body IS NOT NULL"
    clock.advance(days=89)
    assert schedule.prune_replies(context) == {"bodies": 0}
    clock.advance(days=2)
    assert schedule.prune_replies(context) == {"bodies": 1}
    assert value(scope, bodies) == 0
    assert value(scope, "SELECT key FROM idempotency_key") == "a-key"


def test_a_difference_in_the_ledger_fails_the_nights_proof(
    context: JobContext, scope: Scope, shop: Shop, holder: Holder
) -> None:
    assert visit(shop.counter(), holder, amount_minor=700).ok
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE account SET balance = balance + 1"), {})
    with pytest.raises(schedule.LedgerDiffersError, match="the balance is 8"):
        schedule.verify_ledger(context)


def test_anchors_that_were_altered_fail_the_nights_proof(
    context: JobContext, settings: Settings, shop: Shop, holder: Holder
) -> None:
    assert visit(shop.counter(), holder, amount_minor=700).ok
    assert schedule.anchor(context)["heads"] == 1
    (path,) = anchors.folder_of(settings.var, settings.database_url).iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(anchors.AnchorsAlteredError):
        schedule.verify_ledger(context)


def test_a_long_proof_stops_with_its_process(context: JobContext, shop: Shop, holder: Holder) -> None:
    assert visit(shop.counter(), holder, amount_minor=700).ok
    context.stopping.set()
    with pytest.raises(StoppedError):
        schedule.verify_ledger(context)


def test_tidying_keeps_what_is_open(context: JobContext, scope: Scope, clock: FixedClock) -> None:
    with scope.transaction() as tx:
        done, _ = (outbox.enqueue(tx, topic="t", payload={}, now=scope.now) for _ in range(2))
        first = next(message for message in outbox.claim(tx, now=scope.now) if message.id == done)
        outbox.complete(tx, first, now=scope.now)
        for age in (6, 8):
            tx.run(
                Statement(
                    "INSERT INTO code_use (member_id, installation_id, step, device_id, used_at)"
                    " VALUES (:id, :id, :step, :id, :at)"
                ),
                {"id": done, "step": age, "at": clock.now - timedelta(days=age)},
            )
    assert tidy(context)["codes_used"] == 1
    assert value(scope, "SELECT step FROM code_use") == 6
    assert tidy(context)["messages"] == 0
    clock.advance(days=31)
    assert tidy(context)["messages"] == 1
    assert value(scope, "SELECT count(*) FROM outbox") == 1


def test_tidying_keeps_sessions_and_questions_that_are_open(
    context: JobContext, scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    member_id = issue_anonymous_member(scope).member_id
    kept, ended = (wallet.open_session(scope, member_id=member_id) for _ in range(2))
    own = replace(scope, member_id=member_id, session_id=kept.session_id)
    wallet.end_session(own, session_id=ended.session_id)
    wallet.start_move(own)
    wallet.start_adding_passkey(own, settings=settings)
    with scope.transaction() as tx:
        for minutes in (5, 10):
            tx.run(
                Statement(
                    "INSERT INTO spending_request (member_id, id, merchant_id, location_id, reward_id, quantity,"
                    " currency, asked_at, expires_at) VALUES (:m, :id, :id, :id, :id, 1, 'EUR', :now, :until)"
                ),
                {"m": member_id, "id": new_id(), "now": clock.now, "until": clock.now + timedelta(minutes=minutes)},
            )
    nothing = dict.fromkeys(
        ("sessions_ended", "sessions_left", "codes_to_move", "passkey_challenges", "spending_requests"), 0
    )
    assert nothing.items() <= tidy(context).items()
    clock.advance(days=1, minutes=10, seconds=1)
    assert (nothing | {"codes_to_move": 1, "passkey_challenges": 1}).items() <= tidy(context).items()
    clock.advance(days=29)
    assert (nothing | {"sessions_ended": 1, "spending_requests": 2}).items() <= tidy(context).items()
    clock.advance(days=179)
    assert nothing.items() <= tidy(context).items()
    clock.advance(days=1)
    assert (nothing | {"sessions_left": 1}).items() <= tidy(context).items()


def test_shops_that_were_asked_and_never_came_are_forgotten(
    context: JobContext, scope: Scope, clock: FixedClock
) -> None:
    invite_shops(scope, [ShopToInvite("Korst", "an@korst.example")], public_url="https://card.example")
    clock.advance(days=59)
    assert tidy(context)["shop_invitations"] == 0
    clock.advance(days=2)
    assert tidy(context)["shop_invitations"] == 1
