"""The gifts of an invitation, booked once the invited member's first verified visit is there.

Verified is a visit that a shop's own device booked at its counter, online or from its queue, and that stands: not one
of an import or of an unattended kiosk, and not one that was undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select, update

from app.campaigns.kinds import INVITATION_REWARDED, REWARD_UNLOCKED
from app.campaigns.models import AcceptedInvitation, Invitation
from app.campaigns.telling import Told, hold_member, tell
from app.cards import changes
from app.cards.queries import aliases, member_in
from app.common import outbox
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import expire_due, gather, lock_accounts
from app.merchants.invitation_gifts import InvitationGifts, invitation_gifts
from app.merchants.webhooks import event_row
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, configuration
from app.rewards.gifting import give
from app.rewards.models import Visit
from app.rewards.outcomes import Unlocked

INVITED = "invitation_invited"  # the bookings' reasons, by which the activity list tells why
INVITER = "invitation_inviter"
VERIFIED = ("counter", "queue")
WAITS = timedelta(days=180)
_SLICE = 200


@dataclass(frozen=True, slots=True)
class _Gift:
    member_id: str
    units: int
    role: str
    reason: str


def settle(scope: Scope, *, member_id: str, merchant_id: str) -> str:
    """Decide on the invitation by which a member came to a merchant, if there is one and her first visit is there, and
    book the gifts, in one transaction.

    Returns ``none`` (nothing waits), ``waiting``, ``rewarded`` or ``refused``. A repeat finds nothing that waits.
    """
    return scope.run(partial(_settle, scope, member_id, merchant_id))


def settle_waiting(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Decide on all invitations that wait and can be decided on: what a crash or an undone first visit had left.

    Returns how many were decided. ``on_progress`` is told how far it is. A repeat finds none.
    """
    decided, after = 0, ("00000000-0000-0000-0000-000000000000",) * 2
    while True:
        with scope.reading() as tx:
            found = tx.session.execute(
                select(AcceptedInvitation.member_id, AcceptedInvitation.merchant_id)
                .where(
                    AcceptedInvitation.status == "waiting",
                    (AcceptedInvitation.member_id > after[0])
                    | ((AcceptedInvitation.member_id == after[0]) & (AcceptedInvitation.merchant_id > after[1])),
                )
                .order_by(AcceptedInvitation.member_id, AcceptedInvitation.merchant_id)
                .limit(_SLICE)
            ).all()
        for member_id, merchant_id in found:
            decided += settle(scope, member_id=member_id, merchant_id=merchant_id) in ("rewarded", "refused")
            if on_progress is not None:
                on_progress(decided)
        if len(found) < _SLICE:
            return decided
        after = (found[-1].member_id, found[-1].merchant_id)


