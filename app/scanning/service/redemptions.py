"""Giving a reward at the counter: for units, or for a voucher that the member holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.cards import codes, security
from app.cards.codes import CodeKind
from app.common import outbox
from app.common.batch import Batch
from app.common.database import Transaction
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCATION_TRANSACTION, LOCK_HERE, accounts_by_programme, expire_due, gather
from app.rewards import brakes, releasing, vouchers
from app.rewards.configuration import MerchantConfig, configuration
from app.rewards.errors import (
    VoucherHeldError,
    VoucherOverError,
    VoucherUndecidedError,
    VoucherUnknownError,
    VoucherUsedError,
)
from app.rewards.spending import require_here, take_reward
from app.rewards.undecided import undecided_vouchers
from app.rewards.vouchers import VoucherRow
from app.scanning import rebuilding
from app.scanning.approving import Approval, approval, require_staff
from app.scanning.asking import Wish, asking
from app.scanning.braking import require_free, require_released, settle
from app.scanning.counter import Counter, balances, moment, tell
from app.scanning.identifying import Presented, context, present, prove, usable
from app.scanning.refusing import REDEMPTION, Shown, noting
from app.scanning.replies import Keyed, Render, RenderRefusal, answered, fingerprint, keep, replay
from app.scanning.requests import RedemptionRequest
from app.scanning.results import RedemptionResult, Reply

_ROUTE = "redemptions"


def redeem(
    counter: Counter,
    request: RedemptionRequest,
    *,
    key: str,
    render: Render,
    render_refusal: RenderRefusal,
    oldest: timedelta | None = None,
    reviewed_of: str | None = None,
) -> Reply:
    """Give a reward, with the answer under ``key``, in one transaction: spend its cost (``reward_id``), or use up a
    voucher (``voucher_code``, or ``voucher_id`` with the card and the proof that a reward takes). A repeat gets the
    first answer. Never more than the balance pays for, whatever races.

    ``oldest``: it comes from a tablet's queue, whose events are judged by when they happened and may not be older than
    this. ``reviewed_of``: the device from whose queue a voucher's redemption came at which somebody of the shop looked
    since, so that neither its age nor who it says gave it is asked again.
    """
    if request.voucher_code is not None:
        return _redeem_voucher(counter, request, key, render, render_refusal, oldest, reviewed_of)
    if request.voucher_id is not None:
        return _redeem_held(counter, request, key, render, render_refusal)
    return _redeem_reward(counter, request, key, render, render_refusal, oldest)


def _redeem_reward(
    counter: Counter,
    request: RedemptionRequest,
    key: str,
    render: Render,
    render_refusal: RenderRefusal,
    oldest: timedelta | None,
) -> Reply:
    scope = counter.scope
    presented, keyed = read_request(counter, request, key, _ROUTE)
    # Not stored under the key when refused: the same request may come again with the right PIN.
    with noting(scope, Shown(REDEMPTION, presented.number)):
        approved = approval(counter, presented, member_pin=request.member_pin, staff_pin=request.staff_pin)

    def work(transaction: Transaction) -> str:
        batch = Batch()
        result, config, member_id = spend(
            transaction, counter, request, presented, approved, keyed, batch, render, hold_until=None, oldest=oldest
        )
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=member_id, answer_to=result.transaction_id)
        tell_redeemed(batch, config, result, counter, member_id, scope.now)
        batch.write(transaction)
        return body

    return asking(scope, lambda: answered(scope, keyed, work, render_refusal))


def read_request(counter: Counter, request: RedemptionRequest, key: str, route: str) -> tuple[Presented, Keyed]:
    """Take the code apart and fingerprint what is asked: the card, the reward and how often, never a PIN."""
    if request.who is None or request.reward_id is None:
        raise VoucherUnknownError
    presented = present(request.who, scope=counter.scope, hosts=counter.hosts)
    content = {"number": presented.number, "reward": request.reward_id, "quantity": request.quantity}
    shown = Shown(REDEMPTION, presented.number)
    return presented, Keyed(counter.location_id, key, fingerprint(counter.scope, route, content), shown)


def spend(
    transaction: Transaction,
    counter: Counter,
    request: RedemptionRequest,
    presented: Presented,
    approved: Approval,
    keyed: Keyed,
    batch: Batch,
    render: Render,
    *,
    hold_until: datetime | None,
    oldest: timedelta | None = None,
) -> tuple[RedemptionResult, MerchantConfig, str]:
    """Plan spending units for a reward, given at once or held for this device. The caller writes the batch."""
    scope = counter.scope
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    found = context(transaction, scope, presented.number, keyed.key)
    replay(
        found.stored,
        keyed,
        lambda stored: render(rebuilding.redemption(transaction, stored, counter.merchant_id)),
    )
    card = usable(found, earns=False)
    own = brakes.brakes_of(transaction, card.member_id)
    brakes.require_unlocked(own)
    proven = prove(transaction, scope, presented, batch, posting.now)
    settle(transaction, scope, card, proven, approved)
    config = configuration(transaction, counter.merchant_id, found.config_version)
    accounts = accounts_by_programme(transaction, LOCK_HERE, card.member_id, counter.merchant_id)
    expire_due(transaction, posting, accounts.values(), posting.now)
    occurred_at = moment(request.occurred_at, posting.now, oldest=oldest)
    voucher, reward, booking = take_reward(
        transaction,
        posting,
        batch,
        config,
        accounts,
        member_id=card.member_id,
        reward_id=request.reward_id or "",
        quantity=request.quantity,
        occurred_at=occurred_at,
        source="counter" if hold_until is None else "hold",
        location_id=counter.location_id,
        device_id=scope.device_id,
        staff_id=approved.staff_id or request.staff_id,
        redeemed_at=posting.now if hold_until is None else None,
        hold_until=hold_until,
    )
    # Last: nobody is asked about what could not be given anyway.
    wish = Wish(
        member_id=card.member_id,
        merchant_id=config.id,
        location_id=counter.location_id,
        reward_id=reward.id,
        voucher_id=None,
        quantity=request.quantity,
        worth_minor=reward.worth_minor(request.quantity),
        currency=config.currency,
    )
    timezone = config.any_programme(reward.programme_id).timezone
    require_free(transaction, batch, own, wish, posting.now, timezone)
    batch.insert(LOCATION_TRANSACTION, (counter.location_id, booking.id, card.member_id, "redeem", posting.now))
    gather(posting, batch)
    result = RedemptionResult(
        redemption_id=voucher.id,
        transaction_id=booking.id,
        reward_id=reward.id,
        name=reward.name,
        kind=reward.kind,
        value=voucher.value,
        accounts=balances(config, accounts),
        hold_until=hold_until,
    )
    return result, config, card.member_id


def _redeem_voucher(
    counter: Counter,
    request: RedemptionRequest,
    key: str,
    render: Render,
    render_refusal: RenderRefusal,
    oldest: timedelta | None,
    reviewed_of: str | None,
) -> Reply:
    scope = counter.scope
    scanned = codes.parse(request.voucher_code or "", counter.hosts)
    if scanned.kind is not CodeKind.VOUCHER:
        raise VoucherUnknownError
    asked = fingerprint(scope, _ROUTE, {"voucher": scanned.number})
    keyed = Keyed(counter.location_id, key, asked, Shown(REDEMPTION, voucher_code=scanned.number))

    def work(transaction: Transaction) -> str:
        now = scope.now
        found = context(transaction, scope, None, key)
        replay(
            found.stored, keyed, lambda stored: render(rebuilding.redemption(transaction, stored, counter.merchant_id))
        )
        config = configuration(transaction, counter.merchant_id, found.config_version)
        if reviewed_of is not None:
            occurred_at = request.occurred_at or now
        else:
            occurred_at = moment(request.occurred_at, now, oldest=oldest)
            require_staff(counter, config, request.staff_id, is_queued=oldest is not None)
        # A queue's event was given before it came: its member's word comes too late.
        is_here = oldest is None and reviewed_of is None
        found_voucher = vouchers.find_by_code(transaction, scanned.number)
        voucher = require_usable(
            counter,
            found_voucher,
            occurred_at,
            device_id=reviewed_of or scope.device_id,
            hold_id=request.hold_id,
        )
        # Only what is reserved can have been handed out already; its tablet may have forgotten that with its storage.
        may_be_given = not voucher.is_reserved or reviewed_of is not None
        if not may_be_given and voucher.code in undecided_vouchers(transaction, counter.location_id):
            raise VoucherUndecidedError
        batch = Batch()
        if is_here:
            require_here(config.rewards[voucher.reward_id], counter.location_id)
            require_released(transaction, counter, config, voucher, batch)
        # Whoever is signed in when a queue is sent says nothing about its events.
        staff_id = request.staff_id if oldest is not None else request.staff_id or scope.staff_id
        result = use_up(transaction, counter, config, voucher, batch, occurred_at, staff_id)
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=voucher.member_id, answer_to=result.transaction_id)
        tell_redeemed(batch, config, result, counter, voucher.member_id, now, occurred_at)
        batch.write(transaction)
        return body

    return asking(scope, lambda: answered(scope, keyed, work, render_refusal))


def _redeem_held(
    counter: Counter, request: RedemptionRequest, key: str, render: Render, render_refusal: RenderRefusal
) -> Reply:
    """A voucher of the card in front of us, whose code a static scan was not told."""
    scope = counter.scope
    if request.who is None or request.voucher_id is None:
        raise VoucherUnknownError
    presented = present(request.who, scope=scope, hosts=counter.hosts)
    content = {"number": presented.number, "voucher_id": request.voucher_id}
    shown = Shown(REDEMPTION, presented.number)
    keyed = Keyed(counter.location_id, key, fingerprint(scope, _ROUTE, content), shown)
    with noting(scope, shown):
        approved = approval(counter, presented, member_pin=request.member_pin, staff_pin=request.staff_pin)

    def work(transaction: Transaction) -> str:
        now = scope.now
        found = context(transaction, scope, presented.number, key)
        replay(
            found.stored, keyed, lambda stored: render(rebuilding.redemption(transaction, stored, counter.merchant_id))
        )
        card = usable(found, earns=False)
        config = configuration(transaction, counter.merchant_id, found.config_version)
        held = vouchers.find_by_id(transaction, request.voucher_id or "")
        # No device: a tablet knows by the code alone which vouchers it redeemed without a network.
        mine = held if held is not None and held.member_id == card.member_id else None
        voucher = require_usable(counter, mine, now, device_id=None)
        batch = Batch()
        require_here(config.rewards[voucher.reward_id], counter.location_id)
        require_released(transaction, counter, config, voucher, batch)
        settle(transaction, scope, card, prove(transaction, scope, presented, batch, now), approved)
        result = use_up(transaction, counter, config, voucher, batch, now, approved.staff_id)
        body = render(result)
        keep(batch, scope, keyed, body=body, member_id=voucher.member_id, answer_to=result.transaction_id)
        tell_redeemed(batch, config, result, counter, voucher.member_id, now)
        batch.write(transaction)
        return body

    return asking(scope, lambda: answered(scope, keyed, work, render_refusal))


def require_usable(
    counter: Counter, voucher: VoucherRow | None, at: datetime, *, device_id: str | None, hold_id: str | None = None
) -> VoucherRow:
    """The voucher, if this location can take it; else raises why not. Another merchant's is not there.

    ``at`` is when it was given, which for a queued redemption lies in the past. ``device_id`` is the tablet that gave
    it: the only one that may, where it is reserved for one. A tablet that was paired anew tells of what it gave as
    another device; then ``hold_id`` says that it was shown the reservation, at the location that it was made for.
    """
    if voucher is None or voucher.merchant_id != counter.merchant_id:
        raise VoucherUnknownError
    if voucher.status == "redeemed":
        raise VoucherUsedError
    if voucher.status != "issued" or voucher.is_over(at):
        raise VoucherOverError
    if voucher.is_reserved:
        is_shown_here = hold_id == voucher.hold_id and voucher.hold_location_id == counter.location_id
        if voucher.hold_device_id != device_id and not is_shown_here:
            raise VoucherHeldError
    elif voucher.is_held(counter.scope.now) and voucher.hold_location_id != counter.location_id:
        raise VoucherHeldError
    return voucher


def use_up(
    transaction: Transaction,
    counter: Counter,
    config: MerchantConfig,
    voucher: VoucherRow,
    batch: Batch,
    occurred_at: datetime,
    staff_id: str | None,
) -> RedemptionResult:
    """Plan the redemption of an issued voucher: a transaction without transfers, since its units were spent when it
    was issued. Its row is guarded by its status: redeemed once, whatever races."""
    scope = counter.scope
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    if voucher.is_reserved and releasing.has_left(transaction, voucher.member_id):
        accounts = {}  # given while she was a member still; the books say so, and her accounts are nobody's
    else:
        accounts = accounts_by_programme(transaction, LOCK_HERE, voucher.member_id, counter.merchant_id)
    expire_due(transaction, posting, accounts.values(), posting.now)
    booking = posting.book(
        "redeem",
        voucher.member_id,
        occurred_at=occurred_at,
        merchant_id=config.id,
        location_id=counter.location_id,
        device_id=scope.device_id,
        staff_id=staff_id,
        voucher_id=voucher.id,
    )
    batch.insert(LOCATION_TRANSACTION, (counter.location_id, booking.id, voucher.member_id, "redeem", posting.now))
    batch.change(
        vouchers.REDEEM,
        (
            *("redeemed", booking.id, occurred_at, counter.location_id, None, None, None, None, None),
            *(voucher.member_id, voucher.id, "issued"),
        ),
    )
    gather(posting, batch)
    reward = config.rewards[voucher.reward_id]
    return RedemptionResult(
        redemption_id=voucher.id,
        transaction_id=booking.id,
        reward_id=reward.id,
        name=reward.name,
        kind=reward.kind,
        value=voucher.value,
        accounts=balances(config, accounts),
    )


def tell_redeemed(
    batch: Batch,
    config: MerchantConfig,
    result: RedemptionResult,
    counter: Counter,
    member_id: str,
    now: datetime,
    occurred_at: datetime | None = None,
) -> None:
    """Put a redemption's webhook event, and what its member is told, into the batch; it happened now unless told."""
    if not counter.scope.is_sandbox:
        spent = {"merchant_id": config.id, "location_id": counter.location_id, "reward_id": result.reward_id}
        batch.insert(outbox.TABLE, security.told(now, member_id, "spent", **spent, voucher_id=result.redemption_id))
    tell(
        batch,
        config,
        "voucher.redeemed",
        now,
        {
            "redemption_id": result.redemption_id,
            "voucher_id": result.redemption_id,
            "transaction_id": result.transaction_id,
            "reward_id": result.reward_id,
            "name": result.name,
            "kind": result.kind,
            "value": dict(result.value),
            "member_id": member_id,
            "location_id": counter.location_id,
            "device_id": counter.scope.device_id,
            "occurred_at": (occurred_at or now).isoformat(),
        },
    )
