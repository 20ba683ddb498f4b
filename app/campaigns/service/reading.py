"""What a member does with messages: read them, and say what she wants to hear where."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.allowing import withdraw
from app.campaigns.errors import SettingFixedError
from app.campaigns.kinds import CHANNELS, EMAIL, KINDS, SECURITY, is_fixed, stops_by_click
from app.campaigns.models import MemberMessage
from app.campaigns.telling import hold_member
from app.campaigns.unsubscribing import read, read_shop
from app.cards import waiting
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Merchant

_READ = Statement(
    "UPDATE member_message SET read_at = :now WHERE member_id = :member_id AND id <= :until AND read_at IS NULL"
)
_SET = Statement(
    """
    INSERT INTO message_setting (member_id, kind, channel, is_on, changed_at)
    VALUES (:member_id, :kind, :channel, :is_on, :now)
    ON CONFLICT (member_id, kind, channel) DO UPDATE SET is_on = :is_on, changed_at = :now
    """
)


def mark_read(scope: Scope, *, until: str) -> int:
    """Mark a message of the scope's member and all before it as read. Returns how many are newly so; a repeat: none.

    Raises ``NotFoundError`` for a message that isn't there or is another member's.
    """
    with scope.transaction() as tx:
        if tx.session.get(MemberMessage, (scope.member_id, until)) is None:
            raise NotFoundError(what="message")
        return tx.run(_READ, {"member_id": scope.member_id, "until": until, "now": scope.now})


def set_setting(scope: Scope, *, kind: str, channel: str, is_on: bool) -> None:
    """Have one kind of message come by one channel, or not. A repeat changes nothing but the time.

    Raises ``InvalidError`` for a kind or channel that there isn't, :class:`SettingFixedError` for switching off what is
    always mailed, ``SpendingWaitsError``: a thief of mails alone may not silence the phone that would tell of him.
    """
    errors = {
        name: ["not_one_of"]
        for name, value, known in (("kind", kind, KINDS), ("channel", channel, CHANNELS))
        if value not in known
    }
    if errors:
        raise InvalidError(errors=errors)
    if is_fixed(kind, channel):
        if not is_on:
            raise SettingFixedError
        return
    if kind in SECURITY and not is_on:
        waiting.require_no_wait(scope)
    with scope.transaction() as tx:
        _set(tx, scope, scope.member_id or "", kind, channel, is_on)


def stop_mails(scope: Scope, *, token: str) -> str:
    """Switch off the mails of the kind that a mail's own link names, without a sign-in. Returns the kind.

    A repeat changes nothing. Raises ``NotFoundError`` for a link that is not ours. For one who has left nothing is to
    be done, and the answer is the same.
    """
    named, kind = check_link(scope, token=token)
    with scope.transaction() as tx:
        member_id = hold_member(tx, named)
        if member_id is not None:
            _set(tx, scope, member_id, kind, EMAIL, False)
    return kind


def check_link(scope: Scope, *, token: str) -> tuple[str, str]:
    """The member's id and the kind that a link names. Raises ``NotFoundError`` for a link that is not ours."""
    found = read(scope.keys.secret, token)
    if found is None or not stops_by_click(found[1]):
        raise NotFoundError(what="link")
    return found


def stop_shop_mails(scope: Scope, *, token: str, wording: str) -> str:
    """Withdraw a member's yes to one shop's mails, by a mail's own link and without a sign-in, with the words that were
    shown. What is queued already does not go out. Returns the shop's name.

    A repeat changes nothing. Raises ``NotFoundError`` for a link that is not ours. For one who has left nothing is to
    be done, and the answer is the same.
    """
    shop = check_shop_link(scope, token=token)

    def work(tx: Transaction) -> None:
        member_id = hold_member(tx, shop.member_id)
        if member_id is not None:
            withdraw(tx, scope, member_id=member_id, merchant_id=shop.merchant_id, channel=EMAIL, wording=wording)

    scope.run(work)
    return shop.name


@dataclass(frozen=True, slots=True)
class ShopLink:
    """What a link that ends one shop's mails names."""

    member_id: str
    merchant_id: str
    name: str


def check_shop_link(scope: Scope, *, token: str) -> ShopLink:
    """The member and the shop that a link names. Raises ``NotFoundError`` for a link that is not ours."""
    found = read_shop(scope.keys.secret, token)
    with scope.reading() as tx:
        merchant = None if found is None else tx.session.get(Merchant, found[1])
        if found is None or merchant is None:
            raise NotFoundError(what="link")
        return ShopLink(*found, merchant.name)


def _set(tx: Transaction, scope: Scope, member_id: str, kind: str, channel: str, is_on: bool) -> None:
    values = {"member_id": member_id, "kind": kind, "channel": channel, "is_on": is_on, "now": scope.now}
    tx.run(_SET, values)
