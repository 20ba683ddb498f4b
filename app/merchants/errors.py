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
