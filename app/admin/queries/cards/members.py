"""One member as an operator sees it: cards, accounts, vouchers, consents and merges, without the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.admin.queries.cards.masking import MaskedContact, mask_profile
from app.cards.models import Card, CardBatch, ConsentEvent, Installation, Login, Member, MemberSession, Merge, Passkey
from app.cards.profiles import read_profile
from app.cards.queries import aliases, member_in
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.models import Merchant
from app.rewards.models import Programme, Reward, Voucher

_VOUCHERS = 20


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card. ``status`` is withdrawn where its whole print run was disabled; ``has_phone``: some phone shows it."""

    card_id: str
    number: str
    kind: str
    status: str
    replaced_by: str | None
    has_pin: bool
    has_phone: bool
    batch_id: str | None
    batch_name: str | None
    issued_at: datetime
    claimed_at: datetime | None
    blocked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A balance in one programme."""

    merchant_id: str
    shop: str
    programme_id: str
    programme: str
    unit: str
    balance: int
    owed: int
    visits: int
    last_visit_at: datetime | None
    next_expiry_at: datetime | None


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """A voucher. Only the end of its code is shown: the whole of it can be redeemed."""

    voucher_id: str
    tail: str
    reward: str
    shop: str
    status: str
    issued_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """The member's last word on one channel of one shop."""

    shop: str
    channel: str
    is_given: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge by which this member got another's cards."""

    merge_id: str
    cards: int
    merged_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """All of it. ``asked_for`` is the id that was asked for where that is an alias of this member."""

    member_id: str
    status: str
    locale: str
    is_sandbox: bool
    is_spending_locked: bool
    created_at: datetime
    last_seen_at: datetime | None
    contact: MaskedContact
    logins: int
    passkeys: int
    phones: int
    cards: tuple[CardLine, ...]
    accounts: tuple[AccountLine, ...]
    vouchers: tuple[VoucherLine, ...]
    open_vouchers: int
    consents: tuple[ConsentLine, ...]
    merges: tuple[MergeLine, ...]
    asked_for: str | None

    def card(self, card_id: str | None) -> CardLine | None:
        """One of the cards."""
        return next((card for card in self.cards if card.card_id == card_id), None)


def show_member(scope: Scope, member_id: str) -> MemberPage:
    """The member, or whom that one was merged into. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        found = member_in(tx.session, member_id)
        if found is None:
            raise NotFoundError(what="member")
        member = tx.session.get_one(Member, found.member_id)
        own = member.id
        return MemberPage(
            member_id=own,
            status=member.status,
            locale=member.locale,
            is_sandbox=member.is_sandbox,
            is_spending_locked=member.is_spending_locked,
            created_at=member.created_at,
            last_seen_at=member.last_seen_at,
            contact=mask_profile(read_profile(tx, scope, own)),
            logins=_count(tx, Login, Login.member_id == own),
            passkeys=_count(tx, Passkey, Passkey.member_id == own),
            phones=_count(tx, MemberSession, MemberSession.member_id == own, MemberSession.ended_at.is_(None)),
            cards=_cards(tx, own),
            accounts=_accounts(tx, own),
            vouchers=_vouchers(tx, own),
            open_vouchers=_count(tx, Voucher, Voucher.member_id == own, Voucher.status == "issued"),
            consents=_consents(tx, own),
            merges=_merges(tx, own),
            asked_for=member_id if member_id != own else None,
        )


def member_of_card(scope: Scope, card_id: str) -> str:
    """Whose card it is. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        member_id = tx.session.scalar(select(Card.member_id).where(Card.id == card_id))
    if member_id is None:
        raise NotFoundError(what="card")
    return member_id


def _count(tx: Transaction, model: type, *where: object) -> int:
    return tx.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def _cards(tx: Transaction, member_id: str) -> tuple[CardLine, ...]:
    has_phone = (
        select(Installation.id)
        .where(
            Installation.member_id == Card.member_id,
            Installation.number == Card.number,
            Installation.ended_at.is_(None),
        )
        .exists()
    )
    rows = tx.session.execute(
        select(Card, CardBatch, has_phone)
        .outerjoin(CardBatch, CardBatch.id == Card.batch_id)
        .where(Card.member_id == member_id)
        .order_by(Card.status, Card.id.desc())
    ).all()
    return tuple(
        CardLine(
            card_id=card.id,
            number=card.number,
            kind=card.kind,
            status="withdrawn"
            if batch is not None and card.status == "blocked" and card.blocked_at == batch.disabled_at
            else card.status,
            replaced_by=card.replaced_by,
            has_pin=card.pin_hash is not None,
            has_phone=bool(phone),
            batch_id=card.batch_id,
            batch_name=None if batch is None else batch.name,
            issued_at=card.issued_at,
            claimed_at=card.claimed_at,
            blocked_at=card.blocked_at,
        )
        for card, batch, phone in rows
    )


def _accounts(tx: Transaction, member_id: str) -> tuple[AccountLine, ...]:
    rows = tx.session.execute(
        select(
            Merchant.id,
            Merchant.name,
            Programme.id,
            Programme.name,
            Programme.kind,
            Account.balance,
            Account.owed,
            Account.visits,
            Account.last_visit_at,
            Account.next_expiry_at,
        )
        .join(Programme, Programme.id == Account.programme_id)
        .join(Merchant, Merchant.id == Programme.merchant_id)
        .where(Account.member_id == member_id)
        .order_by(Merchant.name, Programme.position, Programme.id)
    ).all()
    return tuple(AccountLine(*list(row)) for row in rows)


def _vouchers(tx: Transaction, member_id: str) -> tuple[VoucherLine, ...]:
    rows = tx.session.execute(
        select(
            Voucher.id,
            Voucher.code,
            Reward.name,
            Merchant.name,
            Voucher.status,
            Voucher.issued_at,
            Voucher.expires_at,
        )
        .join(Reward, Reward.id == Voucher.reward_id)
        .join(Merchant, Merchant.id == Voucher.merchant_id)
        .where(Voucher.member_id == member_id)
        .order_by(Voucher.issued_at.desc(), Voucher.id.desc())
        .limit(_VOUCHERS)
    ).all()
    return tuple(VoucherLine(row[0], row[1][-4:], *row[2:]) for row in rows)


def _consents(tx: Transaction, member_id: str) -> tuple[ConsentLine, ...]:
    events = tx.session.execute(
        select(ConsentEvent, Merchant.name)
        .join(Merchant, Merchant.id == ConsentEvent.merchant_id)
        .where(ConsentEvent.member_id.in_(aliases(tx.session, member_id)))
        .order_by(ConsentEvent.occurred_at, ConsentEvent.id)
    ).all()
    last = {(event.merchant_id, event.channel): (event, shop) for event, shop in events}
    lines = [ConsentLine(shop, event.channel, event.is_given, event.occurred_at) for event, shop in last.values()]
    return tuple(sorted(lines, key=lambda line: (line.shop, line.channel)))


def _merges(tx: Transaction, member_id: str) -> tuple[MergeLine, ...]:
    rows = tx.session.scalars(select(Merge).where(Merge.member_id == member_id).order_by(Merge.id.desc()))
    return tuple(MergeLine(row.id, len(row.cards), row.merged_at, row.undone_at) for row in rows)
