"""Bringing a message of an inbox to where its member wants it: by mail, and to her browsers."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.campaigns.inbox import MessageView, worded
from app.campaigns.kinds import EMAIL, PUSH, SECURITY, SHOP_NEWS, is_fixed, is_on_by_default
from app.campaigns.mails import message_mail
from app.campaigns.models import MemberMessage, MessageSetting, PushSubscription
from app.campaigns.service.subscribing import Browser, browser_of, forget
from app.campaigns.telling import NEWS_FOR, hold_member
from app.campaigns.unsubscribing import token
from app.campaigns.vapid import Vapid
from app.campaigns.web_push import GONE, encrypt, headers
from app.campaigns.wording import Worded
from app.cards.models import Member
from app.cards.profiles import read_profile
from app.cards.queries import member_in
from app.common import outbox
from app.common.database import Transaction
from app.common.mail import queue_mail
from app.common.outgoing import CallFailedError, Reach, UnsafeAddressError, post
from app.common.scope import Scope

PUSH_TOPIC = "push"
"""The outbox topic of one message to one browser: ``{member_id, message_id, subscription_id}``."""
PUSH_SECONDS = 10.0
PUSHED_FOR = timedelta(days=1)
ASKED_FOR = timedelta(minutes=10)  # a question at a counter is over then
_LONGEST_TEXT = 400
_log = logging.getLogger("zegel.push")


class PushRefusedError(Exception):
    """The push service refuses it for good: trying again changes nothing."""


class PushFailedError(Exception):
    """The push service did not answer, or asked to be left alone: another try may succeed."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    member_id: str
    browser: Browser
    message: MessageView


def bring(scope: Scope, payload: Mapping[str, Any], *, public_url: str, pushes: bool) -> None:
    """Queue the mail and the pushes of one message, as its member has set, in one transaction that the caller may have
    open. ``payload`` is that of the outbox topic ``message``.

    Nothing is queued for a message that is gone, is no news any more, or was read already and is not about safety.
    """
    with scope.transaction() as tx:
        member_id = hold_member(tx, payload["member_id"])
        message = None if member_id is None else tx.session.get(MemberMessage, (member_id, payload["message_id"]))
        if member_id is None or message is None or message.created_at < scope.now - NEWS_FOR:
            return
        if message.kind == SHOP_NEWS:
            return  # it leaves by app.campaigns.reaching alone, which asks what she said to that shop
        is_safety = message.kind in SECURITY
        if message.read_at is not None and not is_safety:
            return
        said = dict(
            tx.session.execute(
                select(MessageSetting.channel, MessageSetting.is_on).where(
                    MessageSetting.member_id == member_id, MessageSetting.kind == message.kind
                )
            ).all()
        )
        if is_fixed(message.kind, EMAIL) or said.get(EMAIL, is_on_by_default(message.kind, EMAIL)):
            _mail(tx, scope, member_id, message, public_url)
        if pushes and said.get(PUSH, is_on_by_default(message.kind, PUSH)):
            _queue_pushes(tx, scope, member_id, message.id)


def push(scope: Scope, message: outbox.Message, *, vapid: Vapid | None, reach: Reach) -> None:
    """Send one message to one browser; no transaction is open meanwhile. A browser whose push service says that it is
    gone is forgotten; what is older than its time is left.

    Raises :class:`PushFailedError` where another try may succeed, :class:`PushRefusedError` where none will.
    """
    prepared = _prepare(scope, message.payload)
    if prepared is None or vapid is None:
        return
    is_safety = prepared.message.kind in SECURITY
    lifetime = ASKED_FOR if prepared.message.kind == "spending_asked" else PUSHED_FOR
    left = message.created_at + lifetime - scope.now
    if left <= timedelta(0):
        return
    endpoint = prepared.browser.subscription.endpoint
    body = encrypt(body_of(prepared.message), prepared.browser.subscription)
    signed = headers(vapid, endpoint, now=scope.now, lifetime=left, urgency="high" if is_safety else "normal")
    try:
        status = post(endpoint, body, signed, reach=reach, timeout=PUSH_SECONDS)
    except CallFailedError as error:
        raise PushFailedError(str(error)) from None
    except UnsafeAddressError:
        status = GONE[0]
    if 200 <= status < 300:
        return
    if status in GONE:
        scope.run(lambda tx: forget(tx, prepared.member_id, prepared.browser.subscription_id))
        _log.info("a browser is gone: its subscription was deleted")
        return
    # The address is a person's: the error names the status alone.
    told = f"the push service answered {status}"
    raise PushFailedError(told) if status == 429 or status >= 500 else PushRefusedError(told)


def _mail(tx: Transaction, scope: Scope, member_id: str, message: MemberMessage, public_url: str) -> None:
    address = read_profile(tx, scope, member_id).email
    if address is None:
        return
    locale = tx.session.scalar(select(Member.locale).where(Member.id == member_id)) or ""
    view = worded(tx, scope, [message], locale)[0]
    mail = message_mail(
        address,
        Worded(view.title, view.text),
        kind=message.kind,
        locale=locale,
        public_url=public_url,
        link=view.link,
        stop_token=token(scope.keys.secret, member_id, message.kind),
    )
    queue_mail(tx, scope.keys.data, mail, now=scope.now, merchant_id=message.merchant_id, member_id=member_id)


def _queue_pushes(tx: Transaction, scope: Scope, member_id: str, message_id: str) -> None:
    browsers = tx.session.scalars(
        select(PushSubscription.id).where(PushSubscription.member_id == member_id).order_by(PushSubscription.id)
    )
    for subscription_id in browsers.all():
        payload = {"member_id": member_id, "message_id": message_id, "subscription_id": subscription_id}
        outbox.enqueue(tx, topic=PUSH_TOPIC, payload=payload, now=scope.now)


def _prepare(scope: Scope, payload: Mapping[str, Any]) -> _Prepared | None:
    with scope.reading() as tx:
        member = member_in(tx.session, payload["member_id"])
        if member is None:
            return None
        # Of who has left nothing is there any more.
        member_id = member.member_id
        message = tx.session.get(MemberMessage, (member_id, payload["message_id"]))
        browser = browser_of(tx, scope, member_id, payload["subscription_id"])
        if message is None or browser is None:
            return None
        return _Prepared(member_id, browser, worded(tx, scope, [message], browser.locale)[0])


def body_of(message: MessageView) -> bytes:
    """What a browser is told of a message."""
    text = message.text if len(message.text) <= _LONGEST_TEXT else message.text[: _LONGEST_TEXT - 1] + "…"
    content = {
        "title": message.title[:_LONGEST_TEXT],
        "body": text,
        "link": message.link,
        "kind": message.kind,
        "message_id": message.message_id,
        "created_at": _told(message.created_at),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
