"""What somebody typed to find a member: a card's number or its end, the beginning of a name, an old card's number, or
an address that the member lets this shop find her by."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, literal, select, union
from sqlalchemy.orm import aliased

from app.cards import numbers
from app.cards.data_keys import data_keys
from app.cards.errors import EmailInvalidError, PhoneInvalidError
from app.cards.models import Card, CardReference, CardSource, ConsentEvent, Login
from app.cards.personal_data import blind_indexes
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.types import Id
from app.rewards.models import ShopMember, ShopMemberWord
from app.rewards.shop_members import tokens_for

LONGEST = 100
_TAIL = 4


@dataclass(frozen=True, slots=True)
class Search:
    """A text to search by, at most a hundred characters of it."""

    text: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.text.strip()

    def conditions(self, tx: Transaction, scope: Scope) -> list[ColumnElement[bool]]:
        """What a row of :class:`ShopMember` must be to be found; nothing for an empty text. Whatever it is that was
        typed, only the scope's own members are among the rows."""
        text = " ".join(self.text.split())[:LONGEST]
        if not text:
            return []
        # Who may be meant comes first, by indexes; alternatives in the condition would have every member looked at.
        ways: list[Select[str]] = []
        number = numbers.normalise(text)
        if numbers.is_valid(number):
            ways.append(select(Card.member_id).where(Card.number == number))
        elif len(number) == _TAIL:
            known = aliased(ShopMember)
            ways.append(select(known.member_id).where(known.place_id == scope.merchant_id, known.card_tail == number))
        named: Select[str] | None = None
        for tokens in tokens_for(scope.keys.data, _own(scope), text):
            named = _words(scope, tokens, named)
        if named is not None:
            ways.append(named)
        ways.append(_references(scope, text))
        if member_id := _by_address(tx, scope, text):
            ways.append(select(literal(member_id, Id())))
        return [ShopMember.member_id.in_(union(*ways))]


def _own(scope: Scope) -> str:
    assert scope.merchant_id is not None
    return scope.merchant_id


def _words(scope: Scope, tokens: list[bytes], among: Select[str] | None) -> Select[str]:
    word = aliased(ShopMemberWord)
    found = select(word.member_id).where(word.merchant_id == scope.merchant_id, word.token.in_(tokens))
    return found if among is None else found.where(word.member_id.in_(among))


def _references(scope: Scope, text: str) -> Select[str]:
    """Another system's cards, of the sources that this merchant takes."""
    own = select(CardSource.source).where(CardSource.merchant_id == scope.merchant_id)
    return select(CardReference.member_id).where(CardReference.source.in_(own), CardReference.reference == text)


def _by_address(tx: Transaction, scope: Scope, text: str) -> str | None:
    """Whose whole address or telephone number it is, if she lets this shop find her by it."""
    kind = "email" if "@" in text else "phone" if text.startswith("+") else None
    if kind is None:
        return None
    try:
        blinds = blind_indexes(data_keys(scope.keys.data), "email" if kind == "email" else "phone", text)
    except (EmailInvalidError, PhoneInvalidError):
        return None
    member_id = tx.session.scalar(select(Login.member_id).where(Login.blind.in_(blinds), Login.kind == kind).limit(1))
    if member_id is None:
        return None
    is_given = tx.session.scalar(
        select(ConsentEvent.is_given)
        .where(
            ConsentEvent.member_id == member_id,
            ConsentEvent.merchant_id == scope.merchant_id,
            ConsentEvent.channel == "lookup",
        )
        .order_by(ConsentEvent.id.desc())
        .limit(1)
    )
    return member_id if is_given else None
