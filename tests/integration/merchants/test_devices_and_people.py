from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.merchants import proofs, tokens
from app.merchants.errors import (
    MerchantClosedError,
    OperatorExistsError,
    PairingCodeSpentError,
    PairingCodeUnknownError,
    PasswordTooShortError,
    SetupLinkSpentError,
    StaffExistsError,
    StaffPinInvalidError,
    StaffPinTakenError,
    StaffPinTriesError,
    StaffPinWrongError,
    StaffTokenInvalidError,
)
from app.merchants.models import Device, Operator, PairingCode, StaffLogin
from app.merchants.queries import DeviceIdentity, find_device_by_token_hash, list_devices, list_staff
from app.merchants.service import (
    add_location,
    add_operator,
    add_staff,
    approve,
    change_merchant,
    create_key,
    create_merchant,
    create_pairing_code,
    create_setup_link,
    pair_device,
    resume_staff_session,
    revoke_device,
    set_password,
    set_staff_pin,
    start_staff_session,
    stop_staff,
)
from tests.clocks import FixedClock


@pytest.fixture
def merchant_id(scope: Scope) -> str:
    return create_merchant(scope, name="Bakkerij")


@pytest.fixture
def location_id(scope: Scope, merchant_id: str) -> str:
    return add_location(scope, merchant_id)


@pytest.fixture
def tablet(scope: Scope, merchant_id: str, location_id: str) -> Scope:
    device = pair_device(scope, create_pairing_code(scope, location_id).code, "Counter")
    return replace(scope, merchant_id=merchant_id, location_id=location_id, device_id=device.device_id)


def found(scope: Scope, token: str) -> DeviceIdentity | None:
    with scope.reading() as tx:
        return find_device_by_token_hash(tx, tokens.token_hash(token))


def test_a_key_is_found_by_its_token_until_it_is_revoked(scope: Scope, merchant_id: str, location_id: str) -> None:
    key = create_key(scope, location_id, name="Till", scopes=["approve"])
    device = found(scope, key.token)
    assert device is not None
    assert (device.merchant_id, device.location_id, device.kind) == (merchant_id, location_id, "key")
    assert device.scopes == {"approve"}
    assert not device.is_sandbox
    revoke_device(scope, key.device_id)
    revoke_device(scope, key.device_id)
    assert found(scope, key.token) is None
    assert found(scope, key.token + "x") is None


def test_of_a_token_only_its_hash_is_kept(scope: Scope, location_id: str) -> None:
    key = create_key(scope, location_id, name="Till")
    assert key.token not in repr(key)
    with scope.reading() as tx:
        row = tx.session.get_one(Device, key.device_id)
        assert key.token not in repr([getattr(row, column.key) for column in Device.__table__.columns])
        assert row.scopes == []


def test_a_key_has_no_scope_that_does_not_exist(scope: Scope, location_id: str) -> None:
    with pytest.raises(InvalidError):
        create_key(scope, location_id, name="Till", scopes=["everything"])
    with pytest.raises(InvalidError):
        create_key(scope, location_id, name=" ")


def test_a_pairing_code_makes_one_device_once(scope: Scope, location_id: str) -> None:
    code = create_pairing_code(scope, location_id)
    device = pair_device(scope, code.shown.lower(), "Counter")
    identity = found(scope, device.token)
    assert identity is not None
    assert identity.kind == "tablet"
    assert device.token.startswith("zg_dev_")
    with pytest.raises(PairingCodeSpentError):
        pair_device(scope, code.code, "Counter")
    with scope.reading() as tx:
        row = tx.session.query(PairingCode).one()
    assert row.device_id == device.device_id
    assert code.code.encode() not in row.code_hash


def test_a_pairing_code_ends_after_a_quarter_of_an_hour(scope: Scope, clock: FixedClock, location_id: str) -> None:
    code = create_pairing_code(scope, location_id)
    clock.advance(minutes=15)
    with pytest.raises(PairingCodeSpentError):
        pair_device(scope, code.code, "Counter")
    with pytest.raises(PairingCodeUnknownError):
        pair_device(scope, "00000000", "Counter")
    with pytest.raises(PairingCodeUnknownError):
        pair_device(scope, "nonsense", "Counter")