def _settle(scope: Scope, member_id: str, merchant_id: str, tx: Transaction) -> str:
    found = member_in(tx.session, member_id)
    waiting = None if found is None else tx.session.get(AcceptedInvitation, (found.member_id, merchant_id))
    if found is None or waiting is None or waiting.status != "waiting":
        return "none"
    inviter = member_in(tx.session, waiting.inviter_id)
    inviter_id = waiting.inviter_id if inviter is None else inviter.member_id
    # The members first, in the order of their ids, then their rows: as every booking and every merge does.
    held = {each: hold_member(tx, each) for each in sorted({found.member_id, inviter_id})}
    invited_id = held[found.member_id]
    if invited_id != found.member_id:
        return "none"
    accepted = tx.session.scalar(
        select(AcceptedInvitation)
        .where(AcceptedInvitation.member_id == invited_id, AcceptedInvitation.merchant_id == merchant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if accepted is None or accepted.status != "waiting":
        return "none"
    visit = _first_visit(tx, invited_id, merchant_id)
    if visit is None:
        return _refuse(scope, accepted, "late") if accepted.accepted_at < scope.now - WAITS else "waiting"
    if visit.occurred_at < accepted.accepted_at:
        return _refuse(scope, accepted, "customer", visit.id)
    if held[inviter_id] == invited_id:
        return _refuse(scope, accepted, "own", visit.id)
    config = configuration(tx, merchant_id)
    gifts = invitation_gifts(config.settings)
    if gifts is None or not config.programmes:
        return "waiting"
    reason = _count(tx, scope, held[inviter_id], merchant_id, gifts)
    wanted = [_Gift(invited_id, gifts.invited, "invited", INVITED)]
    if reason is None:
        wanted.append(_Gift(held[inviter_id] or "", gifts.inviter, "inviter", INVITER))
    _book(tx, scope, config, config.programmes[0], [gift for gift in wanted if gift.units])
    accepted.status, accepted.reason = "rewarded", reason
    accepted.visit_id, accepted.decided_at = visit.id, scope.now
    tx.session.flush()
    return "rewarded"


def _first_visit(tx: Transaction, member_id: str, merchant_id: str) -> Visit | None:
    return tx.session.scalar(
        select(Visit)
        .where(
            Visit.member_id.in_(aliases(tx.session, member_id)),
            Visit.merchant_id == merchant_id,
            Visit.reversed_at.is_(None),
            Visit.device_id.is_not(None),
            Visit.source.in_(VERIFIED),
        )
        .order_by(Visit.occurred_at)
        .limit(1)
    )


def _refuse(scope: Scope, accepted: AcceptedInvitation, reason: str, visit_id: str | None = None) -> str:
    accepted.status, accepted.reason = "refused", reason
    accepted.visit_id, accepted.decided_at = visit_id, scope.now
    return "refused"


def _count(
    tx: Transaction, scope: Scope, inviter_id: str | None, merchant_id: str, gifts: InvitationGifts
) -> str | None:
    """Count a gift for the inviter; the reason where there is none for her."""
    if inviter_id is None:
        return "inviter_gone"
    year = scope.now.year
    mine = tx.session.scalar(
        select(Invitation)
        .where(Invitation.member_id == inviter_id, Invitation.merchant_id == merchant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if mine is None:
        return "inviter_gone"
    given = mine.capped_count if mine.capped_year == year else 0
    if given >= gifts.most:
        return "capped"
    tx.session.execute(
        update(Invitation)
        .where(Invitation.member_id == inviter_id, Invitation.merchant_id == merchant_id)
        .values(rewarded=Invitation.rewarded + 1, capped_year=year, capped_count=given + 1)
    )
    return None


def _book(
    tx: Transaction, scope: Scope, config: MerchantConfig, programme: ProgrammeConfig, gifts: list[_Gift]
) -> None:
    batch, posting = Batch(), Posting(Sealer(scope.keys.ledger), scope.now)
    booked: list[tuple[_Gift, str, list[Unlocked]]] = []
    for gift in sorted(gifts, key=lambda one: one.member_id):
        accounts = lock_accounts(tx, gift.member_id)
        expire_due(
            tx, posting, [account for account in accounts.values() if account.programme_id == programme.id], scope.now
        )
        booking, unlocked = give(
            tx,
            posting,
            batch,
            config,
            programme,
            accounts,
            member_id=gift.member_id,
            units=gift.units,
            reason=gift.reason,
        )
        booked.append((gift, booking.id, unlocked))
    gather(posting, batch)
    for gift, _, unlocked in booked:
        for voucher in unlocked if "reward.unlocked" in config.events else ():
            data = {
                "voucher_id": voucher.voucher_id,
                "reward_id": voucher.reward_id,
                "name": voucher.name,
                "member_id": gift.member_id,
            }
            row = event_row(merchant_id=config.id, event="reward.unlocked", data=data, now=scope.now)
            batch.insert(outbox.TABLE, row)
    batch.write(tx)
    for gift, transaction_id, unlocked in booked:
        changes.changed(tx, gift.member_id, merchant_id=config.id, now=scope.now)
        params = {
            "role": gift.role,
            "units": gift.units,
            "unit_kind": programme.kind,
            "programme_id": programme.id,
        }
        tell(tx, scope, gift.member_id, Told(INVITATION_REWARDED, f"gift:{transaction_id}", params, config.id))
        for voucher in unlocked:
            named = {"voucher_id": voucher.voucher_id, "reward_name": voucher.name}
            source = f"voucher:{voucher.voucher_id}"
            tell(tx, scope, gift.member_id, Told(REWARD_UNLOCKED, source, named, config.id))
