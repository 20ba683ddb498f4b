"""Making and changing programmes, promotions and rewards, and reading them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.merchants.service import add_location, create_merchant
from app.rewards.configuration import configuration
from app.rewards.errors import RewardElsewhereError, VersionInThePastError, VersionTooEarlyError
from app.rewards.queries import list_programmes, list_versions
from app.rewards.rules import InvalidRulesError, points_document, stamps_document
from app.rewards.sandbox import create_sandbox_key
from app.rewards.service import (
    add_version,
    change_programme,
    change_promotion,
    change_reward,
    create_programme,
    create_promotion,
    create_reward,
)
from tests.clocks import FixedClock

DOUBLE = {"conditions": {"weekdays": ["tue"]}, "effect": {"multiplier": "2"}}


@pytest.fixture
def merchant_id(scope: Scope) -> str:
    return create_merchant(scope, name="Bakkerij")


@pytest.fixture
def stamps(scope: Scope, merchant_id: str) -> str:
    return create_programme(scope, merchant_id, name="Broodkaart", kind="stamps", rules=stamps_document(10))


def state(scope: Scope, merchant_id: str) -> tuple[int, int]:
    """The configuration's version and how many events there are."""
    with scope.reading() as tx:
        events = len(tx.session.scalars(select(AuditEvent.id)).all())
        return tx.session.get_one(Merchant, merchant_id).config_version, events


def test_a_programme_is_compiled_as_it_was_made(scope: Scope, merchant_id: str, stamps: str) -> None:
    reward = create_reward(scope, stamps, name="Brood", cost=10, amount_minor=420)
    change_programme(scope, stamps, full_card_reward_id=reward)
    create_promotion(scope, stamps, name="Dubbel", rule=DOUBLE)
    with scope.reading() as tx:
        compiled = configuration(tx, merchant_id)
    [programme] = compiled.programmes
    assert (programme.name, programme.unit, programme.goal, programme.full_card_reward_id) == (
        "Broodkaart",
        "stamp",
        10,
        reward,
    )
    assert [promotion.name for promotion in programme.promotions] == ["Dubbel"]
    assert compiled.rewards[reward].amount_minor == 420


def test_each_change_bumps_the_configuration_once_and_leaves_one_event(
    scope: Scope, merchant_id: str, stamps: str, clock: FixedClock
) -> None:
    reward = create_reward(scope, stamps, name="Brood", cost=10)
    promotion = create_promotion(scope, stamps, name="Dubbel", rule=DOUBLE)
    changes: list[Callable[[], Any]] = [
        lambda: create_programme(scope, merchant_id, name="Punten", kind="points", rules=points_document("1")),
        lambda: create_reward(scope, stamps, name="Pistolets", cost=5),
        lambda: create_promotion(scope, stamps, name="Nog een", rule=DOUBLE),
        lambda: add_version(scope, stamps, stamps_document(8)),
        lambda: change_programme(scope, stamps, name="Kaart", full_card_reward_id=reward),
        lambda: change_reward(scope, reward, cost=9, stock=3),
        lambda: change_promotion(scope, promotion, ends_at=clock() + timedelta(days=1)),
    ]
    for change in changes:
        version, events = state(scope, merchant_id)
        change()
        assert state(scope, merchant_id) == (version + 1, events + 1)
    for repeat in changes[4:]:
        before = state(scope, merchant_id)
        repeat()
        assert state(scope, merchant_id) == before


