"""Cases as an operator reads them: who, where, how often each rule was right, whom it bothered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.cards.models import Card
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Device, Location, Merchant, Operator, Staff
from app.risk.models import OPEN, RiskCase, RiskTry
from app.risk.rules import PAST, RULES

MOST = 100
_MEMBERS = Statement("SELECT count(DISTINCT member_id) FROM account WHERE visits > 0 AND last_visit_at >= :since")


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with the names of what it is about. ``subject`` is a card's last four characters, a person's initials, a
    device's name, or the beginning of a hash; ``role`` is a person's. ``places`` names the locations in its rows, and
    ``cards`` leads from their members to a card of each."""

    case: RiskCase
    subject: str
    role: str | None
    merchant: str | None
    timezone: str
    card_id: str | None
    card: str | None
    places: Mapping[str, str]
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What a rule caught and annoyed in the last 90 days: cases that were right and wrong, and the members who were in
    the wrong ones."""

    right: int
    wrong: int
    waiting: int
    bothered: int


@dataclass(frozen=True, slots=True)
class Records:
    """Of each rule, and of all together: members in wrong cases, of so many who came at all."""

    by_rule: Mapping[str, Record]
    bothered: int
    members: int

    @property
    def one_in(self) -> int | None:
        """One in so many members was bothered; None: nobody was."""
        return None if not self.bothered else max(1, round(self.members / self.bothered))


def list_cases(scope: Scope, *, rule: str | None = None, is_decided: bool = False, most: int = MOST) -> list[CaseView]:
    """Cases that wait for a decision, or were decided, the newest first."""
    wanted = select(RiskCase).limit(most)
    if is_decided:
        wanted = wanted.where(RiskCase.decided_at.is_not(None)).order_by(RiskCase.decided_at.desc(), RiskCase.id.desc())
    else:
        wanted = wanted.where(RiskCase.status.in_(OPEN)).order_by(RiskCase.opened_at.desc(), RiskCase.id.desc())
    if rule is not None:
        wanted = wanted.where(RiskCase.rule == rule)
    with scope.reading() as tx:
        return _views(tx, tx.session.scalars(wanted).all())


def get_case(scope: Scope, case_id: str) -> CaseView:
    """One case. Raises NotFoundError."""
    with scope.reading() as tx:
        case = tx.session.get(RiskCase, case_id) if is_id(case_id) else None
        if case is None:
            raise NotFoundError
        return _views(tx, [case])[0]


def records(scope: Scope) -> Records:
    """What the rules caught and annoyed in the last 90 days."""
    since = scope.now - PAST
    counted = select(RiskCase.rule, RiskCase.status, func.count()).group_by(RiskCase.rule, RiskCase.status)
    with scope.reading() as tx:
        counts: dict[tuple[str, str], int] = {
            (rule, status): count
            for wanted in (
                counted.where(RiskCase.decided_at >= since),
                counted.where(RiskCase.status.in_(OPEN)),
            )
            for rule, status, count in tx.session.execute(wanted)
        }
        wrong = tx.session.execute(
            select(RiskCase.rule, RiskCase.evidence).where(RiskCase.decided_at >= since, RiskCase.status == "dismissed")
        ).all()
        ((members,),) = tx.rows(_MEMBERS, {"since": since})
    bothered: dict[str, set[str]] = {}
    for rule, evidence in wrong:
        bothered.setdefault(rule, set()).update(evidence.get("members", ()))
    return Records(
        {
            rule: Record(
                counts.get((rule, "confirmed"), 0),
                counts.get((rule, "dismissed"), 0),
                sum(counts.get((rule, status), 0) for status in OPEN),
                len(bothered.get(rule, ())),
            )
            for rule in RULES
        },
        len(set().union(*bothered.values())) if bothered else 0,
        int(members),
    )


def cards_of(scope: Scope, members: Iterable[str]) -> dict[str, str]:
    """From members to the last four characters of a card of each; of one who left there is none."""
    wanted = list(members)
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Card.member_id, Card.number).where(Card.member_id.in_(wanted)).order_by(Card.issued_at)
        )
        return {member_id: number[-4:] for member_id, number in rows}


def list_tries(scope: Scope, rule: str) -> list[RiskTry]:
    """The latest tries of a rule's limits."""
    wanted = select(RiskTry).where(RiskTry.rule == rule).order_by(RiskTry.created_at.desc(), RiskTry.id.desc()).limit(5)
    with scope.reading() as tx:
        return list(tx.session.scalars(wanted))


