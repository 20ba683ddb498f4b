"""Recording a visit, and telling beforehand what it would earn."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.common.batch import Batch
from app.common.database import Transaction
from app.common.money import format_amount
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCK_HERE, accounts_by_programme, expire_due, gather
from app.rewards.booking import PlannedVisit, book_visit
from app.rewards.configuration import MerchantConfig, configuration
from app.rewards.history import History
from app.rewards.outcomes import VisitResult
from app.scanning import rebuilding
from app.scanning.counter import Counter, moment, tell
from app.scanning.errors import CurrencyWrongError
from app.scanning.identifying import (
    Context,
    KnownCard,
    Presented,
    context,
    context_and_accounts,
    present,
    prove,
    usable,
)
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
) -> Reply:
    """Book a visit: what it earns, what it unlocks, and the answer under ``key``, in one transaction.

    ``render`` makes the stored body from a :class:`VisitResult`. A repeat with the same content gets the first answer
    and books nothing; with other content it raises ``KeyReusedError``. Refusals that are answers come back as replies.
    """
    scope = counter.scope
    presented = present(request.who, scope=scope, hosts=counter.hosts)
    keyed = Keyed(counter.location_id, key, fingerprint(scope, _ROUTE, _content(presented, request)))

    def work(transaction: Transaction) -> str:
        now = scope.now
        accounts: dict[str, AccountState] | None = None
        if transaction.locks and transaction.dialect != "sqlite":
            found = context(transaction, scope, presented.number, key)
        else:
            found, accounts = context_and_accounts(transaction, scope, presented.number, key)
        replay(found.stored, keyed, lambda stored: render(rebuilding.visit(transaction, stored, counter.merchant_id)))
        card = usable(found, earns=True)
        occurred_at = moment(request.occurred_at, now, oldest=oldest)
        config = _config(transaction, counter, found, request)
        batch = Batch()
        prove(transaction, scope, presented, batch, occurred_at if oldest is not None else now)
        if accounts is None:
            accounts = accounts_by_programme(transaction, LOCK_HERE, card.member_id, counter.merchant_id)
        was_here = bool(accounts)
        posting, result, visit = _book(
            transaction, counter, config, card, accounts, request, batch, occurred_at, source
        )
        gather(posting, batch)
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=card.member_id, answer_to=visit.id)
        _tell_all(batch, config, visit, result, now, has_joined=bool(accounts) and not was_here)
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal, single=True)


def preview_visit(counter: Counter, request: VisitRequest) -> VisitResult:
    """What the visit would earn now. Books nothing, and doesn't use a rotating code up."""
    scope = counter.scope
    presented = present(request.who, scope=scope, hosts=counter.hosts)
    with scope.reading() as transaction:
        found, accounts = context_and_accounts(transaction, scope, presented.number, None)
        card = usable(found, earns=True)
        occurred_at = moment(request.occurred_at, scope.now)
        config = _config(transaction, counter, found, request)
        return _book(
            transaction, counter, config, card, accounts, request, Batch(), occurred_at, "preview", is_preview=True
        )[1]


def _config(transaction: Transaction, counter: Counter, found: Context, request: VisitRequest) -> MerchantConfig:
    config = configuration(transaction, counter.merchant_id, found.config_version)
    if request.currency is not None and request.currency != config.currency:
        raise CurrencyWrongError(currency=config.currency)
    return config


def _book(
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
) -> tuple[Posting, VisitResult, PlannedVisit]:
    scope = counter.scope
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
        staff_id=scope.staff_id or request.staff_id,
        source=source,
    )
    history = History(transaction, scope.keys)
    result = book_visit(transaction, posting, batch, config, accounts, visit, history, is_preview=is_preview)
    return posting, result, visit


def _content(presented: Presented, request: VisitRequest) -> dict[str, object]:
    """The visit itself: not the rotating digits, nor which of code and scan stood for the card."""
    return {
        "number": presented.number,
        "amount": request.amount_minor,
        "currency": request.currency,
        "units": request.units,
        "programme": request.programme_id,
        "items": [[item.sku, item.name, item.category, item.quantity, item.amount_minor] for item in request.items],
        "receipt": request.receipt_ref,
    }


def _tell_all(
    batch: Batch,
    config: MerchantConfig,
    visit: PlannedVisit,
    result: VisitResult,
    now: datetime,
    *,
    has_joined: bool,
) -> None:
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