def test_what_is_refused_changes_nothing(scope: Scope, merchant_id: str, stamps: str, clock: FixedClock) -> None:
    other = create_programme(scope, merchant_id, name="Punten", kind="points", rules=points_document("1"))
    elsewhere = create_reward(scope, other, name="Korting", cost=10)
    add_version(scope, stamps, stamps_document(8), valid_from=clock() + timedelta(days=9))
    before = state(scope, merchant_id)
    refused: list[tuple[Callable[[], Any], type[DomainError]]] = [
        (lambda: create_programme(scope, merchant_id, name="", kind="points", rules={}), InvalidError),
        (lambda: create_programme(scope, merchant_id, name="X", kind="miles", rules={}), InvalidRulesError),
        (lambda: create_programme(scope, merchant_id, name="X", kind="points", rules={"earn": []}), InvalidRulesError),
        (lambda: add_version(scope, stamps, {"goal": 0}), InvalidRulesError),
        (lambda: add_version(scope, stamps, stamps_document(8)), VersionTooEarlyError),
        (
            lambda: add_version(scope, stamps, stamps_document(8), valid_from=clock() - timedelta(seconds=1)),
            VersionInThePastError,
        ),
        (lambda: change_programme(scope, stamps, full_card_reward_id=elsewhere), RewardElsewhereError),
        (lambda: change_programme(scope, stamps, kind="points"), InvalidError),
        (lambda: create_promotion(scope, stamps, name="X", rule={"effect": {}}), InvalidRulesError),
        (
            lambda: create_promotion(scope, stamps, name="X", rule=DOUBLE, starts_at=clock(), ends_at=clock()),
            InvalidError,
        ),
        (lambda: change_reward(scope, elsewhere, kind="item"), InvalidError),
        (lambda: change_reward(scope, elsewhere, cost=0), InvalidError),
    ]
    for attempt, error in refused:
        with pytest.raises(error):
            attempt()
    assert state(scope, merchant_id) == before


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, "name"),
        ({"cost": 0}, "cost"),
        ({"kind": "car"}, "kind"),
        ({"kind": "amount_off"}, "amount_minor"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"kind": "percent_off"}, "percent"),
        ({"kind": "percent_off", "percent": 101}, "percent"),
        ({"kind": "percent_off", "percent": 10, "amount_minor": 5}, "amount_minor"),
        ({"percent": 10}, "percent"),
        ({"is_flexible": True}, "is_flexible"),
        ({"stock": -1}, "stock"),
        ({"per_member_limit": 0}, "per_member_limit"),
        ({"voucher_days": 0}, "voucher_days"),
    ],
)
def test_a_reward_with_a_wrong_field_is_refused_by_it(
    scope: Scope, stamps: str, fields: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        create_reward(scope, stamps, **{"name": "Brood", "cost": 10, **fields})
    assert list(refused.value.params["errors"]) == [wrong]


def test_versions_are_dated_and_the_one_in_force_is_told(
    scope: Scope, merchant_id: str, stamps: str, clock: FixedClock
) -> None:
    assert add_version(scope, stamps, stamps_document(8), valid_from=clock() + timedelta(days=1)) == 2
    [programme] = list_programmes(scope, merchant_id)
    assert (programme.version, programme.goal) == (1, 10)
    clock.advance(days=1)
    [programme] = list_programmes(scope, merchant_id)
    assert (programme.version, programme.goal) == (2, 8)
    assert [(one.version, one.valid_from) for one in list_versions(scope, stamps)] == [(1, None), (2, clock())]


def test_what_is_on_offer_leaves_out_what_is_over_hidden_or_still_to_come(
    scope: Scope, merchant_id: str, stamps: str, clock: FixedClock
) -> None:
    create_reward(scope, stamps, name="Now", cost=10)
    create_reward(scope, stamps, name="Later", cost=10, valid_from=clock() + timedelta(days=1))
    create_reward(scope, stamps, name="Over", cost=10, valid_until=clock())
    create_promotion(scope, stamps, name="Over", rule=DOUBLE, ends_at=clock())
    old = create_programme(scope, merchant_id, name="Old", kind="points", rules=points_document("1"))
    change_programme(scope, old, is_active=False)
    [offered] = list_programmes(scope, merchant_id, on_offer=True)
    assert [reward.name for reward in offered.rewards] == ["Now"]
    assert offered.promotions == ()
    assert [programme.name for programme in list_programmes(scope, merchant_id)] == ["Broodkaart", "Old"]


def test_another_merchants_catalogue_is_not_there(scope: Scope, merchant_id: str, stamps: str) -> None:
    reward = create_reward(scope, stamps, name="Brood", cost=10)
    promotion = create_promotion(scope, stamps, name="Dubbel", rule=DOUBLE)
    before = state(scope, merchant_id)
    other = replace(scope, merchant_id=create_merchant(scope, name="Other"))
    attempts: list[Callable[[], Any]] = [
        lambda: list_programmes(other, merchant_id),
        lambda: list_versions(other, stamps),
        lambda: create_programme(other, merchant_id, name="X", kind="points", rules=points_document("1")),
        lambda: add_version(other, stamps, stamps_document(1)),
        lambda: change_programme(other, stamps, name="X"),
        lambda: create_reward(other, stamps, name="X", cost=1),
        lambda: change_reward(other, reward, cost=1),
        lambda: create_promotion(other, stamps, name="X", rule=DOUBLE),
        lambda: change_promotion(other, promotion, is_active=False),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    assert state(scope, merchant_id) == (before[0], before[1] + 1)  # the event of making the other merchant


def test_a_sandbox_has_the_same_rules_and_nothing_in_common(scope: Scope, merchant_id: str, stamps: str) -> None:
    location_id = add_location(scope, merchant_id, city="Gent")
    reward = create_reward(scope, stamps, name="Brood", cost=10, stock=5)
    change_programme(scope, stamps, full_card_reward_id=reward)
    add_version(scope, stamps, stamps_document(8))
    here = {"conditions": {"locations": [location_id]}, "effect": {"bonus": 1}}
    create_promotion(scope, stamps, name="Hier", rule=here)

    own = replace(scope, merchant_id=merchant_id)
    made = create_sandbox_key(own, location_id, name="Test", scopes=["approve"])
    assert own.merchant_id == merchant_id
    twin_id = made.key.merchant_id
    assert twin_id != merchant_id
    with scope.reading() as tx:
        twin = tx.session.get_one(Merchant, twin_id)
        assert (twin.sandbox_of, twin.is_listed) == (merchant_id, False)
    [copy], [original] = list_programmes(scope, twin_id), list_programmes(scope, merchant_id)
    assert (copy.name, copy.goal, copy.rules) == (original.name, 8, original.rules)
    assert [one.rules for one in list_versions(scope, copy.programme_id)] == [
        one.rules for one in list_versions(scope, stamps)
    ]
    assert [(one.name, one.cost, one.stock) for one in copy.rewards] == [("Brood", 8, 5)]  # it costs what fills a card
    assert copy.full_card_reward_id == copy.rewards[0].reward_id != reward
    assert copy.promotions[0].rule["conditions"]["locations"] == [made.key.location_id]
    assert len(made.cards) == 3

    again = create_sandbox_key(own, location_id, name="Second")
    assert (again.key.merchant_id, again.key.location_id) == (twin_id, made.key.location_id)
    assert len(list_programmes(scope, twin_id)) == 1
    with pytest.raises(NotFoundError):
        create_sandbox_key(scope, made.key.location_id, name="A sandbox of a sandbox")
    with pytest.raises(NotFoundError):
        create_sandbox_key(replace(scope, merchant_id=create_merchant(scope, name="O")), location_id, name="Stolen")
