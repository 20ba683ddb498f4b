"""The shop's inbox: what a tablet's queue sent and nobody but a person of the shop can decide on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from app.cards.numbers import mask_number
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import DomainError, NotFoundError
from app.common.sql import Statement
from app.rewards import releasing, vouchers
from app.rewards.configuration import MerchantConfig, current_configuration, document
from app.rewards.undecided import undecided_vouchers
from app.scanning.counter import Counter
from app.scanning.errors import ManagerNeededError, ReviewDecidedError
from app.scanning.foreign_cards import mask_reference
from app.scanning.identifying import context, number_in_scan, present
from app.scanning.replies import Keyed, Render, RenderRefusal, answered, fingerprint, keep, replay
from app.scanning.requests import Identification, QueuedEvent, VisitRequest
from app.scanning.results import Reply, ReviewDecision, ReviewView
from app.scanning.service.redemptions import redeem
from app.scanning.service.visits import record_visit

Read = Callable[[Any], QueuedEvent]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_WAITING = Statement(
    """
    SELECT e.id, e.event, e.reason, e.received_at, e.device_id, d.name FROM offline_event e
    JOIN device d ON d.id = e.device_id
    WHERE e.location_id = :location_id AND e.status = 'review'
        AND (e.received_at > :after_at OR (e.received_at = :after_at AND e.id > :after_id))
    ORDER BY e.received_at, e.id LIMIT :limit
    """
)
_STAFF_NAME = Statement("SELECT name FROM staff WHERE id = :staff_id AND merchant_id = :merchant_id")
_EVENT = Statement(
    "SELECT status, device_id, event, voucher_code FROM offline_event WHERE location_id = :location_id AND id = :id"
)
_LOCKED_EVENT = Statement(
    "SELECT status FROM offline_event WHERE location_id = :location_id AND id = :id FOR UPDATE",
    sqlite="SELECT status FROM offline_event WHERE location_id = :location_id AND id = :id",  # one writer
)
_DEVICE = Statement(
    "SELECT written_off_at FROM device WHERE id = :device_id FOR SHARE",
    sqlite="SELECT written_off_at FROM device WHERE id = :device_id",
)
_DECIDE = Statement(
    """
    UPDATE offline_event SET status = :status, decided_at = :now, decided_by = :staff_id,
        transaction_id = :transaction_id
    WHERE location_id = :location_id AND id = :id AND status = 'review'
    """
)


def list_reviews(
    counter: Counter, *, limit: int, read: Read, after: tuple[datetime, str] = (BEGINNING, "")
) -> list[ReviewView]:
    """Up to ``limit`` events of this location that wait for a decision, those that came first at the head. ``read``
    takes a stored event apart; ``after`` is where the page before ended: when its last event came, and its id."""
    scope = counter.scope
    where = {"location_id": counter.location_id, "after_at": after[0], "after_id": after[1], "limit": limit}
    with scope.reading() as transaction:
        return [_view(transaction, counter, read, row) for row in transaction.rows(_WAITING, where)]


def decide(
    counter: Counter,
    event_id: str,
    *,
    is_approved: bool,
    key: str,
    read: Read,
    render: Render,
    render_refusal: RenderRefusal,
) -> Reply:
    """Book an event under review as it happened then, or leave it for good, with the answer under ``key``, in one
    transaction. ``render`` takes a :class:`ReviewDecision`.

    Booked are its moment and the rules of that moment; its age, its rotating digits and who it says it was by are not
    asked again, for a manager or the owner says that it is right, or anybody at a shop where nobody has a PIN. Raises
    ``ManagerNeededError`` for anybody else and ``NotFoundError`` for an event that is not there; answers
    ``ReviewDecidedError`` for one that was decided on, and whatever else its booking is refused for: it then still
    waits. A repeat gets the first answer.
    """
    scope = counter.scope
    with scope.reading() as transaction:
        _require_decider(counter, current_configuration(transaction, counter.merchant_id))
    keyed = Keyed(counter.location_id, key, fingerprint(scope, "reviews", {"id": event_id, "is_approved": is_approved}))
    where = {"location_id": counter.location_id, "id": event_id}

    def work(transaction: Transaction) -> str:
        replay(context(transaction, scope, None, key).stored, keyed, _no_rebuilding)
        rows = transaction.rows(_EVENT, where)
        if not rows:
            raise NotFoundError(what="event")
        _, device_id, stored, voucher_code = rows[0]
        # The tablet before the event before the voucher: the order of whoever gives a tablet up.
        is_stranded = voucher_code is not None and _is_stranded(transaction, voucher_code)
        ((status,),) = transaction.rows(_LOCKED_EVENT, where)
        if status not in ("review", "approved", "refused"):
            raise NotFoundError(what="event")
        if status != "review":
            raise ReviewDecidedError
        event = read(document(stored))
        made = _book(counter, event, device_id, transaction) if is_approved else None
        decision = ReviewDecision(event_id, "approved" if is_approved else "refused", made)
        transaction.run(
            _DECIDE,
            {
                **where,
                "status": decision.status,
                "now": scope.now,
                "staff_id": scope.staff_id,
                "transaction_id": made,
            },
        )
        if is_stranded and voucher_code not in undecided_vouchers(transaction, counter.location_id):
            releasing.release_stranded(transaction, scope, voucher_code)
        audit.record(
            transaction,
            scope,
            f"review.{decision.status}",
            "queued_event",
            event_id,
            after={"device": device_id, "transaction": made, "staff": scope.staff_id},
        )
        body = render(decision)
        batch = Batch()
        keep(batch, scope, keyed, body=body, member_id=None, answer_to=None)
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal)


def _is_stranded(transaction: Transaction, voucher_code: str) -> bool:
    """Whether a voucher was kept for this decision alone, its tablet having been given up: nobody else lets go of it.
    The tablet's row is held from here on."""
    voucher = vouchers.find_by_code(transaction, voucher_code, lock=False)
    if voucher is None or voucher.hold_device_id is None or not voucher.is_reserved:
        return False
    return bool(transaction.rows(_DEVICE, {"device_id": voucher.hold_device_id})[0][0])


