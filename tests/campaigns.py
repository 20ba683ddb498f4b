"""Shops that write to their members, and members who let them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from app.campaigns.service import campaigning
from app.campaigns.service.campaigning import Words
from app.cards.models import ConsentEvent
from app.cards.profiles import write_profile
from app.common.ids import new_id
from app.common.scope import Scope
from app.rewards.segments import MemberFilter
from app.rewards.service import shop_members
from tests.factories import Holder, Shop, make_holder, visit

TITLE = {"en": "Tulips are in", "nl": "De tulpen zijn er"}
TEXT = {"en": "Ten for the price of eight, until Saturday.", "nl": "Tien voor de prijs van acht, tot zaterdag."}
WAYS = ("inbox", "push", "email", "wallet")


def say(scope: Scope, holder: Holder, shop: Shop, channel: str, is_given: bool) -> None:
    """A member's word on one way of a shop's."""
    with replace(scope, _open=None).transaction() as tx:
        tx.session.execute(
            insert(ConsentEvent).values(
                member_id=holder.member_id,
                id=new_id(),
                merchant_id=shop.merchant_id,
                channel=channel,
                is_given=is_given,
                how="app",
                wording="May write.",
                occurred_at=scope.now,
            )
        )


def friend(scope: Scope, shop: Shop, *, ways: Sequence[str] = ("inbox", "email"), address: str | None = None) -> Holder:
    """A member who visited the shop, has an address, and lets it write by these ways."""
    holder = make_holder(scope)
    visit(shop.counter(), holder)
    with replace(scope, _open=None).transaction() as tx:
        told = address or f"{holder.number.lower()}@members.example"
        write_profile(tx, scope, holder.member_id, {"email": told})
    for way in ways:
        say(scope, holder, shop, way, True)
    return holder


def count(scope: Scope) -> None:
    """Count the shops' members, as the jobs do."""
    shop_members.rebuild(scope)


def words(**changes: Any) -> Words:
    """A campaign to everybody by mail and inbox, without a lot."""
    usual: dict[str, Any] = {
        "name": "Tulips",
        "wanted": MemberFilter(),
        "ways": ("inbox", "email"),
        "title": TITLE,
        "text": TEXT,
        "control_percent": 0,
    }
    return Words(**(usual | changes))


def of_shop(scope: Scope, shop: Shop) -> Scope:
    """The scope of a shop's owner."""
    return replace(scope, actor_kind="staff", merchant_id=shop.merchant_id, staff_role="owner", _open=None)


def planned(scope: Scope, shop: Shop, **changes: Any) -> str:
    """A campaign that is due."""
    own = of_shop(scope, shop)
    campaign_id = campaigning.create_campaign(own, words(**changes))
    campaigning.schedule(own, campaign_id, revision=1)
    return campaign_id


def rows(scope: Scope, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    """What a query finds."""
    with scope.reading() as tx:
        return [tuple(row) for row in tx.session.execute(text(sql), params)]


def mails(folder: Path) -> list[EmailMessage]:
    """The mails that were written to a folder, the oldest first."""
    found = []
    for path in sorted(folder.glob("*.eml")):
        read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        found.append(read)
    return found
