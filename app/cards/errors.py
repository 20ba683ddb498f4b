"""What can go wrong with members, cards and their codes."""

from __future__ import annotations

from app.common.errors import DomainError, Kind, TooManyError


class CodeUnreadableError(DomainError):
    """What was scanned or typed is no card number, no card address and no voucher code."""

    code = "code_unreadable"
    kind = Kind.INVALID


class CodeMistypedError(DomainError):
    """It looks like a card number or a voucher code, but its check character is wrong: at least one character is."""

    code = "code_mistyped"
    kind = Kind.INVALID


class CodeForeignError(DomainError):
    """It looks like a card's address, but at a host that is not and never was ours."""

    code = "code_foreign"
    kind = Kind.INVALID


class EmailInvalidError(DomainError):
    """The text can't be an e-mail address."""

    code = "email_invalid"
    kind = Kind.INVALID


class PhoneInvalidError(DomainError):
    """The text can't be a telephone number of the country it was given for."""

    code = "phone_invalid"
    kind = Kind.INVALID


class PinInvalidError(DomainError):
    """A PIN has four to eight digits and nothing else."""

    code = "pin_invalid"
    kind = Kind.INVALID


class PinTooSimpleError(DomainError):
    """The PIN is one of those that a stranger tries first, such as 0000 or 1234."""

    code = "pin_too_simple"
    kind = Kind.INVALID


class CardBlockedError(DomainError):
    """The card was blocked by its member or by the operator."""

    code = "card_blocked"


class CardWithdrawnError(CardBlockedError):
    """The whole print run that the card belongs to was disabled. What is on it stays, and an operator moves it."""

    code = "card_withdrawn"


class CardReplacedError(DomainError):
    """The card was replaced by another one; it stays dead."""

    code = "card_replaced"


class CardHasNoSecretError(DomainError):
    """A printed card shows the same code for ever; only a digital one has an installation."""

    code = "card_has_no_secret"


class CardNotPrintedError(DomainError):
    """Only a printed card can be claimed, approved for a claim, or take another card's place."""

    code = "card_not_printed"


class PinAlreadySetError(DomainError):
    """The card has a PIN: only its member changes it."""

    code = "pin_already_set"


class NewCardUsedError(DomainError):
    """The card that is to take another one's place belongs to somebody already: it was used, claimed or given out."""

    code = "new_card_used"


class SameCardError(DomainError):
    """A card can't take its own place."""

    code = "same_card"
    kind = Kind.INVALID


class ClaimRefusedError(DomainError):
    """The card has earned, so its number alone does not claim it: the code under the scratch field, its PIN, or a
    confirmation on a shop's tablet is missing or wrong."""

    code = "claim_refused"
    kind = Kind.FORBIDDEN


class TriesUsedUpError(TooManyError):
    """Too many tries; ``retry_after`` is in seconds."""

    code = "tries_used_up"


class TokenRefusedError(DomainError):
    """The access token is not genuine, or its time is over."""

    code = "token_refused"
    kind = Kind.UNAUTHENTICATED


class SpendingWaitsError(DomainError):
    """The session was begun by a mailed code while another phone held the card: for a day it may not spend, nor change
    what protects the member."""

    code = "spending_waits"


class PasskeysNotOfferedError(DomainError):
    """Passkeys belong to a host name, and this service is reached by a bare address."""

    code = "passkeys_not_offered"


class PasskeyRefusedError(DomainError):
    """What the authenticator sent is not its answer to this challenge, or the challenge is over."""

    code = "passkey_refused"
    kind = Kind.INVALID


class BatchSizeError(DomainError):
    """A batch has 1 to ``most`` cards."""

    code = "batch_size"
    kind = Kind.INVALID


class BatchNotReadyError(DomainError):
    """The batch is being made, or was disabled: there is nothing to print."""

    code = "batch_not_ready"


class BatchCodesGoneError(DomainError):
    """The batch's claim codes were destroyed: its cards can't be printed again."""

    code = "batch_codes_gone"
