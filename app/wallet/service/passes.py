"""A member's card for the phone's own wallet."""

from __future__ import annotations

from app.cards.codes import card_url
from app.cards.passes import apple, credentials, google
from app.cards.queries import CardView, card_in, member_in
from app.cards.service.installing import require_usable
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.settings import Settings
from app.wallet.errors import PassNotOfferedError

LOGO = "/assets/seal.png"


def apple_pass(scope: Scope, *, card_id: str, settings: Settings) -> bytes:
    """The ``.pkpass`` file of a card. Changes nothing; each call makes the same card's file anew.

    Raises ``NotFoundError``, ``CardBlockedError``, ``CardReplacedError``, and :class:`PassNotOfferedError` where no
    certificate is set, or its time is over: phones refuse what it signs.
    """
    card, locale = _card(scope, card_id)
    signer = credentials.apple(settings.apple_pass)
    if signer is None or not signer.is_valid_at(scope.now):
        raise PassNotOfferedError
    return apple.build(
        signer, card_id=card.card_id, number=card.number, url=card_url(settings.host, card.number), locale=locale
    )


def google_link(scope: Scope, *, card_id: str, settings: Settings) -> str:
    """The link by which a member saves a card in Google Wallet. Changes nothing; no secret is in it.

    Raises ``NotFoundError``, ``CardBlockedError``, ``CardReplacedError``, and :class:`PassNotOfferedError` where no
    service account is set.
    """
    card, locale = _card(scope, card_id)
    signer = credentials.google(settings.google_wallet)
    if signer is None:
        raise PassNotOfferedError
    return google.save_link(
        signer,
        card_id=card.card_id,
        number=card.number,
        url=card_url(settings.host, card.number),
        public_url=settings.public_url,
        logo_url=settings.public_url + LOGO,
        locale=locale,
        now=scope.now,
    )


def _card(scope: Scope, card_id: str) -> tuple[CardView, str]:
    """The card, still usable, and its member's locale."""
    with scope.reading() as tx:
        card = card_in(tx.session, scope, card_id=card_id)
        if card is None:
            raise NotFoundError(what="card")
        require_usable(card)
        member = member_in(tx.session, card.member_id)
    return card, member.locale if member else "en"
