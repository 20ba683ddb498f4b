"""Campaigns by the clock: drawing the lot, writing to members, and bringing mails of shops, each at most once."""

from __future__ import annotations

import logging
from typing import Any

from app.campaigns.service import campaigning, sending
from app.common import bounces
from app.common.branding import brand_of
from app.common.outbox import Message
from app.jobs.context import JobContext
from app.jobs.handing_over import hand_over
from app.jobs.mailing import MailRefusedError

log = logging.getLogger("zegel.jobs")


def send(context: JobContext) -> dict[str, Any]:
    """Write to the next members of every campaign that is due, and close what was killed on its way."""
    scope = context.scope()
    done = campaigning.send_due(scope, on_progress=context.go_on)
    return {"campaigns": done.campaigns, "members": done.members, "closed": sending.close_silent(scope)}


def bring_mail(context: JobContext, message: Message) -> None:
    """Bring one mail of a shop's. Raises where it certainly did not leave and has to be tried again."""
    scope, brand = context.scope(), brand_of(context.database)
    prepared = sending.prepare_mail(scope, message, public_url=context.settings.public_url, brand=brand)
    if prepared is None:
        sending.put_off(scope, message)
        return
    began = False

    def begin() -> bool:
        nonlocal began
        began = sending.begin(scope, message)
        return began

    try:
        # No transaction is open while the mail server is spoken to.
        outcome = hand_over(
            context.settings, message, prepared.mail, from_name=prepared.from_name, brand=brand, begin=begin
        )
    except MailRefusedError as error:
        told = str(error)
        scope.run(lambda tx: bounces.note(tx, scope, prepared.mail.to, how="refused", told=told))
        sending.note_refused(scope, message)
        return
    except Exception:
        if began:
            sending.give_back(scope, message)
        raise
    if outcome == "sent":
        sending.note_sent(scope, message)
    elif outcome == "unknown":
        log.warning("nobody knows whether mail %s was taken: it is not sent again", message.id)
        sending.note_unknown(scope, message)
    else:
        sending.put_off(scope, message)
