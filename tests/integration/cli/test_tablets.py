"""Lost tablets, from the command line and in the doctor's eyes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.cli.doctor import tablets
from app.cli.doctor.findings import Finding, Patient
from app.common.scope import Scope
from app.merchants import service as merchants
from config import Settings
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop, visit
from tests.integration.cli.calling import caller, failed, told
from tests.tablets import Phone, Tablet, seen


@pytest.fixture
def tablet(scope: Scope) -> Tablet:
    return Tablet.paired(make_shop(scope, points="1", reward={"cost": 5}))


def found(scope: Scope, settings: Settings) -> Finding:
    with scope.reading() as tx:
        return tablets.tablets(Patient(settings, scope.now, tx=tx))


def test_the_doctor_tells_of_what_is_missing(
    tablet: Tablet, scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    assert found(scope, settings).told == "1 tablets, nothing missing of their queues."
    tablet.sync([seen(make_holder(scope), 3, clock.now, amount_minor=100)])
    assert found(scope, settings).state == "ok"  # it may be on its way
    clock.advance(minutes=10)
    finding = found(scope, settings)
    assert finding.state == "warn"
    assert f"2 events of tablets' queues never came: {tablet.device_id} (2)." in finding.told
    assert "--missing-only" in finding.remedy


def test_the_doctor_tells_of_vouchers_that_wait_for_a_tablet_that_is_gone(
    tablet: Tablet, scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    phone = Phone(scope, make_holder(scope))
    visit(tablet.shop.counter(), phone.holder, amount_minor=5_00)
    phone.reserve(phone.take(tablet.shop.reward_ids[0]).voucher_id, tablet)
    tablet.sync()
    clock.now += timedelta(days=7)
    assert found(scope, settings).state == "ok"
    merchants.revoke_device(scope, tablet.device_id)
    assert f"{tablet.device_id} (1)" in found(scope, settings).told
    assert "write-off" in found(scope, settings).remedy


def test_without_tablets(scope: Scope, settings: Settings) -> None:
    make_shop(scope, points="1")
    assert found(scope, settings).told == "No tablets."


def test_a_tablet_is_written_off(environment: dict[str, str], tablet: Tablet, scope: Scope, clock: FixedClock) -> None:
    zegel = caller(environment)
    tablet.sync([seen(make_holder(scope), 3, clock.now, amount_minor=100)])
    asked = ("device", "write-off", tablet.device_id, "--json", "--reason")
    lost = told(zegel(*asked, "Data cleared", "--missing-only"))
    assert (lost["missing"], lost["released"], lost["written_off_at"]) == ([[1, 2]], 0, None)
    gone = told(zegel(*asked, "Stolen"))
    assert (gone["device_id"], gone["name"], gone["missing"]) == (tablet.device_id, "Counter", [])
    assert gone["written_off_at"].endswith("Z")
    assert failed(zegel(*asked, " ")) != failed(zegel("device", "write-off", "nobody", "--reason", "Gone"))
