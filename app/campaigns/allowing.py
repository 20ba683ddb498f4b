"""By which ways a shop may write to a member: what she said to this shop, and what she said about all shops' news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import insert

from app.campaigns.kinds import EMAIL, PUSH, SHOP_NEWS, is_on_by_default
from app.campaigns.models import WAYS
from app.cards.models import ConsentEvent
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement

# For one member at a time, fifty thousand times: compiled once.
_SAID = Statement(
    """
    SELECT c.channel, c.is_given FROM consent_event c
    WHERE c.merchant_id = :merchant_id AND (
        c.member_id = :member_id OR c.member_id IN (SELECT m.id FROM member m WHERE m.merged_into = :member_id))
    ORDER BY c.id
    """
)
_SET = Statement("SELECT channel, is_on FROM message_setting WHERE member_id = :member_id AND kind = :kind")
_THERE = Statement(
    """
    SELECT EXISTS (SELECT 1 FROM member_profile WHERE member_id = :member_id AND email IS NOT NULL),
        EXISTS (SELECT 1 FROM push_subscription WHERE member_id = :member_id),
        EXISTS (SELECT 1 FROM wallet_pass w JOIN card c ON c.id = w.card_id WHERE c.member_id = :member_id)
    """
)
UNSUBSCRIBE = "unsubscribe"
"""How a consent was withdrawn by a mail's own link."""


def consented(tx: Transaction, member_id: str, merchant_id: str) -> frozenset[str]:
    """The ways by which a member lets this shop send news: her latest word on each, hers and that of cards that were
    merged into hers. Silence is no."""
    rows = tx.rows(_SAID, {"member_id": member_id, "merchant_id": merchant_id})
    latest = {channel: bool(is_given) for channel, is_given in rows}
    return frozenset(way for way, is_given in latest.items() if is_given and way in WAYS)


def reachable(tx: Transaction, member_id: str, ways: Iterable[str]) -> frozenset[str]:
    """Those of the ways by which a member can be reached at all: with an address, a browser, a card in a wallet."""
    [found] = tx.rows(_THERE, {"member_id": member_id})
    there = {"inbox": True} | {
        way: bool(is_there) for way, is_there in zip((EMAIL, PUSH, "wallet"), found, strict=True)
    }
    return frozenset(way for way in ways if there.get(way, False))


def allowed(
    tx: Transaction, member_id: str, merchant_id: str, ways: Sequence[str], *, kind: str = SHOP_NEWS
) -> tuple[str, ...]:
    """Those of the ways by which a shop may write to a member and reaches her, in their order.

    News (``shop_news``) want her yes to this shop for each way. Whatever else a shop tells needs none, as it needs none
    in :mod:`app.campaigns.telling`. In either case what she switched off under Messages stays off.
    """
    yes = consented(tx, member_id, merchant_id) if kind == SHOP_NEWS else frozenset(WAYS) - {"wallet"}
    wanted = [way for way in ways if way in yes]
    if not wanted:
        return ()
    said = {channel: bool(is_on) for channel, is_on in tx.rows(_SET, {"member_id": member_id, "kind": kind})}
    wanted = [way for way in wanted if way not in (PUSH, EMAIL) or said.get(way, is_on_by_default(kind, way))]
    here = reachable(tx, member_id, wanted)
    return tuple(way for way in wanted if way in here)


def withdraw(tx: Transaction, scope: Scope, *, member_id: str, merchant_id: str, channel: str, wording: str) -> bool:
    """Withdraw a consent in the caller's transaction, by a mail's own link; ``wording``: the words that were shown.

    Writes an event that is never changed. False, and nothing is written, where there was none to withdraw.
    """
    if channel not in consented(tx, member_id, merchant_id):
        return False
    tx.session.execute(
        insert(ConsentEvent).values(
            member_id=member_id,
            id=new_id(),
            merchant_id=merchant_id,
            channel=channel,
            is_given=False,
            how=UNSUBSCRIBE,
            wording=wording,
            occurred_at=scope.now,
        )
    )
    return True


__all__ = ["UNSUBSCRIBE", "allowed", "consented", "reachable", "withdraw"]
