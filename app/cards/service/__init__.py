"""Use cases of members' cards: issuing, blocking, replacing, swapping, approving claims, and starting installations."""

from app.cards.service.approving import approve_claim
from app.cards.service.batches import (
    destroy_codes,
    destroy_old_codes,
    disable_batch,
    enable_batch,
    order_batch,
    retry_batch,
    take_codes,
)
from app.cards.service.blocking import block_card, unblock_card
from app.cards.service.installing import StartedInstallation, start_installation
from app.cards.service.issuing import (
    IssuedCard,
    NewMember,
    issue_anonymous_member,
    issue_digital_card,
    issue_printed_cards,
)
from app.cards.service.pins import remove_pin, set_first_pin, set_pin
from app.cards.service.replacing import replace_card
from app.cards.service.swapping import swap_card

__all__ = [
    "IssuedCard",
    "NewMember",
    "StartedInstallation",
    "approve_claim",
    "block_card",
    "destroy_codes",
    "destroy_old_codes",
    "disable_batch",
    "enable_batch",
    "issue_anonymous_member",
    "issue_digital_card",
    "issue_printed_cards",
    "order_batch",
    "remove_pin",
    "replace_card",
    "retry_batch",
    "set_first_pin",
    "set_pin",
    "start_installation",
    "swap_card",
    "take_codes",
    "unblock_card",
]
