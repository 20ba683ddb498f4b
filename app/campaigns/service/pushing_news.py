"""A shop's news to one browser, at most once."""

from __future__ import annotations

from app.campaigns.quiet import quiet_begin
from app.campaigns.reaching import manners_of
from app.campaigns.service import sending
from app.campaigns.service.bringing import PUSH_SECONDS, PUSHED_FOR, PushFailedError, PushRefusedError, body_of
from app.campaigns.service.subscribing import browser_of, forget
from app.campaigns.vapid import Vapid
from app.campaigns.web_push import GONE, encrypt, headers
from app.common import outbox
from app.common.database import Transaction
from app.common.outgoing import CallFailedError, NotConnectedError, Reach, UnsafeAddressError, post
from app.common.scope import Scope


def push_news(scope: Scope, message: outbox.Message, *, vapid: Vapid | None, reach: Reach) -> None:
    """Send a shop's message to one browser, and note what became of it; no transaction is open meanwhile.

    That it is handed over is written down first: whoever is killed after that sends nothing again. Raises
    :class:`PushFailedError` where it certainly was not handed over and another try may succeed,
    :class:`PushRefusedError` where none will.
    """
    with scope.reading() as tx:
        contact = sending.judge(tx, scope, message).contact_to_go
        browser = None
        if contact is not None:
            browser = browser_of(tx, scope, contact.member_id, message.payload["subscription_id"])
            if browser is not None:
                manners, timezone = manners_of(tx, contact.merchant_id)
                begins = quiet_begin(scope.now, timezone, manners)
                view = sending.worded_contact(tx, scope, contact, message.payload, browser.locale)
    if contact is None:
        sending.put_off(scope, message)
        return
    if browser is None or vapid is None:
        sending.note_refused(scope, message, "no_browser")
        return
    endpoint = browser.subscription.endpoint
    body = encrypt(body_of(view), browser.subscription)
    # A phone that is off hears it when it is on again, but not in the middle of the night.
    lifetime = PUSHED_FOR if begins is None else min(PUSHED_FOR, begins - scope.now)
    signed = headers(vapid, endpoint, now=scope.now, lifetime=lifetime, urgency="normal")
    if not sending.begin(scope, message):
        sending.put_off(scope, message)
        return
    try:
        status = post(endpoint, body, signed, reach=reach, timeout=PUSH_SECONDS)
    except NotConnectedError as error:
        sending.give_back(scope, message)
        raise PushFailedError(str(error)) from None
    except CallFailedError:
        sending.note_unknown(scope, message)
        return
    except UnsafeAddressError:
        status = GONE[0]
    if 200 <= status < 300:
        sending.note_sent(scope, message)
        return
    if status in GONE:
        member_id, subscription_id = contact.member_id, browser.subscription_id

        def work(tx: Transaction) -> None:
            forget(tx, member_id, subscription_id)

        scope.run(work)
        sending.note_refused(scope, message, "no_browser")
        return
    # The address is a person's: the error names the status alone.
    told = f"the push service answered {status}"
    if status == 429 or status >= 500:
        sending.give_back(scope, message)
        raise PushFailedError(told)
    sending.note_refused(scope, message)
    raise PushRefusedError(told)
