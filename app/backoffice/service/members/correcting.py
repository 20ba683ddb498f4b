"""Corrections and goodwill: units given or taken by hand, with a reason that she and the owner can read."""

from __future__ import annotations

from dataclasses import dataclass

from app.backoffice.queries.members.detail import member_row
from app.campaigns.news import queue_unlocked
from app.cards import changes
from app.common import audit
from app.common.batch import Batch
from app.common.clock import local_day_bounds
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCK_HERE, accounts_by_programme, expire_due, gather
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, current_configuration
from app.rewards.errors import CorrectionTooLargeError
from app.rewards.gifting import give_or_take
from app.rewards.undoing import find_booked

MOST = 1_000_000
LONGEST_REASON = 200
_OF_POINTS = 500  # what a manager may give of points where no reward says what they are worth
_GIVEN_TODAY = Statement(
    """
    SELECT coalesce(sum(x.amount), 0) FROM ledger_transaction t
    JOIN transfer x ON x.member_id = t.member_id AND x.transaction_id = t.id
    WHERE t.member_id = :member_id AND t.kind = 'adjust' AND t.staff_id = :staff_id AND t.merchant_id = :merchant_id
        AND t.recorded_at >= :since AND x.programme_id = :programme_id
    """
)


@dataclass(frozen=True, slots=True)
class Corrected:
    """The balance after a correction, and the rewards that full cards became."""

    balance: int
    owed: int
    unlocked: tuple[str, ...]


def limit_of(scope: Scope, programme_id: str) -> int:
    """The most units of a programme that the scope's person may give or take of one member on one day. Raises
    NotFoundError."""
    with scope.reading() as tx:
        config = current_configuration(tx, scope.merchant_id or "")
        return _limit(scope, config, _programme(config, programme_id))


def correct(scope: Scope, member_id: str, *, programme_id: str, units: int, reason: str, booking_id: str) -> Corrected:
    """Give ``units`` (> 0; they expire like what is earned today, and fill cards) or take them (< 0, at most the
    balance). ``booking_id`` is new and comes with the form: a repeat books nothing more.

    An owner may correct anything; whoever else may, a full card a day, or of points the dearest reward. Raises
    NotFoundError for a member or a programme that is not the scope's, ``InvalidError``, ``NotEnoughError``,
    :class:`CorrectionTooLargeError`.
    """
    why = " ".join(reason.split())
    if not units or abs(units) > MOST:
        raise InvalidError(errors={"units": ["between 1 and 1,000,000, or less than 0 to take"]})
    if not 0 < len(why) <= LONGEST_REASON:
        raise InvalidError(errors={"reason": ["a reason is needed"]})
    if not is_id(booking_id):
        raise InvalidError(errors={"booking_id": ["not an id"]})

    def work(tx: Transaction) -> Corrected:
        member_row(tx, scope, member_id)
        config = current_configuration(tx, scope.merchant_id or "")
        programme = _programme(config, programme_id)
        posting, batch = Posting(Sealer(scope.keys.ledger), scope.now), Batch()
        accounts = accounts_by_programme(tx, LOCK_HERE, member_id, config.id)
        account = accounts.get(programme_id)
        if find_booked(tx, member_id, booking_id) is not None:
            return Corrected(account.balance if account else 0, account.owed if account else 0, ())
        _require_within(tx, scope, config, programme, member_id, abs(units))
        expire_due(tx, posting, accounts.values(), posting.now)
        if units < 0 and account is None:
            raise InvalidError(errors={"units": ["there is nothing to take"]})
        unlocked = give_or_take(
            tx,
            posting,
            batch,
            config,
            programme,
            accounts,
            member_id=member_id,
            units=units,
            reason=why,
            transaction_id=booking_id,
            staff_id=scope.staff_id,
        )
        account = accounts[programme_id]
        gather(posting, batch)
        queue_unlocked(batch, unlocked, member_id=member_id, merchant_id=config.id, now=posting.now)
        batch.write(tx)
        changes.changed(tx, member_id, merchant_id=config.id, now=posting.now)
        audit.record(
            tx,
            scope,
            "account.adjusted",
            "account",
            account.id,
            after={"units": units, "reason": why, "transaction_id": booking_id, "programme": programme.name},
        )
        return Corrected(account.balance, account.owed, tuple(voucher.name for voucher in unlocked))

    return scope.run(work)


def _programme(config: MerchantConfig, programme_id: str) -> ProgrammeConfig:
    programme = config.programme(programme_id)
    if programme is None:
        raise NotFoundError(what="programme")
    return programme


def _limit(scope: Scope, config: MerchantConfig, programme: ProgrammeConfig) -> int:
    if scope.staff_role == "owner":
        return MOST
    if programme.goal is not None:
        return programme.goal
    costs = [one.cost for one in config.rewards.values() if one.programme_id == programme.id and one.is_active]
    return max(costs, default=_OF_POINTS)


def _require_within(
    tx: Transaction, scope: Scope, config: MerchantConfig, programme: ProgrammeConfig, member_id: str, units: int
) -> None:
    most = _limit(scope, config, programme)
    if most == MOST:
        return
    asked = {
        "member_id": member_id,
        "staff_id": scope.staff_id,
        "merchant_id": config.id,
        "programme_id": programme.id,
        "since": local_day_bounds(scope.now, programme.timezone)[0],
    }
    done = int(tx.rows(_GIVEN_TODAY, asked)[0][0])
    if done + units > most:
        raise CorrectionTooLargeError(most=most)
