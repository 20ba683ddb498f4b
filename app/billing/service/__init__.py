"""What can be done with plans and subscriptions. Each function is one transaction, none open while Stripe is asked."""

from app.billing.service.counting import count_active_members
from app.billing.service.details import change_details
from app.billing.service.events import process_event, receive_event
from app.billing.service.keeping import reconcile, settle_time, sync
from app.billing.service.plans import set_plan, sponsor
from app.billing.service.pricing import set_discount
from app.billing.service.subscribing import (
    cancel,
    change_plan,
    open_portal,
    preview_change,
    start_checkout,
)

__all__ = [
    "cancel",
    "change_details",
    "change_plan",
    "count_active_members",
    "open_portal",
    "preview_change",
    "process_event",
    "receive_event",
    "reconcile",
    "set_discount",
    "set_plan",
    "settle_time",
    "sponsor",
    "start_checkout",
    "sync",
]
