"""What a merchant gives for invitations."""

from __future__ import annotations

from dataclasses import asdict

from app.common import audit
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.merchants.invitation_gifts import KEY, USUAL_A_YEAR, InvitationGifts, checked
from app.merchants.rows import merchant_of


def set_invitation_gifts(
    scope: Scope, merchant_id: str, *, inviter: int, invited: int, most: int = USUAL_A_YEAR
) -> InvitationGifts:
    """Give ``inviter`` and ``invited`` so many units of the merchant's first programme for an invitation that led to a
    visit, the inviter at most ``most`` times a year. Two noughts end it.

    Holds from the next visit on. What is already so stays so, and leaves no event. Raises NotFoundError, InvalidError.
    """
    gifts = checked(inviter=inviter, invited=invited, most=most)

    def work(tx: Transaction) -> InvitationGifts:
        merchant = merchant_of(tx, scope, merchant_id)
        before, after = merchant.settings.get(KEY), asdict(gifts)
        if before == after:
            return gifts
        merchant.settings = {**merchant.settings, KEY: after}
        tx.session.flush()
        configuration_changed(tx, merchant_id)
        audit.record(
            tx,
            scope,
            "merchant.invitation_changed",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before=before,
            after=after,
        )
        return gifts

    return scope.run(work)
