"""A member's card for the phone's own wallet: made, and brought up to date."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, update

from app.campaigns.queries.contacts import wallet_news
from app.cards.codes import card_url
from app.cards.models import Installation, WalletPass
from app.cards.passes import apple, credentials, google, words
from app.cards.passes.content import Balance, News, PassCard
from app.cards.passes.credentials import AppleCredentials, GoogleCredentials
from app.cards.passes.google import GoogleFailedError
from app.cards.passes.kept import TOPIC
from app.cards.queries import CardView, card_in, member_in
from app.cards.service.installing import require_usable, start_installation
from app.common import outbox
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.settings import Settings
from app.common.sql import Statement
from app.wallet.errors import PassNotOfferedError, WalletUnreachableError
from app.wallet.queries.accounts import list_accounts

LOGO = "/assets/seal.png"
MOST_BALANCES = 60
# A booking is seen once it is committed, a moment after the time that stands in it.
_MARGIN = timedelta(seconds=10)
_MADE_BEFORE = timedelta(hours=1)
_AT_ONCE = 1000

_CHANGED = Statement(
    """
    SELECT p.card_id, p.kind FROM wallet_pass p JOIN card c ON c.id = p.card_id
    WHERE c.blocked_at > p.told_at
        OR EXISTS (SELECT 1 FROM account a WHERE a.member_id = c.member_id AND a.updated_at > p.told_at)
    ORDER BY p.told_at, p.card_id LIMIT :count
    """
)
_NOTE = Statement("UPDATE wallet_pass SET changed_at = :now, told_at = :told WHERE card_id = :card_id AND kind = :kind")


def apple_pass(scope: Scope, *, card_id: str, settings: Settings) -> bytes:
    """The ``.pkpass`` file of a card, with the balances of now. Changes nothing; each call makes it anew.

    Raises ``NotFoundError``, ``CardBlockedError``, ``CardReplacedError``, and :class:`PassNotOfferedError` where no
    certificate is set, or its time is over: phones refuse what it signs.
    """
    card = _usable(scope, card_id)
    signer = apple_signer(scope, settings)
    return build_apple(scope, settings, signer, card)


def google_link(scope: Scope, *, card_id: str, settings: Settings) -> str:
    """The link by which a member saves a card with its static code in Google Wallet. Changes nothing; no secret is in
    it.

    Raises ``NotFoundError``, ``CardBlockedError``, ``CardReplacedError``, and :class:`PassNotOfferedError` where no
    service account is set.
    """
    card = _usable(scope, card_id)
    # Without balances: nobody would bring them up to date, and the link must stay short.
    shown = replace(pass_card(scope, settings, card), balances=())
    return google.save_link(google_signer(settings), shown, _place(scope, settings), now=scope.now)


def put_in_google(scope: Scope, *, card_id: str, settings: Settings) -> str:
    """Put a digital card with its changing code in Google Wallet, and give the link by which its member saves it.

    The wallet becomes an installation of its own, whose digits redeem as the app's do; the one that the card had there
    before is dead. A repeat makes another. Raises ``NotFoundError``, ``CardBlockedError``, ``CardReplacedError``,
    ``CardHasNoSecretError`` for a printed card, :class:`PassNotOfferedError`, and :class:`WalletUnreachableError` where
    Google did not do its part: then the card is as it was, but for an older one in the wallet, which is dead.
    """
    card = _usable(scope, card_id)
    signer = google_signer(settings)
    started = start_installation(scope, card_id=card_id, kind="google")
    text = started.totp["secret"]
    secret = base64.b32decode(text + "=" * (-len(text) % 8))
    place = _place(scope, settings)
    try:
        # No transaction is open while Google is spoken to.
        shown = pass_card(scope, settings, card)
        google.Wallet(signer, now=scope.now).put(shown, place, google.Rotating(secret))
    except GoogleFailedError:
        scope.run(lambda tx: _end(tx, scope, card.member_id, started.installation_id))
        raise WalletUnreachableError from None
    scope.run(lambda tx: keep_pass(tx, scope, card_id, "google"))
    return google.link_to_object(signer, card_id, place, now=scope.now)


def note_changes(scope: Scope) -> int:
    """Find the passes on which something changed since they were last told, and leave a message for each. Returns how
    many. Done again, it finds what changed since."""

    def work(tx: Transaction) -> int:
        found = tx.rows(_CHANGED, {"count": _AT_ONCE})
        now = scope.now
        for card_id, kind in found:
            tx.run(_NOTE, {"card_id": card_id, "kind": kind, "now": now, "told": now - _MARGIN})
            outbox.enqueue(tx, topic=TOPIC, payload={"card_id": card_id, "kind": kind}, now=now)
        return len(found)

    with scope.reading() as tx:
        if not tx.rows(_CHANGED, {"count": 1}):
            return 0
    return scope.run(work)


def bring_to_google(scope: Scope, settings: Settings, *, card_id: str) -> None:
    """Bring what stands on a card in Google Wallet up to date; one whose member has left, or that is gone from the
    wallet, is forgotten. Raises ``GoogleFailedError``. A repeat changes nothing more."""
    signer = credentials.google(settings.google_wallet)
    if signer is None:
        return
    with scope.reading() as tx:
        card = card_in(tx.session, scope, card_id=card_id)
        member = None if card is None else member_in(tx.session, card.member_id)
        is_kept = tx.session.get(WalletPass, (card_id, "google")) is not None
    wallet = google.Wallet(signer, now=scope.now)
    if card is None or member is None or member.status == "erased":
        wallet.end(card_id)
    elif is_kept and not wallet.change(pass_card(scope, settings, card)):
        scope.run(lambda tx: _forget(tx, card_id, "google"))


def keep_pass(tx: Transaction, scope: Scope, card_id: str, kind: str) -> None:
    """Note that a card is in a wallet of this kind; one that is noted stays as it is."""
    if tx.session.get(WalletPass, (card_id, kind)) is None:
        now = scope.now
        # The pass may have been made a while before: what changed since is told once more.
        told_at = now - _MADE_BEFORE
        tx.session.add(WalletPass(card_id=card_id, kind=kind, changed_at=now, told_at=told_at, created_at=now))
        tx.session.flush()


def apple_signer(scope: Scope, settings: Settings) -> AppleCredentials:
    """What signs Apple's passes. Raises :class:`PassNotOfferedError` where nothing does."""
    signer = credentials.apple(settings.apple_pass)
    if signer is None or not signer.is_valid_at(scope.now):
        raise PassNotOfferedError
    return signer


