"""Calling the JSON face as the members' app does."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.cards import security
from app.common.mail import TOPIC, open_mail
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.wallet.service import open_session
from tests.mobile_api.calling import Caller
from tests.shops import AppCard

API = "/api/v1"
_CODE = re.compile(r"\b\d{6}\b")


@dataclass(frozen=True)
class App:
    """An app whose member has just signed up without a name."""

    call: Caller
    member_id: str
    card_id: str
    number: str
    refresh_token: str
    recovery_code: str


def nobody(client: FlaskClient) -> Caller:
    """Somebody without a token."""
    return Caller(client, None, API)


def app_of(client: FlaskClient, scope: Scope, member_id: str) -> Caller:
    """The app of a member who is there already."""
    return Caller(client, open_session(scope, member_id=member_id).access_token, API)


def sign_up(client: FlaskClient) -> App:
    """A new member with a card and a session."""
    made = nobody(client).post("/auth/anonymous", key=None)
    assert made.status == 201, made.text
    call = Caller(client, made.body["access_token"], API)
    return App(
        call=call,
        member_id=call.get("/me").body["member_id"],
        card_id=made.body["card"]["card_id"],
        number=made.body["card"]["number"],
        refresh_token=made.body["refresh_token"],
        recovery_code=made.body["recovery_code"],
    )


def wake(client: FlaskClient, scope: Scope, app: App) -> App:
    """The app after a while, with a new access token."""
    return replace(app, call=app_of(client, scope, app.member_id))


def mails(scope: Scope) -> list[tuple[str, str]]:
    """To whom mails are waiting to be sent, and what they say."""
    with scope.reading() as tx:
        payloads = tx.session.scalars(
            select(OutboxMessage.payload)
            .where(OutboxMessage.topic == TOPIC, OutboxMessage.done_at.is_(None))
            .order_by(OutboxMessage.id)
        ).all()
    opened = [open_mail(scope.keys.data, payload)[0] for payload in payloads]
    return [(mail.to, mail.text) for mail in opened]


def mailed_code(scope: Scope, email: str) -> str:
    """The code in the latest mail to an address."""
    text = [text for to, text in mails(scope) if to == email.lower()][-1]
    found = _CODE.search(text)
    assert found
    return found[0]


def sign_in(client: FlaskClient, scope: Scope, email: str, call: Caller | None = None) -> Caller:
    """Sign in by a mailed code; with ``call``, from the app of a member who is signed in already."""
    asked = nobody(client).post("/auth/code", {"email": email}, key=None)
    assert asked.status == 202, asked.text
    given = (call or nobody(client)).post("/auth/token", {"email": email, "code": mailed_code(scope, email)}, key=None)
    assert given.status == 200, given.text
    return Caller(client, given.body["access_token"], API)


def install(call: Caller, card_id: str) -> AppCard:
    """Let a phone show a card: what computes its digits."""
    made = call.post(f"/me/cards/{card_id}/installations", key=None)
    assert made.status == 201, made.text
    secret = made.body["totp"]["secret"]
    return AppCard(card_id, "", made.body["number"], base64.b32decode(secret + "=" * (-len(secret) % 8)))


def security_events(scope: Scope, member_id: str) -> list[tuple[str, dict[str, Any]]]:
    """What a member is told for her own safety, in order: the event and its params."""
    with scope.reading() as tx:
        payloads = tx.session.scalars(
            select(OutboxMessage.payload).where(OutboxMessage.topic == security.TOPIC).order_by(OutboxMessage.id)
        ).all()
    return [(one["event"], one["params"]) for one in payloads if one["member_id"] == member_id]


def balances(call: Caller) -> dict[str, int]:
    """Balances by programme."""
    answer = call.get("/me/accounts")
    assert answer.status == 200, answer.text
    return {account["programme_id"]: account["balance"] for account in answer.body["items"]}
