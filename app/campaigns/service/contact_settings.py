"""How often and when a shop writes to its members: read and set by its owner."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.models import ContactSetting
from app.campaigns.quiet import Manners
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError
from app.common.scope import Scope
from app.merchants.errors import SomebodyWasFasterError

MOST_A_WEEK, MOST_A_MONTH, LAST_MINUTE, DEAREST = 7, 30, 1_439, 10_000
_MAY = ("owner", "manager")


@dataclass(frozen=True, slots=True)
class ContactSettingView:
    """``manners``: how often and when. ``mail_cost_minor``: what one mail costs, as the shop reckons it. ``revision``
    0: nothing was set yet."""

    manners: Manners
    mail_cost_minor: int = 0
    revision: int = 0


def read_contact_setting(scope: Scope) -> ContactSettingView:
    """How the scope's merchant writes to its members; what is usual where it has set nothing."""
    with scope.reading() as tx:
        row = tx.session.get(ContactSetting, scope.merchant_id)
        return ContactSettingView(Manners()) if row is None else _view(row)


def set_contact_setting(
    scope: Scope,
    *,
    week_most: int,
    month_most: int,
    quiet_from: int,
    quiet_until: int,
    mail_cost_minor: int = 0,
    revision: int,
) -> ContactSettingView:
    """Set how often (marketing messages to one member in seven and thirty days) and when (minutes of the local day, see
    :class:`~app.campaigns.quiet.Manners`) a shop writes. It holds at once, also for what is queued.

    Raises ``InvalidError`` by field, ``SomebodyWasFasterError`` where it is not as ``revision`` says any more,
    ``ForbiddenError`` unless an owner or a manager of all locations asks.
    """
    if scope.merchant_id is None or scope.location_id is not None:
        raise ForbiddenError
    if scope.actor_kind != "system" and scope.staff_role not in _MAY:
        raise ForbiddenError
    values = {
        "week_most": week_most,
        "month_most": month_most,
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "mail_cost_minor": mail_cost_minor,
    }
    most = (MOST_A_WEEK, MOST_A_MONTH, LAST_MINUTE, LAST_MINUTE, DEAREST)
    errors = {
        name: ["out_of_range"]
        for (name, value), limit in zip(values.items(), most, strict=True)
        if not 0 <= value <= limit
    }
    if errors:
        raise InvalidError(errors=errors)

    def work(tx: Transaction) -> ContactSettingView:
        row = tx.session.get(ContactSetting, scope.merchant_id, with_for_update=True, populate_existing=True)
        if (0 if row is None else row.revision) != revision:
            raise SomebodyWasFasterError
        before = None if row is None else {name: getattr(row, name) for name in values}
        if row is None:
            row = ContactSetting(merchant_id=scope.merchant_id, revision=0, changed_at=scope.now)
            tx.session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.revision += 1
        row.changed_at, row.changed_by = scope.now, scope.staff_id
        tx.session.flush()
        audit.record(tx, scope, "contact.set", "merchant", scope.merchant_id, before=before, after=dict(values))
        return _view(row)

    return scope.run(work)


def _view(row: ContactSetting) -> ContactSettingView:
    manners = Manners(row.week_most, row.month_most, row.quiet_from, row.quiet_until)
    return ContactSettingView(manners, row.mail_cost_minor, row.revision)
