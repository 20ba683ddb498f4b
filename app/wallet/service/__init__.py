"""The member's use cases. Each public function is one transaction; the scope's ``member_id`` says who acts."""

from app.members.passkeys import PasskeyView
from app.wallet.service.apple_devices import (
    Changed,
    Claim,
    MadePass,
    latest_pass,
    list_changed,
    register_device,
    unregister_device,
)
from app.wallet.service.claiming import Claimed, claim_card, replace_own_card
from app.wallet.service.codes import show_code
from app.wallet.service.consenting import (
    CHANNELS,
    Consent,
    ConsentWord,
    list_consent_words,
    list_consents,
    set_consent,
)
from app.wallet.service.devices import SessionView, end_session, list_sessions, trust_session
from app.wallet.service.leaving import erase_me, export_me
from app.wallet.service.moving import Move, finish_move, start_move
from app.wallet.service.passes import apple_pass, google_link, put_in_google
from app.wallet.service.passkeys import (
    Challenge,
    add_passkey,
    list_passkeys,
    remove_passkey,
    sign_in_with_passkey,
    start_adding_passkey,
    start_passkey_sign_in,
)
from app.wallet.service.profiles import Me, change_me, get_me
from app.wallet.service.sessions import Session, SignedIn, authenticate, log_out, open_session, refresh
from app.wallet.service.signing_in import (
    Recovered,
    SignedUp,
    mail_code,
    recover,
    renew_recovery_code,
    sign_in_with_code,
    sign_up_anonymously,
)
from app.wallet.service.spending import (
    SpendingRequestView,
    approve_spending,
    list_spending_requests,
    refuse_spending,
)
from app.wallet.service.undoing import undo_merge
from app.wallet.service.vouchers import give_back_voucher, hold_voucher, release_voucher, take_voucher

__all__ = [
    "CHANNELS",
    "Challenge",
    "Changed",
    "Claim",
    "Claimed",
    "Consent",
    "ConsentWord",
    "MadePass",
    "Me",
    "Move",
    "PasskeyView",
    "Recovered",
    "Session",
    "SessionView",
    "SignedIn",
    "SignedUp",
    "SpendingRequestView",
    "add_passkey",
    "apple_pass",
    "approve_spending",
    "authenticate",
    "change_me",
    "claim_card",
    "end_session",
    "erase_me",
    "export_me",
    "finish_move",
    "get_me",
    "give_back_voucher",
    "google_link",
    "hold_voucher",
    "latest_pass",
    "list_changed",
    "list_consent_words",
    "list_consents",
    "list_passkeys",
    "list_sessions",
    "list_spending_requests",
    "log_out",
    "mail_code",
    "open_session",
    "put_in_google",
    "recover",
    "refresh",
    "refuse_spending",
    "register_device",
    "release_voucher",
    "remove_passkey",
    "renew_recovery_code",
    "replace_own_card",
    "set_consent",
    "show_code",
    "sign_in_with_code",
    "sign_in_with_passkey",
    "sign_up_anonymously",
    "start_adding_passkey",
    "start_move",
    "start_passkey_sign_in",
    "take_voucher",
    "trust_session",
    "undo_merge",
    "unregister_device",
]
