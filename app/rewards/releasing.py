"""The end of reservations: a tablet answers that it will not redeem a voucher, or the tablet itself is given up.

Never a clock, and never anybody else: the tablet may have redeemed the voucher without a network, and only it can tell.
"""

from __future__ import annotations

from collections.abc import Collection

from app.common.batch import Batch, Change
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards import vouchers

_FREE = Change(
    "voucher",
    35,
    sets="status ended_at hold_location_id hold_device_id hold_id hold_release_at",
    where="member_id id hold_id status",
)
_OF_DEVICE = Statement(
    "SELECT id, hold_id FROM voucher WHERE hold_device_id = :device_id AND hold_id IS NOT NULL ORDER BY id"
)
_ASKED_BACK = Statement(
    "SELECT hold_id FROM voucher WHERE hold_device_id = :device_id AND hold_id IS NOT NULL"
    " AND hold_release_at IS NOT NULL ORDER BY hold_release_at, hold_id LIMIT 500"
)
_HAS_LEFT = Statement("SELECT 1 FROM member WHERE id = :member_id AND status = 'erased'")


def asked_back(transaction: Transaction, device_id: str) -> list[str]:
    """The reservations of a tablet whose end was asked for, the oldest wish first, at most 500 of them."""
    return [row[0] for row in transaction.rows(_ASKED_BACK, {"device_id": device_id})]


def release(
    transaction: Transaction, scope: Scope, device_id: str, hold_ids: Collection[str], *, keeping: Collection[str] = ()
) -> int:
    """End those reservations of the tablet, in the caller's transaction, whose end was asked for. Returns how many.

    Any other id does nothing: one that ended before, another tablet's, one that nobody asked back. ``keeping`` are
    codes of vouchers that stay reserved, since a redemption of theirs is still to be decided on.
    """
    wanted = set(hold_ids)
    held = [row for row in transaction.rows(_OF_DEVICE, {"device_id": device_id}) if row[1] in wanted]
    return sum(_end(transaction, scope, *row, is_asked=True, keeping=keeping) for row in held)


def release_all(transaction: Transaction, scope: Scope, device_id: str, *, keeping: Collection[str] = ()) -> int:
    """End all reservations of a tablet that is given up, in the caller's transaction, but for those of ``keeping``.
    Returns how many."""
    held = transaction.rows(_OF_DEVICE, {"device_id": device_id})
    return sum(_end(transaction, scope, *row, is_asked=False, keeping=keeping) for row in held)


def release_stranded(transaction: Transaction, scope: Scope, code: str) -> int:
    """End the reservation of a voucher whose tablet was given up before somebody decided on its redemption, in the
    caller's transaction, which has seen to it that this is so. Returns how many: none where it was redeemed."""
    voucher = vouchers.find_by_code(transaction, code)
    if voucher is None or voucher.hold_id is None:
        return 0
    return _end(transaction, scope, voucher.id, voucher.hold_id, is_asked=False, keeping=())


def has_left(transaction: Transaction, member_id: str) -> bool:
    """Whether the member was erased while a tablet had a voucher of hers."""
    return bool(transaction.rows(_HAS_LEFT, {"member_id": member_id}))


def _end(
    transaction: Transaction, scope: Scope, voucher_id: str, hold_id: str, *, is_asked: bool, keeping: Collection[str]
) -> int:
    voucher = vouchers.find_by_id(transaction, voucher_id)
    if voucher is None or voucher.hold_id != hold_id or voucher.status != "issued" or voucher.code in keeping:
        return 0
    if is_asked and voucher.hold_release_at is None:
        return 0
    # Whoever has left can't use it any more; what she asked for when she left is done now.
    status, ended_at = ("cancelled", scope.now) if has_left(transaction, voucher.member_id) else ("issued", None)
    batch = Batch()
    batch.change(_FREE, (status, ended_at, None, None, None, None, voucher.member_id, voucher.id, hold_id, "issued"))
    batch.write(transaction)
    return 1
