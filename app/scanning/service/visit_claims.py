"""A visit of somebody who has no card at hand: booked on a new card, whose number alone claims it by phone for a while.
What nobody claims is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from app.cards.service.issuing import add_claimable_member
from app.common import audit
from app.common.batch import Batch, Table
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.writing import gather
from app.rewards.configuration import configuration
from app.rewards.undoing import find_booked, get_visit
from app.scanning import rebuilding
from app.scanning.approving import require_staff
from app.scanning.counter import Counter
from app.scanning.errors import MerchantInactiveError
from app.scanning.identifying import KnownCard, context
from app.scanning.replies import Keyed, Render, RenderRefusal, answered, fingerprint, keep, replay
from app.scanning.requests import VisitRequest
from app.scanning.results import ClaimableVisit, Reply
from app.scanning.service.reversals import book_reversal
from app.scanning.service.visits import content_of, plan_visit, read_configuration, tell_recorded

CLAIM_LIFE = timedelta(days=14)
UNCLAIMED = "visit_unclaimed"  # why it was reversed
_ROUTE = "visit-claims"
_SLICE = 500
_VISIT_CLAIM = Table(
    "visit_claim", 60, "number member_id visit_id transaction_id merchant_id location_id created_at expires_at"
)
_DUE = Statement(
    "SELECT number FROM visit_claim WHERE ended_at IS NULL AND expires_at <= :now AND number > :after"
    " ORDER BY number LIMIT :count"
)
# The card first, as claiming does: of the two, one waits here for the other.
_LOCK_CARD = Statement(
    "SELECT id, status FROM card WHERE number = :number FOR UPDATE",
    sqlite="SELECT id, status FROM card WHERE number = :number",
)
END_CLAIM = Statement(
    "UPDATE visit_claim SET ended_at = :now WHERE number = :number AND ended_at IS NULL AND expires_at <= :now"
)
_CLAIM = Statement(
    "SELECT member_id, visit_id, transaction_id, merchant_id, location_id FROM visit_claim WHERE number = :number"
)
_BLOCK = Statement(
    "UPDATE card SET status = 'blocked', blocked_at = :now, claim_approved_until = NULL WHERE number = :number"
)


def record_claimable_visit(
    counter: Counter, request: VisitRequest, *, key: str, render: Render, render_refusal: RenderRefusal
) -> Reply:
    """Book a visit on a new card of a new, nameless member, with the answer under ``key``, in one transaction.

    For fourteen days the card's number alone claims it: it becomes the claimer's like any other card. ``render`` takes
    a :class:`ClaimableVisit`; whom ``request`` names is left aside. A repeat gets the first answer, and no other card.
    Raises ``StaffNeededError``, :class:`MerchantInactiveError` and what recording a visit raises.
    """
    scope = counter.scope
    keyed = Keyed(counter.location_id, key, fingerprint(scope, _ROUTE, content_of(None, request)))

    def work(transaction: Transaction) -> str:
        now = scope.now
        found = context(transaction, scope, None, key)
        replay(
            found.stored,
            keyed,
            lambda stored: render(rebuilding.claimable_visit(transaction, stored, counter.merchant_id)),
        )
        if found.merchant_status != "active":
            raise MerchantInactiveError
        found.check_earning(now)
        config = read_configuration(transaction, counter, found, request)
        require_staff(counter, config)
        people = Batch()
        made = add_claimable_member(
            people, locale=scope.locale, now=now, claim_until=now + CLAIM_LIFE, is_sandbox=scope.is_sandbox
        )
        # Written first: the booking's statement asks whether its member stands.
        people.write(transaction)
        card = KnownCard(
            number=made.number,
            card_id=made.card_id,
            member_id=made.member_id,
            kind="digital",
            status="active",
            is_spending_locked=False,
            pin_hash=None,
        )
        batch = Batch()
        posting, result, visit = plan_visit(
            transaction, counter, config, card, {}, request, batch, now, source="counter"
        )
        until = now + CLAIM_LIFE
        batch.insert(
            _VISIT_CLAIM,
            (
                *(made.number, made.member_id, visit.id, visit.transaction_id),
                *(counter.merchant_id, counter.location_id, now, until),
            ),
        )
        gather(posting, batch)
        body = render(
            ClaimableVisit(visit.id, visit.transaction_id, result.earned, result.accounts, made.number, until)
        )
        keep(batch, scope, keyed, body=body, member_id=made.member_id, answer_to=visit.id)
        # Who joins is known when somebody claims it.
        tell_recorded(batch, config, visit, result, now, has_joined=False)
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal)


def take_back_unclaimed(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Reverse the visits that nobody claimed in time, with the reason :data:`UNCLAIMED`, and block their cards.

    One transaction for each; returns how many. A claim at the same moment wins or loses whole. A repeat finds nothing
    more. For the nightly job, which ``on_progress`` tells how far it is.
    """
    done = 0
    after = ""
    while True:
        with scope.reading() as reading:
            due = [row[0] for row in reading.rows(_DUE, {"now": scope.now, "after": after, "count": _SLICE})]
        for number in due:
            done += scope.run(partial(_take_back, scope=scope, number=number))
            if on_progress is not None:
                on_progress(done)
        if len(due) < _SLICE:
            return done
        after = due[-1]


def _take_back(transaction: Transaction, scope: Scope, number: str) -> int:
    now = scope.now
    cards = transaction.rows(_LOCK_CARD, {"number": number})
    if not cards or transaction.run(END_CLAIM, {"number": number, "now": now}) != 1:
        return 0  # claimed meanwhile
    member_id, visit_id, transaction_id, merchant_id, location_id = transaction.rows(_CLAIM, {"number": number})[0]
    card_id, status = cards[0]
    if status == "active":
        transaction.run(_BLOCK, {"number": number, "now": now})
    booked = find_booked(transaction, member_id, transaction_id)
    if booked is not None and get_visit(transaction, member_id, visit_id).reversed_at is None:
        counter = Counter(replace(scope, merchant_id=merchant_id, location_id=location_id), ())
        batch = Batch()
        config = configuration(transaction, merchant_id)
        book_reversal(transaction, counter, config, batch, booked, reason=UNCLAIMED)
        batch.write(transaction)
    audit.record(
        transaction,
        scope,
        "visit_claim.ended",
        "card",
        card_id,
        merchant_id=merchant_id,
        after={"reason": UNCLAIMED, "visit_id": visit_id},
    )
    return 1
