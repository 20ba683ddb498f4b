"""What messages, invitations and feedback refuse."""

from __future__ import annotations

from app.common.errors import DomainError


class SettingFixedError(DomainError):
    """Messages about an account's safety are always mailed."""

    code = "setting_fixed"


class PushNotOfferedError(DomainError):
    """This platform has no key to sign pushes with."""

    code = "push_not_offered"


class InvitationOwnError(DomainError):
    """Nobody invites herself."""

    code = "invitation_own"


class InvitationCustomerError(DomainError):
    """Who collected at a merchant before is not invited there any more."""

    code = "invitation_customer"


class InvitationTakenError(DomainError):
    """Another invitation to the same merchant was accepted before."""

    code = "invitation_taken"


class InvitationOverError(DomainError):
    """The merchant gives nothing for invitations now."""

    code = "invitation_over"


class FeedbackGivenError(DomainError):
    """Something else was said of this visit already."""

    code = "feedback_given"


class FeedbackOverError(DomainError):
    """The visit is too long ago, or was undone."""

    code = "feedback_over"


class FeedbackAnsweredError(DomainError):
    """The shop has answered this already."""

    code = "feedback_answered"