def get_try(scope: Scope, try_id: str) -> RiskTry:
    """One try. Raises NotFoundError."""
    with scope.reading() as tx:
        found = tx.session.get(RiskTry, try_id) if is_id(try_id) else None
    if found is None:
        raise NotFoundError
    return found


def _views(tx: Transaction, cases: Sequence[RiskCase]) -> list[CaseView]:
    card_ids = {_card_of(case) for case in cases} - {None}
    cards = _named(tx, Card.id, Card.number, card_ids)
    staff_ids = {case.subject_id for case in cases if case.subject_kind == "staff"}
    roles = _named(tx, Staff.id, Staff.role, staff_ids)
    people = _named(tx, Staff.id, Staff.name, staff_ids)
    devices = _named(tx, Device.id, Device.name, {case.subject_id for case in cases if case.subject_kind == "device"})
    merchants = _named(tx, Merchant.id, Merchant.name, {case.merchant_id for case in cases})
    zones = _named(tx, Merchant.id, Merchant.timezone, {case.merchant_id for case in cases})
    rows = {row[3] for case in cases for row in case.evidence.get("rows", ())}
    places = _named(tx, Location.id, Location.name, rows | {case.location_id for case in cases})
    operators = _named(tx, Operator.id, Operator.name, {case.decided_by for case in cases})
    found = []
    for case in cases:
        card_id = _card_of(case)
        if case.subject_kind == "card":
            subject = cards.get(case.subject_id, "")[-4:]
        elif case.subject_kind == "staff":
            subject = _initials(people.get(case.subject_id, ""))
        else:
            subject = devices.get(case.subject_id, case.subject_id[:8])
        found.append(
            CaseView(
                case=case,
                subject=subject,
                role=roles.get(case.subject_id),
                merchant=merchants.get(case.merchant_id or ""),
                timezone=zones.get(case.merchant_id or "", "Europe/Brussels"),
                card_id=card_id if card_id in cards else None,
                card=cards[card_id][-4:] if card_id is not None and card_id in cards else None,
                places=places,
                decided_by=operators.get(case.decided_by or ""),
            )
        )
    return found


def _card_of(case: RiskCase) -> str | None:
    if case.subject_kind == "card":
        return case.subject_id
    card: str | None = case.evidence.get("card")
    return card


def _named(tx: Transaction, key: Any, name: Any, ids: Iterable[str | None]) -> dict[str, str]:
    wanted = sorted(one for one in ids if one is not None)
    if not wanted:
        return {}
    return {row[0]: row[1] for row in tx.session.execute(select(key, name).where(key.in_(wanted)))}


def _initials(name: str) -> str:
    return " ".join(f"{part[0].upper()}." for part in name.split() if part)


def oldest_waiting(scope: Scope, most: int) -> list[tuple[str, str, datetime, str | None]]:
    """The cases that wait longest: id, rule, since when, and whose shop."""
    wanted = (
        select(RiskCase.id, RiskCase.rule, RiskCase.opened_at, Merchant.name)
        .outerjoin(Merchant, Merchant.id == RiskCase.merchant_id)
        .where(RiskCase.status == "open")
        .order_by(RiskCase.opened_at)
        .limit(most)
    )
    with scope.reading() as tx:
        return [(row[0], row[1], row[2], row[3]) for row in tx.session.execute(wanted)]
