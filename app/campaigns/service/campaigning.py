"""Campaigns from the first draft to the last message: written, planned, drawn by lot, sent, stopped.

A campaign goes draft → scheduled → sending → sent; measured is what :mod:`app.campaigns.service.measuring` makes of it.
Members, lots and messages are written in small transactions, so that nobody at a counter waits, and each can be
repeated: a worker that is killed, or a second one, changes nothing about who hears what.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.campaigns.errors import CampaignOverError, ShopSilentError
from app.campaigns.models import WAYS, Campaign
from app.campaigns.reaching import may_write
from app.campaigns.service.drawing import Drawn, prepare
from app.campaigns.service.writing import Written, send_due
from app.campaigns.wording import LOCALES
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.merchants.errors import NotApprovedError, SomebodyWasFasterError
from app.merchants.models import Merchant
from app.rewards.configuration import current_configuration
from app.rewards.segments import MemberFilter, read_filter

__all__ = [
    "Drawn",
    "Words",
    "Written",
    "change_campaign",
    "copy_campaign",
    "create_campaign",
    "drop_campaign",
    "prepare",
    "require_may_write",
    "schedule",
    "send_due",
    "stop",
    "take_back",
    "words_of",
]

LONGEST_NAME, LONGEST_TITLE, LONGEST_TEXT = 60, 80, 1_000
LONGEST_OFFER, MOST_CONTROL = 365, 50
LONGEST_MEASURE = 180
_MAY = ("owner", "manager")


@dataclass(frozen=True, slots=True)
class Words:
    """What a campaign is: its name for the shop; whom it means; by which ways, and in which words (by locale); what
    comes with it, and for how many days; how many at most (None: all whom it means), who of them first (``uplift`` or
    ``plain``); how many of hundred are left out by lot; for how many days its effect is measured; ``cost_minor``: what
    sending costs, as the shop reckons it."""

    name: str
    wanted: MemberFilter
    ways: tuple[str, ...]
    title: Mapping[str, str]
    text: Mapping[str, str]
    reward_id: str | None = None
    offer_days: int | None = None
    most: int | None = None
    order_by: str = "uplift"
    control_percent: int = 20
    measure_days: int = 28
    cost_minor: int = 0


def create_campaign(scope: Scope, words: Words) -> str:
    """Write a draft. Returns its id; each call writes another.

    Raises ``InvalidError`` by field, ``ForbiddenError`` unless an owner or a manager of all locations asks.
    """
    _require_may(scope)

    def work(tx: Transaction) -> str:
        _check(tx, scope, words)
        row = Campaign(
            id=new_id(),
            merchant_id=scope.merchant_id,
            status="draft",
            settings={},
            seed=secrets.randbits(62),
            revision=1,
            created_at=scope.now,
            created_by=scope.staff_id,
            changed_at=scope.now,
            **_columns(words),
        )
        tx.session.add(row)
        tx.session.flush()
        audit.record(tx, scope, "campaign.created", "campaign", row.id, after=_told(row))
        return row.id

    return scope.run(work)


def change_campaign(scope: Scope, campaign_id: str, words: Words, *, revision: int) -> int:
    """Change what a draft, or a planned campaign whose time has not come, says and means. Returns its new revision.

    Raises as :func:`create_campaign`, ``SomebodyWasFasterError`` where it is not as ``revision`` says any more,
    :class:`CampaignOverError` once it is being sent, ``NotFoundError``.
    """
    _require_may(scope)

    def work(tx: Transaction) -> int:
        row = _row(tx, scope, campaign_id, revision)
        _require(row, "draft", "scheduled")
        _check(tx, scope, words)
        before = _told(row)
        for name, value in _columns(words).items():
            setattr(row, name, value)
        _touch(scope, row)
        audit.record(tx, scope, "campaign.changed", "campaign", row.id, before=before, after=_told(row))
        return row.revision

    return scope.run(work)


def schedule(scope: Scope, campaign_id: str, *, revision: int, send_at: datetime | None = None) -> int:
    """Plan a draft, or plan it anew, for ``send_at`` (now without one, or where that is past). Returns its revision.

    Raises ``NotApprovedError`` for a shop on trial, :class:`ShopSilentError` for one that is shut, leaving, or so far
    behind with its subscription that it earns nothing; else as :func:`change_campaign`.
    """
    _require_may(scope)

    def work(tx: Transaction) -> int:
        row = _row(tx, scope, campaign_id, revision)
        _require(row, "draft", "scheduled")
        require_may_write(tx, scope)
        row.status = "scheduled"
        row.send_at = scope.now if send_at is None else max(send_at, scope.now)
        _touch(scope, row)
        after = {"send_at": row.send_at.isoformat(), "name": row.name}
        audit.record(tx, scope, "campaign.scheduled", "campaign", row.id, after=after)
        return row.revision

    return scope.run(work)


def take_back(scope: Scope, campaign_id: str, *, revision: int) -> int:
    """Make a planned campaign whose time has not come a draft again. Returns its revision. Raises as
    :func:`change_campaign`."""
    _require_may(scope)

    def work(tx: Transaction) -> int:
        row = _row(tx, scope, campaign_id, revision)
        _require(row, "scheduled")
        row.status, row.send_at = "draft", None
        _touch(scope, row)
        audit.record(tx, scope, "campaign.taken_back", "campaign", row.id, after={"name": row.name})
        return row.revision

    return scope.run(work)


def stop(scope: Scope, campaign_id: str) -> None:
    """Stop a campaign for good: nobody else hears of it, and what waits to be mailed or pushed does not go out. What
    was given stays. A repeat changes nothing.

    Raises ``NotFoundError``, ``ForbiddenError``, :class:`CampaignOverError` for a draft, and once all is sent.
    """
    _require_may(scope)

    def work(tx: Transaction) -> None:
        row = _row(tx, scope, campaign_id)
        if row.status == "stopped":
            return
        _require(row, "scheduled", "sending")
        row.status = "stopped"
        _touch(scope, row)
        audit.record(tx, scope, "campaign.stopped", "campaign", row.id, after={"name": row.name})

    scope.run(work)


def drop_campaign(scope: Scope, campaign_id: str) -> None:
    """Throw a draft away. Raises ``NotFoundError`` (also for a repeat), ``ForbiddenError``,
    :class:`CampaignOverError` for anything but a draft."""
    _require_may(scope)

    def work(tx: Transaction) -> None:
        row = _row(tx, scope, campaign_id)
        _require(row, "draft")
        audit.record(tx, scope, "campaign.dropped", "campaign", row.id, before=_told(row))
        tx.session.delete(row)

    scope.run(work)


def copy_campaign(scope: Scope, campaign_id: str, *, name: str) -> str:
    """Write a draft with everything that another campaign of the shop says, under a name of its own, with a lot of its
    own. Returns its id. Raises as :func:`create_campaign`, and ``NotFoundError``."""
    with scope.reading() as tx:
        words = words_of(_found(tx, scope, campaign_id))
    return create_campaign(scope, replace(words, name=name))


def words_of(row: Campaign) -> Words:
    """What a campaign says and means, as it is kept."""
    return Words(
        name=row.name,
        wanted=read_filter(row.wanted),
        ways=tuple(row.ways),
        title=dict(row.title),
        text=dict(row.text),
        reward_id=row.reward_id,
        offer_days=row.offer_days,
        most=row.most,
        order_by=row.order_by,
        control_percent=row.control_percent,
        measure_days=row.measure_days,
        cost_minor=row.cost_minor,
    )


def require_may_write(tx: Transaction, scope: Scope) -> None:
    """Raise ``NotApprovedError`` or :class:`ShopSilentError` where the scope's shop may not write to members now."""
    merchant = tx.session.get(Merchant, scope.merchant_id)
    if merchant is None:
        raise NotFoundError(what="merchant")
    if merchant.approved_at is None:
        raise NotApprovedError
    if not may_write(tx, merchant.id, scope.now):
        raise ShopSilentError