def google_signer(settings: Settings) -> GoogleCredentials:
    """What signs for Google. Raises :class:`PassNotOfferedError` where nothing does."""
    signer = credentials.google(settings.google_wallet)
    if signer is None:
        raise PassNotOfferedError
    return signer


def build_apple(scope: Scope, settings: Settings, signer: AppleCredentials, card: CardView) -> bytes:
    """A card's ``.pkpass`` file, as it is now; of a card that is dead one that says so."""
    return apple.build(
        signer,
        pass_card(scope, settings, card),
        public_url=settings.public_url,
        token=apple.token_of(scope.keys.secret, card.card_id),
        brand=brand_of(scope.database),
    )


def pass_card(scope: Scope, settings: Settings, card: CardView) -> PassCard:
    """What stands on a card's pass now: the balances of its member, the place of the last visit first."""
    with scope.reading() as tx:
        member = member_in(tx.session, card.member_id)
    locale = member.locale if member else "en"
    balances: list[Balance] = []
    news: News | None = None
    if card.is_usable:
        with scope.reading() as tx:
            told_last = None if member is None else wallet_news(tx, member.member_id, locale, now=scope.now)
        news = None if told_last is None else News(*told_last)
        told = words.words(locale)
        accounts = list_accounts(replace(scope, member_id=card.member_id), limit=MOST_BALANCES)
        beginning = card.issued_at
        accounts.sort(key=lambda one: (one.last_visit_at or beginning, one.account_id), reverse=True)
        names = [one.merchant.name for one in accounts]
        balances = [
            Balance(
                one.programme_id,
                one.merchant.name if names.count(one.merchant.name) == 1 else f"{one.merchant.name}, {one.name}",
                words.balance(told, one.kind, one.balance, one.goal),
            )
            for one in accounts
        ]
    return PassCard(
        card_id=card.card_id,
        number=card.number,
        url=card_url(settings.host, card.number),
        locale=locale,
        balances=tuple(balances),
        is_dead=not card.is_usable,
        news=news,
    )


def _usable(scope: Scope, card_id: str) -> CardView:
    """The scope's card, still usable."""
    with scope.reading() as tx:
        card = card_in(tx.session, scope, card_id=card_id)
    if card is None:
        raise NotFoundError(what="card")
    require_usable(card)
    return card


def _place(scope: Scope, settings: Settings) -> google.Place:
    brand = brand_of(scope.database)
    return google.Place(
        public_url=settings.public_url, logo_url=settings.public_url + LOGO, name=brand.name, hue=brand.hue
    )


def _end(tx: Transaction, scope: Scope, member_id: str, installation_id: str) -> None:
    tx.session.execute(
        update(Installation)
        .where(Installation.member_id == member_id, Installation.id == installation_id)
        .values(ended_at=scope.now)
    )


def _forget(tx: Transaction, card_id: str, kind: str) -> None:
    tx.session.execute(delete(WalletPass).where(WalletPass.card_id == card_id, WalletPass.kind == kind))
