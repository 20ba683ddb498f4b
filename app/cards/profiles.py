"""What a member told about herself: sealed field by field with a key of her own, read and written here alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from app.cards import changes as lists
from app.cards import personal_data
from app.cards.data_keys import data_keys
from app.cards.models import MemberKey, MemberProfile
from app.common.database import Transaction
from app.common.scope import Scope

FIELDS = ("name", "email", "phone", "birthday")


@dataclass(frozen=True, slots=True)
class Profile:
    """A member's own words. ``birthday`` is ``YYYY-MM-DD``, or ``--MM-DD`` without the year. ``shows_name``: shops may
    see the name on their screens."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    birthday: str | None = None
    shows_name: bool = False

    @property
    def display_name(self) -> str | None:
        """The name for a shop's screen, if the member shows it."""
        return self.name if self.shows_name else None

    @property
    def birthday_month_day(self) -> tuple[int, int] | None:
        """Month and day of birth, as promotions ask for them."""
        if self.birthday is None:
            return None
        return int(self.birthday[-5:-3]), int(self.birthday[-2:])


NOBODY = Profile()


def read_profile(tx: Transaction, scope: Scope, member_id: str) -> Profile:
    """The profile of a member, empty for one who told nothing or has left."""
    row = tx.session.execute(
        select(
            MemberKey.wrapped,
            MemberProfile.name,
            MemberProfile.email,
            MemberProfile.phone,
            MemberProfile.birthday,
            MemberProfile.shows_name,
        )
        .join(MemberProfile, MemberProfile.member_id == MemberKey.member_id)
        .where(MemberKey.member_id == member_id)
    ).first()
    if row is None:
        return NOBODY
    key = personal_data.unwrap_data_key(data_keys(scope.keys.data), member_id, bytes(row.wrapped))
    sealed = {"name": row.name, "email": row.email, "phone": row.phone, "birthday": row.birthday}
    told = {
        field: personal_data.decrypt_text(key, member_id, field, bytes(value))
        for field, value in sealed.items()
        if value is not None
    }
    return Profile(**told, shows_name=bool(row.shows_name))


def write_profile(tx: Transaction, scope: Scope, member_id: str, changes: Mapping[str, str | bool | None]) -> None:
    """Change some fields of a profile (names as in :class:`Profile`); None takes a field away. Makes the member's key
    where there is none yet. A repeat changes nothing but the time."""
    key = own_key(tx, scope, member_id)
    sealed = {
        field: personal_data.encrypt_text(key, member_id, field, value) if isinstance(value, str) else value
        for field, value in changes.items()
    }
    known = tx.session.scalar(select(MemberProfile.member_id).where(MemberProfile.member_id == member_id))
    if known is None:
        tx.session.execute(insert(MemberProfile).values(member_id=member_id, updated_at=scope.now, **sealed))
    else:
        tx.session.execute(
            update(MemberProfile).where(MemberProfile.member_id == member_id).values(updated_at=scope.now, **sealed)
        )
    if {"name", "birthday", "shows_name"} & changes.keys():
        lists.changed(tx, member_id, now=scope.now)


def own_key(tx: Transaction, scope: Scope, member_id: str) -> bytes:
    """The key that seals this member's personal data, made where there is none yet."""
    key = known_key(tx, scope, member_id)
    if key is None:
        key = personal_data.new_data_key()
        wrapped = personal_data.wrap_data_key(data_keys(scope.keys.data), member_id, key)
        tx.session.execute(insert(MemberKey).values(member_id=member_id, wrapped=wrapped))
    return key


def known_key(tx: Transaction, scope: Scope, member_id: str) -> bytes | None:
    """The key that seals this member's personal data; None where nothing was sealed yet, or the person has left."""
    wrapped = tx.session.scalar(select(MemberKey.wrapped).where(MemberKey.member_id == member_id))
    if wrapped is None:
        return None
    return personal_data.unwrap_data_key(data_keys(scope.keys.data), member_id, bytes(wrapped))


def destroy_profile(tx: Transaction, member_ids: list[str]) -> None:
    """Destroy the keys and profiles of members: nobody can read them again, from backups neither."""
    tx.session.execute(delete(MemberProfile).where(MemberProfile.member_id.in_(member_ids)))
    tx.session.execute(delete(MemberKey).where(MemberKey.member_id.in_(member_ids)))
