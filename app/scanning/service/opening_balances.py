"""Entering the stamps of an old paper card at a counter."""

from __future__ import annotations

from dataclasses import dataclass

from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCATION_TRANSACTION, LOCK_HERE, accounts_by_programme, expire_due, gather
from app.rewards import opening
from app.rewards.configuration import MerchantConfig, configuration
from app.rewards.errors import ProgrammeUnknownError
from app.rewards.outcomes import Unlocked
from app.scanning import rebuilding
from app.scanning.approving import staff_approval
from app.scanning.counter import Counter, balances, tell, tell_unlocked
from app.scanning.identifying import context, present, prove, usable
from app.scanning.refusing import OPENING, Shown
from app.scanning.replies import Keyed, Render, RenderRefusal, answered, fingerprint, keep, replay
from app.scanning.requests import Identification
from app.scanning.results import OpeningResult, Reply

_ROUTE = "opening-balances"
_NAME = Statement("SELECT name FROM staff WHERE id = :id")


@dataclass(frozen=True, slots=True)
class OpeningRequest:
    """``units`` (> 0) of an old card for one programme; ``staff_pin`` where nobody who may approve is signed in."""

    who: Identification
    programme_id: str
    units: int
    staff_pin: str | None = None


def enter_opening_balance(
    counter: Counter, request: OpeningRequest, *, key: str, render: Render, render_refusal: RenderRefusal
) -> Reply:
    """Book what an old paper card held, once for each member and programme, and the vouchers of the cards it fills,
    with the answer under ``key``, in one transaction. ``render`` takes an :class:`OpeningResult`.

    It can be undone like any booking of this location, and then entered again. A repeat gets the first answer. Raises
    what :func:`app.rewards.opening.enter` and :func:`app.scanning.approving.staff_approval` raise.
    """
    scope = counter.scope
    presented = present(request.who, scope=scope, hosts=counter.hosts)
    content = {"number": presented.number, "programme": request.programme_id, "units": request.units}
    keyed = Keyed(counter.location_id, key, fingerprint(scope, _ROUTE, content), Shown(OPENING, presented.number))
    # Not stored under the key when refused: the same request may come again with the right PIN.
    approved = staff_approval(counter, request.staff_pin, is_redeeming=False)

    def work(transaction: Transaction) -> str:
        found = context(transaction, scope, presented.number, key)
        replay(
            found.stored,
            keyed,
            lambda stored: render(rebuilding.opening_balance(transaction, stored, counter.merchant_id)),
        )
        card = usable(found, earns=True)
        found.check_earning(scope.now)
        config = configuration(transaction, counter.merchant_id, found.config_version)
        programme = config.programme(request.programme_id)
        if programme is None:
            raise ProgrammeUnknownError
        batch = Batch()
        posting = Posting(Sealer(scope.keys.ledger), scope.now)
        prove(transaction, scope, presented, batch, posting.now)
        accounts = accounts_by_programme(transaction, LOCK_HERE, card.member_id, counter.merchant_id)
        has_joined = not accounts
        expire_due(transaction, posting, accounts.values(), posting.now)
        booking, unlocked = opening.enter(
            transaction,
            posting,
            batch,
            config,
            programme,
            accounts,
            member_id=card.member_id,
            units=request.units,
            location_id=counter.location_id,
            device_id=scope.device_id,
            staff_id=approved.staff_id,
        )
        batch.insert(LOCATION_TRANSACTION, (counter.location_id, booking.id, card.member_id, "adjust", posting.now))
        gather(posting, batch)
        body = render(OpeningResult(booking.id, balances(config, accounts), tuple(unlocked)))
        keep(batch, scope, keyed, body=body, member_id=card.member_id, answer_to=booking.id)
        _tell_all(batch, config, counter, card.member_id, unlocked, has_joined=has_joined)
        named = transaction.rows(_NAME, {"id": approved.staff_id}) if approved.staff_id is not None else []
        audit.record(
            transaction,
            scope,
            "opening_balance.entered",
            "account",
            accounts[programme.id].id,
            after={
                "units": request.units,
                "programme_id": programme.id,
                "transaction_id": booking.id,
                "staff_id": approved.staff_id,
                "staff_name": named[0][0] if named else None,
            },
        )
        batch.write(transaction)
        return body

    return answered(scope, keyed, work, render_refusal)


def _tell_all(
    batch: Batch,
    config: MerchantConfig,
    counter: Counter,
    member_id: str,
    unlocked: list[Unlocked],
    *,
    has_joined: bool,
) -> None:
    where = {"member_id": member_id, "location_id": counter.location_id}
    now = counter.scope.now
    if has_joined:
        tell(batch, config, "member.joined", now, {**where, "occurred_at": now.isoformat()})
    for voucher in unlocked:
        tell_unlocked(batch, config, member_id, voucher, now)
        what = {"voucher_id": voucher.voucher_id, "reward_id": voucher.reward_id, "name": voucher.name}
        tell(batch, config, "reward.unlocked", now, {**what, "visit_id": None, **where})
