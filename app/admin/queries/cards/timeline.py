"""Everything that happened to a member's cards, the newest first, with who did it, where and on what.

Each source is read only as far as a page reaches; what a merge brought is read under the ids where it happened.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.admin.queries.cards.events import Event, Units
from app.admin.queries.cards.naming import Names
from app.campaigns.models import MemberMessage
from app.cards.models import Card, CardBatch, Installation, Merge
from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.models import AuditEvent
from app.common.money import format_amount
from app.common.scope import Scope
from app.ledger.models import LedgerTransaction, Transfer
from app.rewards.models import CardRefusal, SpendingRequest, Visit, Voucher

PAGE = 40
_OF_KIND = {"earn": "visits", "redeem": "redeemed", "reverse": "reversed"}
_MERGING = ("merge", "merge_undone")
_OTHER_SUBJECTS = 200  # of a member's vouchers and accounts, so many are asked after in the audit trail


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of events, and the ``before`` with which it goes on."""

    events: tuple[Event, ...]
    next: str | None


Where = tuple[datetime, str] | None


def read_timeline(
    scope: Scope, *, member_id: str, number: str | None = None, group: str | None = None, before: str | None = None
) -> Timeline:
    """A page of what happened to the member, of one group where that is told. With ``number`` what is another card's is
    left out; what is no card's (a redemption, a message) stays. A ``before`` that can't be read begins anew."""
    start = _read_cursor(before)
    with scope.reading() as tx:
        owners = aliases(tx.session, member_id)
        reader = _Reader(tx, owners, start)
        found: list[Event] = []
        for groups, read in (
            (("cards",), reader.cards),
            (("phones",), reader.phones),
            (("visits", "redeemed", "reversed", "vouchers", "acts", "cards"), reader.bookings),
            (("vouchers",), reader.vouchers),
            (("refused",), reader.refusals),
            (("messages",), reader.messages),
            (("acts", "cards", "vouchers"), reader.acts),
        ):
            if group is None or group in groups:
                found += read(group)
        found = [event for event in found if group is None or event.group == group]
        if number is not None:
            found = [event for event in found if event.number in (None, number)]
        if start is not None:
            found = [event for event in found if (event.at, event.key) < start]
        found.sort(key=lambda event: (event.at, event.key), reverse=True)
        page = reader.named(found[:PAGE])
    return Timeline(tuple(page), _cursor(page[-1]) if len(found) > PAGE else None)


