"""Emptying the outbox: each message goes to its topic's handler. Calls to addresses that other people chose are made
apart (:mod:`app.jobs.pushing`)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.billing.service.events import TOPIC as BILLING
from app.campaigns import service as campaigns
from app.campaigns.notices import TOPIC as NOTICE
from app.campaigns.reaching import MAIL_TOPIC as NEWS_MAIL
from app.campaigns.service import recalling
from app.campaigns.telling import TOPIC as MESSAGE
from app.campaigns.vapid import read as read_vapid
from app.cards import changes
from app.common import bounces, mail, outbox
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.outbox import Message
from app.common.scope import Scope
from app.jobs import billing, campaigning, card_batches, importing, mailing, passing, reporting
from app.jobs.context import JobContext
from app.merchants import webhooks
from app.merchants.service import announcing
from app.rewards.service import shop_members

log = logging.getLogger("zegel.jobs")

BATCH = 50
BATCH_SECONDS = 30.0


@dataclass(slots=True)
class Drained:
    """How many messages were done and how many failed and wait for their next try."""

    done: int = 0
    failed: int = 0


def drain(context: JobContext) -> Drained:
    """Do all that is due. Returns when nothing is left that is due, or when the process is about to end."""
    drained = Drained()
    scope = context.scope()
    while not context.stopping.is_set():
        with scope.reading() as tx:
            if not outbox.any_due(tx, now=scope.now):
                break
        messages = scope.run(lambda tx: outbox.claim(tx, now=scope.now, count=BATCH))
        events = [message for message in messages if message.topic in WRITTEN]
        if _write(context, events):
            drained.done += len(events)
            events = []
        rest = [message for message in messages if message.topic not in WRITTEN or message in events]
        # A mail server that hangs must not outlast the lease, nor keep events waiting: they come first in each batch.
        enough = time.monotonic() + BATCH_SECONDS
        while rest and time.monotonic() < enough and not context.stopping.is_set():
            _one(context, rest.pop(0), drained)
        if rest:
            with scope.transaction() as tx:
                outbox.release(tx, rest, now=scope.now)
    return drained


def _write(context: JobContext, events: Sequence[Message]) -> bool:
    """Write down in one transaction what follows from all events; False, and nothing changed, where one fails."""
    if not events:
        return True
    scope = context.scope()

    def work(tx: Transaction) -> None:
        for message in events:
            WRITTEN[message.topic](context, scope, message)
            outbox.complete(tx, message, now=scope.now)

    try:
        scope.run(work)
    except Exception:
        log.exception("events could not be handed on together; trying one by one")
        return False
    return True


def _one(context: JobContext, message: Message, drained: Drained) -> None:
    scope = context.scope()
    handle = HANDLERS.get(message.topic)
    try:
        if handle is None:
            raise LookupError(f"nobody handles the topic {message.topic!r}")
        handle(context, message)
        drained.done += 1
    except Exception as error:
        drained.failed += 1
        final = isinstance(error, mailing.MailRefusedError)
        told = f"{type(error).__name__}: {error}"
        log.warning("outbox message %s (%s) failed at try %d: %s", message.id, message.topic, message.tries, told)
        scope.run(lambda tx: outbox.fail(tx, message, error=told, now=scope.now, final=final))


def _mail(context: JobContext, message: Message) -> None:
    # No transaction is open while the mail server is spoken to.
    try:
        sent = mailing.deliver(context.settings, message, now=context.clock(), brand=brand_of(context.database))
    except mailing.MailRefusedError as error:
        _note_refusal(context, message, str(error))
        raise
    if not sent:
        log.warning("mail %s was not sent: its time was over", message.id)
    scope = context.scope()
    scope.run(lambda tx: outbox.complete(tx, message, now=scope.now, forget=True))


def _note_refusal(context: JobContext, message: Message, told: str) -> None:
    scope = context.scope()
    to = mail.open_mail(context.settings.keys.data, message.payload)[0].to
    scope.run(lambda tx: bounces.note(tx, scope, to, how="refused", told=told))


def _alone(context: JobContext, message: Message) -> None:
    scope = context.scope()

    def work(tx: Transaction) -> None:
        WRITTEN[message.topic](context, scope, message)
        outbox.complete(tx, message, now=scope.now)

    scope.run(work)


def _fan_out(_: JobContext, scope: Scope, message: Message) -> None:
    webhooks.fan_out(scope, message)


def _note(_: JobContext, scope: Scope, message: Message) -> None:
    campaigns.note(scope, message)


def _spread(_: JobContext, scope: Scope, message: Message) -> None:
    campaigns.spread_notice(scope, message)


def _recall(_: JobContext, scope: Scope, message: Message) -> None:
    recalling.spread_recall(scope, message)


def _bring(context: JobContext, scope: Scope, message: Message) -> None:
    settings = context.settings
    pushes = read_vapid(settings.vapid) is not None
    campaigns.bring(scope, message.payload, public_url=settings.public_url, pushes=pushes)


def _closings(context: JobContext, message: Message) -> None:
    # A transaction for each member, so it is no part of a batch.
    reporting.closing_changed(context, message)
    scope = context.scope()
    scope.run(lambda tx: outbox.complete(tx, message, now=scope.now))


def _count(_: JobContext, scope: Scope, message: Message) -> None:
    shop_members.handle(scope, message.payload)


def _announce(context: JobContext, scope: Scope, message: Message) -> None:
    announcing.send_announcement(scope, str(message.payload["announcement_id"]), public_url=context.settings.public_url)


# What follows from these is written down here, and nobody is called: a batch of them is one transaction.
WRITTEN: dict[str, Callable[[JobContext, Scope, Message], None]] = {
    webhooks.TOPIC: _fan_out,
    MESSAGE: _bring,
    NOTICE: _spread,
    recalling.TOPIC: _recall,
    changes.TOPIC: _count,
    announcing.TOPIC: _announce,
    **dict.fromkeys(campaigns.TOPICS, _note),
}
Handler = Callable[[JobContext, Message], None]
HANDLERS: dict[str, Handler] = {
    mail.TOPIC: _mail,
    NEWS_MAIL: campaigning.bring_mail,
    passing.TOPIC: passing.tell,
    importing.TOPIC: importing.go_on,
    card_batches.TOPIC: card_batches.go_on,
    BILLING: billing.act_on_event,
    reporting.CLOSING: _closings,
    **dict.fromkeys(WRITTEN, _alone),
}
