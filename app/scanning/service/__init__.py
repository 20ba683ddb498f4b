"""The counter's use cases. Each public function is one transaction."""

from app.rewards.service.write_offs import WriteOff, write_off_device, write_off_missing
from app.scanning.service.alarms import Missing, missing, raise_gap_alarms
from app.scanning.service.handing_out import set_first_pin, swap_card
from app.scanning.service.holds import cancel_hold, commit_hold, hold_reward, release_run_out_holds
from app.scanning.service.listing import list_transactions
from app.scanning.service.lookups import lookup_member
from app.scanning.service.opening_balances import enter_opening_balance
from app.scanning.service.places import get_place
from app.scanning.service.redemptions import redeem
from app.scanning.service.reversals import reverse
from app.scanning.service.reviewing import decide, list_reviews
from app.scanning.service.scans import scan
from app.scanning.service.syncing import sync
from app.scanning.service.training import start_training
from app.scanning.service.visit_claims import record_claimable_visit, take_back_unclaimed
from app.scanning.service.visits import preview_visit, record_visit

__all__ = [
    "Missing",
    "WriteOff",
    "cancel_hold",
    "commit_hold",
    "decide",
    "enter_opening_balance",
    "get_place",
    "hold_reward",
    "list_reviews",
    "list_transactions",
    "lookup_member",
    "missing",
    "preview_visit",
    "raise_gap_alarms",
    "record_claimable_visit",
    "record_visit",
    "redeem",
    "release_run_out_holds",
    "reverse",
    "scan",
    "set_first_pin",
    "start_training",
    "swap_card",
    "sync",
    "take_back_unclaimed",
    "write_off_device",
    "write_off_missing",
]
