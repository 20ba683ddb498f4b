"""Recording a visit, and telling beforehand what it would earn."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.campaigns.news import first_visit_row
from app.common import outbox
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.money import format_amount
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCK_HERE, accounts_by_programme, expire_due, gather
from app.merchants import trial
from app.merchants.invitation_gifts import invitation_gifts
from app.rewards.booking import PlannedVisit, book_visit
from app.rewards.configuration import MerchantConfig, configuration
from app.rewards.history import History
from app.rewards.outcomes import VisitResult
from app.scanning import kiosk, rebuilding
from app.scanning.approving import require_staff
from app.scanning.counter import Counter, moment, tell, tell_unlocked
from app.scanning.errors import CurrencyWrongError
from app.scanning.identifying import (
    Context,
    KnownCard,
    context,
    context_and_accounts,
    present,
    prove,
    usable,
)
from app.scanning.limiting import check_limits
from app.scanning.refusing import VISIT, Shown
from app.scanning.replies import Keyed, Render, RenderRefusal, answered, fingerprint, keep, replay
from app.scanning.requests import VisitRequest
from app.scanning.results import Reply

_ROUTE = "visits"


def record_visit(
    counter: Counter,
    request: VisitRequest,
    *,
    key: str,
    render: Render,
    render_refusal: RenderRefusal,
    oldest: timedelta | None = None,
    source: str = "counter",
    is_reviewed: bool = False,
) -> Reply:
    """Book a visit: what it earns, what it unlocks, and the answer under ``key``, in one transaction.

    ``render`` makes the stored body from a :class:`VisitResult`. A repeat with the same content gets the first answer
    and books nothing; with other content it raises ``KeyReusedError``. Refusals that are answers come back as replies.

    ``oldest``: it comes from a tablet's queue, whose events are judged by when they happened and may not be older than
    this. ``is_reviewed``: somebody of the shop looked at such an event and says that it is right, so that neither its
    age nor its rotating digits, nor who it says booked it, are asked again.
    """
    scope = counter.scope
    is_queued = oldest is not None or is_reviewed
    presented = present(request.who, scope=scope, hosts=counter.hosts, at=request.occurred_at if is_queued else None)
    shown = Shown(VISIT, presented.number)
    asked = fingerprint(scope, _ROUTE, content_of(presented.number, request))
    keyed = Keyed(counter.location_id, key, asked, shown)

    def work(transaction: Transaction) -> str:
        now = scope.now
        accounts: dict[str, AccountState] | None = None
        if transaction.locks and transaction.dialect != "sqlite":
            found = context(transaction, scope, presented.number, key)
        else:
            found, accounts = context_and_accounts(transaction, scope, presented.number, key)
        replay(found.stored, keyed, lambda stored: render(rebuilding.visit(transaction, stored, counter.merchant_id)))
        card = usable(found, earns=True)
        if is_reviewed:
            occurred_at = request.occurred_at or now
        else:
            occurred_at = moment(request.occurred_at, now, oldest=oldest)
        found.check_earning(occurred_at)
        config = read_configuration(transaction, counter, found, request)
        batch = Batch()
        if not is_reviewed:
            _check_staff(counter, config, request, is_queued=is_queued)
            prove(transaction, scope, presented, batch, occurred_at if is_queued else now)
        if request.is_kiosk:
            kiosk.lock_member(transaction, card.member_id)
            kiosk.check_wait(transaction, config, card.member_id, occurred_at, now)
        if config.limits.are_set and not is_reviewed:
            _check_limits(transaction, counter, config, card, request, occurred_at, is_queued=is_queued)
        if accounts is None:
            accounts = accounts_by_programme(transaction, LOCK_HERE, card.member_id, counter.merchant_id)
        was_here = bool(accounts)
        is_first = not any(account.visits for account in accounts.values())
        posting, result, visit = plan_visit(
            transaction,
            counter,
            config,
            card,
            accounts,
            request,
            batch,
            occurred_at,
            kiosk.SOURCE if request.is_kiosk else source,
            is_queued=oldest is not None,
        )
        gather(posting, batch)
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=card.member_id, answer_to=visit.id)
        tell_recorded(batch, config, visit, result, now, has_joined=bool(accounts) and not was_here, is_first=is_first)
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal, single=not request.is_kiosk)


def preview_visit(counter: Counter, request: VisitRequest) -> VisitResult:
    """What the visit would earn now. Books nothing, and doesn't use a rotating code up."""
    scope = counter.scope
    presented = present(request.who, scope=scope, hosts=counter.hosts)
    with scope.reading() as transaction:
        found, accounts = context_and_accounts(transaction, scope, presented.number, None)
        card = usable(found, earns=True)
        occurred_at = moment(request.occurred_at, scope.now)
        found.check_earning(occurred_at)
        config = read_configuration(transaction, counter, found, request)
        if request.is_kiosk:
            kiosk.check_wait(transaction, config, card.member_id, occurred_at, scope.now)
        if config.limits.are_set:
            _check_limits(transaction, counter, config, card, request, occurred_at)
        return plan_visit(
            transaction, counter, config, card, accounts, request, Batch(), occurred_at, "preview", is_preview=True
        )[1]


