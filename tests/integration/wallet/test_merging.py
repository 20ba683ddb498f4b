"""Merging members: to the unit, with expiries, debts and fractions; and undoing it."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import insert, select

from app.cards import queries
from app.cards import service as cards
from app.cards.models import CardReference, CodeUse, Installation, Member, Merge
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.models import Account, LedgerTransaction, Lot, Transfer
from app.members.errors import MergeSpentError, MergeUndoneError
from app.members.service import merge
from app.merchants import service as merchants
from app.rewards import service as rewards
from app.rewards.models import TierMonth, Voucher, VoucherCode
from app.wallet import service as wallet
from tests.clocks import FixedClock
from tests.integration.wallet.books import (
    OTHER_PROGRAMME,
    PROGRAMME,
    acting,
    assert_books_are_clean,
    earn,
    expire,
    holdings,
    owe,
    redeem,
)


def merged(scope: Scope, survivor_id: str, merged_id: str) -> str:
    return scope.run(lambda tx: merge(tx, scope, survivor_id=survivor_id, merged_id=merged_id))


@pytest.fixture
def pair(scope: Scope) -> tuple[str, str]:
    """Two members: who will survive, and who will be merged."""
    return cards.issue_anonymous_member(scope).member_id, cards.issue_anonymous_member(scope).member_id


def test_every_lot_moves_with_its_expiry_and_its_origin(scope: Scope, clock: FixedClock, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    soon, late = clock.now + timedelta(days=30), clock.now + timedelta(days=400)
    earn(scope, ours, PROGRAMME, 5, expires_at=late)
    first = earn(scope, theirs, PROGRAMME, 7, expires_at=soon)
    earn(scope, theirs, PROGRAMME, 3)
    redeem(scope, theirs, PROGRAMME, 2)
    earn(scope, theirs, OTHER_PROGRAMME, 11)

    merged(scope, ours, theirs)

    after = holdings(scope, ours)
    assert after[PROGRAMME].lots == ((5, soon), (5, late), (3, None))
    assert (after[PROGRAMME].balance, after[PROGRAMME].visits, after[PROGRAMME].units_earned) == (13, 3, 15)
    assert after[OTHER_PROGRAMME].balance == 11
    assert all(holding.balance == 0 for holding in holdings(scope, theirs).values())
    with scope.reading() as tx:
        lot = tx.session.scalars(select(Lot).where(Lot.member_id == ours, Lot.expires_at == soon)).one()
        assert lot.origin_id == first
        account = tx.session.scalars(
            select(Account).where(Account.member_id == ours, Account.programme_id == PROGRAMME)
        ).one()
        assert account.next_expiry_at == soon
        kinds = tx.session.execute(
            select(LedgerTransaction.member_id, LedgerTransaction.kind).where(LedgerTransaction.reason == "merge")
        ).all()
    assert sorted(tuple(row) for row in kinds) == sorted([(ours, "move"), (theirs, "move")])
    assert_books_are_clean(scope)


def test_history_stays_where_it_happened_and_is_found_through_the_alias(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    booked = earn(scope, theirs, PROGRAMME, 4)
    merged(scope, ours, theirs)

    with scope.reading() as tx:
        assert tx.session.get(LedgerTransaction, (theirs, booked)) is not None
        assert queries.aliases(tx.session, ours) == [ours, theirs]
    found = queries.find_member(scope, member_id=theirs)
    assert found is not None
    assert found.member_id == ours


def test_a_debt_moves_and_is_paid_from_what_the_other_has(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    earn(scope, ours, PROGRAMME, 10)
    owe(scope, theirs, PROGRAMME, 4)
    merged(scope, ours, theirs)
    assert (holdings(scope, ours)[PROGRAMME].balance, holdings(scope, ours)[PROGRAMME].owed) == (6, 0)
    assert holdings(scope, theirs)[PROGRAMME].owed == 0
    assert_books_are_clean(scope)


def test_what_comes_pays_the_survivors_debt(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    owe(scope, ours, PROGRAMME, 9)
    earn(scope, theirs, PROGRAMME, 4)
    merge_id = merged(scope, ours, theirs)
    assert (holdings(scope, ours)[PROGRAMME].balance, holdings(scope, ours)[PROGRAMME].owed) == (0, 5)
    assert_books_are_clean(scope)
    with pytest.raises(MergeSpentError):
        wallet.undo_merge(acting(scope, ours), merge_id=merge_id)


@pytest.mark.parametrize(
    ("first", "second", "units", "left"),
    [("1/3", "1/2", 0, "5/6"), ("1/2", "1/2", 1, "0"), ("2/3", "3/4", 1, "5/12"), ("0", "1/7", 0, "1/7")],
)
def test_fractions_are_added_exactly(
    scope: Scope, pair: tuple[str, str], first: str, second: str, units: int, left: str
) -> None:
    ours, theirs = pair
    earn(scope, ours, PROGRAMME, 1, remainder=first)
    earn(scope, theirs, PROGRAMME, 1, remainder=second)
    merge_id = merged(scope, ours, theirs)
    after = holdings(scope, ours)[PROGRAMME]
    assert (after.balance, after.remainder) == (2 + units, Fraction(left))
    assert holdings(scope, theirs)[PROGRAMME].remainder == 0
    assert_books_are_clean(scope)

    wallet.undo_merge(acting(scope, ours), merge_id=merge_id)
    for member_id, remainder in ((ours, first), (theirs, second)):
        assert holdings(scope, member_id)[PROGRAMME].remainder == Fraction(remainder)
        assert holdings(scope, member_id)[PROGRAMME].balance == 1
    assert_books_are_clean(scope)


def test_what_is_due_expires_and_does_not_move(scope: Scope, clock: FixedClock, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    earn(scope, theirs, PROGRAMME, 7, expires_at=clock.now + timedelta(days=1))
    clock.advance(days=2)
    merged(scope, ours, theirs)
    assert holdings(scope, ours)[PROGRAMME].balance == 0
    with scope.reading() as tx:
        expired = tx.session.scalars(select(Transfer.amount).where(Transfer.credit == "expired")).all()
    assert list(expired) == [7]
    assert_books_are_clean(scope)


def test_cards_installations_and_references_follow(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    (card,) = queries.list_cards(scope, member_id=theirs)
    started = cards.start_installation(scope, card_id=card.card_id)
    with scope.transaction() as tx:
        tx.session.execute(
            insert(CodeUse).values(
                member_id=theirs,
                installation_id=started.installation_id,
                step=1,
                device_id=new_id(),
                used_at=scope.now,
            )
        )
        tx.session.execute(
            insert(CardReference).values(source="old", reference="7", number=card.number, member_id=theirs)
        )
    merged(scope, ours, theirs)
    assert {one.card_id for one in queries.list_cards(scope, member_id=ours)} >= {card.card_id}
    with scope.reading() as tx:
        for model in (Installation, CodeUse, CardReference):
            assert tx.session.scalars(select(model.member_id)).all() == [ours]


def give_voucher(scope: Scope, member_id: str, status: str = "issued") -> tuple[str, str]:
    voucher_id, code = new_id(), f"V{new_id()[-13:].upper()}"
    with scope.transaction() as tx:
        tx.session.execute(
            insert(Voucher).values(
                member_id=member_id,
                id=voucher_id,
                code=code,
                reward_id=new_id(),
                merchant_id=new_id(),
                programme_id=PROGRAMME,
                status=status,
                cost=10,
                value={"item": "Coffee"},
                source="member",
                issued_at=scope.now,
                redeemed_at=scope.now if status == "redeemed" else None,
            )
        )
        tx.session.execute(insert(VoucherCode).values(code=code, member_id=member_id, voucher_id=voucher_id))
    return voucher_id, code


def voucher_owners(scope: Scope) -> dict[str, tuple[str, str]]:
    with scope.reading() as tx:
        owners = dict(tx.session.execute(select(Voucher.id, Voucher.member_id)).all())
        named = dict(tx.session.execute(select(VoucherCode.voucher_id, VoucherCode.member_id)).all())
    return {voucher_id: (owner, named[voucher_id]) for voucher_id, owner in owners.items()}


def test_vouchers_keep_their_codes_and_limits_count_spent_ones(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    open_id, code = give_voucher(scope, theirs)
    spent_id, _ = give_voucher(scope, theirs, "redeemed")
    merge_id = merged(scope, ours, theirs)
    assert voucher_owners(scope) == {open_id: (ours, ours), spent_id: (ours, ours)}
    with scope.reading() as tx:
        assert tx.session.get(VoucherCode, code) is not None
    wallet.undo_merge(acting(scope, ours), merge_id=merge_id)
    assert voucher_owners(scope) == {open_id: (theirs, theirs), spent_id: (theirs, theirs)}


def test_tiers_count_both(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    merchant_id = merchants.create_merchant(scope, name="Bakery")
    rules = {
        "earn": [{"per": "visit", "units": "1"}],
        "tiers": {
            "months": 12,
            "by": "units",
            "table": [{"key": "silver", "name": "Silver", "from": 10, "multiplier": "2"}],
        },
    }
    programme_id = rewards.create_programme(scope, merchant_id, name="Points", kind="points", rules=rules)
    month = scope.now.year * 12 + scope.now.month - 1
    for member_id, gathered in ((ours, 6), (theirs, 4)):
        earn(scope, member_id, programme_id, gathered)
        with scope.transaction() as tx:
            account = tx.session.scalars(select(Account.id).where(Account.member_id == member_id)).one()
            tx.session.execute(
                insert(TierMonth).values(member_id=member_id, account_id=account, month=month, gathered=gathered)
            )

    def tiers() -> list[tuple[str, str | None, int]]:
        with scope.reading() as tx:
            rows = tx.session.execute(
                select(Account.member_id, Account.tier, TierMonth.gathered).join(
                    TierMonth, TierMonth.account_id == Account.id
                )
            )
            return sorted(tuple(row) for row in rows)

    merge_id = merged(scope, ours, theirs)
    assert tiers() == [(ours, "silver", 10)]
    wallet.undo_merge(acting(scope, ours), merge_id=merge_id)
    assert tiers() == sorted([(ours, None, 6), (theirs, None, 4)])
    assert_books_are_clean(scope)


def test_undoing_gives_everything_back(scope: Scope, clock: FixedClock, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    soon = clock.now + timedelta(days=30)
    earn(scope, ours, PROGRAMME, 5)
    earn(scope, theirs, PROGRAMME, 7, expires_at=soon, remainder="1/4")
    earn(scope, theirs, OTHER_PROGRAMME, 2)
    before = {member_id: holdings(scope, member_id) for member_id in pair}
    (card,) = queries.list_cards(scope, member_id=theirs)
    merge_id = merged(scope, ours, theirs)

    wallet.undo_merge(acting(scope, ours), merge_id=merge_id)

    assert holdings(scope, theirs) == before[theirs]
    assert holdings(scope, ours)[PROGRAMME] == before[ours][PROGRAMME]
    assert holdings(scope, ours)[OTHER_PROGRAMME].balance == 0
    assert queries.get_card(scope, card_id=card.card_id).member_id == theirs
    with scope.reading() as tx:
        assert tx.session.get_one(Member, theirs).merged_into is None
    assert_books_are_clean(scope)
    with pytest.raises(MergeUndoneError):
        wallet.undo_merge(acting(scope, ours), merge_id=merge_id)
    again = merged(scope, ours, theirs)
    assert holdings(scope, ours)[PROGRAMME].balance == 12
    wallet.undo_merge(acting(scope, ours), merge_id=again)
    assert holdings(scope, theirs) == before[theirs]
    assert_books_are_clean(scope)


def test_a_debt_that_moved_goes_back(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    owe(scope, theirs, PROGRAMME, 4)
    merge_id = merged(scope, ours, theirs)
    assert holdings(scope, ours)[PROGRAMME].owed == 4
    wallet.undo_merge(acting(scope, ours), merge_id=merge_id)
    assert (holdings(scope, ours)[PROGRAMME].owed, holdings(scope, theirs)[PROGRAMME].owed) == (0, 4)
    assert_books_are_clean(scope)


def test_undoing_is_refused_once_anything_that_came_was_spent(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    earn(scope, theirs, PROGRAMME, 7)
    merge_id = merged(scope, ours, theirs)
    redeem(scope, ours, PROGRAMME, 1)
    before = holdings(scope, ours)
    with pytest.raises(MergeSpentError):
        wallet.undo_merge(acting(scope, ours), merge_id=merge_id)
    assert holdings(scope, ours) == before
    assert_books_are_clean(scope)


@pytest.mark.parametrize("books_first", [True, False])
def test_what_expired_since_stands_not_in_the_way(
    scope: Scope, clock: FixedClock, pair: tuple[str, str], books_first: bool
) -> None:
    ours, theirs = pair
    earn(scope, theirs, PROGRAMME, 7, expires_at=clock.now + timedelta(days=1))
    earn(scope, theirs, PROGRAMME, 2)
    merge_id = merged(scope, ours, theirs)
    clock.advance(days=2)
    if books_first:
        expire(scope, ours)
    wallet.undo_merge(acting(scope, ours), merge_id=merge_id)
    assert holdings(scope, theirs)[PROGRAMME].balance == 2
    assert_books_are_clean(scope)


@pytest.mark.parametrize("spent", [3, 7])
def test_what_was_spent_before_it_expired_does(
    scope: Scope, clock: FixedClock, pair: tuple[str, str], spent: int
) -> None:
    ours, theirs = pair
    earn(scope, theirs, PROGRAMME, 7, expires_at=clock.now + timedelta(days=1))
    merge_id = merged(scope, ours, theirs)
    redeem(scope, ours, PROGRAMME, spent)
    clock.advance(days=2)
    with pytest.raises(MergeSpentError):
        wallet.undo_merge(acting(scope, ours), merge_id=merge_id)


def test_members_that_were_merged_before_come_along(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    last = cards.issue_anonymous_member(scope).member_id
    earn(scope, theirs, PROGRAMME, 3)
    first_merge = merged(scope, ours, theirs)
    second_merge = merged(scope, last, ours)
    with scope.reading() as tx:
        assert sorted(queries.aliases(tx.session, last)) == sorted([last, ours, theirs])
        assert tx.session.get_one(Member, theirs).merged_into == last
    assert holdings(scope, last)[PROGRAMME].balance == 3
    with pytest.raises(NotFoundError):
        wallet.undo_merge(acting(scope, ours), merge_id=first_merge)
    wallet.undo_merge(acting(scope, last), merge_id=second_merge)
    wallet.undo_merge(acting(scope, ours), merge_id=first_merge)
    assert holdings(scope, theirs)[PROGRAMME].balance == 3
    assert_books_are_clean(scope)


def test_nobody_merges_with_herself_with_an_alias_or_with_the_sandbox(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    sandbox = cards.issue_anonymous_member(scope, is_sandbox=True).member_id
    with pytest.raises(NotFoundError):
        merged(scope, ours, ours)
    with pytest.raises(NotFoundError):
        merged(scope, ours, sandbox)
    merged(scope, ours, theirs)
    with pytest.raises(NotFoundError):
        merged(scope, ours, theirs)
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(Merge)).all()) == 1


def test_another_members_merge_is_not_there(scope: Scope, pair: tuple[str, str]) -> None:
    ours, theirs = pair
    stranger = cards.issue_anonymous_member(scope).member_id
    merge_id = merged(scope, ours, theirs)
    with pytest.raises(NotFoundError):
        wallet.undo_merge(acting(scope, stranger), merge_id=merge_id)
