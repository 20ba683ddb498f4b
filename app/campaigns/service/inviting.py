"""Invitations: a standing one to each merchant that gives something for it, and accepting one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from app.campaigns.errors import (
    InvitationCustomerError,
    InvitationOverError,
    InvitationOwnError,
    InvitationTakenError,
)
from app.campaigns.inbox import About, about
from app.campaigns.models import AcceptedInvitation, Invitation, InvitationCode
from app.campaigns.telling import hold_member
from app.cards.numbers import ALPHABET
from app.cards.profiles import read_profile
from app.cards.queries import aliases, member_in
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.invitation_gifts import invitation_gifts
from app.merchants.models import Merchant
from app.rewards.models import Programme, Visit

CODE_LENGTH = 12  # 60 bits: it can't be guessed
_LONGEST = 64
_LOOKALIKES = str.maketrans("ILO", "110")


@dataclass(frozen=True, slots=True)
class Gives:
    """The gifts, in units of the merchant's first programme. ``kind`` is ``stamps`` or ``points``."""

    inviter: int
    invited: int
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class InvitationView:
    """A member's own invitation to a merchant, and what came of it."""

    merchant: About
    code: str
    gives: Gives
    invited: int
    rewarded: int


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation as whoever has its link sees it."""

    merchant: About
    inviter_name: str | None
    gives: Gives
    status: str = "open"


def my_invitations(scope: Scope) -> list[InvitationView]:
    """The invitations of the scope's member to the merchants where she collects and that give something for it, by
    name. Whichever is not there yet is made; a repeat finds the same."""
    with scope.reading() as tx:
        offers = _offers(tx, _visited(tx, scope.member_id or ""))
        mine = _mine(tx, scope.member_id or "")
    missing = offers.keys() - mine.keys()
    if missing:
        mine = scope.run(lambda tx: _make(tx, scope, sorted(missing)))
    with scope.reading() as tx:
        merchants = about(tx, set(offers))
    views = [
        InvitationView(merchants[merchant_id], mine[merchant_id].code, gives, row.invited, row.rewarded)
        for merchant_id, gives in offers.items()
        if (row := mine.get(merchant_id)) is not None
    ]
    return sorted(views, key=lambda view: (view.merchant.name, view.code))


def look_at(scope: Scope, *, code: str) -> OpenInvitation:
    """The invitation behind a code, for anybody who has it. Raises ``NotFoundError``, also where its merchant gives
    nothing any more or its inviter has left."""
    with scope.reading() as tx:
        named = tx.session.get(InvitationCode, read_code(code))
        inviter = member_in(tx.session, named.member_id) if named is not None else None
        if named is None or inviter is None or inviter.status == "erased":
            raise NotFoundError(what="invitation")
        return _open(tx, scope, named.merchant_id, inviter.member_id)


def accept(scope: Scope, *, code: str) -> OpenInvitation:
    """Accept an invitation for the scope's member: the gifts come with her first verified visit. A repeat changes
    nothing and tells how it stands.

    Raises ``NotFoundError`` as :func:`look_at` does, :class:`InvitationOwnError` for one's own, also under another card
    that was merged, :class:`InvitationCustomerError` for who collected there before, :class:`InvitationTakenError` for
    a second invitation to one merchant, :class:`InvitationOverError` where the merchant gives nothing now.
    """
    canonical = read_code(code)

    def work(tx: Transaction) -> OpenInvitation:
        named = tx.session.get(InvitationCode, canonical)
        inviter = member_in(tx.session, named.member_id) if named is not None else None
        member_id = hold_member(tx, scope.member_id or "")
        if named is None or inviter is None or inviter.status == "erased" or member_id is None:
            raise NotFoundError(what="invitation")
        known = tx.session.get(AcceptedInvitation, (member_id, named.merchant_id))
        if known is not None and known.code != canonical:
            raise InvitationTakenError
        if known is not None:
            return _open(tx, scope, named.merchant_id, inviter.member_id, status=known.status, accepted=True)
        if inviter.member_id == member_id:
            raise InvitationOwnError
        opened = _open(tx, scope, named.merchant_id, inviter.member_id, status="waiting", accepted=True)
        if _is_customer(tx, member_id, named.merchant_id):
            raise InvitationCustomerError
        tx.session.execute(
            insert(AcceptedInvitation).values(
                member_id=member_id,
                merchant_id=named.merchant_id,
                inviter_id=inviter.member_id,
                code=canonical,
                accepted_at=scope.now,
            )
        )
        tx.session.execute(
            update(Invitation)
            .where(Invitation.member_id == inviter.member_id, Invitation.merchant_id == named.merchant_id)
            .values(invited=Invitation.invited + 1)
        )
        return opened

    return scope.run(work)


def read_code(text: str) -> str:
    """A code as it is kept: capitals, without spaces and dashes, lookalikes put right.

    Raises ``NotFoundError`` for what can be none."""
    code = "".join(text[:_LONGEST].upper().replace("-", "").split()).translate(_LOOKALIKES)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        raise NotFoundError(what="invitation")
    return code


def _open(
    tx: Transaction, scope: Scope, merchant_id: str, inviter_id: str, *, status: str = "open", accepted: bool = False
) -> OpenInvitation:
    gives = _offers(tx, {merchant_id}).get(merchant_id)
    if gives is None:
        raise InvitationOverError if accepted else NotFoundError(what="invitation")
    name = read_profile(tx, scope, inviter_id).display_name
    # The first name is enough to know who it was.
    first = name.split()[0] if name else None
    return OpenInvitation(about(tx, {merchant_id})[merchant_id], first, gives, status)


def _offers(tx: Transaction, merchant_ids: set[str]) -> dict[str, Gives]:
    """What each of the merchants gives, of those that give anything."""
    if not merchant_ids:
        return {}
    rows = tx.session.execute(
        select(Merchant.id, Merchant.settings, Programme.unit, Programme.kind)
        .join(Programme, Programme.merchant_id == Merchant.id)
        .where(Merchant.id.in_(merchant_ids), Merchant.status == "active", Programme.is_active)
        .order_by(Merchant.id, Programme.position, Programme.id)
    )
    offers: dict[str, Gives] = {}
    for merchant_id, settings, unit, kind in rows:
        gifts = invitation_gifts(settings)
        if gifts is not None:
            offers.setdefault(merchant_id, Gives(gifts.inviter, gifts.invited, unit, kind))
    return offers


def _visited(tx: Transaction, member_id: str) -> set[str]:
    return set(
        tx.session.scalars(
            select(Programme.merchant_id)
            .join(Account, Account.programme_id == Programme.id)
            .where(Account.member_id == member_id, Account.visits > 0)
        )
    )


def _is_customer(tx: Transaction, member_id: str, merchant_id: str) -> bool:
    everybody = aliases(tx.session, member_id)
    accounts = (
        select(Account.id)
        .join(Programme, Programme.id == Account.programme_id)
        .where(Account.member_id.in_(everybody), Programme.merchant_id == merchant_id)
    )
    visits = select(Visit.id).where(Visit.member_id.in_(everybody), Visit.merchant_id == merchant_id)
    return any(tx.session.scalar(wanted.limit(1)) is not None for wanted in (accounts, visits))


def _mine(tx: Transaction, member_id: str) -> dict[str, Invitation]:
    rows = tx.session.scalars(select(Invitation).where(Invitation.member_id == member_id))
    return {row.merchant_id: row for row in rows}


def _make(tx: Transaction, scope: Scope, merchant_ids: list[str]) -> dict[str, Invitation]:
    member_id = hold_member(tx, scope.member_id or "")
    if member_id is None:
        return {}
    known = _mine(tx, member_id)
    for merchant_id in merchant_ids:
        if merchant_id not in known:
            code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
            tx.session.add(Invitation(member_id=member_id, merchant_id=merchant_id, code=code, created_at=scope.now))
            tx.session.add(InvitationCode(code=code, member_id=member_id, merchant_id=merchant_id))
    tx.session.flush()
    tx.session.expire_all()
    return _mine(tx, member_id)