def _require_decider(counter: Counter, config: MerchantConfig) -> None:
    scope = counter.scope
    if scope.staff_id is not None:
        if scope.staff_role not in ("manager", "owner"):
            raise ManagerNeededError
    elif config.has_staff_pins(counter.location_id):
        raise ManagerNeededError


def _book(counter: Counter, event: QueuedEvent, device_id: str, transaction: Transaction) -> str:
    """Book it in the open transaction, and return the transaction's id. A refusal leaves the whole of it."""
    scope = counter.scope
    config = current_configuration(transaction, counter.merchant_id)
    made: list[str] = []

    def render(result: Any) -> str:
        made.append(result.transaction_id)
        return "{}"

    # Its own id is the key of what it was refused for. No request can bring a key with such a character in it.
    key = f"\x1freview {event.id}"
    if event.visit is not None:
        visit = replace(event.visit, who=_who(counter, event.visit), staff_id=_named(counter, config, event.visit))
        record_visit(counter, visit, key=key, render=render, render_refusal=_refuse, source="queue", is_reviewed=True)
    elif event.redemption is not None:
        given = replace(event.redemption, staff_id=_named(counter, config, event.redemption))
        redeem(counter, given, key=key, render=render, render_refusal=_refuse, reviewed_of=device_id)
    if not made:
        raise LookupError(f"the event {event.id} of {scope.location_id} was booked without being decided on")
    return made[0]


def _named(counter: Counter, config: MerchantConfig, request: Any) -> str | None:
    """Who booked it: whom the event names, if somebody here has that id; else whoever decides."""
    return request.staff_id if request.staff_id in config.staff else counter.scope.staff_id


def _who(counter: Counter, visit: VisitRequest) -> Identification:
    """Whose card: a scan stands for its number here, however old it is and whichever tablet made it."""
    if visit.who.scan_id is None:
        return visit.who
    return Identification(code=number_in_scan(counter.scope, visit.who.scan_id) or "")


def _view(transaction: Transaction, counter: Counter, read: Read, row: tuple[Any, ...]) -> ReviewView:
    event_id, stored, reason, received_at, _, device_name = row
    raw = document(stored)
    try:
        event = read(raw)
    except DomainError:
        event = QueuedEvent(event_id, 0)  # as a version before this one took it
    visit, redemption = event.visit, event.redemption
    asked = visit if visit is not None else redemption
    staff_id = None if asked is None else asked.staff_id
    names = (
        transaction.rows(_STAFF_NAME, {"staff_id": staff_id, "merchant_id": counter.merchant_id}) if staff_id else []
    )
    return ReviewView(
        event_id=event_id,
        kind="redemption" if redemption is not None else "visit",
        occurred_at=(None if asked is None else asked.occurred_at) or received_at,
        received_at=received_at,
        reason=reason,
        number_masked=None if visit is None else _masked(counter, visit),
        amount_minor=None if visit is None else visit.amount_minor,
        units=None if visit is None else visit.units,
        staff_name=names[0][0] if names else None,
        device_name=device_name,
    )


def _masked(counter: Counter, visit: VisitRequest) -> str | None:
    try:
        presented = present(_who(counter, visit), scope=counter.scope, hosts=counter.hosts)
    except DomainError:
        return None
    return mask_number(presented.number) if presented.reference is None else mask_reference(presented.reference)


def _refuse(error: DomainError) -> NoReturn:
    # Not an answer under the booking's key: the decision fails as a whole, and may be taken again.
    raise error


def _no_rebuilding(_: Any) -> str:
    raise LookupError("the answer of a decision is never pruned")