def _columns(words: Words) -> dict[str, Any]:
    return {
        "name": " ".join(words.name.split()),
        "wanted": words.wanted.document(),
        "ways": [way for way in WAYS if way in words.ways],
        "title": _filled(words.title),
        "text": _filled(words.text),
        "reward_id": words.reward_id,
        "offer_days": words.offer_days if words.reward_id is not None else None,
        "most": words.most,
        "order_by": words.order_by,
        # Whose birthday it is gets what was promised: nobody is left out of that.
        "control_percent": 0 if words.wanted.is_birthday else words.control_percent,
        "measure_days": words.measure_days,
        "cost_minor": words.cost_minor,
    }


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {locale: texts[locale].strip() for locale in LOCALES if texts.get(locale, "").strip()}


def _check(tx: Transaction, scope: Scope, words: Words) -> None:
    errors: dict[str, list[str]] = {}
    title, text = _filled(words.title), _filled(words.text)
    if not 0 < len(" ".join(words.name.split())) <= LONGEST_NAME:
        errors["name"] = ["campaign_name_expected"]
    if not title or set(title) != set(text):
        # Whoever reads in a language that is missing gets another whole one, never half of each.
        errors["title"] = ["campaign_words_expected"]
    errors |= {f"title_{locale}": ["too_long"] for locale, said in title.items() if len(said) > LONGEST_TITLE}
    errors |= {f"text_{locale}": ["too_long"] for locale, said in text.items() if len(said) > LONGEST_TEXT}
    if not set(words.ways) & set(WAYS):
        errors["ways"] = ["way_expected"]
    if words.reward_id is not None:
        reward = current_configuration(tx, scope.merchant_id or "").rewards.get(words.reward_id)
        if reward is None or not reward.is_offered(scope.now):
            errors["reward_id"] = ["not_one_of"]
    if words.order_by not in ("uplift", "plain"):
        errors["order_by"] = ["not_one_of"]
    for name, value, least, most in (
        ("offer_days", words.offer_days, 1, LONGEST_OFFER),
        ("most", words.most, 1, 1_000_000),
        ("control_percent", words.control_percent, 0, MOST_CONTROL),
        ("measure_days", words.measure_days, 7, LONGEST_MEASURE),
        ("cost_minor", words.cost_minor, 0, 10**9),
    ):
        if value is not None and not least <= value <= most:
            errors[name] = ["out_of_range"]
    if errors:
        raise InvalidError(errors=errors)


