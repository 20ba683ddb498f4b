"""One member as a shop sees her: what she did here, what she has here, and what the shop wrote down. Nothing of other
shops, and of herself only what she lets this shop know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.backoffice.queries.members.bookings import Booking, bookings_of
from app.backoffice.queries.members.listing import Line, Standing, line_of, place_of, standings_of
from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.campaigns.reaching import OFFER
from app.cards.models import Card, CardReference, CardSource, ConsentEvent
from app.cards.numbers import mask_number
from app.cards.profiles import known_key, read_profile
from app.cards.queries import aliases, member_in
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.models import Staff
from app.rewards.configuration import current_configuration
from app.rewards.models import MemberNote, Programme, Reward, ShopMember, Voucher
from app.rewards.segments import MemberFilter
from app.rewards.shop_members.belongings import open_words

_CHANNELS = ("email", "push", "wallet", "inbox")


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance in a programme, with what is owed after a reversal."""

    programme_id: str
    name: str
    kind: str
    goal: int | None
    balance: int
    owed: int
    is_on: bool
    next_expiry_at: datetime | None


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card, as a shop may show it: its last four characters. ``is_foreign``: another system's, taken here."""

    masked: str
    kind: str
    status: str
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """A voucher of this shop."""

    voucher_id: str
    reward_name: str
    status: str
    source: str
    issued_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note of the shop's; ``by`` is who wrote it, None for one that came with an import."""

    note_id: str
    words: str
    by: str | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class MemberDetail:
    """``birthday`` is month and day, of one who shares her profile with this shop; ``hears`` are the channels by which
    she lets this shop write to her. ``older`` goes on with the bookings."""

    line: Line
    shown_name: str | None
    called: str | None
    birthday: tuple[int, int] | None
    hears: tuple[str, ...]
    cards: tuple[CardLine, ...]
    balances: tuple[Balance, ...]
    vouchers: tuple[VoucherLine, ...]
    notes: tuple[NoteView, ...]
    bookings: tuple[Booking, ...]
    programmes: Mapping[str, str]  # names by id
    programmes_on: tuple[Standing, ...]  # where units can be given or taken
    older: str | None


def get_member(scope: Scope, member_id: str, *, timezone: str, before: str | None = None) -> MemberDetail:
    """A member of the scope's merchant, or of the person's shop. ``before`` is the ``older`` of the page before.

    Raises NotFoundError for somebody who never was here, who has left, and for what is no id.
    """
    with scope.reading() as tx:
        row = member_row(tx, scope, member_id)
        names = names_of(tx, scope, [member_id]).get(member_id, NAMELESS)
        standings: tuple[Standing, ...] = standings_of(tx, scope, [member_id]).get(member_id, ())
        everybody = aliases(tx.session, member_id)
        consents = _consents(tx, scope, everybody)
        bookings, older = bookings_of(tx, scope, everybody, before if is_id(before) else None)
        programmes = tx.session.execute(
            select(Programme.id, Programme.name).where(Programme.merchant_id == scope.merchant_id)
        ).all()
        return MemberDetail(
            line=line_of(row, names, standings, scope.now, timezone),
            shown_name=names.shown,
            called=names.called,
            birthday=read_profile(tx, scope, member_id).birthday_month_day if consents.get("profile") else None,
            hears=tuple(channel for channel in _CHANNELS if consents.get(channel)),
            cards=_cards(tx, scope, member_id),
            balances=_balances(tx, scope, member_id, standings),
            vouchers=_vouchers(tx, scope, member_id),
            notes=_notes(tx, scope, member_id),
            bookings=bookings,
            programmes={one.id: one.name for one in programmes},
            programmes_on=_programmes_on(tx, scope, standings),
            older=older,
        )


def member_row(tx: Transaction, scope: Scope, member_id: str) -> ShopMember:
    """The row of a member whom the scope's person may see. Raises NotFoundError."""
    row = None
    if is_id(member_id):
        row = tx.session.get(ShopMember, (member_id, place_of(scope, MemberFilter())))
    if row is None or row.merchant_id != scope.merchant_id:
        raise NotFoundError(what="member")
    member = member_in(tx.session, member_id)
    # The list follows a moment later: who was merged or has left in between is not there either.
    if member is None or member.member_id != member_id or member.status == "erased":
        raise NotFoundError(what="member")
    return row


