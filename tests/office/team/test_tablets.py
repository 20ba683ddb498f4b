"""A shop's tablets, and the keys of its other systems."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select

from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Device, DeviceGap
from tests.factories import Shop, make_shop
from tests.office.desk import Desk, sit_down
from tests.office.team.colleagues import with_second


def test_a_tablet_tells_how_it_is(owner: Desk, scope: Scope, shop: Shop) -> None:
    tablet = merchants.pair_device(scope, merchants.create_pairing_code(scope, shop.location_id).code, "Counter")
    with scope.transaction() as tx:
        device = tx.session.get_one(Device, tablet.device_id)
        device.last_seen_at, device.app_version, device.queue_length = scope.now, "1.4.2", 3
        device.clock_offset_ms, device.is_storage_kept = 90_000, False
        tx.session.add(DeviceGap(device_id=tablet.device_id, first=4, last=5, noticed_at=scope.now))
    page = owner.get(f"/team/devices/{tablet.device_id}").get_data(as_text=True)
    for told in ("1.4.2", "3 visits", "2 visits", "90 seconds ahead", "install the page"):
        assert told in page, told
    assert "2 visits missing" in owner.get("/team").get_data(as_text=True)
    gone = owner.post(f"/team/devices/{tablet.device_id}/write-off", {"reason": "fell", "missing_only": "1"})
    assert gone.status_code == 303
    owner.get("/team")  # where it was said that it is done
    assert "visits missing" not in owner.get("/team").get_data(as_text=True)
    assert owner.post(f"/team/devices/{tablet.device_id}/write-off", {"reason": ""}).status_code == 303
    with scope.reading() as tx:
        assert tx.session.get_one(Device, tablet.device_id).written_off_at is None, "not without a reason"
    owner.post(f"/team/devices/{tablet.device_id}/write-off", {"reason": "stolen"})
    with scope.reading() as tx:
        assert tx.session.get_one(Device, tablet.device_id).written_off_at is not None


def test_a_name_that_changed_meanwhile_is_not_overwritten(owner: Desk, scope: Scope, shop: Shop) -> None:
    path = f"/team/devices/{shop.device_id}"
    assert owner.post(path, {"was": "Till", "name": "Front till"}).status_code == 303
    late = owner.post(path, {"was": "Till", "name": "Back till"})
    assert late.status_code == 409
    assert "Front till" in late.get_data(as_text=True)
    assert owner.post(path, {"was": "Front till", "name": "Back till"}).status_code == 303


def test_keys_want_a_second_step_and_are_shown_once(owner: Desk, scope: Scope, shop: Shop, flask_app: Flask) -> None:
    refused = owner.get("/team/keys")
    assert refused.headers["Location"].startswith("/account/second-step/wanted?next=")
    sent = owner.post("/team/keys", {"name": "Till", "location": shop.location_id})
    assert sent.status_code == 302, "nor by sending the form at once"
    with_second(owner, scope)
    made = owner.post("/team/keys", {"name": "Big till", "location": shop.location_id, "approves": "y"})
    [token] = re.findall(r"zg_key_[\w-]+", made.get_data(as_text=True))
    again = owner.get("/team/keys").get_data(as_text=True)
    assert "Big till" in again
    assert "zg_key_" not in again
    asked = flask_app.test_client().get("/api/v1/pos/location", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 200
    with scope.reading() as tx:
        device = tx.session.scalars(select(Device).where(Device.name == "Big till")).one()
        assert device.scopes == ["approve"]
    owner.post(f"/team/devices/{device.id}/revoke")
    gone = flask_app.test_client().get("/api/v1/pos/location", headers={"Authorization": f"Bearer {token}"})
    assert gone.status_code == 401


def test_a_key_to_try_things_out(owner: Desk, scope: Scope, shop: Shop) -> None:
    with_second(owner, scope)
    made = owner.post("/team/keys", {"name": "Trial", "location": shop.location_id, "is_sandbox": "y"})
    page = made.get_data(as_text=True)
    assert "zg_key_" in page
    assert "Cards to try it with" in page
    with scope.reading() as tx:
        trial = tx.session.scalars(select(Device).where(Device.name == "Trial")).one()
        assert trial.is_sandbox
        assert trial.merchant_id != shop.merchant_id
    assert owner.post(f"/team/devices/{trial.id}/revoke").status_code == 303
    other = sit_down(owner.client.application, scope, make_shop(scope, name="Other").merchant_id)
    assert other.get(f"/team/devices/{trial.id}").status_code == 404


def test_a_key_for_somebody_elses_place_is_not_made(owner: Desk, scope: Scope) -> None:
    with_second(owner, scope)
    other = make_shop(scope, name="Other")
    answer = owner.post("/team/keys", {"name": "Thief", "location": other.location_id})
    assert answer.status_code == 422
    with scope.reading() as tx:
        assert tx.session.scalars(select(Device).where(Device.name == "Thief")).first() is None
