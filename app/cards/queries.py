"""Looking up members and cards. A scope with a ``member_id`` sees that member's cards only; another's is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from app.cards import numbers
from app.cards.data_keys import data_keys
from app.cards.errors import CodeMistypedError, CodeUnreadableError
from app.cards.models import Card, ConsentEvent, Installation, Login, Member
from app.cards.personal_data import IndexKind, blind_indexes
from app.common.errors import NotFoundError
from app.common.scope import Scope

_LONGEST_CHAIN = 64  # of merges; longer would be a circle


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as its member or a shop's screen shows it. ``has_installation``: some phone computes its digits;
    ``installation_id``: that of the app which does, so that another one knows that its own are dead."""

    card_id: str
    member_id: str
    number: str
    kind: str
    status: str
    replaced_by: str | None
    has_pin: bool
    has_installation: bool
    issued_at: datetime
    claimed_at: datetime | None
    blocked_at: datetime | None
    installation_id: str | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it can be scanned."""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member without the person."""

    member_id: str
    status: str
    merged_into: str | None
    locale: str
    is_sandbox: bool
    is_spending_locked: bool
    created_at: datetime


def read_number(text: str) -> str:
    """The canonical card number in what somebody typed: any case, with spaces and dashes.

    Raises :class:`CodeUnreadableError` for what is no number, :class:`CodeMistypedError` for a wrong check character.
    """
    number = numbers.normalise(text[:256])
    if len(number) != numbers.NUMBER_LENGTH or not set(number) <= set(numbers.ALPHABET):
        raise CodeUnreadableError
    if not numbers.is_valid(number):
        raise CodeMistypedError
    return number


def find_card(scope: Scope, *, number: str | None = None, card_id: str | None = None) -> CardView | None:
    """The card of a canonical number or an id, or None: not there, or another member's than the scope's."""
    with scope.reading() as tx:
        return card_in(tx.session, scope, number=number, card_id=card_id)


def get_card(scope: Scope, *, number: str | None = None, card_id: str | None = None) -> CardView:
    """As :func:`find_card`. Raises :class:`NotFoundError` instead of answering None."""
    card = find_card(scope, number=number, card_id=card_id)
    if card is None:
        raise NotFoundError(what="card")
    return card


def list_cards(scope: Scope, *, member_id: str) -> list[CardView]:
    """All cards of a member, the newest first; blocked and replaced ones too."""
    with scope.reading() as tx:
        rows = tx.session.execute(_cards(scope).where(Card.member_id == member_id).order_by(Card.id.desc()))
        return [_card_view(row) for row in rows]


def card_in(
    session: Session, scope: Scope, *, number: str | None = None, card_id: str | None = None, lock: bool = False
) -> CardView | None:
    """As :func:`find_card`, in an open transaction; with ``lock`` nobody else changes it until that ends."""
    wanted = _cards(scope).where(Card.number == number if number is not None else Card.id == card_id)
    if lock:
        wanted = wanted.with_for_update(of=Card)
    row = session.execute(wanted).first()
    return None if row is None else _card_view(row)


def find_member(scope: Scope, *, member_id: str) -> MemberView | None:
    """The member of an id, or who that member was merged into; None for nobody."""
    with scope.reading() as tx:
        return member_in(tx.session, member_id)


def member_in(session: Session, member_id: str) -> MemberView | None:
    """As :func:`find_member`, in an open transaction."""
    for _ in range(_LONGEST_CHAIN):
        member = session.execute(
            select(
                Member.id,
                Member.status,
                Member.merged_into,
                Member.locale,
                Member.is_sandbox,
                Member.is_spending_locked,
                Member.created_at,
            ).where(Member.id == member_id)
        ).first()
        if member is None:
            return None
        if member.merged_into is None:
            return MemberView(*member)
        member_id = member.merged_into
    raise RuntimeError("members are merged in a circle")


def aliases(session: Session, member_id: str) -> list[str]:
    """The ids under which a member's history is found: the member's own first, then all that were merged into it."""
    found = [member_id]
    edge = [member_id]
    while edge:
        edge = list(session.scalars(select(Member.id).where(Member.merged_into.in_(edge)).order_by(Member.id)))
        found += edge
    return found


def find_member_by_login(scope: Scope, *, kind: IndexKind, value: str) -> str | None:
    """The id of the member whose e-mail address or telephone number (international form) this is, or None.

    Raises ``EmailInvalidError`` or ``PhoneInvalidError`` for what can't be one.
    """
    blinds = blind_indexes(data_keys(scope.keys.data), kind, value)
    with scope.reading() as tx:
        return tx.session.scalar(select(Login.member_id).where(Login.blind.in_(blinds)).limit(1))


def has_consent(scope: Scope, *, member_id: str, merchant_id: str, channel: str) -> bool:
    """Whether the member's latest word on this channel of this merchant was yes. Silence is no."""
    with scope.reading() as tx:
        given = tx.session.scalar(
            select(ConsentEvent.is_given)
            .where(
                ConsentEvent.member_id.in_(aliases(tx.session, member_id)),
                ConsentEvent.merchant_id == merchant_id,
                ConsentEvent.channel == channel,
            )
            .order_by(ConsentEvent.id.desc())
            .limit(1)
        )
    return bool(given)


def count_cards(scope: Scope, *, batch_id: str) -> int:
    """How many cards a batch has."""
    with scope.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(Card).where(Card.batch_id == batch_id)) or 0


def _cards(scope: Scope) -> Select[*tuple[Any, ...]]:
    has_installation = exists().where(
        Installation.member_id == Card.member_id,
        Installation.number == Card.number,
        Installation.ended_at.is_(None),
    )
    installation_id = (
        select(Installation.id)
        .where(
            Installation.member_id == Card.member_id,
            Installation.number == Card.number,
            Installation.kind == "app",
            Installation.ended_at.is_(None),
        )
        .limit(1)
        .scalar_subquery()
    )
    wanted = select(
        Card.id,
        Card.member_id,
        Card.number,
        Card.kind,
        Card.status,
        Card.replaced_by,
        Card.pin_hash.is_not(None),
        has_installation,
        Card.issued_at,
        Card.claimed_at,
        Card.blocked_at,
        installation_id,
    )
    if scope.member_id is not None:
        wanted = wanted.where(Card.member_id == scope.member_id)
    return wanted


def _card_view(row: Sequence[Any]) -> CardView:
    fields = list(row)
    fields[6:8] = [bool(flag) for flag in fields[6:8]]
    return CardView(*fields)
