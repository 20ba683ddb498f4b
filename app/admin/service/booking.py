"""Booking what was decided at the operators' desk: through the same planning as the counter, with the same seals."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.kinds import SHOP_NOTICE
from app.campaigns.news import queue_unlocked
from app.campaigns.telling import Told, hold_member, tell
from app.campaigns.wording import LOCALES
from app.campaigns.wording import units as spelled
from app.cards import changes
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCK_HERE, accounts_by_programme, expire_due, gather, transfers_of
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, current_configuration
from app.rewards.gifting import give_or_take
from app.rewards.models import Programme
from app.rewards.reversals import book_undoing
from app.rewards.undoing import find_booked, survivor_of

_OWN = ("balance", "owed")
_GIVEN = {
    "nl": ("Je saldo is aangepast", "Bij {merchant} kreeg je er {units} bij. Je hebt er nu {balance}."),
    "fr": ("Votre solde a été corrigé", "Chez {merchant}, vous avez reçu {units}. Vous en avez maintenant {balance}."),
    "en": ("Your balance was corrected", "At {merchant} you were given {units}. You now have {balance}."),
    "de": ("Ihr Guthaben wurde berichtigt", "Bei {merchant} bekamen Sie {units} dazu. Sie haben jetzt {balance}."),
}
_TAKEN = {
    "nl": ("Je saldo is aangepast", "Bij {merchant} gingen er {units} af. Je hebt er nu {balance}."),
    "fr": ("Votre solde a été corrigé", "Chez {merchant}, {units} ont été retirés. Vous en avez maintenant {balance}."),
    "en": ("Your balance was corrected", "At {merchant} {units} were taken back. You now have {balance}."),
    "de": (
        "Ihr Guthaben wurde berichtigt",
        "Bei {merchant} wurden {units} zurückgenommen. Sie haben jetzt {balance}.",
    ),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked: ``units`` given or taken, or the undoing of ``reverses_id``, a booking of ``member_id``."""

    member_id: str
    programme_id: str
    units: int
    reason: str
    reverses_id: str | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """The booking that was made, and what the account holds after it."""

    transaction_id: str
    balance: int
    owed: int


def change_of(tx: Transaction, member_id: str, transaction_id: str) -> dict[str, int]:
    """What a booking changed for the member, by programme: what came less what went."""
    found: dict[str, int] = {}
    for row in transfers_of(tx, member_id, transaction_id):
        units = row.amount * ((row.credit in _OWN) - (row.debit in _OWN))
        found[row.programme_id] = found.get(row.programme_id, 0) + units
    return found


def book(tx: Transaction, scope: Scope, wish: Wish, *, transaction_id: str) -> Booked:
    """Book a wish under ``transaction_id`` in the caller's transaction, note it in the audit trail with the balance
    before and after, and tell the member.

    Raises NotFoundError, ``NotEnoughError`` for taking more than there is, and what undoing raises.
    """
    member_id = survivor_of(tx, wish.member_id)
    programme = tx.session.get(Programme, wish.programme_id)
    if programme is None:
        raise NotFoundError(what="programme")
    config = current_configuration(tx, programme.merchant_id)
    batch = Batch()
    if wish.reverses_id is None:
        made, before, account = _correct(tx, scope, config, batch, member_id, wish, transaction_id)
    else:
        made, before, account = _undo(tx, scope, config, batch, member_id, wish, transaction_id)
    batch.write(tx)
    changes.changed(tx, member_id, merchant_id=config.id, now=scope.now)
    _tell(
        tx, scope, config, programme, member_id, made, account.balance - account.owed - before[0] + before[1], account
    )
    audit.record(
        tx,
        scope,
        "account.adjusted" if wish.reverses_id is None else "transaction.reversed",
        "account",
        account.id,
        merchant_id=config.id,
        before={"balance": before[0], "owed": before[1]},
        after={
            "balance": account.balance,
            "owed": account.owed,
            "units": wish.units,
            "reason": wish.reason,
            "programme": programme.name,
            "transaction_id": made,
        },
    )
    return Booked(made, account.balance, account.owed)


def _correct(
    tx: Transaction,
    scope: Scope,
    config: MerchantConfig,
    batch: Batch,
    member_id: str,
    wish: Wish,
    transaction_id: str,
) -> tuple[str, tuple[int, int], AccountState]:
    programme = _programme(config, wish.programme_id)
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    accounts = accounts_by_programme(tx, LOCK_HERE, member_id, config.id)
    expire_due(tx, posting, accounts.values(), posting.now)
    known = accounts.get(programme.id)
    before = (0, 0) if known is None else (known.balance, known.owed)
    unlocked = give_or_take(
        tx,
        posting,
        batch,
        config,
        programme,
        accounts,
        member_id=member_id,
        units=wish.units,
        reason=wish.reason,
        transaction_id=transaction_id,
    )
    gather(posting, batch)
    queue_unlocked(batch, unlocked, member_id=member_id, merchant_id=config.id, now=posting.now)
    return transaction_id, before, accounts[programme.id]


def _undo(
    tx: Transaction,
    scope: Scope,
    config: MerchantConfig,
    batch: Batch,
    member_id: str,
    wish: Wish,
    transaction_id: str,
) -> tuple[str, tuple[int, int], AccountState]:
    booked = find_booked(tx, wish.member_id, wish.reverses_id or "")
    if booked is None or booked.merchant_id != config.id:
        raise NotFoundError(what="transaction")
    known = accounts_by_programme(tx, LOCK_HERE, member_id, config.id).get(wish.programme_id)
    if known is None:
        raise NotFoundError(what="account")
    before = (known.balance, known.owed)
    booking, accounts = book_undoing(
        tx, scope, config, batch, member_id, booked, reason=wish.reason, transaction_id=transaction_id
    )
    return booking.id, before, accounts[wish.programme_id]


def _programme(config: MerchantConfig, programme_id: str) -> ProgrammeConfig:
    try:
        return config.any_programme(programme_id)
    except KeyError:
        raise NotFoundError(what="programme") from None


def _tell(
    tx: Transaction,
    scope: Scope,
    config: MerchantConfig,
    programme: Programme,
    member_id: str,
    transaction_id: str,
    change: int,
    account: AccountState,
) -> None:
    if not change or hold_member(tx, member_id) != member_id:
        return
    said = _GIVEN if change > 0 else _TAKEN
    texts = {
        tongue: said[tongue][1].format(
            merchant=config.name,
            units=spelled(abs(change), programme.kind, tongue),
            balance=account.balance,
        )
        for tongue in LOCALES
    }
    titles = {tongue: said[tongue][0] for tongue in LOCALES}
    tell(
        tx,
        scope,
        member_id,
        Told(SHOP_NOTICE, f"adjustment:{transaction_id}", {"title": titles, "text": texts}, config.id),
    )
