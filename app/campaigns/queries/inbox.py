"""A member's inbox and what she wants to hear where."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.campaigns.inbox import MessageView, worded
from app.campaigns.kinds import CHANNELS, KINDS, is_fixed, is_on_by_default
from app.campaigns.models import MemberMessage, MessageSetting
from app.cards.profiles import read_profile
from app.common.scope import Scope


@dataclass(frozen=True, slots=True)
class SettingView:
    """Whether one kind of message comes by one channel. ``is_fixed``: it can't be changed."""

    kind: str
    channel: str
    is_on: bool
    is_fixed: bool


def list_messages(scope: Scope, *, locale: str, limit: int, before: str | None = None) -> list[MessageView]:
    """Up to ``limit`` messages of the scope's member in ``locale``, the newest first; ``before`` is the id of the last
    one that was told already."""
    with scope.reading() as tx:
        wanted = (
            select(MemberMessage)
            .where(MemberMessage.member_id == scope.member_id)
            .order_by(MemberMessage.id.desc())
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(MemberMessage.id < before)
        return worded(tx, scope, list(tx.session.scalars(wanted)), locale)


def list_settings(scope: Scope) -> list[SettingView]:
    """Every kind by every channel. Mail about safety is fixed: on where there is an address."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(MessageSetting.kind, MessageSetting.channel, MessageSetting.is_on).where(
                MessageSetting.member_id == scope.member_id
            )
        )
        said = {(row.kind, row.channel): bool(row.is_on) for row in rows}
        has_address = read_profile(tx, scope, scope.member_id or "").email is not None
    views = []
    for kind in KINDS:
        for channel in CHANNELS:
            fixed = is_fixed(kind, channel)
            is_on = has_address if fixed else said.get((kind, channel), is_on_by_default(kind, channel))
            views.append(SettingView(kind, channel, is_on, fixed))
    return views
