"""One visit booked: judged by the one evaluator, posted to the ledger, full cards turned into vouchers.

Counter, queue, import, demo and preview all come through :func:`book_visit`; they differ in where the accounts and the
past come from, and in who writes the batch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from app.common.batch import Batch, Guard, Table
from app.common.database import Transaction
from app.common.ids import new_id
from app.ledger.accounts import AccountState
from app.ledger.posting import Booking, Posting
from app.ledger.writing import LOCATION_TRANSACTION
from app.rewards.configuration import MerchantConfig, ProgrammeConfig
from app.rewards.errors import ProgrammeUnknownError
from app.rewards.evaluator import Earning, MemberFacts, VisitFacts, evaluate, spent
from app.rewards.filling import fill_cards
from app.rewards.history import History, first_month, gather, month_of
from app.rewards.outcomes import Balance, Earned, Unlocked, VisitResult
from app.rewards.rules import ProgrammeRules, tier_for

VISIT = Table(
    "visit",
    50,
    "member_id id transaction_id merchant_id location_id device_id staff_id number amount_minor currency units items"
    " receipt_ref earned source occurred_at recorded_at",
)
# Else a card that is claimed at this moment would earn for a member who is an alias already.
UNMERGED = Guard("member", holds="merged_into IS NULL")
_NO_FACTS = MemberFacts()


@dataclass(slots=True)
class PlannedVisit:
    """A visit about to be booked, on a card that is known and usable."""

    member_id: str
    number: str
    location_id: str
    occurred_at: datetime
    amount_minor: int | None = None
    units: int | None = None
    items: tuple[Any, ...] = ()
    programme_id: str | None = None
    receipt_ref: str | None = None
    device_id: str | None = None
    staff_id: str | None = None
    source: str = "counter"
    id: str = field(default_factory=new_id)
    transaction_id: str = field(default_factory=new_id)


def book_visit(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    config: MerchantConfig,
    accounts: dict[str, AccountState],
    visit: PlannedVisit,
    history: History,
    *,
    is_preview: bool = False,
) -> VisitResult:
    """Judge ``visit`` by the rules in force when it happened and plan everything that follows from it.

    ``accounts`` maps programmes to the member's locked accounts; new ones are added. Rows go into ``posting`` and
    ``batch``; nothing is written here. Raises :class:`ProgrammeUnknownError` for a programme that isn't the merchant's.
    """
    programmes: tuple[ProgrammeConfig, ...] = config.programmes
    if visit.programme_id is not None:
        chosen = config.programme(visit.programme_id)
        if chosen is None:
            raise ProgrammeUnknownError
        programmes = (chosen,)
    booking = posting.book(
        "earn",
        visit.member_id,
        transaction_id=visit.transaction_id,
        occurred_at=visit.occurred_at,
        merchant_id=config.id,
        location_id=visit.location_id,
        device_id=visit.device_id,
        staff_id=visit.staff_id,
        visit_id=visit.id,
    )
    facts = VisitFacts(visit.occurred_at, visit.amount_minor, visit.units, visit.items, visit.location_id)
    kept: list[dict[str, Any]] = []
    earned: list[Earned] = []
    balances: list[Balance] = []
    unlocked: list[Unlocked] = []
    for programme in programmes:
        version, rules = programme.rules_at(visit.occurred_at)
        account = accounts.get(programme.id)
        months: dict[int, int] = {}
        asked = programme.needs
        if asked.tier and account is not None:
            months = history.months(account, first_month(rules, visit.occurred_at))
        known = _NO_FACTS
        if account is not None or asked.day or asked.birthday:
            known = _facts(config, programme, rules, account, months, visit, history)
        earning = evaluate(rules, programme.promotions_at(visit.occurred_at), facts, known)
        if account is None and (earning.units or earning.remainder or earning.qualifying):
            account = AccountState.open(member_id=visit.member_id, programme_id=programme.id, now=posting.now)
            accounts[programme.id] = account
        if account is not None:
            _apply(posting, booking, batch, rules, account, months, visit, earning)
            unlocked += fill_cards(
                transaction,
                posting,
                batch,
                config,
                programme,
                account,
                occurred_at=visit.occurred_at,
                location_id=visit.location_id,
                device_id=visit.device_id,
                staff_id=visit.staff_id,
                visit_id=visit.id,
                is_preview=is_preview,
            )
        kept.append({"programme_id": programme.id, "version": version, **earning.snapshot()})
        earned.append(_told(programme, earning))
        balances.append(Balance(programme.id, account.balance if account else 0, account.owed if account else 0))
    batch.guard(UNMERGED, visit.member_id)
    batch.insert(LOCATION_TRANSACTION, (visit.location_id, booking.id, visit.member_id, "earn", posting.now))
    batch.insert(
        VISIT,
        (
            visit.member_id,
            visit.id,
            booking.id,
            config.id,
            visit.location_id,
            visit.device_id,
            visit.staff_id,
            visit.number,
            spent(facts),
            config.currency,
            visit.units,
            _items_document(visit.items),
            visit.receipt_ref,
            json.dumps(kept, separators=(",", ":"), ensure_ascii=False),
            visit.source,
            visit.occurred_at,
            posting.now,
        ),
    )
    return VisitResult(
        None if is_preview else visit.id,
        None if is_preview else booking.id,
        tuple(earned),
        tuple(balances),
        tuple(unlocked),
    )


def _facts(
    config: MerchantConfig,
    programme: ProgrammeConfig,
    rules: ProgrammeRules,
    account: AccountState | None,
    months: dict[int, int],
    visit: PlannedVisit,
    history: History,
) -> MemberFacts:
    asked = programme.needs
    day_visits = day_units = 0
    if asked.day:
        day_visits, day_units = history.day(visit.member_id, config.id, programme, rules, visit.occurred_at)
    birthday = history.birthday(visit.member_id) if asked.birthday else None
    tier = tier_for(rules, sum(months.values())) if asked.tier and months else None
    return MemberFacts(
        visits=account.visits if account else 0,
        last_visit_at=account.last_visit_at if account else None,
        tier=tier.key if tier else None,
        birthday=birthday,
        day_visits=day_visits,
        day_units=day_units,
        card_units=account.units_earned if account else 0,
        remainder=account.remainder if account else Fraction(0),
    )


def _apply(
    posting: Posting,
    booking: Booking,
    batch: Batch,
    rules: ProgrammeRules,
    account: AccountState,
    months: dict[int, int],
    visit: PlannedVisit,
    earning: Earning,
) -> None:
    at = visit.occurred_at
    account.remainder = earning.remainder
    account.visits += 1
    account.units_earned += earning.units
    if account.first_visit_at is None or at < account.first_visit_at:
        account.first_visit_at = at
    if account.last_visit_at is None or at > account.last_visit_at:
        account.last_visit_at = at
    if rules.tiers is not None:
        gather(batch, account, months, month_of(rules, at), earning.qualifying)
        reached = tier_for(rules, sum(months.values()))
        account.tier = reached.key if reached else None
    if earning.units:
        booking.earn(account, earning.units, earned_at=at, expires_at=earning.expires_at)
    posting.touch(account)


def _told(programme: ProgrammeConfig, earning: Earning) -> Earned:
    return Earned(
        programme.id,
        earning.units,
        earning.reason,
        tuple({"rule": part.rule, "units": part.units, **part.params} for part in earning.parts),
        tuple({"code": limit.code, **limit.params} for limit in earning.limited),
    )


def _items_document(items: tuple[Any, ...]) -> str | None:
    if not items:
        return None
    return json.dumps(
        [
            {
                "sku": item.sku,
                "name": item.name,
                "category": item.category,
                "quantity": item.quantity,
                "amount_minor": item.amount_minor,
            }
            for item in items
        ],
        ensure_ascii=False,
    )
