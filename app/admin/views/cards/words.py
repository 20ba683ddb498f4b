"""What happened, in words: one for each kind of event of a timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app import messages

GROUP_WORDS: Mapping[str, LazyString] = {
    "cards": _l("Cards"),
    "visits": _l("Visits"),
    "redeemed": _l("Redeemed"),
    "refused": _l("Refused"),
    "reversed": _l("Undone"),
    "vouchers": _l("Vouchers"),
    "phones": _l("Phones"),
    "messages": _l("Messages"),
    "acts": _l("Other acts"),
}

_WORDS: Mapping[str, LazyString] = {
    "card.issued_printed": _l("Printed card made"),
    "card.issued_digital": _l("Digital card made"),
    "card.withdrawn": _l("Withdrawn with its whole batch"),
    "card.blocked": _l("Blocked"),
    "card.unblocked": _l("Unblocked"),
    "card.replaced": _l("Replaced by another card"),
    "card.swap_ordered": _l("Replaced by an operator"),
    "card.swapped": _l("Swapped for a new printed card"),
    "card.claimed": _l("Claimed"),
    "card.claim_approved": _l("Claim confirmed at a counter"),
    "card.pin_set": _l("PIN set"),
    "card.pin_removed": _l("PIN removed"),
    "visit.claimed": _l("Visit claimed by phone"),
    "visit_claim.ended": _l("Visit not claimed in time"),
    "phone.began": _l("Phone began to show the card"),
    "phone.ended": _l("Phone stopped showing the card"),
    "google.began": _l("Put into Google Wallet"),
    "google.ended": _l("Gone from Google Wallet"),
    "booking.earn": _l("Visit"),
    "booking.redeem": _l("Units spent"),
    "booking.voucher_redeemed": _l("Voucher redeemed"),
    "booking.reverse": _l("Booking undone"),
    "booking.expire": _l("Units expired"),
    "booking.adjust": _l("Balance corrected"),
    "booking.move": _l("Units moved"),
    "voucher.issued": _l("Voucher given"),
    "voucher.held": _l("Voucher held for a tablet"),
    "voucher.expired": _l("Voucher expired"),
    "voucher.cancelled": _l("Voucher cancelled"),
    "voucher.given": _l("Voucher given by hand"),
    "voucher.withdrawn": _l("Voucher taken back"),
    "refused.scan": _l("Card refused at the counter"),
    "refused.visit": _l("Visit refused"),
    "refused.redemption": _l("Reward refused"),
    "refused.opening": _l("Opening balance refused"),
    "spending.asked": _l("Member asked before spending"),
    "spending.approved": _l("Spending allowed by the member"),
    "spending.refused": _l("Spending refused by the member"),
    "spending.used": _l("Spending allowed by the member, and used"),
    "member.merge": _l("Units moved by joining two members"),
    "member.merge_undone": _l("Joining of two members undone"),
    "member.merged": _l("Joined with another member"),
    "member.erased": _l("Member left"),
    "member.unmasked": _l("Contact looked at by an operator"),
    "member.brakes_changed": _l("Spending limits changed"),
    "member.spending_locked": _l("Spending locked"),
    "member.spending_unlocked": _l("Spending unlocked"),
    "member.passkey_added": _l("Passkey added"),
    "member.passkey_removed": _l("Passkey removed"),
    "member.session_ended": _l("Phone signed out"),
    "member.session_trusted": _l("Phone trusted"),
    "message.reward_unlocked": _l("Message: reward unlocked"),
    "message.units_expiring": _l("Message: units about to expire"),
    "message.new_sign_in": _l("Message: new sign-in"),
    "message.card_blocked": _l("Message: card blocked"),
    "message.card_replaced": _l("Message: card replaced"),
    "message.spent": _l("Message: something was spent"),
    "message.email_changed": _l("Message: address changed"),
    "message.passkey_added": _l("Message: passkey added"),
    "message.passkey_removed": _l("Message: passkey removed"),
    "message.spending_asked": _l("Message: asked before spending"),
    "message.feedback_answered": _l("Message: feedback answered"),
    "message.invitation_rewarded": _l("Message: invitation rewarded"),
    "message.shop_news": _l("Message: news of a shop"),
    "message.shop_notice": _l("Message: notice"),
}


def what_words(what: str) -> str:
    """The words for an event; for one that has none, its code."""
    return str(_WORDS.get(what, what))


def refusal_words(code: str, told: Mapping[str, Any]) -> str:
    """Why a counter refused something: the sentence that it showed."""
    return messages.text(code, **told)
