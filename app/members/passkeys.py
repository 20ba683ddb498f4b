"""A member's passkeys as rows: read, and handed from one member to another. Their names are sealed with her key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, select, update

from app.cards import personal_data
from app.cards.models import Login, Passkey, PasskeyCredential
from app.cards.profiles import known_key, own_key
from app.common.database import Transaction
from app.common.scope import Scope


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey of the member's own."""

    passkey_id: str
    name: str | None
    created_at: datetime
    last_used_at: datetime | None


def passkeys_in(tx: Transaction, scope: Scope, member_id: str) -> list[PasskeyView]:
    """A member's passkeys, the newest first."""
    rows = tx.session.execute(
        select(Passkey.id, Passkey.name, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.member_id == member_id)
        .order_by(Passkey.id.desc())
    ).all()
    key = known_key(tx, scope, member_id)

    def name_of(passkey_id: str, sealed: bytes | None) -> str | None:
        if sealed is None or key is None:
            return None
        return personal_data.decrypt_text(key, member_id, sealed_field(passkey_id), bytes(sealed))

    return [PasskeyView(row.id, name_of(row.id, row.name), row.created_at, row.last_used_at) for row in rows]


def hand_over_passkeys(tx: Transaction, scope: Scope, passkey_ids: Sequence[str], *, giver: str, taker: str) -> None:
    """The passkeys sign the taker in from now on; their names are sealed anew with the taker's key."""
    named = {one.passkey_id: one.name for one in passkeys_in(tx, scope, giver)}
    rows = (
        tx.session.execute(
            select(Passkey.__table__).where(Passkey.member_id == giver, Passkey.id.in_(passkey_ids)).with_for_update()
        )
        .mappings()
        .all()
    )
    made = []
    for row in rows:
        name = named.get(row["id"])
        sealed = None
        if name is not None:
            sealed = personal_data.encrypt_text(own_key(tx, scope, taker), taker, sealed_field(row["id"]), name)
        made.append({**row, "member_id": taker, "name": sealed})
    if made:
        ids = [row["id"] for row in made]
        tx.session.execute(delete(Passkey).where(Passkey.member_id == giver, Passkey.id.in_(ids)))
        tx.session.execute(insert(Passkey), made)
        tx.session.execute(
            update(PasskeyCredential).where(PasskeyCredential.passkey_id.in_(ids)).values(member_id=taker)
        )


def is_secured(tx: Transaction, member_id: str) -> bool:
    """Whether the member can come back on another phone without a recovery code: by an address or a passkey."""
    has_login = exists().where(Login.member_id == member_id)
    return bool(tx.session.scalar(select(has_login | exists().where(Passkey.member_id == member_id))))


def sealed_field(passkey_id: str) -> str:
    """What a passkey's name is bound to besides its member."""
    return f"passkey {passkey_id}"
