"""The inbox, and what comes by mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.campaigns.models import MemberMessage
from app.campaigns.service import set_setting
from app.cards import security
from app.cards.errors import SpendingWaitsError
from app.common import outbox
from app.common.mail import TOPIC, Mail, open_mail
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import HANDLERS, drain
from app.wallet.service import erase_me
from config import Settings
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.hearing import EMAIL, fill_a_card, inbox, pushing_here, put
from tests.mobile_api.members import app_of, sign_in, sign_up
from tests.shops import AppCard, Shop


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Where pushes may go to this machine itself."""
    return environment | pushing_here()


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


def queued_mails(scope: Scope) -> list[Mail]:
    with scope.reading() as tx:
        payloads = tx.session.scalars(
            select(OutboxMessage.payload)
            .where(OutboxMessage.topic == TOPIC, OutboxMessage.done_at.is_(None))
            .order_by(OutboxMessage.id)
        ).all()
    return [open_mail(scope.keys.data, payload)[0] for payload in payloads]


def bring(context: JobContext) -> list[Mail]:
    """The mails that come of what waits, before any is sent."""
    scope = context.scope()
    for _ in range(2):  # the event, then its message
        for message in scope.run(lambda tx: outbox.claim(tx, now=scope.now)):
            if message.topic != TOPIC:
                HANDLERS[message.topic](context, message)
            else:
                with scope.transaction() as tx:
                    outbox.release(tx, [message], now=scope.now)
    return queued_mails(scope)


def test_a_full_card_becomes_one_message_in_the_language_of_the_request(
    client: FlaskClient, scope: Scope, till: Caller, app_card: AppCard, context: JobContext, shop: Shop
) -> None:
    call = app_of(client, scope, app_card.member_id)
    assert inbox(call) == []
    fill_a_card(till, app_card)
    assert inbox(call) == [], "a scan waits for nothing"
    drain(context)
    [message] = inbox(call)
    assert message["kind"] == "reward_unlocked"
    assert message["title"] == "Your reward is ready"
    assert message["text"] == "At Bakery: Free bread. Show your card to get it."
    assert (message["merchant"]["merchant_id"], message["merchant"]["name"]) == (shop.merchant_id, "Bakery")
    voucher_id = call.get("/me/vouchers").body["items"][0]["voucher_id"]
    assert message["link"] == f"#/vouchers/{voucher_id}"
    assert message["read_at"] is None
    assert inbox(call, "nl")[0]["title"] == "Je beloning ligt klaar"
    assert inbox(call, "fr")[0]["title"] == "Votre récompense vous attend"
    assert inbox(call, "de")[0]["title"] == "Ihre Prämie ist da"


def test_a_repeat_of_the_outbox_makes_no_second_message(
    client: FlaskClient, scope: Scope, till: Caller, app_card: AppCard, context: JobContext
) -> None:
    fill_a_card(till, app_card)
    scope.run(lambda tx: security.tell(tx, scope.now, app_card.member_id, "card_blocked", card_id=app_card.card_id))
    drain(context)
    with scope.transaction() as tx:
        tx.session.execute(update(OutboxMessage).where(OutboxMessage.topic != TOPIC).values(done_at=None))
    assert drain(context).failed == 0
    kinds = sorted(message["kind"] for message in inbox(app_of(client, scope, app_card.member_id)))
    assert kinds == ["card_blocked", "reward_unlocked"]


def test_messages_are_read_up_to_one_and_only_ones_own(
    client: FlaskClient, scope: Scope, clock: FixedClock, context: JobContext
) -> None:
    mine, other = sign_up(client), sign_up(client)
    for _ in range(3):
        scope.run(lambda tx: security.tell(tx, scope.now, mine.member_id, "new_sign_in"))
    drain(context)
    newest, middle, oldest = inbox(mine.call)
    assert other.call.post("/me/messages/read", {"until": middle["message_id"]}, key=None).status == 404
    clock.advance(minutes=1)
    assert mine.call.post("/me/messages/read", {"until": middle["message_id"]}, key=None).status == 204
    assert [message["read_at"] is not None for message in inbox(mine.call)] == [False, True, True]
    was = [message["read_at"] for message in inbox(mine.call)]
    clock.advance(minutes=1)
    assert mine.call.post("/me/messages/read", {"until": middle["message_id"]}, key=None).status == 204
    assert [message["read_at"] for message in inbox(mine.call)] == was
    assert mine.call.get("/me/pulse").body["unread"] == 1
    first = mine.call.get("/me/messages", limit=2).body
    rest = mine.call.get("/me/messages", limit=2, cursor=first["next"]).body
    told = [message["message_id"] for message in first["items"] + rest["items"]]
    assert told == [newest["message_id"], middle["message_id"], oldest["message_id"]]
    assert rest["next"] is None


