"""How a shop says that its counters work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.common.errors import InvalidError, NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.counter_settings import WAYS, CounterSettings
from app.merchants.models import Merchant
from app.merchants.service import (
    add_location,
    add_staff,
    change_counter_settings,
    change_merchant,
    create_merchant,
    set_staff_pin,
    stop_staff,
)
from app.rewards.configuration import MerchantConfig, current_configuration
from app.rewards.sandbox import create_sandbox_key
from tests import shops


def compiled(scope: Scope, merchant_id: str) -> MerchantConfig:
    with scope.reading() as tx:
        return current_configuration(tx, merchant_id)


def told(scope: Scope) -> list[AuditEvent]:
    with scope.reading() as tx:
        events = select(AuditEvent).where(AuditEvent.action == "merchant.counter_changed").order_by(AuditEvent.id)
        return list(tx.session.scalars(events))


def test_what_is_not_set_is_as_most_shops_want_it(scope: Scope) -> None:
    merchant_id = create_merchant(scope, name="Bakkerij")
    assert compiled(scope, merchant_id).counter == CounterSettings()
    assert change_counter_settings(scope, merchant_id) == CounterSettings()
    assert told(scope) == []


def test_a_change_holds_at_once_and_is_in_the_audit_trail_by_what_differs(scope: Scope) -> None:
    merchant_id = create_merchant(scope, name="Bakkerij", settings={"other": 1})
    assert compiled(scope, merchant_id).counter.kiosk_wait == 240
    change_counter_settings(scope, merchant_id, kiosk_wait=60, approves=["staff_approval", "rotating_code"])
    change_counter_settings(scope, merchant_id, kiosk_wait=60)
    assert compiled(scope, merchant_id).counter == CounterSettings(
        kiosk_wait=60, approves=("rotating_code", "staff_approval")
    )
    [event] = told(scope)
    assert event.merchant_id == merchant_id
    assert event.before == {"kiosk_wait": 240, "approves": list(WAYS)}
    assert event.after == {"kiosk_wait": 60, "approves": ["rotating_code", "staff_approval"]}
    with scope.reading() as tx:
        assert tx.session.get_one(Merchant, merchant_id).settings["other"] == 1


def test_the_sandbox_has_the_same(scope: Scope) -> None:
    shop = shops.open_shop(scope)
    change_counter_settings(scope, shop.merchant_id, kiosk_wait=30)
    twin = create_sandbox_key(scope, shop.location_id, name="Practice").key.merchant_id
    assert compiled(scope, twin).counter.kiosk_wait == 30
    change_counter_settings(scope, shop.merchant_id, kiosk_wait=20, sign_in=True)
    assert compiled(scope, twin).counter == CounterSettings(kiosk_wait=20, sign_in=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"sign_in": "yes"},
        {"sign_in": 1},
        {"cashier_approves": None},
        {"lock_after": 5},
        {"lock_after": 86_401},
        {"lock_after": True},
        {"kiosk_wait": 0},
        {"kiosk_wait": 44_641},
        {"kiosk_wait": None},
        {"opening_units_most": -1},
        {"opening_units_most": 2.5},
        {"approves": []},
        {"approves": ["member_pin", "a smile"]},
        {"approves": "member_pin"},
        {"music": True},
    ],
    ids=str,
)
def test_what_can_not_be_is_refused_by_name(scope: Scope, changes: dict[str, Any]) -> None:
    merchant_id = create_merchant(scope, name="Bakkerij")
    with pytest.raises(InvalidError) as refused:
        change_counter_settings(scope, merchant_id, **{"kiosk_wait": 30, **changes})
    assert set(refused.value.params["errors"]) == set(changes)
    assert compiled(scope, merchant_id).counter == CounterSettings()


def test_another_merchants_are_not_there(scope: Scope) -> None:
    merchant_id, other = create_merchant(scope, name="Bakkerij"), create_merchant(scope, name="Boekhandel")
    with pytest.raises(NotFoundError):
        change_counter_settings(replace(scope, merchant_id=other), merchant_id, sign_in=True)


def test_settings_of_a_later_version_do_no_harm(scope: Scope) -> None:
    merchant_id = create_merchant(scope, name="Bakkerij")
    change_merchant(scope, merchant_id, settings={"counter": {"kiosk_wait": 30, "approves": ["smile"], "song": 1}})
    assert compiled(scope, merchant_id).counter == CounterSettings(kiosk_wait=30, approves=())


def test_whether_anybody_has_a_pin_is_known_at_once(scope: Scope) -> None:
    shop = shops.open_shop(scope)
    elsewhere = add_location(scope, shop.merchant_id, name="Station")
    stop_staff(scope, shop.staff_id)
    assert not compiled(scope, shop.merchant_id).has_staff_pins(shop.location_id)
    bob = add_staff(scope, shop.merchant_id, name="Bob", role="owner", location_id=elsewhere)
    assert not compiled(scope, shop.merchant_id).has_staff_pins(elsewhere)
    set_staff_pin(scope, bob, "4071")
    assert compiled(scope, shop.merchant_id).has_staff_pins(elsewhere)
    assert not compiled(scope, shop.merchant_id).has_staff_pins(shop.location_id)
