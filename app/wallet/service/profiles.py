"""What the member tells about herself, and the brake on spending."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from app.cards.models import Member, MemberProfile
from app.cards.profiles import Profile, read_profile, write_profile
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.wallet.mails import LOCALES

LONGEST_NAME = 80
_BIRTHDAY = re.compile(r"(?:(\d{4})|-)-(\d\d)-(\d\d)", re.ASCII)
_FIELDS = frozenset({"name", "birthday", "shows_name", "locale", "is_spending_locked"})
_LEAP_YEAR = 2000  # a birthday without its year may be 29 February


@dataclass(frozen=True, slots=True)
class Me:
    """A member as she sees herself."""

    member_id: str
    status: str
    locale: str
    is_spending_locked: bool
    created_at: datetime
    profile: Profile


def get_me(scope: Scope) -> Me:
    """The scope's member. Raises ``NotFoundError`` for one who has left."""
    with scope.reading() as tx:
        return _me(tx, scope)


def change_me(scope: Scope, *, changes: Mapping[str, Any]) -> Me:
    """Change some of ``name``, ``birthday`` (``YYYY-MM-DD``, or ``--MM-DD`` without the year), ``shows_name``,
    ``locale`` and ``is_spending_locked``; None takes name or birthday away. A repeat changes nothing.

    While spending is locked nothing can be redeemed; earning goes on. Raises ``InvalidError`` by field,
    ``NotFoundError`` for a member who has left.
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
        if own:
            tx.session.execute(update(Member).where(Member.id == before.member_id).values(**own))
        if told:
            write_profile(tx, scope, before.member_id, told)
        lock = own.get("is_spending_locked")
        if lock is not None and lock != before.is_spending_locked:
            audit.record(
                tx, scope, "member.spending_locked" if lock else "member.spending_unlocked", "member", before.member_id
            )
        return _me(tx, scope)


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
        select(Member.id, Member.status, Member.locale, Member.is_spending_locked, Member.created_at).where(
            Member.id == scope.member_id, Member.status.not_in(("erased", "merged"))
        )
    ).first()
    if row is None:
        raise NotFoundError(what="member")
    shown = tx.session.scalar(select(MemberProfile.member_id).where(MemberProfile.member_id == row.id))
    profile = read_profile(tx, scope, row.id) if shown is not None else Profile()
    return Me(
        member_id=row.id,
        status=row.status,
        locale=row.locale,
        is_spending_locked=bool(row.is_spending_locked),
        created_at=row.created_at,
        profile=profile,
    )