def test_settings_are_hers_and_a_changed_address_is_always_mailed(client: FlaskClient, scope: Scope) -> None:
    app = sign_up(client)
    before = {(one["kind"], one["channel"]): one for one in app.call.get("/me/message-settings").body["items"]}
    assert before["reward_unlocked", "push"] == {
        "kind": "reward_unlocked", "channel": "push", "is_on": True, "is_fixed": False
    }  # fmt: skip
    assert [key for key, one in before.items() if one["is_fixed"]] == [("email_changed", "email")]
    assert not before["email_changed", "email"]["is_on"], "there is no address yet"
    assert before["shop_news", "push"]["is_on"], "but only shops that she allowed it have news for her"
    wish = {"kind": "reward_unlocked", "channel": "push", "is_on": False}
    assert put(app.call, "/me/message-settings", wish).status == 204
    assert put(app.call, "/me/message-settings", wish).status == 204
    refused = put(app.call, "/me/message-settings", {"kind": "email_changed", "channel": "email", "is_on": False})
    assert (refused.status, refused.problem()) == (409, "setting_fixed")
    assert put(app.call, "/me/message-settings", {"kind": "spent", "channel": "push", "is_on": False}).status == 204
    assert put(app.call, "/me/message-settings", {"kind": "gossip", "channel": "push", "is_on": False}).status == 422
    signed_in = sign_in(client, scope, EMAIL, app.call)
    after = {(one["kind"], one["channel"]): one["is_on"] for one in signed_in.get("/me/message-settings").body["items"]}
    assert after["reward_unlocked", "push"] is False
    assert after["reward_unlocked", "email"] is True
    assert after["spent", "push"] is False
    assert after["spent", "email"] is True
    assert after["card_blocked", "email"] is True
    assert after["spending_asked", "email"] is False, "it is over before a mail is read"
    for kind in ("spent", "card_blocked", "new_sign_in"):
        off = {"kind": kind, "channel": "email", "is_on": False}
        assert put(signed_in, "/me/message-settings", off).status == 204
        assert {**off, "is_fixed": False} in signed_in.get("/me/message-settings").body["items"]
    assert sign_up(client).call.get("/me/message-settings").body["items"][0]["is_on"] is True


def test_a_session_that_waits_may_not_silence_the_phone_that_would_tell(client: FlaskClient, scope: Scope) -> None:
    app = sign_up(client)
    thief = replace(scope, member_id=app.member_id, waits_until=scope.now + timedelta(hours=1))
    with pytest.raises(SpendingWaitsError):
        set_setting(thief, kind="new_sign_in", channel="push", is_on=False)
    set_setting(thief, kind="new_sign_in", channel="push", is_on=True)
    set_setting(thief, kind="reward_unlocked", channel="push", is_on=False)
    own = replace(scope, member_id=app.member_id)
    set_setting(own, kind="new_sign_in", channel="push", is_on=False)


def test_mail_comes_with_one_click_to_stop_it_and_not_for_safety(
    client: FlaskClient, scope: Scope, till: Caller, context: JobContext, settings: Settings
) -> None:
    app = sign_up(client)
    call = sign_in(client, scope, EMAIL, app.call)
    drain(context)
    before = len(list((settings.var / "outbox").glob("*.eml")))
    for _ in range(3):
        assert till.post("/visits", {"code": app.number}).status == 201
    [mail] = bring(context)
    assert (mail.to, mail.subject) == (EMAIL, "Je beloning ligt klaar")
    assert mail.html is not None
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    drain(context)
    sent = sorted((settings.var / "outbox").glob("*.eml"))
    assert len(sent) == before + 1
    raw = sent[-1].read_bytes().decode()
    assert "multipart/alternative" in raw
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in raw
    assert f"List-Unsubscribe: {mail.headers['List-Unsubscribe']}\n" in raw, "in one piece, or nothing can follow it"

    link = mail.headers["List-Unsubscribe"].strip("<>").removeprefix(settings.public_url)
    assert client.get(link).status_code == 200
    assert {"kind": "reward_unlocked", "channel": "email", "is_on": True, "is_fixed": False} in (
        call.get("/me/message-settings").body["items"]
    ), "looking at it changes nothing"
    form = {"List-Unsubscribe": "One-Click"}
    assert client.post(link, data=form).status_code == 200
    assert client.post(link, data=form).status_code == 200
    assert {"kind": "reward_unlocked", "channel": "email", "is_on": False, "is_fixed": False} in (
        call.get("/me/message-settings").body["items"]
    )
    for _ in range(3):
        till.post("/visits", {"code": app.number})
    assert bring(context) == []
    assert len(inbox(call)) == 2, "the inbox keeps it"
    scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "card_blocked"))
    [safety] = bring(context)
    assert safety.headers == {}
    assert client.get("/unsubscribe/AAAA").status_code == 404
    assert client.post("/unsubscribe/AAAA", data=form).status_code == 404


def test_what_was_read_in_the_app_is_not_mailed_as_well(
    client: FlaskClient, scope: Scope, till: Caller, context: JobContext, clock: FixedClock
) -> None:
    app = sign_up(client)
    call = sign_in(client, scope, EMAIL, app.call)
    drain(context)
    for _ in range(3):
        till.post("/visits", {"code": app.number})
    claimed = scope.run(lambda tx: outbox.claim(tx, now=scope.now))
    for message in claimed:
        HANDLERS[message.topic](context, message)
    assert call.post("/me/messages/read", {"until": inbox(call)[0]["message_id"]}, key=None).status == 204
    assert bring(context) == []


def test_what_is_no_news_any_more_stands_in_the_inbox_alone(
    client: FlaskClient, scope: Scope, till: Caller, context: JobContext, clock: FixedClock
) -> None:
    app = sign_up(client)
    sign_in(client, scope, EMAIL, app.call)
    drain(context)
    happened = clock()
    for _ in range(3):
        till.post("/visits", {"code": app.number})
    clock.advance(days=4)
    assert bring(context) == []
    [message] = inbox(app_of(client, scope, app.member_id))
    assert datetime.fromisoformat(message["created_at"]) == happened


def test_events_of_who_has_left_are_dropped(client: FlaskClient, scope: Scope, context: JobContext) -> None:
    app = sign_up(client)
    scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "card_blocked"))
    erase_me(replace(scope, member_id=app.member_id))
    # One more, of a booking that was under way at that moment.
    scope.run(lambda tx: security.tell(tx, scope.now, app.member_id, "spent"))
    assert drain(context).failed == 0
    with scope.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(MemberMessage)) == 0