def _require_may(scope: Scope) -> None:
    if scope.merchant_id is None or scope.location_id is not None:
        raise ForbiddenError
    if scope.actor_kind != "system" and scope.staff_role not in _MAY:
        raise ForbiddenError


def _found(tx: Transaction, scope: Scope, campaign_id: str, *, lock: bool = False) -> Campaign:
    row = tx.session.get(Campaign, campaign_id, with_for_update=True if lock else None, populate_existing=True)
    if not is_id(campaign_id) or row is None or row.merchant_id != scope.merchant_id or row.trigger is not None:
        raise NotFoundError(what="campaign")
    return row


def _row(tx: Transaction, scope: Scope, campaign_id: str, revision: int | None = None) -> Campaign:
    if not is_id(campaign_id):
        raise NotFoundError(what="campaign")
    row = _found(tx, scope, campaign_id, lock=True)
    if revision is not None and row.revision != revision:
        raise SomebodyWasFasterError
    return row


def _require(row: Campaign, *states: str) -> None:
    if row.status not in states:
        raise CampaignOverError(status=row.status)


def _touch(scope: Scope, row: Campaign) -> None:
    row.revision += 1
    row.changed_at = scope.now


def _told(row: Campaign) -> dict[str, Any]:
    return {
        "name": row.name,
        "wanted": row.wanted,
        "ways": row.ways,
        "title": row.title,
        "text": row.text,
        "reward_id": row.reward_id,
        "control_percent": row.control_percent,
    }
