"""Whatever is booked in whatever order: after each step the books balance, nothing is negative, every seal verifies,
and every account holds what a ledger kept by hand says."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import config
from app.cards import service as cards
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.errors import KeyReusedError
from app.common.ids import new_id
from app.common.keys import Keys
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.errors import NotEnoughError
from app.members.errors import MergeSpentError
from app.members.service import merge
from app.rewards import service as rewards
from app.rewards.service.adjusting import adjust
from app.rewards.service.upkeep import expire_lots, prune_replies
from app.scanning import service as scanning
from app.wallet import service as wallet
from tests.books import assert_books_balance, open_lots, standing
from tests.clocks import FixedClock
from tests.conftest import ENVIRONMENT
from tests.factories import (
    Answer,
    Holder,
    Shop,
    cancel,
    commit,
    hold,
    make_holder,
    make_shop,
    redeem,
    redeem_voucher,
    reverse,
    visit,
)
from tests.properties.ledger_model import Drawn, ModelAccount, end_of_day_in_months

POINTS = {"earn": [{"per": "amount", "units": "1"}], "expiry": {"kind": "months", "months": 1}}
CARRYING = {"earn": [{"per": "amount", "units": "1", "step": "7"}], "rounding": "carry"}
STAMPS = {"earn": [{"per": "unit", "units": "1"}], "expiry": {"kind": "months", "months": 2}}
GOAL = 4
COST = 5

_LOTS = Statement(
    "SELECT l.remaining, l.expires_at, l.earned_at FROM lot l"
    " JOIN account a ON a.member_id = l.member_id AND a.id = l.account_id"
    " WHERE a.member_id = :member_id AND a.programme_id = :programme_id AND l.remaining > 0 ORDER BY l.id"
)
SOME = st.integers(0, 10_000)  # which one of those there are
AMOUNTS = st.integers(0, 40_00)


@dataclass
class Owner:
    """A member, and the numbers of her cards."""

    member_id: str
    cards: list[Holder]
    accounts: dict[str, ModelAccount] = field(default_factory=lambda: defaultdict(ModelAccount))


@dataclass
class Visited:
    transaction_id: str
    owner: Owner
    shop: Shop
    amount_minor: int
    units: int
    refunded: int = 0
    vouchers: list[Given] = field(default_factory=list)
    is_undone: bool = False


@dataclass
class Given:
    """A reward or a voucher: which lots paid for it, and how far it is."""

    id: str
    owner: Owner
    programme_id: str
    drawn: Drawn
    status: str  # issued, held, redeemed, cancelled
    code: str = ""
    issued_by: str = ""
    redeemed_by: str = ""
    held_at: datetime | None = None


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self, copy: Callable[[Path], Any]) -> None:
        super().__init__()
        self.closing = ExitStack()
        folder = Path(self.closing.enter_context(TemporaryDirectory()))
        url = self.closing.enter_context(copy(folder))
        self.database = Database(open_engine(url))
        self.closing.callback(self.database.close)
        self.clock = FixedClock()
        keys: Keys = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(folder / "var"), "DATABASE_URL": url}).keys
        self.scope = Scope(self.database, keys, clock=self.clock)
        self.owners: list[Owner] = []
        self.visits: list[Visited] = []
        self.given: list[Given] = []
        self.merges: list[tuple[str, Owner, Owner]] = []
        self.asked: list[tuple[Callable[[], Answer], Callable[[], Answer] | None, Answer]] = []
        self.adjusted: list[tuple[str, Owner, int, Drawn]] = []

    def teardown(self) -> None:
        self.closing.close()

    @initialize(
        amounts=st.lists(AMOUNTS, min_size=4, max_size=4), stamps=st.lists(st.integers(1, 9), min_size=3, max_size=3)
    )
    def open_shops(self, amounts: list[int], stamps: list[int]) -> None:
        self.cafe = make_shop(self.scope, rules=STAMPS, stamps=GOAL)
        self.deli = make_shop(self.scope, rules=POINTS, reward={"cost": COST}, name="Deli")
        self.carrying_id = rewards.create_programme(
            self.scope, self.deli.merchant_id, name="Slow", kind="points", rules=CARRYING, position=1
        )
        for _ in range(3):
            self.sign_up()
        for place, minor in enumerate(amounts):
            self.buy(place, minor)
        for place, units in enumerate(stamps):
            self.stamp(place, units)

    def sign_up(self) -> None:
        holder = make_holder(self.scope)
        self.owners.append(Owner(holder.member_id, [holder]))

    # --- what the model knows ----------------------------------------------------------------------------------

    def owner(self, some: int) -> Owner:
        return self.owners[some % len(self.owners)]

    def account(self, owner: Owner, programme_id: str) -> ModelAccount:
        """The account as the next booking finds it."""
        account = owner.accounts[programme_id]
        account.pass_time(self.clock.now)
        return account

    def ask(self, act: Callable[[], Answer], other: Callable[[], Answer] | None = None) -> Answer:
        answer = act()
        self.asked.append((act, other, answer))
        return answer

    # --- the counter ---------------------------------------------------------------------------------------------

    @rule(data=st.lists(st.tuples(SOME, AMOUNTS), min_size=1, max_size=3), is_last=st.booleans())
    def buy_and_spend(self, data: list[tuple[int, int]], is_last: bool) -> None:
        for some, minor in data:
            self.buy(some, minor)
        self.spend(data[0][0], is_last)

    @rule(some=SOME, minor=AMOUNTS)
    def buy(self, some: int, minor: int) -> None:
        owner, key, shop = self.owner(some), new_id(), self.deli
        card = owner.cards[some % len(owner.cards)]
        answer = self.ask(
            lambda: visit(shop.counter(), card, key=key, amount_minor=minor),
            lambda: visit(shop.counter(), card, key=key, amount_minor=minor + 1),
        )
        origin, now = answer.transaction_id, self.clock.now
        units = minor // 100
        self.account(owner, shop.programme_id).earn(units, origin, end_of_day_in_months(now, 1), now)
        carrying = self.account(owner, self.carrying_id)
        carried = carrying.carry(Fraction(minor, 7_00))
        carrying.earn(carried, origin, None, now)
        assert [earned["units"] for earned in answer.body["earned"]] == [units, carried]
        bought = self.account(owner, shop.programme_id)
        assert (answer.balance, answer.owed) == (bought.balance, bought.owed)
        self.visits.append(Visited(origin, owner, shop, minor, units))

    @rule(some=SOME, units=st.integers(1, 9))
    def stamp(self, some: int, units: int) -> None:
        owner, key, shop = self.owner(some), new_id(), self.cafe
        card = owner.cards[some % len(owner.cards)]
        answer = self.ask(
            lambda: visit(shop.counter(), card, key=key, units=units),
            lambda: visit(shop.counter(), card, key=key, units=units + 1),
        )
        account = self.account(owner, shop.programme_id)
        now = self.clock.now
        account.earn(units, answer.transaction_id, end_of_day_in_months(now, 2), now)
        made = Visited(answer.transaction_id, owner, shop, 0, units)
        while account.balance >= GOAL:
            told = answer.body["unlocked"][len(made.vouchers)]
            drawn, _ = account.draw(GOAL)
            voucher = Given(told["voucher_id"], owner, shop.programme_id, drawn, "issued", told["voucher_code"])
            made.vouchers.append(voucher)
            self.given.append(voucher)
        assert len(answer.body["unlocked"]) == len(made.vouchers)
        assert (answer.balance, answer.owed) == (account.balance, account.owed)
        self.visits.append(made)

    @rule(some=SOME, is_held=st.booleans())
    def spend(self, some: int, is_held: bool) -> None:
        owner, key, shop = self.owner(some), new_id(), self.deli
        card = owner.cards[some % len(owner.cards)]
        act = hold if is_held else redeem
        answer = self.ask(lambda: act(shop.counter(), card, shop.reward_ids[0], key=key))
        account = self.account(owner, shop.programme_id)
        assert answer.ok == (account.balance >= COST)
        if not answer.ok:
            assert answer.code == "not_enough"
            return
        drawn, _ = account.draw(COST)
        given = Given(
            answer.body["redemption_id"],
            owner,
            shop.programme_id,
            drawn,
            "held" if is_held else "redeemed",
            issued_by=answer.transaction_id,
            redeemed_by="" if is_held else answer.transaction_id,
            held_at=self.clock.now if is_held else None,
        )
        self.given.append(given)

    @precondition(lambda self: any(one.code for one in self.given))
    @rule(some=SOME)
    def use_voucher(self, some: int) -> None:
        vouchers = [one for one in self.given if one.code]
        given = vouchers[some % len(vouchers)]
        key = new_id()
        answer = self.ask(lambda: redeem_voucher(self.cafe.counter(), given.code, key=key))
        assert answer.ok == (given.status == "issued")
        if answer.ok:
            given.status, given.redeemed_by = "redeemed", answer.transaction_id

    @precondition(lambda self: any(one.held_at for one in self.given))
    @rule(some=SOME, is_cancelled=st.booleans())
    def settle_hold(self, some: int, is_cancelled: bool) -> None:
        holds = [one for one in self.given if one.held_at]
        given = holds[some % len(holds)]
        assert given.held_at is not None
        key, is_in_time = new_id(), (self.clock.now - given.held_at).total_seconds() < 900
        act = cancel if is_cancelled else commit
        answer = self.ask(lambda: act(self.deli.counter(), given.id, key=key))
        assert answer.ok == (given.status == "held" and is_in_time)
        if not answer.ok:
            return
        if is_cancelled:
            given.status = "cancelled"
            self.give_back(given)
        else:
            given.status, given.redeemed_by = "redeemed", answer.transaction_id

    @precondition(lambda self: any(one.status == "held" for one in self.given))
    @rule()
    def release_holds(self) -> None:
        late = [
            one for one in self.given
            if one.status == "held" and one.held_at and (self.clock.now - one.held_at).total_seconds() >= 900
        ]  # fmt: skip
        assert scanning.release_run_out_holds(self.scope) == len(late)
        for given in sorted(late, key=lambda one: one.held_at or self.clock.now):
            given.status = "cancelled"
            self.give_back(given)

    def give_back(self, given: Given) -> None:
        account = self.account(given.owner, given.programme_id)
        account.give_back(given.drawn)
        account.pass_time(self.clock.now)

    # --- undoing -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.visits)
    @rule(some=SOME, part=st.one_of(st.none(), st.integers(1, 30_00)))
    def undo_visit(self, some: int, part: int | None) -> None:
        visited, key = self.visits[some % len(self.visits)], new_id()
        is_stamped = visited.shop is self.cafe
        if is_stamped:
            part = None
        answer = self.ask(lambda: reverse(visited.shop.counter(), visited.transaction_id, part, key=key))
        left = visited.amount_minor - visited.refunded
        refund = left if part is None else part
        if visited.is_undone or refund > left:
            assert not answer.ok
            return
        assert answer.ok, answer.body
        visited.is_undone = part is None or refund == left
        owner, origin = visited.owner, visited.transaction_id
        account = self.account(owner, visited.shop.programme_id)
        if is_stamped:
            for voucher in reversed(visited.vouchers):
                if voucher.status == "issued":
                    voucher.status = "cancelled"
                    account.give_back(voucher.drawn)
            account.take_back(visited.units, origin)
        else:
            after = (left - refund) // 100
            account.take_back(visited.units - after, origin)
            visited.units = after
            carrying = self.account(owner, self.carrying_id)
            carrying.take_back(-carrying.carry(-Fraction(refund, 7_00)), origin)
        visited.refunded += refund
        account.pass_time(self.clock.now)

    @precondition(lambda self: any(one.issued_by or one.redeemed_by for one in self.given))
    @rule(some=SOME, which=st.booleans())
    def undo_redemption(self, some: int, which: bool) -> None:
        booked = [one for one in self.given if one.issued_by or one.redeemed_by][-4:]
        given, key = booked[some % len(booked)], new_id()
        transaction_id = (given.issued_by if which else given.redeemed_by) or given.issued_by or given.redeemed_by
        shop = self.cafe if given.code else self.deli
        answer = self.ask(lambda: reverse(shop.counter(), transaction_id, key=key))
        if transaction_id == given.redeemed_by != given.issued_by and given.status == "redeemed":
            assert answer.ok, answer.body
            given.status, given.redeemed_by = "issued", ""
        elif transaction_id == given.issued_by and (
            given.status in ("issued", "held") or (given.status == "redeemed" and given.redeemed_by == given.issued_by)
        ):
            assert answer.ok, answer.body
            given.status = "cancelled"
            self.give_back(given)
        else:
            assert not answer.ok

    @rule(some=SOME, is_all=st.booleans())
    def regret(self, some: int, is_all: bool) -> None:
        """Spend, then bring back what earned it: mostly a debt."""
        place = some % len(self.owners)
        self.buy(place, 12_00)
        visited = len(self.visits) - 1
        while self.account(self.owners[place], self.deli.programme_id).balance >= COST and len(self.asked) < 200:
            self.spend(place, False)
        self.undo_visit(visited, None if is_all else 7_77)
        self.undo_redemption(some, True)

    @rule(some=SOME, units=st.integers(-12, 12).filter(bool))
    def adjust(self, some: int, units: int) -> None:
        owner, programme_id = self.owner(some), (self.deli.programme_id, self.carrying_id)[some % 2]
        account = self.account(owner, programme_id)
        who: dict[str, Any] = {"member_id": owner.member_id, "programme_id": programme_id, "reason": "count"}
        if -units > account.balance:
            with pytest.raises(NotEnoughError):
                adjust(self.deli.counter().scope, units=units, **who)
            return
        made = adjust(self.deli.counter().scope, units=units, **who)
        if units > 0:
            account.earn(units, made.transaction_id, None, self.clock.now)
        else:
            account.draw(-units)

    # --- people and time -----------------------------------------------------------------------------------------

    @rule(some=SOME)
    def replace_card(self, some: int) -> None:
        owner = self.owner(some)
        place = some % len(owner.cards)
        own = replace(self.scope, member_id=owner.member_id)
        old = owner.cards[place]
        made = cards.replace_card(own, card_id=old.card_id)
        owner.cards[place] = Holder(owner.member_id, made.card_id, made.number)
        assert visit(self.deli.counter(), old, amount_minor=1_00).code == "card_blocked"

    @rule()
    def join(self) -> None:
        if len(self.owners) < 3:
            self.sign_up()

    @precondition(lambda self: len(self.owners) > 1)
    @rule(some=SOME)
    def merge(self, some: int) -> None:
        survivor, other = self.owner(some), self.owner(some + 1)
        own = replace(self.scope, member_id=survivor.member_id)
        merge_id = own.run(lambda tx: merge(tx, own, survivor_id=survivor.member_id, merged_id=other.member_id))
        ends = {self.deli.programme_id: 1, self.cafe.programme_id: 2}
        for programme_id in list(other.accounts):
            account, theirs = self.account(survivor, programme_id), self.account(other, programme_id)
            months = ends.get(programme_id)
            now = self.clock.now
            account.swallow(theirs, merge_id, end_of_day_in_months(now, months) if months else None, now)
        for one in (*self.visits, *self.given):
            if one.owner is other:
                one.owner = survivor
        survivor.cards += other.cards
        self.owners.remove(other)
        self.merges.append((merge_id, survivor, other))

    @precondition(lambda self: self.merges)
    @rule()
    def undo_merge(self) -> None:
        merge_id, survivor, other = self.merges[-1]
        if survivor not in self.owners or any(one.status == "held" and one.owner is survivor for one in self.given):
            return
        programmes = [self.deli.programme_id, self.carrying_id, self.cafe.programme_id]
        before = {one: self.worth(one, survivor, other) for one in programmes}
        try:
            wallet.undo_merge(replace(self.scope, member_id=survivor.member_id), merge_id=merge_id)
        except MergeSpentError:
            return
        self.merges.pop()
        assert {one: self.worth(one, survivor, other) for one in programmes} == before
        # Which booking is whose from now on is for other tests to say: the model takes the lots as they are.
        self.visits = [one for one in self.visits if one.owner is not survivor]
        self.given = [one for one in self.given if one.owner is not survivor]
        moved = {card.number for card in other.cards}
        survivor.cards = [card for card in survivor.cards if card.number not in moved]
        if not survivor.cards:
            survivor.cards = [make_more(self.scope, survivor)]
        self.owners.append(other)
        other.cards = [make_more(self.scope, other)]
        for owner in (survivor, other):
            for programme_id in programmes:
                self.take_over(owner, programme_id)

    def worth(self, programme_id: str, *owners: Owner) -> Fraction:
        """Units that have not ended, less debts, and fractions of units."""
        total = Fraction(0)
        for owner in owners:
            now = standing(self.scope, owner.member_id, programme_id)
            lots = open_lots(self.scope, owner.member_id, programme_id)
            total += sum(left for left, ends in lots if ends is None or ends > self.clock.now)
            total += now.remainder - now.owed
        return total

    def take_over(self, owner: Owner, programme_id: str) -> None:
        now = standing(self.scope, owner.member_id, programme_id)
        account = ModelAccount(owed=now.owed, remainder=now.remainder)
        with self.scope.reading() as tx:
            for lot in tx.rows(_LOTS, {"member_id": owner.member_id, "programme_id": programme_id}):
                account.earn_again(*lot)
        owner.accounts[programme_id] = account

    @rule(days=st.sampled_from([1, 20, 34, 40]), minutes=st.integers(1, 20), is_night=st.booleans())
    def pass_time(self, days: int, minutes: int, is_night: bool) -> None:
        self.clock.advance(days=days if is_night else 0, minutes=minutes)
        if is_night and days % 2:
            expire_lots(self.scope)
            assert expire_lots(self.scope) == 0
            prune_replies(self.scope)

    # --- asking again --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.asked)
    @rule(some=SOME, times=st.integers(1, 3))
    def ask_again(self, some: int, times: int) -> None:
        act, _, first = self.asked[some % len(self.asked)]
        for _ in range(times):
            again = act()
            assert again.reply.status == first.reply.status
            if first.ok:
                assert again.reply.is_replay
                assert again.transaction_id == first.transaction_id

    @precondition(lambda self: self.asked)
    @rule(some=SOME)
    def ask_otherwise(self, some: int) -> None:
        _, other, _ = self.asked[some % len(self.asked)]
        if other is not None:
            with pytest.raises(KeyReusedError):
                other()

    # --- what holds after each step ------------------------------------------------------------------------------

    @invariant()
    def the_books_balance(self) -> None:
        assert_books_balance(self.scope)

    @invariant()
    def every_account_holds_what_the_model_says(self) -> None:
        latest = datetime.max.replace(tzinfo=UTC)
        for owner in self.owners:
            for programme_id, account in owner.accounts.items():
                now = standing(self.scope, owner.member_id, programme_id)
                assert (now.owed, now.remainder) == (account.owed, account.remainder)
                held = open_lots(self.scope, owner.member_id, programme_id)
                alive = [lot for lot in held if lot[1] is None or lot[1] > self.clock.now]
                assert sorted(alive, key=lambda lot: (lot[1] or latest, lot[0])) == account.holds(self.clock.now)


def make_more(scope: Scope, owner: Owner) -> Holder:
    """One more card of a member."""
    own = replace(scope, member_id=owner.member_id)
    card_id = cards.issue_digital_card(own, member_id=owner.member_id)
    with scope.reading() as tx:
        from sqlalchemy import select

        from app.cards.models import Card

        number = tx.session.scalars(select(Card.number).where(Card.id == card_id)).one()
    return Holder(owner.member_id, card_id, number)


def run(request: pytest.FixtureRequest, dialect: str, examples: int, steps: int, seed: int | None = None) -> None:
    template = request.getfixturevalue(f"{dialect}_template")
    limits = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=seed is None,
        print_blob=True,
        phases=[Phase.generate] if seed is not None else [Phase.generate, Phase.shrink],
    )

    def made() -> LedgerMachine:
        return LedgerMachine(template.copy)

    run_state_machine_as_test(made if seed is None else seeded(seed)(made), settings=limits)


@pytest.mark.parametrize(("dialect", "examples"), [("sqlite", 30), ("postgresql", 10)])
def test_the_ledger_keeps_its_promises(request: pytest.FixtureRequest, dialect: str, examples: int) -> None:
    run(request, dialect, examples=examples, steps=30)


@pytest.mark.prove
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_ledger_keeps_its_promises_for_long(request: pytest.FixtureRequest, dialect: str) -> None:
    seed = int(os.environ.get("PROVE_SEED") or int.from_bytes(os.urandom(4), "big"))
    print(f"PROVE_SEED={seed}")
    run(request, dialect, examples=int(os.environ.get("PROVE_EXAMPLES", "400")), steps=60, seed=seed)
