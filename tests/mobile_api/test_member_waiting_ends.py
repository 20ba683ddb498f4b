"""What ends the wait of a phone that a mailed code signed in: what a reader of mails does not have."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.common.scope import Scope
from tests.authenticators import Authenticator
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import (
    install,
    nobody,
    security_events,
    sign_in,
    sign_up,
)
from tests.mobile_api.test_member_passkeys import add, use
from tests.mobile_api.thieves import ANN, Ann, own_session, patch, redeem, waits
from tests.shops import STAFF_PIN, Shop


def test_the_old_phone_ends_it(ann: Ann, thief: Caller, shop: Shop, tablet: Caller, clock: FixedClock) -> None:
    phone = install(thief, ann.app.card_id)
    session_id = own_session(thief)
    [seen] = [one for one in ann.call.get("/me/sessions").body["items"] if one["waits_until"] is not None]
    assert (seen["session_id"], seen["began"], seen["is_this"]) == (session_id, "code", False)
    assert ann.call.post(f"/me/sessions/{session_id}/trust", key=None).status == 204
    assert ann.call.post(f"/me/sessions/{session_id}/trust", key=None).status == 204
    assert waits(thief) is None
    assert redeem(tablet, phone.code(clock()), shop).status == 201


def test_a_passkey_ends_it(
    ann: Ann, client: FlaskClient, scope: Scope, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    key = Authenticator()
    assert add(ann.call, key).status == 201
    new = sign_in(client, scope, ANN)
    phone = install(new, ann.app.card_id)
    assert waits(new) is not None
    before = len(new.get("/me/sessions").body["items"])
    used = use(client, key, new)
    assert used.status == 200, used.text
    assert waits(new) is None
    assert len(new.get("/me/sessions").body["items"]) == before
    assert redeem(tablet, phone.code(clock()), shop).status == 201


def test_a_passkey_of_somebody_else_does_not(ann: Ann, thief: Caller, client: FlaskClient) -> None:
    own, key = sign_up(client), Authenticator()
    add(own.call, key)
    signed_in = use(client, key, thief)
    assert signed_in.status == 200
    assert waits(thief) is not None


def test_staff_who_see_the_person_end_it(
    ann: Ann, thief: Caller, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    phone = install(thief, ann.app.card_id)
    approved = redeem(tablet, phone.code(clock()), shop, staff_pin=STAFF_PIN)
    assert approved.status == 201, approved.text
    assert waits(thief) is None
    clock.advance(seconds=15)
    assert redeem(tablet, phone.code(clock()), shop).status == 201


def test_staff_end_it_without_a_scan_before(
    ann: Ann, thief: Caller, shop: Shop, till: Caller, clock: FixedClock
) -> None:
    phone = install(thief, ann.app.card_id)
    body = {"code": phone.code(clock()), "reward_id": shop.discount_id, "staff_pin": STAFF_PIN}
    approved = till.post("/redemptions", body)
    assert approved.status == 201, approved.text
    assert waits(thief) is None


def test_a_refused_redemption_ends_no_wait(
    ann: Ann, thief: Caller, shop: Shop, tablet: Caller, clock: FixedClock
) -> None:
    phone = install(thief, ann.app.card_id)
    patch(ann.call, is_spending_locked=True)
    refused = redeem(tablet, phone.code(clock()), shop, staff_pin=STAFF_PIN)
    assert refused.problem() == "spending_locked"
    assert waits(thief) is not None


def test_ending_the_thiefs_session_ends_its_phone_and_everybodys_wait(
    ann: Ann, thief: Caller, shop: Shop, till: Caller, tablet: Caller, clock: FixedClock
) -> None:
    stolen = install(thief, ann.app.card_id)
    assert ann.call.send("DELETE", f"/me/sessions/{own_session(thief)}", content_type=None).status == 204
    assert thief.get("/me").problem() == "session_over"
    dead = tablet.post("/scans", {"code": stolen.code(clock())}, key=None)
    assert (dead.status, dead.problem()) == (409, "code_too_old")
    phone = install(ann.call, ann.app.card_id)
    assert redeem(tablet, phone.code(clock()), shop).status == 201
    assert till.post("/redemptions", {"code": ann.app.number, "reward_id": shop.discount_id}).status == 201


def test_logging_out_leaves_no_phone_that_could_spend_later(
    ann: Ann, thief: Caller, tablet: Caller, clock: FixedClock
) -> None:
    stolen = install(thief, ann.app.card_id)
    assert thief.post("/auth/logout", key=None).status == 204
    clock.advance(hours=25)
    assert tablet.post("/scans", {"code": stolen.code(clock())}, key=None).problem() == "code_too_old"


def test_only_a_session_from_before_may_trust(ann: Ann, thief: Caller, client: FlaskClient, clock: FixedClock) -> None:
    clock.advance(minutes=1)
    code = ann.call.post("/me/transfers", key=None).body["code"]
    moved = nobody(client).post("/auth/transfer", {"code": code}, key=None)
    newer = Caller(client, moved.body["access_token"], "/api/v1")
    refused = newer.post(f"/me/sessions/{own_session(thief)}/trust", key=None)
    assert (refused.status, refused.problem()) == (409, "spending_waits")


def test_the_member_is_told_of_each_new_sign_in(ann: Ann, thief: Caller, scope: Scope) -> None:
    told = [params for event, params in security_events(scope, ann.app.member_id) if event == "new_sign_in"]
    assert [(one["began"], one["waits"]) for one in told] == [("code", True)]