def test_of_two_tablets_with_one_code_one_gets_it(scope: Scope, location_id: str) -> None:
    code = create_pairing_code(scope, location_id).code
    outcomes: list[str] = []

    def pair() -> None:
        try:
            pair_device(replace(scope), code, "Counter")
            outcomes.append("paired")
        except PairingCodeSpentError:
            outcomes.append("spent")

    threads = [Thread(target=pair) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["paired"] + ["spent"] * 7


def test_a_closed_merchant_takes_no_devices(scope: Scope, merchant_id: str, location_id: str) -> None:
    code = create_pairing_code(scope, location_id).code
    change_merchant(scope, merchant_id, status="closed")
    for attempt in (
        lambda: create_key(scope, location_id, name="Till"),
        lambda: create_pairing_code(scope, location_id),
        lambda: pair_device(scope, code, "Counter"),
    ):
        with pytest.raises(MerchantClosedError):
            attempt()


def test_another_merchants_devices_and_people_are_not_there(scope: Scope, merchant_id: str, location_id: str) -> None:
    key = create_key(scope, location_id, name="Till")
    staff_id = add_staff(scope, merchant_id, name="Ann", role="owner")
    other = replace(scope, merchant_id=create_merchant(scope, name="Other"))
    attempts: list[Callable[[], Any]] = [
        lambda: create_key(other, location_id, name="Mine"),
        lambda: create_pairing_code(other, location_id),
        lambda: revoke_device(other, key.device_id),
        lambda: add_staff(other, merchant_id, name="Eve", role="owner"),
        lambda: set_staff_pin(other, staff_id, "4071"),
        lambda: stop_staff(other, staff_id),
        lambda: create_setup_link(other, staff_id=staff_id),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    assert found(scope, key.token) is not None
    assert list_devices(other) == []
    assert list_staff(other) == []
    assert [device.name for device in list_devices(replace(scope, merchant_id=merchant_id))] == ["Till"]


def test_a_pin_opens_a_session_that_is_good_on_its_device_alone(scope: Scope, tablet: Scope, clock: FixedClock) -> None:
    assert tablet.merchant_id is not None
    add_staff(scope, tablet.merchant_id, name="Ann", role="owner", pin="9173")
    bob = add_staff(scope, tablet.merchant_id, name="Bob", role="cashier", pin="4071")
    session = start_staff_session(tablet, "4071")
    assert (session.staff_id, session.name, session.role) == (bob, "Bob", "cashier")
    assert resume_staff_session(tablet, session.token).staff_id == bob
    other = pair_device(scope, create_pairing_code(scope, tablet.location_id or "").code, "Second")
    for stranger in (replace(tablet, device_id=other.device_id), replace(tablet, device_id=None)):
        with pytest.raises(StaffTokenInvalidError):
            resume_staff_session(stranger, session.token)
    for token in ("", "x", session.token[:-2] + "xx"):
        with pytest.raises(StaffTokenInvalidError):
            resume_staff_session(tablet, token)
    clock.advance(hours=11, minutes=59)
    assert resume_staff_session(tablet, session.token).staff_id == bob
    clock.advance(minutes=1)
    with pytest.raises(StaffTokenInvalidError):
        resume_staff_session(tablet, session.token)


def test_who_no_longer_works_here_is_out_at_once(scope: Scope, tablet: Scope) -> None:
    bob = add_staff(scope, tablet.merchant_id or "", name="Bob", role="cashier", pin="4071")
    session = start_staff_session(tablet, "4071")
    stop_staff(scope, bob)
    with pytest.raises(StaffTokenInvalidError):
        resume_staff_session(tablet, session.token)
    with pytest.raises(StaffPinWrongError):
        approve(tablet, "4071")


def test_a_colleague_of_another_location_has_no_pin_here(scope: Scope, tablet: Scope) -> None:
    elsewhere = add_location(scope, tablet.merchant_id or "")
    add_staff(scope, tablet.merchant_id or "", name="Bob", role="cashier", pin="4071", location_id=elsewhere)
    with pytest.raises(StaffPinWrongError):
        start_staff_session(tablet, "4071")


def test_five_wrong_pins_block_the_device_for_a_while(scope: Scope, tablet: Scope, clock: FixedClock) -> None:
    bob = add_staff(scope, tablet.merchant_id or "", name="Bob", role="cashier", pin="4071")
    for _ in range(4):
        with pytest.raises(StaffPinWrongError):
            approve(tablet, "9999")
    assert approve(tablet, "4071") == bob  # a right one forgets the wrong ones
    for _ in range(5):
        with pytest.raises(StaffPinWrongError):
            approve(tablet, "9999")
    with pytest.raises(StaffPinTriesError) as refused:
        approve(tablet, "4071")
    assert 0 < refused.value.params["retry_after"] <= 901
    clock.advance(minutes=15)
    assert approve(tablet, "4071") == bob


def test_a_pin_tells_who_it_is_so_no_two_colleagues_share_one(scope: Scope, merchant_id: str) -> None:
    add_staff(scope, merchant_id, name="Ann", role="owner", pin="9173")
    with pytest.raises(StaffPinTakenError):
        add_staff(scope, merchant_id, name="Bob", role="cashier", pin="9173")
    bob = add_staff(scope, merchant_id, name="Bob", role="cashier", pin="4071")
    with pytest.raises(StaffPinTakenError):
        set_staff_pin(scope, bob, "9173")
    with pytest.raises(StaffPinInvalidError):
        set_staff_pin(scope, bob, "1111")
    set_staff_pin(scope, bob, "4071")
    add_staff(scope, create_merchant(scope, name="Other"), name="Eve", role="owner", pin="9173")


def test_people_have_one_address_each_and_a_role_that_exists(scope: Scope, merchant_id: str) -> None:
    add_staff(scope, merchant_id, name="Ann", role="owner", email="Ann@Shop.example")
    with pytest.raises(StaffExistsError):
        add_staff(scope, merchant_id, name="Ann", role="manager", email="ann@shop.example")
    for wrong in ({"role": "king"}, {"email": "no address"}, {"name": ""}):
        with pytest.raises(InvalidError):
            add_staff(scope, merchant_id, **{"name": "Bob", "role": "cashier", **wrong})
    add_operator(scope, "op@zegel.example")
    with pytest.raises(OperatorExistsError):
        add_operator(scope, "OP@zegel.example")


def test_a_setup_link_sets_one_password_once(scope: Scope, merchant_id: str, clock: FixedClock) -> None:
    staff_id = add_staff(scope, merchant_id, name="Ann", role="owner", email="ann@bakery.example")
    replaced = create_setup_link(scope, staff_id=staff_id)
    link = create_setup_link(scope, staff_id=staff_id)
    with pytest.raises(SetupLinkSpentError):
        set_password(scope, replaced.token, "correct horse battery")
    with pytest.raises(PasswordTooShortError):
        set_password(scope, link.token, "short")
    set_password(scope, link.token, "correct horse battery")
    with pytest.raises(SetupLinkSpentError):
        set_password(scope, link.token, "another long password")
    with scope.reading() as tx:
        [stored] = tx.session.scalars(select(StaffLogin.password_hash).where(StaffLogin.email == "ann@bakery.example"))
        assert proofs.is_password(stored, "correct horse battery")

    operator_id = add_operator(scope, "op@zegel.example")
    late = create_setup_link(scope, operator_id=operator_id)
    clock.advance(hours=72)
    with pytest.raises(SetupLinkSpentError):
        set_password(scope, late.token, "correct horse battery")
    set_password(scope, create_setup_link(scope, operator_id=operator_id).token, "correct horse battery")
    with scope.reading() as tx:
        assert proofs.is_password(tx.session.get_one(Operator, operator_id).password_hash, "correct horse battery")


def test_a_link_of_somebody_who_left_sets_nothing(scope: Scope, merchant_id: str) -> None:
    staff_id = add_staff(scope, merchant_id, name="Ann", role="owner")
    link = create_setup_link(scope, staff_id=staff_id)
    stop_staff(scope, staff_id)
    with pytest.raises(SetupLinkSpentError):
        set_password(scope, link.token, "correct horse battery")
