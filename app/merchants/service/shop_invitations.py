"""Asking shops to join: one mail to each address, with a link that signs the shop up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_date
from sqlalchemy import select

from app.common import audit
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import tokens
from app.merchants.errors import ShopInvitationOverError
from app.merchants.mails import mail
from app.merchants.models import ShopInvitation

LIFETIME = timedelta(days=30)
LANGUAGES = ("nl", "fr", "en", "de")
_BATCH = 200  # so that nobody at a counter waits for a long list
_ZONE = "Europe/Brussels"

# One row for each address, and a mail for each change of that row: of two who ask at once one finds the other's.
_INVITE = Statement(
    """INSERT INTO shop_invitation
        (id, email, name, city, category, locale, token_hash, invited_by, sent_at, expires_at)
    SELECT :id, :email, :name, :city, :category, :locale, :token_hash, :invited_by, :now, :expires_at
    WHERE NOT EXISTS (SELECT 1 FROM staff_login WHERE email = :email)
    ON CONFLICT (email) DO UPDATE SET
        name = excluded.name, city = excluded.city, category = excluded.category, locale = excluded.locale,
        token_hash = excluded.token_hash, invited_by = excluded.invited_by, sent_at = excluded.sent_at,
        expires_at = excluded.expires_at, opened_at = NULL, called_off_at = NULL
    WHERE shop_invitation.expires_at <= excluded.sent_at AND shop_invitation.signed_up_at IS NULL"""
)
_IS_OPEN = "signed_up_at IS NULL AND called_off_at IS NULL AND expires_at > :now"
_OPEN = Statement(
    f"UPDATE shop_invitation SET opened_at = :now WHERE token_hash = :token_hash AND opened_at IS NULL AND {_IS_OPEN}"  # noqa: S608
)
_CALL_OFF = Statement(f"UPDATE shop_invitation SET called_off_at = :now WHERE id = :id AND {_IS_OPEN}")  # noqa: S608
_USE = Statement(
    f"""UPDATE shop_invitation SET signed_up_at = :now, merchant_id = :merchant_id,
        opened_at = coalesce(opened_at, :now)
    WHERE token_hash = :token_hash AND {_IS_OPEN}"""  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class ShopToInvite:
    """A shop that is not there yet. ``email`` in small letters; ``category`` a trade; ``locale`` of the mail."""

    name: str
    email: str
    city: str | None = None
    category: str | None = None
    locale: str = "nl"


@dataclass(frozen=True, slots=True)
class InvitedShop:
    """What an invitation says of the shop that it was sent to."""

    name: str
    email: str
    city: str | None
    category: str | None
    locale: str


def invite_shops(scope: Scope, shops: Sequence[ShopToInvite], *, public_url: str) -> int:
    """Ask these shops to join, each in a mail with a link that works once within thirty days. Returns how many mails
    that are: an address that was asked within thirty days, that led to a shop or that signs somebody in gets none, so
    a repeat sends nothing, and neither does somebody else with the same list at the same moment.

    In batches, each a transaction: after a fault a repeat sends the rest.
    """
    # In one order, so that two with the same list wait for each other, and not each for the other.
    ordered = sorted(shops, key=lambda shop: shop.email)
    sent = 0
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]

        def work(tx: Transaction, batch: Sequence[ShopToInvite] = batch) -> int:
            mailed = sum(_invite(tx, scope, shop, public_url) for shop in batch)
            if mailed:
                after = {"sent": mailed, "left_out": len(batch) - mailed}
                audit.record(tx, scope, "shops.invited", "shop_invitation", None, after=after)
            return mailed

        sent += scope.run(work)
    return sent


def call_off_invitation(scope: Scope, invitation_id: str) -> None:
    """Let an invitation's link work no more. The address is not asked again before its thirty days are over.

    Raises NotFoundError, and ShopInvitationOverError where it was used, called off or over already: a repeat too.
    """

    def work(tx: Transaction) -> None:
        if tx.run(_CALL_OFF, {"id": invitation_id, "now": scope.now}) != 1:
            if tx.session.get(ShopInvitation, invitation_id) is None:
                raise NotFoundError
            raise ShopInvitationOverError
        audit.record(
            tx,
            scope,
            "shop_invitation.called_off",
            "shop_invitation",
            invitation_id,
            before={"state": "open"},
            after={"state": "called_off"},
        )

    scope.run(work)


def open_invitation(scope: Scope, token: str) -> InvitedShop:
    """What stands in the invitation of a link, which counts as opened from now on; a repeat reads the same.

    Raises ShopInvitationOverError for a link that is used, called off, too old or unknown.
    """
    hashed = tokens.token_hash(token)

    with scope.reading() as tx:
        row = tx.session.scalars(
            select(ShopInvitation).where(
                ShopInvitation.token_hash == hashed,
                ShopInvitation.signed_up_at.is_(None),
                ShopInvitation.called_off_at.is_(None),
                ShopInvitation.expires_at > scope.now,
            )
        ).first()
        if row is None:
            raise ShopInvitationOverError
        invited, is_first = InvitedShop(row.name, row.email, row.city, row.category, row.locale), row.opened_at is None
    if is_first:
        scope.run(lambda tx: tx.run(_OPEN, {"token_hash": hashed, "now": scope.now}))
    return invited


def use_invitation(tx: Transaction, scope: Scope, token_hash: bytes, merchant_id: str) -> bool:
    """Say, in the caller's transaction, which shop an invitation led to. False, and nothing changed, where it is not
    open any more: of two at once one gets True."""
    return tx.run(_USE, {"token_hash": token_hash, "merchant_id": merchant_id, "now": scope.now}) == 1


def _invite(tx: Transaction, scope: Scope, shop: ShopToInvite, public_url: str) -> int:
    token, ends = tokens.new_token(tokens.INVITATION_PREFIX), scope.now + LIFETIME
    told = {
        "id": new_id(),
        "email": shop.email,
        "name": shop.name,
        "city": shop.city,
        "category": shop.category,
        "locale": shop.locale,
        "token_hash": tokens.token_hash(token),
        "invited_by": scope.actor_id,
        "now": scope.now,
        "expires_at": ends,
    }
    if tx.run(_INVITE, told) != 1:
        return 0
    last = ends.astimezone(zone(_ZONE)) - timedelta(days=1)
    day = format_date(last.date(), "long", locale="en_GB" if shop.locale == "en" else shop.locale)
    link = f"{public_url.rstrip('/')}/account/sign-up?invitation={token}"
    queue_mail(
        tx,
        scope.keys.data,
        mail("shop_invited", shop.email, shop.locale, shop=shop.name, link=link, day=day),
        now=scope.now,
        until=ends,
    )
    return 1