def _programmes_on(tx: Transaction, scope: Scope, standings: tuple[Standing, ...]) -> tuple[Standing, ...]:
    config = current_configuration(tx, scope.merchant_id or "")
    known = {one.programme_id: one for one in standings}
    return tuple(known.get(one.id) or Standing(one.id, one.name, one.kind, one.goal, 0) for one in config.programmes)


def _consents(tx: Transaction, scope: Scope, members: Sequence[str]) -> dict[str, bool]:
    rows = tx.session.execute(
        select(ConsentEvent.channel, ConsentEvent.is_given)
        .where(ConsentEvent.member_id.in_(members), ConsentEvent.merchant_id == scope.merchant_id)
        .order_by(ConsentEvent.id)
    )
    return {channel: bool(is_given) for channel, is_given in rows}


def _cards(tx: Transaction, scope: Scope, member_id: str) -> tuple[CardLine, ...]:
    own = tx.session.execute(
        select(Card.number, Card.kind, Card.status).where(Card.member_id == member_id).order_by(Card.issued_at.desc())
    )
    sources = select(CardSource.source).where(CardSource.merchant_id == scope.merchant_id)
    foreign = tx.session.execute(
        select(CardReference.reference, CardReference.retired_at)
        .where(CardReference.member_id == member_id, CardReference.source.in_(sources))
        .order_by(CardReference.reference)
    )
    return (
        *(CardLine(mask_number(card.number)[-4:], card.kind, card.status) for card in own),
        *(
            CardLine(one.reference, "printed", "active" if one.retired_at is None else "replaced", is_foreign=True)
            for one in foreign
        ),
    )


def _balances(tx: Transaction, scope: Scope, member_id: str, standings: tuple[Standing, ...]) -> tuple[Balance, ...]:
    left = {one.programme_id: one.balance for one in standings}
    rows = tx.session.execute(
        select(Account, Programme)
        .join(Programme, Programme.id == Account.programme_id)
        .where(Account.member_id == member_id, Programme.merchant_id == scope.merchant_id)
        .order_by(Programme.is_active.desc(), Programme.position, Programme.id)
    )
    return tuple(
        Balance(
            programme.id,
            programme.name,
            programme.kind,
            programme.goal,
            left.get(programme.id, account.balance),
            account.owed,
            programme.is_active,
            account.next_expiry_at,
        )
        for account, programme in rows
        if programme.is_active or account.balance or account.owed
    )


def _vouchers(tx: Transaction, scope: Scope, member_id: str) -> tuple[VoucherLine, ...]:
    rows = tx.session.execute(
        select(Voucher, Reward.name)
        .join(Reward, Reward.id == Voucher.reward_id)
        .where(
            Voucher.member_id == member_id,
            Voucher.merchant_id == scope.merchant_id,
            # Who holds a campaign's offer was written to, and who holds none was left out: that is told to nobody.
            (Voucher.source != OFFER) | (Voucher.status != "issued"),
        )
        .order_by(Voucher.status != "issued", Voucher.id.desc())
        .limit(20)
    )
    return tuple(
        VoucherLine(
            voucher.id,
            name,
            "expired"
            if voucher.status == "issued" and voucher.expires_at is not None and voucher.expires_at <= scope.now
            else voucher.status,
            voucher.source,
            voucher.issued_at,
            voucher.expires_at,
            voucher.redeemed_at or voucher.ended_at,
        )
        for voucher, name in rows
    )


def _notes(tx: Transaction, scope: Scope, member_id: str) -> tuple[NoteView, ...]:
    rows = tx.session.execute(
        select(MemberNote, Staff.name)
        .outerjoin(Staff, Staff.id == MemberNote.staff_id)
        .where(
            MemberNote.member_id == member_id,
            MemberNote.merchant_id == scope.merchant_id,
            MemberNote.kind == "note",
        )
        .order_by(MemberNote.id.desc())
    ).all()
    key = known_key(tx, scope, member_id) if rows else None
    return tuple(
        NoteView(note.id, open_words(key, member_id, note.id, note.words), name, note.written_at) for note, name in rows
    )