class _Reader:
    def __init__(self, tx: Transaction, owners: list[str], start: Where) -> None:
        self.tx = tx
        self.owners = owners
        self.start = start
        self.own_cards = tx.session.execute(
            select(Card, CardBatch)
            .outerjoin(CardBatch, CardBatch.id == Card.batch_id)
            .where(Card.member_id.in_(owners))
        ).all()
        self.numbers = {card.id: card.number for card, _ in self.own_cards}
        self.names = Names(tx)

    def cards(self, _: str | None) -> list[Event]:
        """From the cards' own rows: made, and withdrawn with a whole print run."""
        events = []
        for card, batch in self.own_cards:
            about = None if batch is None else batch.name
            made = f"card.issued_{card.kind}"
            events.append(Event(card.issued_at, f"{card.id}+", "cards", made, card.member_id, card.number, about=about))
            if batch is not None and card.blocked_at is not None and card.blocked_at == batch.disabled_at:
                events.append(
                    Event(
                        card.blocked_at,
                        f"{card.id}-",
                        "cards",
                        "card.withdrawn",
                        card.member_id,
                        card.number,
                        about=about,
                        reason=batch.reason,
                    )
                )
        return events

    def phones(self, _: str | None) -> list[Event]:
        """Installations, begun and ended."""
        events = []
        for row in self.tx.session.scalars(select(Installation).where(Installation.member_id.in_(self.owners))):
            kind = "phone" if row.kind == "app" else "google"
            events.append(Event(row.created_at, f"{row.id}+", "phones", f"{kind}.began", row.member_id, row.number))
            if row.ended_at is not None:
                events.append(Event(row.ended_at, f"{row.id}-", "phones", f"{kind}.ended", row.member_id, row.number))
        return events

    def bookings(self, group: str | None) -> list[Event]:
        """The ledger's transactions, with their visits."""
        wanted = select(LedgerTransaction).where(LedgerTransaction.member_id.in_(self.owners))
        kinds = [kind for kind, of in _OF_KIND.items() if of == group]
        if kinds:
            wanted = wanted.where(LedgerTransaction.kind.in_(kinds))
        elif group is not None:
            wanted = wanted.where(LedgerTransaction.kind.not_in(list(_OF_KIND)))
        rows = self._page(wanted, LedgerTransaction.recorded_at, LedgerTransaction.id)
        visits = {
            visit.id: visit
            for visit in self.tx.session.scalars(
                select(Visit).where(
                    Visit.member_id.in_(self.owners), Visit.id.in_([row.visit_id for row in rows if row.visit_id])
                )
            )
        }
        units = self._units([row.id for row in rows])
        events = []
        for row in rows:
            visit = visits.get(row.visit_id or "")
            is_earn = row.kind == "earn"
            events.append(
                Event(
                    row.recorded_at,
                    row.id,
                    "cards" if row.reason in _MERGING else _OF_KIND.get(row.kind, "acts"),
                    _what(row, bool(units.get(row.id))),
                    row.member_id,
                    None if visit is None else visit.number,
                    row.merchant_id,
                    place=row.location_id,
                    device=row.device_id,
                    person=row.staff_id,
                    units=units.get(row.id, ()),
                    amount=None
                    if visit is None or visit.amount_minor is None
                    else f"{format_amount(visit.amount_minor, visit.currency)} {visit.currency}",
                    reason=row.reason,
                    about=row.voucher_id,
                    limits=_limits(visit) if is_earn and visit is not None else (),
                    is_undone=is_earn and visit is not None and visit.reversed_at is not None,
                    transaction_id=row.id,
                )
            )
        return events

    def vouchers(self, _: str | None) -> list[Event]:
        """Vouchers as they were given, ended and held, and what was asked before spending."""
        mine = select(Voucher).where(Voucher.member_id.in_(self.owners))
        events = []
        for row in self._page(mine, Voucher.issued_at, Voucher.id):
            events.append(self._voucher(row, row.issued_at, "issued", reason=row.reason, person=row.given_by))
            if row.hold_id is not None or (row.hold_until is not None and row.status == "issued"):
                held = self._voucher(row, row.issued_at, "held", device=row.hold_device_id)
                events.append(replace(held, place=row.hold_location_id))
        ended = mine.where(Voucher.ended_at.is_not(None), Voucher.status.in_(("expired", "cancelled")))
        events += [
            self._voucher(row, row.ended_at, row.status) for row in self._page(ended, Voucher.ended_at, Voucher.id)
        ]
        asked = select(SpendingRequest).where(SpendingRequest.member_id.in_(self.owners))
        events += [
            Event(
                row.asked_at,
                row.id,
                "vouchers",
                f"spending.{row.status}",
                row.member_id,
                shop_id=row.merchant_id,
                place=row.location_id,
            )
            for row in self._page(asked, SpendingRequest.asked_at, SpendingRequest.id)
        ]
        return events

    def _voucher(
        self,
        row: Voucher,
        at: datetime | None,
        what: str,
        *,
        reason: str | None = None,
        person: str | None = None,
        device: str | None = None,
    ) -> Event:
        return Event(
            at or row.issued_at,
            f"{row.id}.{what}",
            "vouchers",
            f"voucher.{what}",
            row.member_id,
            shop_id=row.merchant_id,
            device=device,
            person=person,
            reason=reason,
            about=row.id,
            told={"tail": row.code[-4:]},
        )

    def refusals(self, _: str | None) -> list[Event]:
        """What counters refused."""
        mine = select(CardRefusal).where(CardRefusal.member_id.in_(self.owners))
        return [
            Event(
                row.refused_at,
                row.id,
                "refused",
                f"refused.{row.act}",
                row.member_id,
                row.number,
                row.merchant_id,
                place=row.location_id,
                device=row.device_id,
                person=row.staff_id,
                about=row.voucher_id,
                told={"refusal": row.code, "by": row.told},
            )
            for row in self._page(mine, CardRefusal.refused_at, CardRefusal.id)
        ]

    def messages(self, _: str | None) -> list[Event]:
        """Messages, by their kind alone."""
        mine = select(MemberMessage).where(MemberMessage.member_id.in_(self.owners))
        return [
            Event(row.created_at, row.id, "messages", f"message.{row.kind}", row.member_id, shop_id=row.merchant_id)
            for row in self._page(mine, MemberMessage.created_at, MemberMessage.id)
        ]

    def acts(self, _: str | None) -> list[Event]:
        """The audit trail of the member, the cards, and what is hers."""
        session = self.tx.session
        subjects = [*self.owners, *self.numbers]
        for of_member in (Voucher.id, Merge.id):
            owner = Voucher.member_id if of_member is Voucher.id else Merge.member_id
            subjects += session.scalars(
                select(of_member).where(owner.in_(self.owners)).order_by(of_member.desc()).limit(_OTHER_SUBJECTS)
            )
        wanted = select(AuditEvent).where(AuditEvent.subject_id.in_(subjects))
        return [
            Event(
                row.occurred_at,
                row.id,
                row.subject_kind + "s" if row.subject_kind in ("card", "voucher") else "acts",
                row.action,
                self.owners[0],
                self.numbers.get(row.subject_id or ""),
                row.merchant_id,
                person=f"{row.actor_kind}:{row.actor_id or ''}",
                reason=(row.after or {}).get("reason"),
                told={"before": row.before or {}, "after": row.after or {}},
            )
            for row in self._page(wanted, AuditEvent.occurred_at, AuditEvent.id)
        ]

    def named(self, events: Iterable[Event]) -> list[Event]:
        """Ids made into names, with one query for each kind of thing."""
        shown = list(events)
        self.names.load(shown)
        return [self.names.put(event) for event in shown]

    def _units(self, transaction_ids: list[str]) -> dict[str, tuple[Units, ...]]:
        changes: dict[str, dict[str, int]] = {}
        for transfer in self.tx.session.scalars(
            select(Transfer).where(Transfer.member_id.in_(self.owners), Transfer.transaction_id.in_(transaction_ids))
        ):
            into = transfer.amount if transfer.credit in ("balance", "owed") else 0
            out = transfer.amount if transfer.debit in ("balance", "owed") else 0
            of = changes.setdefault(transfer.transaction_id, {})
            of[transfer.programme_id] = of.get(transfer.programme_id, 0) + into - out
        return {
            booked: tuple(Units(programme_id, programme_id, change) for programme_id, change in of.items())
            for booked, of in changes.items()
        }

    def _page(self, wanted: Select[Any], at: InstrumentedAttribute[Any], key: InstrumentedAttribute[str]) -> list[Any]:
        """As many rows as a page may need, from where it begins. What is of that very moment comes again, and is
        sorted out afterwards."""
        if self.start is not None:
            moment, own = self.start
            after: ColumnElement[bool] = or_(at < moment, and_(at == moment, key <= own[:36]))
            wanted = wanted.where(after)
        rows = self.tx.session.scalars(wanted.order_by(at.desc(), key.desc()).limit(PAGE + 1))
        return list(rows)


def _what(row: LedgerTransaction, has_units: bool) -> str:
    if row.reason in _MERGING:
        return f"member.{row.reason}"
    # A voucher that was paid for when it was issued moves nothing when it is redeemed.
    return "booking.voucher_redeemed" if row.kind == "redeem" and not has_units else f"booking.{row.kind}"


def _limits(visit: Visit) -> tuple[str, ...]:
    return tuple(limit[0] for entry in visit.earned for limit in entry.get("limited", ()))


def _cursor(event: Event) -> str:
    return base64.urlsafe_b64encode(json.dumps([event.at.isoformat(), event.key]).encode()).decode()


def _read_cursor(text: str | None) -> Where:
    if not text:
        return None
    try:
        at, key = json.loads(base64.urlsafe_b64decode(text.encode()))
        moment = datetime.fromisoformat(at)
        return (moment, str(key)) if moment.tzinfo is not None else None
    except (ValueError, TypeError):
        return None
