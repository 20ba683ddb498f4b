"""What the member reads: accounts, activity and vouchers."""

from app.wallet.queries.accounts import AccountView, ExpiringView, MerchantView, list_accounts
from app.wallet.queries.activity import ActivityView, EntryView, WhyView, list_activity
from app.wallet.queries.merges import MergeView, MovedView, find_moved, list_merges
from app.wallet.queries.vouchers import ReservationView, VoucherView, get_voucher, list_vouchers

__all__ = [
    "AccountView",
    "ActivityView",
    "EntryView",
    "ExpiringView",
    "MerchantView",
    "MergeView",
    "MovedView",
    "ReservationView",
    "VoucherView",
    "WhyView",
    "find_moved",
    "get_voucher",
    "list_accounts",
    "list_activity",
    "list_merges",
    "list_vouchers",
]
