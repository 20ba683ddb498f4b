"""Consents: given and withdrawn per merchant and channel, each time with the words that were shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from app.cards import changes
from app.cards.models import ConsentEvent
from app.cards.passes.kept import renew_passes
from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.models import Merchant

CHANNELS = ("email", "push", "wallet", "inbox", "profile", "lookup")


@dataclass(frozen=True, slots=True)
class Consent:
    """The member's latest word on one channel of one merchant."""

    merchant_id: str
    merchant_name: str
    channel: str
    is_given: bool
    how: str
    wording: str
    occurred_at: datetime


def list_consents(scope: Scope) -> list[Consent]:
    """The latest word on every channel on which the scope's member ever said one, by merchant's name."""
    with scope.reading() as tx:
        return _consents(tx, scope)


@dataclass(frozen=True, slots=True)
class ConsentWord:
    """One word that a member said on a channel of a merchant, with the words that were shown."""

    consent_id: str
    merchant_id: str
    merchant_name: str
    channel: str
    is_given: bool
    how: str
    wording: str
    occurred_at: datetime


def list_consent_words(scope: Scope, *, limit: int, before: str | None = None) -> list[ConsentWord]:
    """Up to ``limit`` of the words that the scope's member gave or withdrew, the newest first; ``before`` is the id of
    the last one that was told already."""
    with scope.reading() as tx:
        wanted = (
            select(
                ConsentEvent.id,
                ConsentEvent.merchant_id,
                Merchant.name,
                ConsentEvent.channel,
                ConsentEvent.is_given,
                ConsentEvent.how,
                ConsentEvent.wording,
                ConsentEvent.occurred_at,
            )
            .join(Merchant, Merchant.id == ConsentEvent.merchant_id)
            .where(ConsentEvent.member_id.in_(aliases(tx.session, scope.member_id or "")))
            .order_by(ConsentEvent.id.desc())
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(ConsentEvent.id < before)
        return [ConsentWord(*row) for row in tx.session.execute(wanted)]


def set_consent(scope: Scope, *, merchant_id: str, channel: str, is_given: bool, how: str, wording: str) -> Consent:
    """Give or withdraw a consent. ``how`` says where ("app"), ``wording`` the words that were shown.

    Writes an event that is never changed; saying the same again writes none. Raises ``NotFoundError`` for a merchant
    that isn't there.
    """
    with scope.transaction() as tx:
        merchant = tx.session.scalar(
            select(Merchant.id).where(
                Merchant.id == merchant_id, Merchant.status != "closed", Merchant.sandbox_of.is_(None)
            )
        )
        if merchant is None:
            raise NotFoundError(what="merchant")
        known = _find(_consents(tx, scope), merchant_id, channel)
        if known is not None and (known.is_given, known.wording) == (is_given, wording):
            return known
        tx.session.execute(
            insert(ConsentEvent).values(
                member_id=scope.member_id,
                id=new_id(),
                merchant_id=merchant_id,
                channel=channel,
                is_given=is_given,
                how=how,
                wording=wording,
                occurred_at=scope.now,
            )
        )
        if channel == "profile":
            changes.changed(tx, scope.member_id or "", merchant_id=merchant_id, now=scope.now)
        if channel == "wallet":
            renew_passes(tx, scope, scope.member_id or "")  # what may not stand there any more goes
        made = _find(_consents(tx, scope), merchant_id, channel)
        if made is None:
            raise NotFoundError(what="merchant")
        return made


def _find(consents: list[Consent], merchant_id: str, channel: str) -> Consent | None:
    return next((one for one in consents if (one.merchant_id, one.channel) == (merchant_id, channel)), None)


def _consents(tx: Transaction, scope: Scope) -> list[Consent]:
    rows = tx.session.execute(
        select(
            ConsentEvent.merchant_id,
            Merchant.name,
            ConsentEvent.channel,
            ConsentEvent.is_given,
            ConsentEvent.how,
            ConsentEvent.wording,
            ConsentEvent.occurred_at,
        )
        .join(Merchant, Merchant.id == ConsentEvent.merchant_id)
        .where(ConsentEvent.member_id.in_(aliases(tx.session, scope.member_id or "")))
        .order_by(ConsentEvent.id)
    )
    latest = {(row.merchant_id, row.channel): Consent(*row) for row in rows}
    return sorted(latest.values(), key=lambda one: (one.merchant_name, one.channel))
