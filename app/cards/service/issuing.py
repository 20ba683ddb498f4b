"""Making members and cards: one at a time for an app, a hundred thousand for a print run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import insert, update

from app.cards import numbers
from app.cards.data_keys import data_keys
from app.cards.models import Card, CardBatch, Member
from app.cards.secret_codes import hash_code
from app.common.batch import Batch, Table
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope

CHUNK = 1000  # cards written together: memory stays flat, and other writers get their turn
_MEMBERS = Table("member", 0, "id status locale is_sandbox is_spending_locked created_at")
_CARDS = Table("card", 1, "number id member_id kind status batch_id claim_code_hash issued_at")
_CLAIMABLE = Table("card", 1, "number id member_id kind status claim_approved_until issued_at")


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A printed card as the printer needs it. The claim code is told here and never again: only its hash is kept."""

    card_id: str
    member_id: str
    number: str
    claim_code: str


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member who has just been made, with the first card."""

    member_id: str
    card_id: str
    number: str


def claim_purpose(number: str) -> str:
    """What a claim code's hash is bound to: its card."""
    return f"claim {number}"


def issue_printed_cards(
    scope: Scope, count: int, *, batch_name: str | None = None, locale: str = "nl", is_sandbox: bool = False
) -> Iterator[IssuedCard]:
    """Make ``count`` (≥ 1) printed cards, each with an anonymous member of its own, as one batch.

    Yields the cards as they are committed, a thousand at a time, so that memory stays flat: whoever stops early has
    made those of the chunks begun. Each call makes new ones.
    """
    batch_id = new_id()
    name = batch_name or f"{scope.now:%Y-%m-%d %H:%M}"
    with scope.transaction() as tx:
        tx.session.execute(insert(CardBatch).values(id=batch_id, name=name, count=0, created_at=scope.now))
    made = 0
    while made < count:
        size = min(CHUNK, count - made)
        chunk = partial(issue_chunk, scope=scope, batch_id=batch_id, size=size, locale=locale, is_sandbox=is_sandbox)
        issued = scope.run(chunk)
        made += size
        yield from issued


def issue_chunk(
    tx: Transaction, *, scope: Scope, batch_id: str, size: int, locale: str, is_sandbox: bool
) -> list[IssuedCard]:
    """Add ``size`` cards to a batch, in the caller's transaction."""
    keys = data_keys(scope.keys.data)
    now = scope.now
    batch = Batch()
    issued = []
    for _ in range(size):
        card = IssuedCard(
            card_id=new_id(), member_id=new_id(), number=numbers.new_number(), claim_code=numbers.new_claim_code()
        )
        hashed = hash_code(keys, claim_purpose(card.number), card.claim_code)
        batch.insert(_MEMBERS, (card.member_id, "anonymous", locale, is_sandbox, False, now))
        batch.insert(_CARDS, (card.number, card.card_id, card.member_id, "printed", "active", batch_id, hashed, now))
        issued.append(card)
    batch.write_bulk(tx)
    tx.session.execute(update(CardBatch).where(CardBatch.id == batch_id).values(count=CardBatch.count + size))
    return issued


def issue_anonymous_member(
    scope: Scope, *, locale: str = "nl", is_sandbox: bool = False, status: str = "anonymous"
) -> NewMember:
    """Make a member without a name, with a digital card. Each call makes another."""
    with scope.transaction() as tx:
        member_id = new_id()
        tx.session.execute(
            insert(Member).values(
                id=member_id, status=status, locale=locale, is_sandbox=is_sandbox, created_at=scope.now
            )
        )
        card_id, number = add_digital_card(tx, scope, member_id)
    return NewMember(member_id=member_id, card_id=card_id, number=number)


def add_claimable_member(
    batch: Batch, *, locale: str, now: datetime, claim_until: datetime, is_sandbox: bool = False
) -> NewMember:
    """Put a nameless member into the batch, with a digital card that its number alone claims until then."""
    made = NewMember(member_id=new_id(), card_id=new_id(), number=numbers.new_number())
    batch.insert(_MEMBERS, (made.member_id, "anonymous", locale, is_sandbox, False, now))
    batch.insert(_CLAIMABLE, (made.number, made.card_id, made.member_id, "digital", "active", claim_until, now))
    return made


def issue_digital_card(scope: Scope, *, member_id: str) -> str:
    """Make one more digital card for a member. Returns its id. Each call makes another."""
    with scope.transaction() as tx:
        return add_digital_card(tx, scope, member_id)[0]


def add_digital_card(tx: Transaction, scope: Scope, member_id: str) -> tuple[str, str]:
    """Add a digital card in the caller's transaction. Returns its id and its number."""
    card_id, number = new_id(), numbers.new_number()
    tx.session.execute(
        insert(Card).values(
            number=number,
            id=card_id,
            member_id=member_id,
            kind="digital",
            issued_at=scope.now,
            claimed_at=scope.now,
        )
    )
    return card_id, number
