"""What can go wrong with shops, their people and their devices."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class PairingCodeUnknownError(DomainError):
    """No such pairing code was ever made, or it is so old that it is forgotten."""

    code = "pairing_code_unknown"
    kind = Kind.NOT_FOUND


class PairingCodeSpentError(DomainError):
    """The pairing code was used already, or its fifteen minutes are over: the shop makes a new one."""

    code = "pairing_code_spent"


class SetupLinkSpentError(DomainError):
    """The link to set a password was used, replaced by a newer one, or is too old."""

    code = "setup_link_spent"


class StaffPinWrongError(DomainError):
    """Nobody who works at this shop has this PIN."""

    code = "staff_pin_wrong"
    kind = Kind.FORBIDDEN


class StaffPinTriesError(DomainError):
    """Too many wrong PINs on one device; ``retry_after`` is in seconds."""

    code = "staff_pin_tries"
    kind = Kind.TOO_MANY


class StaffPinTakenError(DomainError):
    """Somebody else at this merchant has this PIN, and a PIN must tell who it is."""

    code = "staff_pin_taken"


class StaffPinInvalidError(DomainError):
    """A staff PIN has four to eight digits, and is not one that everybody tries first."""

    code = "staff_pin_invalid"
    kind = Kind.INVALID


class StaffTokenInvalidError(DomainError):
    """The staff token is not ours, is over, was given to another device, or its bearer no longer works here."""

    code = "staff_token_invalid"
    kind = Kind.UNAUTHENTICATED


class StaffExistsError(DomainError):
    """This address already belongs to somebody at this merchant."""

    code = "staff_exists"


class OperatorExistsError(DomainError):
    """This address already belongs to an operator."""

    code = "operator_exists"


class LastAdministratorError(DomainError):
    """Nobody would be left who administers the platform."""

    code = "last_administrator"


class ConsentMissingError(DomainError):
    """The shop has not let the operators act for it, or no more."""

    code = "consent_missing"
    kind = Kind.FORBIDDEN


class LookRefusedError(DomainError):
    """Whoever looks through a shop's eyes can't go there: it is personal, or the owner's alone to do."""

    code = "look_refused"
    kind = Kind.FORBIDDEN


class MerchantStateError(DomainError):
    """The shop is not in the state that this act begins from: somebody was faster, or it never was."""

    code = "merchant_state"


class PasswordTooShortError(DomainError):
    """A password has at least twelve characters."""

    code = "password_too_short"
    kind = Kind.INVALID


class LogoRefusedError(DomainError):
    """The drawing holds something that a logo may not: a script, a link, a foreign picture. ``part`` names it."""

    code = "logo_refused"
    kind = Kind.INVALID


class OpeningHoursInvalidError(DomainError):
    """Opening hours that can't be read; ``path`` names the place."""

    code = "opening_hours_invalid"
    kind = Kind.INVALID


class CursorInvalidError(DomainError):
    """A cursor that this list never gave."""

    code = "cursor_invalid"
    kind = Kind.INVALID


class MerchantClosedError(DomainError):
    """The merchant stopped: nothing new can be set up for it."""

    code = "merchant_closed"


class SignInRefusedError(DomainError):
    """The address or the password is not right: which of the two is not told."""

    code = "sign_in_refused"
    kind = Kind.UNAUTHENTICATED


class NotApprovedError(DomainError):
    """The shop is on trial: nobody of the platform has looked at it yet, so it sends no messages to members."""

    code = "not_approved"


class TrialVisitsUsedUpError(DomainError):
    """A shop on trial has given for as many visits as it may in one local day: ``most``."""

    code = "trial_visits_used_up"


class TrialCardsUsedUpError(DomainError):
    """A shop on trial would print more cards than it may: ``most`` in all, ``left`` of them are left."""

    code = "trial_cards_used_up"


class SignUpOverError(DomainError):
    """Signing up took too long, or the code was wrong too often: it begins anew."""

    code = "sign_up_over"


class ShopInvitationOverError(DomainError):
    """The invitation is not open any more: called off, used or too old. Who was asked signs up without it."""

    code = "shop_invitation_over"


class SignUpCodeWrongError(DomainError):
    """The code that was mailed is another one."""

    code = "sign_up_code_wrong"
    kind = Kind.INVALID


class SomebodyWasFasterError(DomainError):
    """What a form shows was changed meanwhile: it is refused, so that nothing is overwritten in silence."""

    code = "somebody_was_faster"


class SecondStepRefusedError(DomainError):
    """The code of the second step is wrong, over, or was used already."""

    code = "second_step_refused"
    kind = Kind.UNAUTHENTICATED


class LoginLinkSpentError(DomainError):
    """The mailed link was used, replaced by a newer one, or is too old."""

    code = "login_link_spent"


class LastOwnerError(DomainError):
    """Somebody must own the business: its last owner can't be stopped or made less."""

    code = "last_owner"


class InvitationOverError(DomainError):
    """The invitation to work at a shop was accepted, declined or withdrawn already."""

    code = "staff_invitation_over"


class HandoverOpenError(DomainError):
    """The business is being offered to somebody already: that one is called off first."""

    code = "handover_open"


class HandoverOverError(DomainError):
    """The offer of a business was accepted, declined, called off, or its time is over."""

    code = "handover_over"


class ClosingChangedError(DomainError):
    """Closing days were changed by somebody else since they were read."""

    code = "closing_changed"


class DepartureTooSoonError(DomainError):
    """Members would hear too late that the shop stops; ``days`` is how far ahead it must be."""

    code = "departure_too_soon"
    kind = Kind.INVALID


class DepartureWindowError(DomainError):
    """The time for redeeming is too short or too long; ``least`` and ``most`` are in days."""

    code = "departure_window"
    kind = Kind.INVALID


class DepartureAnnouncedError(DomainError):
    """That the shop stops is announced already."""

    code = "departure_announced"


class DepartureFrozenError(DomainError):
    """Earning has stopped already: members were told, and act on it."""

    code = "departure_frozen"


class DepartureMissingError(DomainError):
    """Nothing is announced."""

    code = "departure_missing"


class BasketChangedError(DomainError):
    """The average basket was changed by somebody else since it was read."""

    code = "basket_changed"


class LastLocationError(DomainError):
    """The business has no other open location: whoever wants to stop altogether leaves."""

    code = "last_location"


class AnnouncementOutError(DomainError):
    """The announcement has gone out: it can't be called back."""

    code = "announcement_out"


class BrandChangedError(DomainError):
    """Somebody else has published another version of the town's brand meanwhile."""

    code = "brand_changed"
