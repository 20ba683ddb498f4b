"""What the member tells about herself, and the brake on spending."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, update

from app.cards import waiting
from app.cards.models import Login, Member, MemberProfile, Passkey
from app.cards.profiles import Profile, read_profile, write_profile
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.money import format_amount, parse_amount
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.models import Merchant
from app.rewards.models import Programme
from app.wallet.mails import LOCALES

LONGEST_NAME = 80
_BIRTHDAY = re.compile(r"(?:(\d{4})|-)-(\d\d)-(\d\d)", re.ASCII)
_BRAKES = {"ask_above": "ask_above_minor", "daily_cap": "daily_cap_minor"}
_FIELDS = frozenset({"name", "birthday", "shows_name", "locale", "is_spending_locked", *_BRAKES})
_USUAL_CURRENCY = "EUR"
_LEAP_YEAR = 2000  # a birthday without its year may be 29 February


@dataclass(frozen=True, slots=True)
class Me:
    """A member as she sees herself. ``ask_above`` and ``daily_cap`` are decimal texts in ``brakes_currency``;
    ``spending_waits_until``: when the wait of the session that asks is over, None where it doesn't wait."""

    member_id: str
    status: str
    locale: str
    is_spending_locked: bool
    ask_above: str | None
    daily_cap: str | None
    brakes_currency: str
    has_passkey: bool
    is_secured: bool
    spending_waits_until: datetime | None
    created_at: datetime
    profile: Profile


def get_me(scope: Scope) -> Me:
    """The scope's member. Raises ``NotFoundError`` for one who has left."""
    with scope.reading() as tx:
        return _me(tx, scope)


def change_me(scope: Scope, *, changes: Mapping[str, Any]) -> Me:
    """Change some of ``name``, ``birthday`` (``YYYY-MM-DD``, or ``--MM-DD`` without the year), ``shows_name``,
    ``locale``, and the brakes ``is_spending_locked``, ``ask_above`` and ``daily_cap`` (decimal texts in the brakes'
    currency); None takes name, birthday, ``ask_above`` or ``daily_cap`` away. A repeat changes nothing.

    While spending is locked nothing can be redeemed; earning goes on. Raises ``InvalidError`` by field,
    ``InvalidAmountError``, ``NotFoundError`` for a member who has left, and ``SpendingWaitsError`` where a session that
    waits would loosen a brake.
    """
    unknown = changes.keys() - _FIELDS
    if unknown:
        raise InvalidError(errors={field: ["unknown"] for field in sorted(unknown)})
    told = {field: value for field, value in changes.items() if field in ("name", "birthday", "shows_name")}
    if isinstance(told.get("name"), str):
        told["name"] = read_name(told["name"])
    if isinstance(told.get("birthday"), str):
        told["birthday"] = read_birthday(told["birthday"], scope.now)
    own = {field: changes[field] for field in ("locale", "is_spending_locked") if field in changes}
    if own.get("locale", "nl") not in LOCALES:
        raise InvalidError(errors={"locale": ["unknown"]})
    with scope.transaction() as tx:
        before = _me(tx, scope)
        own |= _brakes(scope, before, changes)
        if own:
            tx.session.execute(update(Member).where(Member.id == before.member_id).values(**own))
        if told:
            write_profile(tx, scope, before.member_id, told)
        after = _me(tx, scope)
        if after.is_spending_locked != before.is_spending_locked:
            action = "member.spending_locked" if after.is_spending_locked else "member.spending_unlocked"
            audit.record(tx, scope, action, "member", before.member_id)
        if (after.ask_above, after.daily_cap) != (before.ask_above, before.daily_cap):
            audit.record(tx, scope, "member.brakes_changed", "member", before.member_id)
        return after


def _brakes(scope: Scope, before: Me, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the brakes that change. A session that waits may pull a brake, and not loosen one."""
    if changes.get("is_spending_locked") is False and before.is_spending_locked:
        waiting.require_no_wait(scope)
    set_to: dict[str, Any] = {}
    currency = before.brakes_currency
    for field, column in _BRAKES.items():
        if field not in changes:
            continue
        new, old = changes[field], getattr(before, field)
        minor = None if new is None else parse_amount(new, currency)
        if old is not None and (minor is None or minor > parse_amount(old, currency)):
            waiting.require_no_wait(scope)
        set_to[column] = minor
    if set_to:
        # The currency is settled by the first brake, so that a number never comes to mean another amount.
        set_to["brakes_currency"] = currency
    return set_to


def read_name(text: str) -> str | None:
    """A name as it is kept: without control characters and doubled spaces; None when nothing is left.

    Raises ``InvalidError`` for more than 80 characters.
    """
    shown = "".join(" " if character.isspace() else character for character in text)
    shown = "".join(character for character in shown if unicodedata.category(character)[0] != "C")
    name = " ".join(unicodedata.normalize("NFC", shown).split())
    if len(name) > LONGEST_NAME:
        raise InvalidError(errors={"name": ["too_long"]})
    return name or None


def read_birthday(text: str, now: datetime) -> str:
    """A birthday in its canonical form. Raises ``InvalidError`` for a day that isn't one, is to come, or is older than
    130 years."""
    found = _BIRTHDAY.fullmatch(text)
    if found is None:
        raise InvalidError(errors={"birthday": ["not_a_day"]})
    year = int(found[1]) if found[1] else _LEAP_YEAR
    try:
        day = date(year, int(found[2]), int(found[3]))
    except ValueError:
        raise InvalidError(errors={"birthday": ["not_a_day"]}) from None
    if (found[1] and not now.year - 130 <= year <= now.year) or (found[1] and day > now.date()):
        raise InvalidError(errors={"birthday": ["not_a_day"]})
    return text


def _me(tx: Transaction, scope: Scope) -> Me:
    row = tx.session.execute(
        select(
            Member.id,
            Member.status,
            Member.locale,
            Member.is_spending_locked,
            Member.ask_above_minor,
            Member.daily_cap_minor,
            Member.brakes_currency,
            Member.created_at,
            exists().where(Login.member_id == Member.id).label("has_login"),
            exists().where(Passkey.member_id == Member.id).label("has_passkey"),
        ).where(Member.id == scope.member_id, Member.status.not_in(("erased", "merged")))
    ).first()
    if row is None:
        raise NotFoundError(what="member")
    shown = tx.session.scalar(select(MemberProfile.member_id).where(MemberProfile.member_id == row.id))
    profile = read_profile(tx, scope, row.id) if shown is not None else Profile()
    currency = row.brakes_currency or _own_currency(tx, row.id)
    return Me(
        member_id=row.id,
        status=row.status,
        locale=row.locale,
        is_spending_locked=bool(row.is_spending_locked),
        ask_above=None if row.ask_above_minor is None else format_amount(row.ask_above_minor, currency),
        daily_cap=None if row.daily_cap_minor is None else format_amount(row.daily_cap_minor, currency),
        brakes_currency=currency,
        has_passkey=bool(row.has_passkey),
        is_secured=bool(row.has_login or row.has_passkey),
        spending_waits_until=scope.waits_until if waiting.waits(scope) else None,
        created_at=row.created_at,
        profile=profile,
    )


def _own_currency(tx: Transaction, member_id: str) -> str:
    """The currency of the shop where the member has been most often."""
    found = tx.session.scalar(
        select(Merchant.currency)
        .join(Programme, Programme.merchant_id == Merchant.id)
        .join(Account, Account.programme_id == Programme.id)
        .where(Account.member_id == member_id)
        .order_by(Account.visits.desc(), Account.id)
        .limit(1)
    )
    return found or _USUAL_CURRENCY
