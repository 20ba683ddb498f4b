"""What the counter refuses, each with a code from which its sentence is found."""

from __future__ import annotations

from app.cards.errors import CardBlockedError as CardBlockedError  # the same refusals at both faces
from app.cards.errors import CardWithdrawnError as CardWithdrawnError
from app.common.errors import DomainError, Kind


class CardUnknownError(DomainError):
    """No card has this number."""

    code = "card_unknown"
    kind = Kind.NOT_FOUND


class CodeUsedError(DomainError):
    """This rotating code was used already."""

    code = "code_used"


class CodeTooOldError(DomainError):
    """The rotating digits are not those of this moment: a picture of an old screen, or a wrong clock."""

    code = "code_too_old"


class ScanOverError(DomainError):
    """The scan is older than ten minutes, or was made on another device."""

    code = "scan_over"


class DeviceRevokedError(DomainError):
    """The device's token was withdrawn."""

    code = "device_revoked"
    kind = Kind.UNAUTHENTICATED


class MerchantInactiveError(DomainError):
    """The shop is suspended or closed, so nothing is earned there; what members hold can still be redeemed."""

    code = "merchant_inactive"


class EarningPausedError(DomainError):
    """Nothing is earned at this shop just now; why is nobody's business at the counter."""

    code = "earning_paused"


class EarningOverError(DomainError):
    """The shop is about to stop: nothing is earned any more, what members hold can still be redeemed."""

    code = "earning_over"


class CurrencyWrongError(DomainError):
    """The amount is in another currency than the merchant's."""

    code = "currency_wrong"
    kind = Kind.INVALID


class ProofNeededError(DomainError):
    """A static code alone does not redeem: the member's PIN, a rotating code or staff approval is needed."""

    code = "proof_needed"
    kind = Kind.FORBIDDEN


class PinWrongError(DomainError):
    """The member's PIN is wrong, or the card has none."""

    code = "pin_wrong"
    kind = Kind.FORBIDDEN


class ApprovalNotOfferedError(DomainError):
    """This shop doesn't take what was given as proof for redeeming."""

    code = "approval_not_offered"
    kind = Kind.FORBIDDEN


class PinNotSetError(DomainError):
    """The card has no PIN by which its member could be known."""

    code = "pin_not_set"


class StaffNeededError(DomainError):
    """At this shop nobody books on a tablet before signing in by PIN."""

    code = "staff_needed"
    kind = Kind.FORBIDDEN


class ManagerNeededError(DomainError):
    """A cashier's approval is not enough at this shop."""

    code = "manager_needed"
    kind = Kind.FORBIDDEN


class StaffUnknownError(DomainError):
    """A queued event names somebody who never worked at this shop."""

    code = "staff_unknown"
    kind = Kind.FORBIDDEN


class LimitReachedError(DomainError):
    """The card has earned here, or by this person's hand, as often as it may for now."""

    code = "limit_reached"


class KioskWaitError(DomainError):
    """The member had a visit at a kiosk of this shop a short while ago; ``again`` says from when on another counts."""

    code = "kiosk_wait"


class CardSwappedError(DomainError):
    """This card of another system was swapped for one of ours: that one earns now."""

    code = "card_swapped"


class CardAmbiguousError(DomainError):
    """Two of the systems whose cards this shop takes use this same number."""

    code = "card_ambiguous"


class TrainingAlreadyError(DomainError):
    """The device is a sandbox's itself."""

    code = "training_already"


class TransactionUnknownError(DomainError):
    """No such transaction at this location."""

    code = "transaction_unknown"
    kind = Kind.NOT_FOUND


class TooFarAheadError(DomainError):
    """``occurred_at`` lies more than five minutes ahead."""

    code = "too_far_ahead"
    kind = Kind.INVALID


class TooOldError(DomainError):
    """``occurred_at`` is too long ago to be booked without somebody looking at it."""

    code = "too_old"


class ReviewDecidedError(DomainError):
    """Somebody has decided on this event."""

    code = "review_decided"


class LookupRefusedError(DomainError):
    """No member with this address allowed this shop to find them by it."""

    code = "lookup_unknown"
    kind = Kind.NOT_FOUND
