"""The member's use cases. Each public function is one transaction; the scope's ``member_id`` says who acts."""

from app.wallet.service.claiming import claim_card, replace_own_card
from app.wallet.service.consenting import CHANNELS, Consent, list_consents, set_consent
from app.wallet.service.erasing import erase_me
from app.wallet.service.passes import apple_pass, google_link
from app.wallet.service.profiles import Me, change_me, get_me
from app.wallet.service.sessions import Session, authenticate, log_out, open_session, refresh
from app.wallet.service.signing_in import (
    Recovered,
    SignedUp,
    mail_code,
    recover,
    renew_recovery_code,
    sign_in_with_code,
    sign_up_anonymously,
)
from app.wallet.service.undoing import undo_merge
from app.wallet.service.vouchers import give_back_voucher, hold_voucher, take_voucher

__all__ = [
    "CHANNELS",
    "Consent",
    "Me",
    "Recovered",
    "Session",
    "SignedUp",
    "apple_pass",
    "authenticate",
    "change_me",
    "claim_card",
    "erase_me",
    "get_me",
    "give_back_voucher",
    "google_link",
    "hold_voucher",
    "list_consents",
    "log_out",
    "mail_code",
    "open_session",
    "recover",
    "refresh",
    "renew_recovery_code",
    "replace_own_card",
    "set_consent",
    "sign_in_with_code",
    "sign_up_anonymously",
    "take_voucher",
    "undo_merge",
]
