"""What the member's face refuses."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class SignInFailedError(DomainError):
    """The code is wrong, used, too old, or was tried too often. Which of these is not told."""

    code = "sign_in_failed"
    kind = Kind.UNAUTHENTICATED


class SessionOverError(DomainError):
    """The refresh token is unknown, over, or was used before: sign in again."""

    code = "session_over"
    kind = Kind.UNAUTHENTICATED


class MemberGoneError(DomainError):
    """The member behind a token has left."""

    code = "member_gone"
    kind = Kind.UNAUTHENTICATED


class VisitClaimOverError(DomainError):
    """The visit was not claimed in time, so it was taken back."""

    code = "visit_claim_over"


class PassNotOfferedError(DomainError):
    """Nothing is set with which cards could be signed for this wallet, or its certificate is over."""

    code = "pass_not_offered"
    kind = Kind.NOT_FOUND


class PassTokenError(DomainError):
    """What a phone showed is not the token of the pass that it asked for, or there is no such pass any more."""

    code = "pass_token_refused"
    kind = Kind.UNAUTHENTICATED


class WalletUnreachableError(DomainError):
    """The wallet's own service did not answer, or did not take the card."""

    code = "wallet_unreachable"


class SpendingRequestOverError(DomainError):
    """Nobody waits for this answer any more: its ten minutes are over, or it was refused or used."""

    code = "spending_request_over"
