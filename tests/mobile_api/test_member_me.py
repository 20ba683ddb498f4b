"""The member herself: profile, brake, consents, record, leaving."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, select, text

from app.cards.models import Card, CardReference, ConsentEvent, Member
from app.cards.queries import has_consent
from app.cards.service import issue_printed_cards
from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.models import Account, LedgerTransaction, Transfer
from app.ledger.verifying import verify
from app.tables import metadata
from tests.authenticators import Authenticator
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App, balances, mailed_code, mails, nobody, security_events, sign_in, sign_up, wake
from tests.shops import Shop

# Tables in which nothing is left of whoever has left.
GONE = (
    "member_key",
    "member_profile",
    "login",
    "recovery_code",
    "refresh_token",
    "member_session",
    "move_code",
    "installation",
    "passkey",
    "passkey_credential",
    "passkey_challenge",
    "spending_request",
)
NAME, EMAIL, BIRTHDAY = "Wilhelmina Æsop", "wilhelmina@example.com", "1987-11-23"


@pytest.fixture
def app(client: FlaskClient) -> App:
    return sign_up(client)


def patch(call: Caller, **changes: Any) -> Answer:
    return call.send("PATCH", "/me", json.dumps(changes))


def test_a_profile_is_told_and_taken_back(app: App) -> None:
    told = patch(app.call, name="  Wilhelmina \u202e  Æsop ", birthday=BIRTHDAY, shows_name=True, locale="en")
    assert told.status == 200, told.text
    assert (told.body["name"], told.body["birthday"]) == (NAME, BIRTHDAY)
    assert (told.body["shows_name"], told.body["locale"]) == (True, "en")
    assert app.call.get("/me").body == told.body
    assert patch(app.call, birthday="--02-29").body["birthday"] == "--02-29"
    taken = patch(app.call, name=None, birthday=None).body
    assert (taken["name"], taken["birthday"], taken["shows_name"]) == (None, None, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"birthday": "23-11-1987"}, "birthday"),
        ({"birthday": "1987-02-29"}, "birthday"),
        ({"birthday": "2026-03-05"}, "birthday"),
        ({"birthday": "1850-01-01"}, "birthday"),
        ({"birthday": "--13-01"}, "birthday"),
        ({"name": "x" * 81}, "name"),
        ({"name": 7}, "name"),
        ({"locale": "tlh"}, "locale"),
        ({"shows_name": "yes"}, "shows_name"),
        ({"is_spending_locked": 1}, "is_spending_locked"),
        ({"balance": 1000}, "balance"),
        ({"member_id": new_id()}, "member_id"),
        ({"email": "else@example.com"}, "email"),
        ({"status": "claimed"}, "status"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_field(app: App, changes: dict[str, Any], field: str) -> None:
    before = app.call.get("/me").body
    refused = patch(app.call, **changes)
    assert (refused.status, refused.problem(), list(refused.body["errors"])) == (422, "invalid", [field])
    assert app.call.get("/me").body == before


def test_a_shop_sees_the_name_only_where_the_member_shows_it(app: App, tablet: Caller) -> None:
    patch(app.call, name=NAME)
    assert tablet.post("/scans", {"code": app.number}, key=None).body["member"]["display_name"] is None
    patch(app.call, shows_name=True)
    assert tablet.post("/scans", {"code": app.number}, key=None).body["member"]["display_name"] == NAME


def test_the_brake_stops_spending_and_not_earning(app: App, shop: Shop, till: Caller, scope: Scope) -> None:
    till.post("/visits", {"code": app.number, "amount": "20.00"})
    assert patch(app.call, is_spending_locked=True).body["is_spending_locked"] is True
    at_till = till.post("/redemptions", {"code": app.number, "reward_id": shop.discount_id})
    assert (at_till.status, at_till.problem()) == (409, "spending_locked")
    in_app = app.call.post("/me/vouchers", {"reward_id": shop.discount_id}, key=None)
    assert (in_app.status, in_app.problem()) == (409, "spending_locked")
    assert till.post("/visits", {"code": app.number, "amount": "1.00"}).status == 201
    patch(app.call, is_spending_locked=False)
    assert till.post("/redemptions", {"code": app.number, "reward_id": shop.discount_id}).status == 201


def test_consents_are_given_and_withdrawn_for_each_shop_and_channel(
    app: App, shop: Shop, other_shop: Shop, scope: Scope, clock: FixedClock, client: FlaskClient
) -> None:
    assert app.call.get("/me/consents").body == {"items": [], "next": None}

    def say(is_given: bool, wording: str = "May Bakery write to you?") -> Answer:
        body = {"merchant_id": shop.merchant_id, "channel": "email", "is_given": is_given, "wording": wording}
        return app.call.send("PUT", "/me/consents", json.dumps(body))

    given = say(True)
    assert given.status == 200, given.text
    assert (given.body["is_given"], given.body["how"], given.body["merchant_name"]) == (True, "app", "Bakery")
    assert given.body["wording"] == "May Bakery write to you?"
    who = {"member_id": app.member_id, "channel": "email"}
    assert has_consent(scope, merchant_id=shop.merchant_id, **who)
    assert not has_consent(scope, merchant_id=other_shop.merchant_id, **who)
    clock.advance(days=1)
    app = wake(client, scope, app)
    say(True)
    say(False)
    assert not has_consent(scope, merchant_id=shop.merchant_id, **who)
    [latest] = app.call.get("/me/consents").body["items"]
    assert (latest["is_given"], latest["occurred_at"]) == (False, "2026-03-05T12:00:00Z")
    with scope.reading() as tx:
        assert [event.is_given for event in tx.session.scalars(select(ConsentEvent).order_by(ConsentEvent.id))] == [
            True,
            False,
        ]


def test_a_consent_for_nobody_or_on_no_channel_is_refused(app: App, shop: Shop) -> None:
    body = {"merchant_id": new_id(), "channel": "email", "is_given": True, "wording": "?"}
    assert app.call.send("PUT", "/me/consents", json.dumps(body)).status == 404
    body |= {"merchant_id": shop.merchant_id, "channel": "carrier pigeon"}
    assert app.call.send("PUT", "/me/consents", json.dumps(body)).status == 422


def test_the_record_holds_everything_but_secrets(
    app: App, shop: Shop, till: Caller, client: FlaskClient, scope: Scope
) -> None:
    call = sign_in(client, scope, EMAIL, app.call)
    patch(call, name=NAME, birthday=BIRTHDAY)
    [printed] = issue_printed_cards(scope, 1)
    till.post("/visits", {"code": printed.number, "amount": "12.50", "units": 3})
    call.post("/me/cards", {"number": printed.number, "claim_code": printed.claim_code}, key=None)
    call.post(f"/me/cards/{app.card_id}/installations", key=None)
    answer = call.get("/me/export")
    assert answer.status == 200, answer.text
    record = answer.body
    assert record["profile"] == {
        "name": NAME,
        "email": EMAIL,
        "phone": None,
        "birthday": BIRTHDAY,
        "shows_name": False,
    }
    assert {card["number"] for card in record["cards"]} == {app.number, printed.number}
    assert [visit["amount_minor"] for visit in record["visits"]] == [1250]
    assert [voucher["reward_id"] for voucher in record["vouchers"]] == [shop.full_card_id]
    assert {entry["kind"] for entry in record["transactions"]} == {"earn", "redeem", "move"}
    assert record["member"]["merged_member_ids"] == [printed.member_id]
    for hidden in ("secret", "hash", "seal", "blind"):
        assert hidden not in answer.text


def test_leaving_takes_the_person_and_leaves_the_books(
    client: FlaskClient, scope: Scope, shop: Shop, till: Caller, clock: FixedClock
) -> None:
    app = sign_up(client)
    call = sign_in(client, scope, EMAIL, app.call)
    patch(call, name=NAME, birthday=BIRTHDAY, shows_name=True)
    [printed] = issue_printed_cards(scope, 1)
    till.post("/visits", {"code": printed.number, "amount": "12.50", "units": 3, "receipt_ref": "R-2026-77123"})
    call.post("/me/cards", {"number": printed.number, "claim_code": printed.claim_code}, key=None)
    call.send("PUT", f"/me/cards/{printed.card_id}/pin", '{"pin": "8052"}')
    call.post(f"/me/cards/{app.card_id}/installations", key=None)
    with scope.transaction() as tx:
        tx.session.add(CardReference(source="old", reference=EMAIL, number=app.number, member_id=app.member_id))
    patch(call, ask_above="0", daily_cap="100.00")
    till.post("/visits", {"code": app.number, "amount": "20.00"})
    asked = till.post("/redemptions", {"code": app.number, "reward_id": shop.discount_id})
    assert asked.problem() == "spending_unconfirmed"
    options = call.post("/me/passkeys/options", key=None).body
    credential = Authenticator().create(options["public_key"])
    passkey = {"challenge_id": options["challenge_id"], "credential": credential, "name": f"{NAME}'s phone"}
    assert call.post("/me/passkeys", passkey, key=None).status == 201
    call.post("/me/passkeys/options", key=None)
    call.post("/me/transfers", key=None)
    nobody(client).post("/auth/code", {"email": EMAIL}, key=None)
    code = mailed_code(scope, EMAIL)
    with scope.reading() as tx:
        assert [table for table in GONE if not tx.session.scalar(text(f"SELECT count(*) FROM {table}"))] == []
    before = sums(scope)

    left = call.send("DELETE", "/me", content_type=None)

    assert (left.status, left.text) == (204, "")
    assert sums(scope) == before
    assert verify(scope).mismatches == []
    for plain in (NAME, "Wilhelmina", EMAIL, BIRTHDAY, "8052", "R-2026-77123", code):
        assert found_in_tables(scope, plain) == [], plain
    for table in GONE:
        with scope.reading() as tx:
            assert tx.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    assert call.get("/me").problem() == "member_gone"
    assert nobody(client).post("/auth/recovery", {"recovery_code": app.recovery_code}, key=None).status == 401
    refused = nobody(client).post("/auth/token", {"email": EMAIL, "code": code}, key=None)
    assert (refused.status, refused.problem()) == (401, "sign_in_failed")
    for number in (app.number, printed.number):
        dead = till.post("/visits", {"code": number, "amount": "1.00"})
        assert (dead.status, dead.problem()) == (409, "card_blocked")
    with scope.reading() as tx:
        assert set(tx.session.scalars(text("SELECT status FROM voucher"))) == {"cancelled"}
        assert all(card.pin_hash is None for card in tx.session.scalars(select(Card)))
        member = tx.session.get_one(Member, app.member_id)
        assert member.status == "erased"
        assert (member.ask_above_minor, member.daily_cap_minor, member.brakes_currency) == (None, None, None)
    assert mails(scope) == []
    assert security_events(scope, app.member_id) == []
    anew = sign_in(client, scope, EMAIL)
    assert anew.get("/me").body["member_id"] != app.member_id
    assert balances(anew) == {}


def test_the_search_for_remains_finds_what_is_there(client: FlaskClient, scope: Scope) -> None:
    with scope.transaction() as tx:
        tx.session.add(CardReference(source="old", reference=EMAIL, number="0" * 16, member_id=new_id()))
    assert found_in_tables(scope, EMAIL) == ["card_reference.reference"]


def sums(scope: Scope) -> list[tuple[Any, ...]]:
    """What the books add up to."""
    with scope.reading() as tx:
        session = tx.session
        accounts = session.execute(select(Account.programme_id, Account.balance, Account.owed).order_by(Account.id))
        transfers = session.execute(select(Transfer.debit, Transfer.credit, Transfer.amount).order_by(Transfer.seal))
        booked = session.execute(select(LedgerTransaction.id, LedgerTransaction.kind).order_by(LedgerTransaction.id))
        return [tuple(row) for rows in (accounts, transfers, booked) for row in rows]


def found_in_tables(scope: Scope, plain: str) -> list[str]:
    """The columns of any table in which a text can be read, in whatever case."""
    wanted = plain.lower().encode()
    found = []
    with scope.reading() as tx:
        for table in metadata.sorted_tables:
            for column in table.columns:
                for (value,) in tx.session.execute(select(column)):
                    if value is None:
                        continue
                    is_bytes = isinstance(column.type, LargeBinary)
                    told = bytes(value) if is_bytes else json.dumps(value, default=str, ensure_ascii=False).encode()
                    if wanted in told.lower():
                        found.append(f"{table.name}.{column.name}")
    return found
