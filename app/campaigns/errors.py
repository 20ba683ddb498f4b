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


class CampaignOverError(DomainError):
    """The campaign is past that: ``status`` is where it is now."""

    code = "campaign_over"


class ShopSilentError(DomainError):
    """The shop may not write to members now: it is shut, leaving, or its subscription is long unpaid."""

    code = "shop_silent"


class ComplaintOpenError(DomainError):
    """Nobody has answered the complaint yet."""

    code = "complaint_open"


class ComplaintClosedError(DomainError):
    """The shop has closed the complaint."""

    code = "complaint_closed"


class NothingOfferedError(DomainError):
    """The shop offered nothing to make good."""

    code = "nothing_offered"


class RecallSentError(DomainError):
    """The notice is on its way, and can't be changed any more."""

    code = "recall_sent"


class IdeasOffError(DomainError):
    """The shop takes no ideas now, or not from somebody who never came."""

    code = "ideas_off"


class IdeasEnoughError(DomainError):
    """Three ideas of the member's wait at this shop already."""

    code = "ideas_enough"


class ClubOffError(DomainError):
    """The shop has no club now, or its club and events are not for this member."""

    code = "club_off"


class EventOverError(DomainError):
    """The event is cancelled or over, or its booking is not open."""

    code = "event_over"


class EventChangedError(DomainError):
    """The event is not in that state any more."""

    code = "event_changed"


class NoTicketsError(DomainError):
    """Tickets are vouchers of a programme, and the shop has none that runs."""

    code = "no_tickets"


class PlaceUsedError(DomainError):
    """The ticket was shown at the door already, or is just being shown."""

    code = "place_used"


class PlaceHeldError(DomainError):
    """The member has a place at this event already."""

    code = "place_held"


class TicketFixedError(DomainError):
    """A ticket that came from somebody else is not passed on again."""

    code = "ticket_fixed"
