"""Handing a card's code secret to one phone or browser."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert

from app.cards import changes, waiting
from app.cards.code_secrets import seal_secret
from app.cards.errors import CardBlockedError, CardHasNoSecretError, CardReplacedError
from app.cards.models import Installation
from app.cards.queries import CardView
from app.cards.rotating import Provisioning, new_secret, provisioning
from app.cards.service.blocking import end_installations, lock_card
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope


@dataclass(frozen=True, slots=True)
class StartedInstallation:
    """What a new installation is told, this once."""

    installation_id: str
    number: str
    totp: Provisioning


def start_installation(scope: Scope, *, card_id: str, kind: str = "app") -> StartedInstallation:
    """Make a secret for a card and end the one that the last installation of this ``kind`` ("app", "google") had.

    The secret is returned and stored sealed; nobody can read it again. Each call makes another. In a session of the
    scope that may not spend yet, its digits earn and don't redeem until that is over. Raises ``NotFoundError``,
    :class:`CardHasNoSecretError` for a printed card, :class:`CardBlockedError`, :class:`CardReplacedError`.
    """
    return scope.run(lambda tx: _start(tx, scope, card_id, kind))


def _start(tx: Transaction, scope: Scope, card_id: str, kind: str) -> StartedInstallation:
    if scope.session_id is not None:
        waiting.lock(tx, scope.member_id or "")
    card = lock_card(tx, scope, card_id)
    require_usable(card)
    if card.kind != "digital":
        raise CardHasNoSecretError
    waits_until = None
    if scope.session_id is not None:
        waits_until = waiting.note_installation(tx, scope.now, card.member_id, scope.session_id)
    end_installations(tx, scope, card, kind=kind)
    installation_id, secret = new_id(), new_secret()
    tx.session.execute(
        insert(Installation).values(
            member_id=card.member_id,
            id=installation_id,
            number=card.number,
            kind=kind,
            secret=seal_secret(scope.keys.data, installation_id, secret),
            session_id=scope.session_id,
            waits_until=waits_until,
            created_at=scope.now,
        )
    )
    changes.changed(tx, card.member_id, now=scope.now)
    return StartedInstallation(installation_id=installation_id, number=card.number, totp=provisioning(secret))


def require_usable(card: CardView) -> None:
    """Raises :class:`CardReplacedError` or :class:`CardBlockedError` for a card that can't be used any more."""
    if card.status == "replaced":
        raise CardReplacedError
    if not card.is_usable:
        raise CardBlockedError