def read_configuration(
    transaction: Transaction, counter: Counter, found: Context, request: VisitRequest
) -> MerchantConfig:
    """The merchant's rules. Raises :class:`CurrencyWrongError` for a visit in another currency than its."""
    config = configuration(transaction, counter.merchant_id, found.config_version)
    if request.currency is not None and request.currency != config.currency:
        raise CurrencyWrongError(currency=config.currency)
    return config


def _check_staff(counter: Counter, config: MerchantConfig, request: VisitRequest, *, is_queued: bool) -> None:
    # At a kiosk nobody stands by; the limit on its visits is what keeps them honest.
    if request.is_kiosk and request.staff_id is None:
        return
    require_staff(counter, config, request.staff_id, is_queued=is_queued)


def _check_limits(
    transaction: Transaction,
    counter: Counter,
    config: MerchantConfig,
    card: KnownCard,
    request: VisitRequest,
    at: datetime,
    *,
    is_queued: bool = False,
) -> None:
    staff_id = request.staff_id if is_queued else request.staff_id or counter.scope.staff_id
    check_limits(transaction, counter, config, member_id=card.member_id, number=card.number, staff_id=staff_id, at=at)


def plan_visit(
    transaction: Transaction,
    counter: Counter,
    config: MerchantConfig,
    card: KnownCard,
    accounts: dict[str, AccountState],
    request: VisitRequest,
    batch: Batch,
    occurred_at: datetime,
    source: str,
    *,
    is_preview: bool = False,
    is_queued: bool = False,
) -> tuple[Posting, VisitResult, PlannedVisit]:
    """Plan a visit on a card that is known and usable, with its member's locked ``accounts``. The caller gathers the
    posting and writes the batch. ``is_queued``: whoever is signed in now says nothing about it."""
    scope = counter.scope
    if not config.is_approved:
        trial.take_visit(transaction, None if is_preview else batch, config.id, scope.now, config.timezone)
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    expire_due(transaction, posting, accounts.values(), posting.now)
    visit = PlannedVisit(
        member_id=card.member_id,
        number=card.number,
        location_id=counter.location_id,
        occurred_at=occurred_at,
        amount_minor=request.amount_minor,
        units=request.units,
        items=request.items,
        programme_id=request.programme_id,
        receipt_ref=request.receipt_ref,
        device_id=scope.device_id,
        staff_id=request.staff_id if is_queued else request.staff_id or scope.staff_id,
        source=source,
    )
    history = History(transaction, scope.keys)
    result = book_visit(transaction, posting, batch, config, accounts, visit, history, is_preview=is_preview)
    return posting, result, visit


def content_of(number: str | None, request: VisitRequest) -> dict[str, object]:
    """The visit itself: not the rotating digits, nor which of code and scan stood for the card."""
    content: dict[str, object] = {
        "number": number,
        "amount": request.amount_minor,
        "currency": request.currency,
        "units": request.units,
        "programme": request.programme_id,
        "items": [[item.sku, item.name, item.category, item.quantity, item.amount_minor] for item in request.items],
        "receipt": request.receipt_ref,
    }
    return content | {"kiosk": True} if request.is_kiosk else content


def tell_recorded(
    batch: Batch,
    config: MerchantConfig,
    visit: PlannedVisit,
    result: VisitResult,
    now: datetime,
    *,
    has_joined: bool,
    is_first: bool = False,
) -> None:
    """Put into the batch what is told of a visit: to its member what it unlocked, and that it is her first where an
    invitation may have led to it; to whoever listens by webhook who joined by it, the visit, and what it unlocked."""
    for voucher in result.unlocked:
        tell_unlocked(batch, config, visit.member_id, voucher, now)
    if is_first and invitation_gifts(config.settings) is not None:
        row = first_visit_row(member_id=visit.member_id, merchant_id=config.id, now=now)
        batch.insert(outbox.TABLE, row)
    if not config.events:
        return
    if has_joined:
        joined = {
            "member_id": visit.member_id,
            "location_id": visit.location_id,
            "occurred_at": visit.occurred_at.isoformat(),
        }
        tell(batch, config, "member.joined", now, joined)
    tell(
        batch,
        config,
        "visit.recorded",
        now,
        {
            "visit_id": visit.id,
            "transaction_id": visit.transaction_id,
            "location_id": visit.location_id,
            "member_id": visit.member_id,
            "device_id": visit.device_id,
            "occurred_at": visit.occurred_at.isoformat(),
            "amount": None if visit.amount_minor is None else format_amount(visit.amount_minor, config.currency),
            "currency": config.currency,
            "receipt_ref": visit.receipt_ref,
            "earned": [{"programme_id": one.programme_id, "units": one.units} for one in result.earned],
        },
    )
    for voucher in result.unlocked:
        tell(
            batch,
            config,
            "reward.unlocked",
            now,
            {
                "voucher_id": voucher.voucher_id,
                "reward_id": voucher.reward_id,
                "name": voucher.name,
                "member_id": visit.member_id,
                "visit_id": visit.id,
                "location_id": visit.location_id,
            },
        )
