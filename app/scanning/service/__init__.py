"""The counter's use cases. Each public function is one transaction."""

from app.scanning.service.holds import cancel_hold, commit_hold, hold_reward, release_run_out_holds
from app.scanning.service.listing import list_transactions
from app.scanning.service.lookups import lookup_member
from app.scanning.service.redemptions import redeem
from app.scanning.service.reversals import reverse
from app.scanning.service.scans import scan
from app.scanning.service.syncing import sync
from app.scanning.service.visits import preview_visit, record_visit

__all__ = [
    "cancel_hold",
    "commit_hold",
    "hold_reward",
    "list_transactions",
    "lookup_member",
    "preview_visit",
    "record_visit",
    "redeem",
    "release_run_out_holds",
    "reverse",
    "scan",
    "sync",
]
